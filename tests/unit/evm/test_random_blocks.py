"""Blocks of random contracts: building, importing, the database and the witness agree on them.

`STRIKEFOLD_FUZZ_CASES=2000 pytest -m slow tests/unit/evm/test_random_blocks.py` runs as many chains
more; a failure names its fork and seed.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import Any

import pytest

from node.errors import InvalidTransaction
from node.evm.chain import Chain
from node.evm.genesis import Genesis
from node.evm.importer import execute_on_witness, parse_block
from node.evm.native_engine import native_engine
from node.evm.python_engine import python_engine
from node.evm.transactions import LEGACY
from node.evm.witness import decode_witness
from node.state.account import StateChanges
from node.state.db import StateDB
from node.state.memory import MemoryState
from tests.conformance.random_contracts import program
from tests.conformance.random_writer import ACCOUNTS as CONTRACTS
from tests.conformance.random_writer import OSAKA
from tests.unit.evm.chains import MemoryChain, genesis_json, transaction
from tests.unit.evm.programs import ENGINE

pytestmark = pytest.mark.usefixtures("each_engine")

MERGED = ["shanghaiTime", "cancunTime", "pragueTime", "osakaTime"]
POW = dict.fromkeys(["terminalTotalDifficulty", *MERGED])
FORKS: dict[str, dict[str, Any]] = {
    "osaka": {},
    "cancun": dict.fromkeys(MERGED[2:]),
    "shanghai": dict.fromkeys(MERGED[1:]),
    "london": POW,
    "byzantium": POW | dict.fromkeys(
        ["constantinopleBlock", "petersburgBlock", "istanbulBlock", "berlinBlock", "londonBlock"]
    ),
    "homestead": POW | dict.fromkeys([
        "eip150Block", "eip155Block", "eip158Block", "byzantiumBlock", "constantinopleBlock",
        "petersburgBlock", "istanbulBlock", "berlinBlock", "londonBlock",
    ]),
}  # fmt: skip
BLOCKS, TRANSACTIONS = 3, 4


def random_genesis(random: Random, fork: str) -> Genesis:
    """Contracts that call, create and destroy each other, with some storage to begin with."""
    genesis = genesis_json(**FORKS[fork])
    for address in CONTRACTS:
        slots = {f"0x{n:x}": f"0x{random.randrange(1, 9):x}" for n in range(random.randrange(5))}
        genesis["alloc"][address.hex()] = {
            "balance": "0x5", "code": program(random, address, OSAKA).hex(), "storage": slots
        }  # fmt: skip
    return Genesis.from_json(genesis)


def rebuilt(state: MemoryState) -> MemoryState:
    """The same accounts, put into an empty state at once."""
    changes = StateChanges(accounts=dict(state.accounts()))
    changes.storage = {
        address: slots for address in changes.accounts if (slots := state.slots(address))
    }
    return MemoryState.of(changes)


def check(random: Random, fork: str, folder: Path) -> None:
    memory = MemoryChain(random_genesis(random, fork))
    db = StateDB.open(folder)
    other = python_engine if ENGINE.get() is native_engine else native_engine
    chain = Chain(db, memory.genesis, other)
    nonces = [0] * 4
    for _ in range(BLOCKS):
        builder = memory.builder()
        for _ in range(TRANSACTIONS):
            sender = random.randrange(4)
            fields = {"type": LEGACY} if fork in ("byzantium", "homestead") else {}
            tx = transaction(
                sender, nonces[sender], random.choice(CONTRACTS), random.randbytes(40),
                value=random.randrange(3), gas_limit=200_000,
                chain_id=None if fork == "homestead" else 1337,
                max_priority_fee_per_gas=20 * 10**9, **fields,
            )  # fmt: skip
            try:
                builder.add(tx)
            except InvalidTransaction:
                continue
            nonces[sender] += 1
        executed = builder.seal()
        memory.append(executed)
        imported = chain.import_block(parse_block(executed.block.encoded))
        assert imported.receipts == executed.receipts
        assert imported.update.root == executed.update.root == chain.state().root
        witness = decode_witness(imported.witness.encode())
        assert witness == executed.witness
        root = execute_on_witness(other, chain.config, imported.block, witness)
        assert root == executed.update.root
    assert sum(nonces) > 0
    assert rebuilt(memory.state).root == memory.state.root
    chain.unwind(0)
    assert chain.state().root == memory.genesis.header.state_root
    for block in memory.blocks[1:]:
        chain.import_block(block)
    assert chain.state().root == memory.state.root
    db.close()


@pytest.mark.parametrize("fork", FORKS)
def test_random_blocks_are_the_same_everywhere(fork: str, tmp_path: Path) -> None:
    for seed in range(6):
        check(Random(f"{fork} {seed}"), fork, tmp_path / str(seed))


@pytest.mark.slow
@pytest.mark.parametrize("fork", FORKS)
def test_many_more_random_blocks(fork: str, tmp_path: Path) -> None:
    for seed in range(1000, 1000 + int(os.environ.get("STRIKEFOLD_FUZZ_CASES", "100"))):
        try:
            check(Random(f"{fork} {seed}"), fork, tmp_path / str(seed))
        except Exception as failure:
            raise AssertionError(f"fork {fork}, seed {seed}: {failure!r}") from failure
