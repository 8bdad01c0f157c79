"""Blocks: what is in them, when they come, and what happens to what does not fit."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from node.crypto import keccak256
from node.errors import ConfigError, InvalidInput, Unavailable
from node.evm.engine import BlockEnv, Session, TxOutcome
from node.evm.genesis import GenesisAccount
from node.evm.python_engine import PythonEngine
from node.evm.tracing.hooks import Tracer
from node.evm.transactions import Transaction
from node.rollup.fates import Status
from node.rollup.sealing import verify_head
from node.rollup.service import Node
from node.state.account import StateReader
from node.types import ZERO_HASH
from tests.unit.rollup.ledger import (
    ADDRESSES,
    CHAIN_ID,
    ETHER,
    GWEI,
    RECIPIENT,
    Clock,
    transfer,
)
from tests.unit.rollup.nodes import START, genesis_with, open_node

DRAIN = bytes.fromhex("5f5f5f5f47335af1")
"""CALL(GAS, CALLER, SELFBALANCE, 0, 0, 0, 0): gives everything to whoever calls."""


async def test_block_holds_what_was_submitted(node: Node) -> None:
    heads = node.heads.subscribe()
    tx = transfer(0, 0, value=7)
    node.submit(tx.encoded)
    header = await node.sequencer.seal()
    change = await anext(heads)

    assert change.header == header == node.chain.head
    assert [block.transactions for block, _ in change.added] == [(tx,)]
    assert node.chain.receipts(1) == change.added[0][1]
    account = node.chain.state().account(RECIPIENT)
    assert account is not None
    assert account.balance == 7
    assert len(node.pool) == 0
    fate = node.fate(tx.hash)
    assert fate is not None
    assert (fate.status, fate.reason) == (Status.INCLUDED, "in block 1")


async def test_attributes_of_a_block(node: Node) -> None:
    parent = node.chain.head
    header = await node.sequencer.seal()

    assert header.timestamp == START + 10
    assert header.extra_data == b"strikefold"
    assert header.coinbase.hex() == "4200000000000000000000000000000000000011"
    assert header.parent_beacon_block_root == ZERO_HASH
    assert header.prev_randao == keccak256(parent.prev_randao + ZERO_HASH)
    assert header.gas_limit == 30_000_000
    assert node.chain.block(1).withdrawals == ()


async def test_heads_are_signed(node: Node) -> None:
    header = await node.sequencer.seal()
    signature = node.chain.signature(header.number)

    assert verify_head(CHAIN_ID, header, signature, node.sequencer.address)


async def test_timestamps_grow_though_the_clock_stands_still(node: Node) -> None:
    times = [(await node.sequencer.seal()).timestamp for _ in range(3)]

    assert times == [START + 10, START + 11, START + 12]


async def test_timestamp_of_choice(node: Node) -> None:
    header = await node.sequencer.seal(START + 500)
    assert header.timestamp == START + 500

    with pytest.raises(InvalidInput, match="lower than or equal to previous block's timestamp"):
        await node.sequencer.seal(START + 500)
    assert node.chain.head == header
    assert (await node.sequencer.seal()).timestamp == START + 501


async def test_blocks_by_the_clock(tmp_path: Path) -> None:
    node = open_node(tmp_path, block_time_s=1.0)
    heads = node.heads.subscribe()
    await node.start()
    tx = transfer()
    node.submit_transaction(tx)
    async with asyncio.timeout(20):
        changes = [await anext(heads) for _ in range(2)]
    await node.stop()

    assert [change.header.number for change in changes] == [1, 2]
    assert [len(change.added[0][0].transactions) for change in changes] == [1, 0]


async def test_a_block_for_every_transaction(tmp_path: Path) -> None:
    node = open_node(tmp_path, instamine=True)
    heads = node.heads.subscribe()
    await node.start()
    async with asyncio.timeout(20):
        for nonce in range(3):
            node.submit_transaction(transfer(0, nonce))
            change = await anext(heads)
            assert [tx.nonce for tx in change.added[0][0].transactions] == [nonce]
    assert node.chain.head.number == 3
    await node.stop()


async def test_mode_changes_while_running(node: Node) -> None:
    heads = node.heads.subscribe()
    node.submit_transaction(transfer(0, 0))
    node.sequencer.set_mode(instamine=True)
    async with asyncio.timeout(20):
        assert (await anext(heads)).header.number == 1
        node.sequencer.set_mode(instamine=False, block_time_s=1.0)
        assert (await anext(heads)).header.number == 2


async def test_no_sequencing_when_switched_off(tmp_path: Path) -> None:
    node = open_node(tmp_path, enabled=False, instamine=True)
    await node.start()
    node.submit_transaction(transfer())
    await asyncio.sleep(0.2)

    assert node.chain.head.number == 0
    await node.stop()


async def test_full_block_leaves_the_rest_for_the_next(tmp_path: Path) -> None:
    node = open_node(tmp_path)
    for account in range(3):
        node.submit_transaction(transfer(account, gas_limit=16_000_000, data=b"\x00"))
    counts = []
    for _ in range(2):
        header = await node.sequencer.seal()
        counts.append(len(node.chain.block(header.number).transactions))

    assert counts == [3, 0]
    for account in range(3):
        node.submit_transaction(transfer(account, 1, to=None, data=b"\xfe", gas_limit=16_000_000))
    counts = []
    for _ in range(3):
        header = await node.sequencer.seal()
        counts.append(len(node.chain.block(header.number).transactions))
    assert counts == [1, 1, 1]
    await node.stop()


async def test_what_became_invalid_is_dropped_with_the_reason(tmp_path: Path) -> None:
    """A delegated account is drained by a call in the very block that holds its transaction."""
    victim, drain = ADDRESSES[0], b"\x77" * 20
    genesis = genesis_with({
        victim: GenesisAccount(balance=10 * ETHER, code=b"\xef\x01\x00" + drain),
        drain: GenesisAccount(nonce=1, code=DRAIN),
    })  # fmt: skip
    node = open_node(tmp_path, genesis=genesis)
    loser = transfer(0, 0)
    node.submit_transaction(loser)
    node.submit_transaction(transfer(1, 0, to=victim, tip=5 * GWEI, gas_limit=100_000))
    header = await node.sequencer.seal()

    assert len(node.chain.block(header.number).transactions) == 1
    assert loser.hash not in node.pool
    fate = node.fate(loser.hash)
    assert fate is not None
    assert fate.status is Status.DROPPED
    assert "insufficient funds" in fate.reason
    await node.stop()


class BrokenSession:
    """A session with a defect: it fails in the middle of transactions that move 13 wei."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def transact(self, tx: Transaction, tracer: Tracer | None = None) -> TxOutcome:
        outcome = self._session.transact(tx, tracer)
        if tx.value == 13:
            raise RuntimeError("a defect")
        return outcome


