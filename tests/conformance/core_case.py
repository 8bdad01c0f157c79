"""The official fixtures on the C++ core.

State tests run on the core alone. The blocks of a blockchain test run on it from witnesses alone:
a valid one from the witness that the Python engine recorded, an invalid one from all of the state.
"""

from __future__ import annotations

from typing import Any

from node.evm import native
from node.evm.execution import ExecutedBlock
from node.evm.forks import fork_named
from node.evm.python_engine import python_engine
from node.evm.witness import Witness
from tests.conformance.blockchain_case import FixtureChain, check_chain
from tests.conformance.state_tests import StateCase, block_env, fault_matches, state_changes

_MAX_ANCESTORS = 256


def run_core_state_test(case: StateCase) -> str | None:
    """None if the core agrees with the fixture, else what differs."""
    post = case.post
    verdict = native.run_transaction(
        block_env(case, fork_named(case.fork)),
        state_changes(case.test["pre"]),
        bytes.fromhex(post["txbytes"][2:]),
    )
    fault = None if verdict.status == native.VALID else verdict.status
    if not fault_matches(fault, post.get("expectException")):
        return f"expected {post.get('expectException')}, got {fault}"
    if verdict.state_root.hex() != post["hash"][2:]:
        return f"state root differs: 0x{verdict.state_root.hex()}, expected {post['hash']}"
    if verdict.logs.hex() != post["logs"][2:]:
        return "logs differ"
    return None


def check_core_blockchain(fixture: dict[str, Any]) -> int:
    """Runs a fixture, returns how many valid blocks it held. AssertionError says what differs."""
    return check_chain(CoreChain(python_engine, fixture), fixture)


class CoreChain(FixtureChain):
    """A fixture's chain, moved on by the Python engine, judged by the core."""

    def check_witness(self, executed: ExecutedBlock) -> None:
        """The core must find the block valid from its witness alone, with the same root."""
        block = executed.block
        verdict = native.validate_block(self.config, block.encoded, executed.witness)
        assert verdict.status == native.VALID, (
            f"the core refused block {block.header.number} for {verdict.status}"
        )
        assert verdict.state_root == executed.update.root
        assert verdict.block_hash == block.header.hash
        assert verdict.gas_used == block.header.gas_used

    def refuse(self, data: bytes, rules: set[str], number: int) -> None:
        """The core must refuse the block for one of these rules, all of the state at hand."""
        status = native.validate_block(self.config, data, self.everything()).status
        assert status in rules, f"block {number}: {status}, expected {sorted(rules)}"

    def everything(self) -> Witness:
        """All of the state and the last ancestors, as a witness."""
        oldest = max(self.head.number + 1 - _MAX_ANCESTORS, 0)
        headers = (self.headers[n].encoded for n in range(oldest, self.head.number + 1))
        return Witness(self.state.nodes(), self.state.codes(), (), tuple(headers))
