from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from node.errors import HistoryPruned, InvalidBlock, InvalidGenesis, InvalidInput, Unavailable
from node.evm.builder import BlockAttributes
from node.evm.chain import Chain
from node.evm.execution import ExecutedBlock
from node.evm.genesis import Genesis
from node.evm.importer import execute_on_witness, parse_block
from node.evm.transactions import Transaction
from node.state.db import StateDB
from tests.unit.evm.chains import (
    CLEARER_AT,
    COUNTER_AT,
    MemoryChain,
    genesis_json,
    transaction,
)
from tests.unit.evm.programs import ENGINE

pytestmark = pytest.mark.usefixtures("each_engine")

GENESIS = Genesis.from_json(genesis_json())


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    db = StateDB.open(tmp_path / "db")
    yield Chain(db, GENESIS, ENGINE.get())
    db.close()


def grow(chain: Chain, *transactions: Transaction) -> ExecutedBlock:
    builder = chain.builder(BlockAttributes(timestamp=chain.head.timestamp + 2))
    for tx in transactions:
        builder.add(tx)
    executed = builder.seal()
    chain.append(executed, b"signature")
    return executed


def test_an_empty_database_gets_the_genesis(chain: Chain) -> None:
    assert chain.head == GENESIS.header
    assert chain.state().root == GENESIS.header.state_root
    assert chain.block(0) == GENESIS.block
    assert chain.receipts(0) == ()


def test_blocks_can_be_looked_up_in_every_way(chain: Chain) -> None:
    txs = [transaction(i, 0, COUNTER_AT) for i in range(3)]
    executed = grow(chain, *txs)
    header = executed.block.header
    assert chain.head == chain.header(1) == chain.header_by_hash(header.hash) == header
    assert chain.block(1) == executed.block
    assert chain.receipts(1) == executed.receipts
    assert chain.signature(1) == b"signature"
    assert chain.find_transaction(txs[2].hash) == (1, 2)
    assert chain.find_transaction(bytes(32)) is None
    assert chain.header_by_hash(bytes(32)) is None
    witness = chain.witness(1)
    assert execute_on_witness(ENGINE.get(), chain.config, executed.block, witness) == (
        header.state_root
    )
    assert chain.state().storage(COUNTER_AT, 0) == 3
    assert chain.state(0).storage(COUNTER_AT, 0) == 0


@pytest.mark.parametrize("number", [-1, 1, 99])
def test_blocks_that_are_not_there_are_unavailable(chain: Chain, number: int) -> None:
    for look_up in (chain.header, chain.block, chain.receipts, chain.witness, chain.signature):
        with pytest.raises(Unavailable, match=f"header not found: block {number} "):
            look_up(number)


def test_an_imported_block_is_the_built_one(chain: Chain, tmp_path: Path) -> None:
    other_db = StateDB.open(tmp_path / "other")
    follower = Chain(other_db, GENESIS, ENGINE.get())
    built = grow(chain, transaction(0, 0, COUNTER_AT), transaction(1, 0, CLEARER_AT, bytes(64)))
    imported = follower.import_block(parse_block(built.block.encoded), b"signature")
    assert imported == built
    assert follower.state().root == chain.state().root
    other_db.close()


def test_a_refused_block_leaves_the_chain_as_it_was(chain: Chain) -> None:
    good = MemoryChain(GENESIS).grow(transaction(0, 0, COUNTER_AT)).block
    bad = replace(good, header=replace(good.header, state_root=bytes(32)))
    for block in (bad, replace(good, transactions=())):
        with pytest.raises(InvalidBlock):
            chain.import_block(block)
        assert chain.head == GENESIS.header
        assert chain.state().root == GENESIS.header.state_root
        assert chain.header_by_hash(block.header.hash) is None
    chain.import_block(good)
    assert chain.head == good.header


def test_only_a_child_of_the_head_is_appended(chain: Chain) -> None:
    first = grow(chain)
    with pytest.raises(InvalidBlock, match="block 1 does not follow the head 1") as refusal:
        chain.append(first)
    assert refusal.value.rule == "UNKNOWN_PARENT"


def test_unwinding_brings_back_the_old_head(chain: Chain) -> None:
    blocks = [grow(chain, transaction(0, n, COUNTER_AT)) for n in range(5)]
    chain.unwind(2)
    assert chain.head == blocks[1].block.header
    assert chain.state().storage(COUNTER_AT, 0) == 2
    assert chain.header_by_hash(blocks[3].block.header.hash) is None
    with pytest.raises(Unavailable):
        chain.header(4)
    other = grow(chain, transaction(1, 0, COUNTER_AT))
    assert chain.header(3) == other.block.header != blocks[2].block.header
    with pytest.raises(InvalidInput):
        chain.unwind(9)


def test_old_states_leave_the_window(tmp_path: Path) -> None:
    db = StateDB.open(tmp_path, window=2)
    chain = Chain(db, GENESIS, ENGINE.get())
    for nonce in range(5):
        grow(chain, transaction(0, nonce, COUNTER_AT))
    assert chain.state(4).storage(COUNTER_AT, 0) == 4
    with pytest.raises(HistoryPruned):
        chain.state(1)
    assert chain.block(1).header.number == 1
    db.close()


def test_the_chain_opens_again_where_it_was(tmp_path: Path) -> None:
    db = StateDB.open(tmp_path)
    head = grow(Chain(db, GENESIS, ENGINE.get()), transaction(0, 0, COUNTER_AT)).block.header
    db.close()
    db = StateDB.open(tmp_path)
    chain = Chain(db, GENESIS, ENGINE.get())
    assert chain.head == head
    grow(chain, transaction(0, 1, COUNTER_AT))
    db.close()


def test_another_genesis_does_not_open_the_database(tmp_path: Path) -> None:
    db = StateDB.open(tmp_path)
    Chain(db, GENESIS, ENGINE.get())
    other = Genesis.from_json(genesis_json() | {"timestamp": "0x2"})
    with pytest.raises(InvalidGenesis) as refusal:
        Chain(db, other, ENGINE.get())
    message = str(refusal.value)
    assert f"holds the chain of genesis 0x{GENESIS.header.hash.hex()}" in message
    assert f"hash 0x{other.header.hash.hex()}" in message
    assert db.head == (0, GENESIS.header.hash)
    db.close()


def test_calls_see_the_block_and_its_ancestors(chain: Chain) -> None:
    grow(chain)
    env = chain.block_env(chain.head)
    assert (env.number, env.timestamp) == (1, chain.head.timestamp)
    assert env.block_hash(0) == GENESIS.header.hash