class BrokenEngine(PythonEngine):
    """An engine whose sessions have that defect."""

    def open(self, state: StateReader, env: BlockEnv) -> Any:
        return BrokenSession(super().open(state, env))


async def test_defect_of_the_engine_costs_one_transaction_not_the_chain(tmp_path: Path) -> None:
    node = open_node(tmp_path, engine=BrokenEngine())
    good, bad = transfer(0, 0, value=5), transfer(1, 0, value=13, tip=2 * GWEI)
    for tx in (good, bad):
        node.submit_transaction(tx)
    assert [tx.value for tx in (await node.pending()).block.transactions] == [5]
    node.submit_transaction(bad)
    header = await node.sequencer.seal()

    assert node.chain.block(header.number).transactions == (good,)
    fate = node.fate(bad.hash)
    assert fate is not None
    assert fate.reason.startswith(f"internal error in transaction 0x{bad.hash.hex()}")
    account = node.chain.state().account(RECIPIENT)
    assert account is not None
    assert account.balance == 5
    await node.stop()


async def test_instamine_survives_a_defect(tmp_path: Path) -> None:
    node = open_node(tmp_path, engine=BrokenEngine(), instamine=True)
    heads = node.heads.subscribe()
    await node.start()
    node.submit_transaction(transfer(1, 0, value=13))
    async with asyncio.timeout(20):
        await anext(heads)
        node.submit_transaction(transfer(0, 0))
        change = await anext(heads)

    assert len(change.added[0][0].transactions) == 1
    assert node.health().ok
    await node.stop()


class AbsentEngine(PythonEngine):
    """An engine that cannot even start."""

    def open(self, state: StateReader, env: BlockEnv) -> Any:
        raise RuntimeError("a defect")


async def test_defect_outside_of_transactions_stops_sequencing(tmp_path: Path) -> None:
    node = open_node(tmp_path, engine=AbsentEngine(), instamine=True)
    await node.start()
    node.submit_transaction(transfer())
    async with asyncio.timeout(20):
        while node.health().ok:
            await asyncio.sleep(0.01)

    assert node.health().problem == "block 1 could not be sealed: a defect"
    assert node.chain.head.number == 0
    with pytest.raises(Unavailable, match="the sequencer has stopped: block 1 could not be sealed"):
        node.submit_transaction(transfer(0, 1))
    await node.stop()


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"block_time_s": 0.5}, "sequencer.block_time_s = 0.5"),
        ({"block_time_s": -1.0}, "sequencer.block_time_s = -1.0"),
        ({"extra_data": "x" * 33}, "sequencer.extra_data: 33 bytes"),
        ({"coinbase": "0x12"}, "sequencer.coinbase = '0x12'"),
        ({"coinbase": "nobody"}, "sequencer.coinbase = 'nobody'"),
    ],
)
def test_bad_configuration(tmp_path: Path, fields: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        open_node(tmp_path, **fields)


async def test_clock_behind_the_chain(tmp_path: Path) -> None:
    node = open_node(tmp_path, clock=Clock(START - 1_000))

    assert (await node.sequencer.seal()).timestamp == START + 1
    await node.stop()
