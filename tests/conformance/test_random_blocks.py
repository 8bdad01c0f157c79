"""Random blocks of the native engine are valid to the core, from their witness, and to the guest.

`STRIKEFOLD_FUZZ_CASES=1000 pytest -m slow tests/conformance/test_random_blocks.py` judges as many
chains more, from `STRIKEFOLD_FUZZ_SEED` on; a failure names its seed.
"""

from __future__ import annotations

import os

import pytest

from node.evm import native
from node.evm.engines import ENGINES
from tests.conformance.guest_case import judge
from tests.conformance.random_blocks import random_blocks
from tests.unit.evm.programs import ENGINE

pytestmark = pytest.mark.conformance

CHAINS = 12


@pytest.fixture(autouse=True)
def _native():
    token = ENGINE.set(ENGINES["native"])
    yield
    ENGINE.reset(token)


def check(seeds: range) -> int:
    """The number of blocks, every one of which must be valid."""
    blocks = 0
    for seed in seeds:
        for config, executed in random_blocks(seed):
            status = judge(config, executed.block.encoded, executed.witness)
            assert status == native.VALID, f"seed {seed}, block {executed.block.header.number}"
            blocks += 1
    return blocks


def test_blocks_are_valid_in_the_guest():
    assert check(range(CHAINS)) == 2 * CHAINS


@pytest.mark.slow
def test_many_more_blocks():
    first = int(os.environ.get("STRIKEFOLD_FUZZ_SEED", CHAINS))
    check(range(first, first + int(os.environ.get("STRIKEFOLD_FUZZ_CASES", "100"))))
