"""One blockchain fixture: import its blocks, reject the bad ones, re-execute the good ones."""

from __future__ import annotations

from typing import Any, Final

import pytest

from node.errors import InvalidBlock
from node.evm.block import Header, decode_block
from node.evm.engine import Engine
from node.evm.execution import ExecutedBlock
from node.evm.genesis import Genesis, read_alloc
from node.evm.importer import execute_block, execute_on_witness, parse_block
from node.evm.witness import decode_witness
from node.state.memory import MemoryState
from tests.conformance.networks import chain_config

ALIASES: Final = {
    "TYPE_1_TX_PRE_FORK": {"TYPE_NOT_SUPPORTED"},
    "TYPE_2_TX_PRE_FORK": {"TYPE_NOT_SUPPORTED"},
    "TYPE_3_TX_PRE_FORK": {"TYPE_NOT_SUPPORTED"},
    "TYPE_4_TX_PRE_FORK": {"TYPE_NOT_SUPPORTED"},
    "GASLIMIT_PRICE_PRODUCT_OVERFLOW": {"INSUFFICIENT_ACCOUNT_FUNDS"},
}
"""Names the fixtures use for what we call otherwise."""


def expected_rules(expected: str) -> set[str]:
    """The rules of ours that an expectException names; alternatives are separated by |."""
    rules: set[str] = set()
    for alternative in expected.split("|"):
        name = alternative.rpartition(".")[2]
        rules |= {name} | ALIASES.get(name, set())
    return rules


def check_blockchain(engine: Engine, fixture: dict[str, Any]) -> int:
    """Runs a fixture, returns how many valid blocks it held. AssertionError says what differs."""
    return check_chain(FixtureChain(engine, fixture), fixture)


def check_chain(chain: FixtureChain, fixture: dict[str, Any]) -> int:
    """Gives a chain the blocks of a fixture; see `check_blockchain`."""
    for number, entry in enumerate(fixture["blocks"], start=1):
        data = bytes.fromhex(entry["rlp"][2:])
        expected = entry.get("expectException")
        if expected is None:
            chain.accept(data, entry)
        else:
            chain.refuse(data, expected_rules(expected), number)
    assert chain.head.hash.hex() == fixture["lastblockhash"][2:], "last block hash differs"
    chain.compare_state(fixture["postState"])
    return len(chain.headers) - 1


class FixtureChain:
    """The chain of a fixture, as far as its blocks have been accepted."""

    def __init__(self, engine: Engine, fixture: dict[str, Any]) -> None:
        self.engine = engine
        self.config = chain_config(fixture["network"], fixture["config"])
        template = decode_block(bytes.fromhex(fixture["genesisRLP"][2:])).header
        genesis = Genesis(self.config, read_alloc(fixture["pre"]), template)
        assert genesis.header.hash.hex() == fixture["genesisBlockHeader"]["hash"][2:], (
            "genesis hash differs"
        )
        self.state: MemoryState = genesis.state()
        self.headers: dict[int, Header] = {0: genesis.header}
        self.head = genesis.header

    def accept(self, data: bytes, entry: dict[str, Any]) -> None:
        """A valid block: it must import, and execute from its witness to the same root."""
        executed = self._execute(data)
        assert executed.block.encoded == data, "block does not encode to what it was decoded from"
        assert executed.block.header.hash.hex() == entry["blockHeader"]["hash"][2:]
        self.check_witness(executed)
        self.state.apply(executed.update)
        self.head = executed.block.header
        self.headers[self.head.number] = self.head

    def check_witness(self, executed: ExecutedBlock) -> None:
        """Executes a block that has just been imported from its witness alone."""
        witness = decode_witness(executed.witness.encode())
        root = execute_on_witness(self.engine, self.config, executed.block, witness)
        assert root == executed.update.root, "executing on the witness gives another root"

    def refuse(self, data: bytes, rules: set[str], number: int) -> None:
        """An invalid block: it must be refused for one of these rules."""
        with pytest.raises(InvalidBlock) as refusal:
            self._execute(data)
        assert refusal.value.rule in rules, (
            f"block {number} refused for {refusal.value.rule} ({refusal.value}),"
            f" expected {sorted(rules)}"
        )

    def _execute(self, data: bytes) -> ExecutedBlock:
        return execute_block(
            self.engine,
            self.config,
            parse_block(data),
            self.head,
            self.state,
            header_at=self.headers.__getitem__,
        )

    def compare_state(self, post: dict[str, Any]) -> None:
        """The final state must be that of the fixture."""
        expected = read_alloc(post)
        found = self.state.accounts()
        assert found.keys() == expected.keys(), "other accounts exist than in postState"
        for address, want in expected.items():
            have, name = found[address], f"0x{address.hex()}"
            assert (have.nonce, have.balance) == (want.nonce, want.balance), f"{name} differs"
            assert self.state.slots(address) == want.storage, f"storage of {name} differs"
