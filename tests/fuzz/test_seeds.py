"""The fuzzers' seeds, and every input that once failed, pass through the harness.

With sanitizers where `make fuzz` has built the programs; `tests/unit/evm/test_core_sanitized.py`
builds its own, and is slow.
"""

from __future__ import annotations

import pytest

from tests.fuzz.run import PROGRAMS
from tests.fuzz.seeds import seeds
from tests.unit.evm.core_driver import answers

PROGRAM = PROGRAMS / "evm_core_test"


@pytest.fixture(scope="module")
def program():
    if not PROGRAM.exists():
        pytest.skip("the fuzzers are not built: run `make fuzz`")
    return PROGRAM


def check_seeds(program):
    """Every seed goes through its target; blocks prove, though their hashes were references."""
    calls = [(f"fuzz_{target}", data) for target, data in seeds()]
    assert set(answers(program, calls)) == {""}
    proofs = [("prove_linked", data) for target, data in seeds() if target == "proving"]
    assert [bytes.fromhex(answer) for answer in answers(program, proofs)] == [b"OK"] * len(proofs)
    assert len(proofs) > 10


def test_seeds_pass(program):
    check_seeds(program)
