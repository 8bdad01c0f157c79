"""The official fixtures in the block guest: its ELF file, run by the executor, judges every block.

Most fixtures have one or two blocks; a run takes some 2 million instructions.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from node.evm import native
from node.evm.block import decode_block
from node.evm.chain_config import ChainConfig
from node.evm.execution import ExecutedBlock
from node.evm.proving import encode_config, encode_input, statement_of
from node.evm.python_engine import python_engine
from node.evm.witness import Witness
from node.recursion.riscv.native import HALTED, Executor
from node.rollup.proving.program import block_program
from tests.conformance.blockchain_case import check_chain
from tests.conformance.core_case import CoreChain

_CYCLES = 2**33


@cache
def _executor() -> Executor:
    return Executor(block_program())


def judge(config: ChainConfig, block: bytes, witness: Witness) -> str:
    """The core's status of a block, which the guest must share; and its statement must be true."""
    given = encode_input(config, block, witness)
    status, statement = native.prove_block(given)
    ended = _executor().execute(given, cycle_limit=_CYCLES)
    assert ended.status == HALTED, ended.status
    assert native.STATUSES[ended.exit_code] == status
    if status == native.VALID:
        expected = statement_of(encode_config(config), decode_block(block).header)
        assert statement == expected.encode()
        assert ended.output == expected.output
    return status


def check_guest_blockchain(fixture: dict[str, Any]) -> int:
    """Runs a fixture, returns how many valid blocks it held. AssertionError says what differs."""
    return check_chain(GuestChain(python_engine, fixture), fixture)


class GuestChain(CoreChain):
    """A fixture's chain, moved on by the Python engine, judged by the guest."""

    def check_witness(self, executed: ExecutedBlock) -> None:
        """The guest must find the block valid from its witness alone."""
        status = judge(self.config, executed.block.encoded, executed.witness)
        assert status == native.VALID, f"block {executed.block.header.number}: {status}"

    def refuse(self, data: bytes, rules: set[str], number: int) -> None:
        """The guest must refuse the block for one of these rules, all of the state at hand."""
        status = judge(self.config, data, self.everything())
        assert status in rules, f"block {number}: {status}, expected {sorted(rules)}"
