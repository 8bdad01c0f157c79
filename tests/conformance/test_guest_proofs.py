"""Official fixtures, proved: a valid block of each fork, from the fixture to a verified proof."""

from __future__ import annotations

from typing import Any

import pytest

from node.evm.execution import ExecutedBlock
from node.evm.python_engine import python_engine
from node.rollup.proving.block_proof import BlockInput
from node.rollup.proving.prover import BlockJob, verify_block_proof
from tests.conformance.blockchain_case import check_chain
from tests.conformance.core_case import CoreChain
from tests.conformance.eest import fixture_files, load

pytestmark = [pytest.mark.conformance, pytest.mark.slow]
FOLDERS = (
    "cancun/eip1153_tstore",
    "cancun/eip4844_blobs",
    "prague/eip7702_set_code_tx",
    "prague/eip2537_bls_12_381_precompiles",
    "osaka/eip7883_modexp_gas_increase",
)


class ProvedChain(CoreChain):
    """A fixture's chain whose first block is proved."""

    proved = 0

    def check_witness(self, executed: ExecutedBlock) -> None:
        super().check_witness(executed)
        if not self.proved:
            job = BlockJob.start(BlockInput.of(self.config, executed.block, executed.witness))
            found = verify_block_proof(job.prove().encode())
            assert found.header == executed.block.header
            self.proved += 1


def fixture(folder: str) -> dict[str, Any]:
    """The first fixture of a folder, at that folder's fork, that begins with a valid block."""
    fork = folder.partition("/")[0].capitalize()
    for file in fixture_files("blockchain"):
        if str(file).startswith(folder):
            for case in load("blockchain", file).values():
                if case["network"] == fork and "expectException" not in case["blocks"][0]:
                    return case
    raise AssertionError(f"no fixture in {folder}")


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_block_of_a_fixture_is_proved(folder: str) -> None:
    case = fixture(folder)
    chain = ProvedChain(python_engine, case)
    check_chain(chain, case)
    assert chain.proved
