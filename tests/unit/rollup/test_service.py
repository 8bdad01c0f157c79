"""The node as a whole: pending block, unwinding, restarts, faults of the disk."""

from __future__ import annotations

import asyncio
import resource
from dataclasses import replace
from pathlib import Path

import pytest

from node.errors import (
    ConfigError,
    HistoryPruned,
    InvalidGenesis,
    InvalidInput,
    InvalidTransaction,
    StorageError,
    Unavailable,
)
from node.rollup.fates import Status
from node.rollup.service import Node
from tests.unit.rollup.ledger import ADDRESSES, ETHER, GWEI, RECIPIENT, transfer
from tests.unit.rollup.nodes import GENESIS, START, open_node

# The pending block


async def test_pending_block_follows_the_pool(node: Node) -> None:
    empty = await node.pending()
    assert (empty.block.header.number, empty.block.transactions) == (1, ())
    first = transfer(0, 0, value=3)
    node.submit_transaction(first)
    await asyncio.sleep(0.12)
    one = await node.pending()
    second = transfer(1, 0, value=4)
    node.submit_transaction(second)
    await asyncio.sleep(0.12)
    two = await node.pending()

    assert one.block.transactions == (first,)
    assert two.block.transactions == (first, second)
    assert [receipt.cumulative_gas_used for receipt in two.receipts] == [21_000, 42_000]
    account = two.state.account(RECIPIENT)
    assert account is not None
    assert account.balance == 7
    assert node.chain.state().account(RECIPIENT) is None


async def test_pending_block_is_what_would_be_sealed(node: Node) -> None:
    for account in range(3):
        node.submit_transaction(transfer(account, 0))
    pending = await node.pending()
    header = await node.sequencer.seal()

    assert pending.block == node.chain.block(1)
    assert pending.block.header == header


async def test_pending_block_forgets_what_was_replaced(node: Node) -> None:
    node.submit_transaction(transfer(0, 0))
    await node.pending()
    better = transfer(0, 0, tip=2 * GWEI, cap=20 * GWEI)
    node.submit_transaction(better)
    await asyncio.sleep(0.12)

    assert (await node.pending()).block.transactions == (better,)


async def test_pending_block_moves_with_the_head(node: Node) -> None:
    tx = transfer(0, 0)
    node.submit_transaction(tx)
    await node.pending()
    await node.sequencer.seal()
    pending = await node.pending()

    assert (pending.block.header.number, pending.block.transactions) == (2, ())
    assert pending.parent == node.chain.head


async def test_pending_block_never_lags_behind_the_head(node: Node) -> None:
    for nonce in range(10):
        node.submit_transaction(transfer(0, nonce))
        await asyncio.gather(node.pending(), node.sequencer.seal(), node.pending())
        assert (await node.pending()).parent == node.chain.head


# Events


async def test_pending_transactions_are_announced(node: Node) -> None:
    seen = node.transactions.subscribe()
    for nonce in (1, 0):
        node.submit_transaction(transfer(0, nonce))

    assert [(await anext(seen)).nonce for _ in range(2)] == [0, 1]


# Unwinding


async def test_unwinding_puts_transactions_back(node: Node) -> None:
    first, second = transfer(0, 0), transfer(0, 1)
    for tx in (first, second):
        node.submit_transaction(tx)
        await node.sequencer.seal()
    heads = node.heads.subscribe()
    await node.unwind(0)
    change = await anext(heads)

    assert [block.header.number for block, _ in change.removed] == [2, 1]
    assert change.header.number == node.chain.head.number == 0
    assert node.pool.content_from(ADDRESSES[0])[0] == [first, second]
    await node.sequencer.seal()
    assert node.chain.block(1).transactions == (first, second)


async def test_unwinding_without_transactions(node: Node) -> None:
    node.submit_transaction(transfer(0, 0))
    await node.sequencer.seal()
    await node.unwind(0, keep_transactions=False)

    assert len(node.pool) == 0


async def test_unwinding_above_the_head(node: Node) -> None:
    with pytest.raises(InvalidInput, match="cannot unwind to block 5"):
        await node.unwind(5)


async def test_unwinding_beyond_the_window(tmp_path: Path) -> None:
    node = open_node(tmp_path, history_blocks=2)
    for nonce in range(5):
        node.submit_transaction(transfer(0, nonce))
        header = await node.sequencer.seal()

    with pytest.raises(HistoryPruned, match="cannot unwind to block 1"):
        await node.unwind(1)
    assert node.chain.head == header
    assert len(node.pool) == 0
    await node.unwind(4)
    assert len(node.pool) == 1
    await node.stop()


# Restarts


async def test_restart_keeps_chain_and_pool(tmp_path: Path) -> None:
    node = open_node(tmp_path)
    await node.start()
    node.submit_transaction(transfer(0, 0))
    header = await node.sequencer.seal()
    waiting = transfer(0, 1)
    node.submit_transaction(waiting)
    await node.stop()
    again = open_node(tmp_path)
    await again.start()

    assert again.chain.head == header
    assert again.pool.content_from(ADDRESSES[0])[0] == [waiting]
    assert (await again.sequencer.seal()).timestamp > header.timestamp
    assert again.chain.block(2).transactions == (waiting,)
    await again.stop()


async def test_node_that_never_started_leaves_the_journal_alone(tmp_path: Path) -> None:
    node = open_node(tmp_path)
    await node.start()
    waiting = transfer(0, 0)
    node.submit_transaction(waiting)
    await node.stop()
    await open_node(tmp_path).stop()
    again = open_node(tmp_path)
    await again.start()

    assert again.pool.by_arrival() == (waiting,)
    await again.stop()


async def test_other_genesis_is_refused(tmp_path: Path) -> None:
    await open_node(tmp_path).stop()
    other = replace(GENESIS, template=replace(GENESIS.template, timestamp=START + 1))

    with pytest.raises(InvalidGenesis, match="another data directory"):
        open_node(tmp_path, genesis=other)
    await open_node(tmp_path).stop()


async def test_other_chain_id_is_refused(tmp_path: Path) -> None:
    """Even where everything else of the genesis is the same, and so its hash."""
    await open_node(tmp_path).stop()
    other = replace(GENESIS, config=replace(GENESIS.config, chain_id=5))

    with pytest.raises(InvalidGenesis, match=r"holds a chain with id 1337, but .* says 5"):
        open_node(tmp_path, genesis=other)


async def test_one_node_a_directory(tmp_path: Path) -> None:
    node = open_node(tmp_path)
    with pytest.raises(ConfigError, match=r"is in use by process \d+"):
        open_node(tmp_path)

    await node.stop()
    await open_node(tmp_path).stop()


def test_unusable_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageError, match="cannot use the data directory"):
        open_node(tmp_path / "file")


async def test_stopping_completes_the_block_in_the_making(tmp_path: Path) -> None:
    """With the transactions it has by then; the others are for the next run."""
    node = open_node(tmp_path)
    await node.start()
    for nonce in range(600):
        node.submit_transaction(transfer(0, nonce))
    sealing = asyncio.create_task(node.sequencer.seal())
    await asyncio.sleep(0)
    await node.stop()
    header = await sealing
    with pytest.raises(Unavailable, match="the node is stopping"):
        node.submit_transaction(transfer(1, 0))
    again = open_node(tmp_path)
    await again.start()

    assert again.chain.head == header
    assert header.gas_used // 21_000 + len(again.pool) == 600
    assert len(again.pool) > 0
    await again.stop()


# Faults


async def test_full_disk_stops_sequencing_and_nothing_else(tmp_path: Path) -> None:
    node = open_node(tmp_path, block_time_s=1.0)
    await node.start()
    node.submit_transaction(transfer(0, 0))
    head = await node.sequencer.seal()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    big = transfer(0, 1, data=bytes(100_000), gas_limit=5_000_000)
    node.submit_transaction(big)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))
    try:
        async with asyncio.timeout(30):
            while node.health().ok:
                await asyncio.sleep(0.05)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert "could not be sealed" in node.health().problem
    assert node.chain.head == head
    assert node.chain.block(1).transactions == (transfer(0, 0),)
    account = node.chain.state().account(RECIPIENT)
    assert account is not None
    assert account.balance == 1
    with pytest.raises(Unavailable, match="the sequencer has stopped: block 2 could not be sealed"):
        node.submit_transaction(transfer(1, 0))
    with pytest.raises(Unavailable, match="the sequencer has stopped"):
        await node.sequencer.seal()
    await node.stop()
    again = open_node(tmp_path)
    await again.start()
    await again.sequencer.seal()
    assert again.chain.block(2).transactions == (big,)
    await again.stop()


async def test_refused_transactions_change_nothing(node: Node) -> None:
    with pytest.raises(InvalidTransaction):
        node.submit(b"\x02\xc0")
    with pytest.raises(InvalidTransaction):
        node.submit_transaction(transfer(0, 0, value=2_000 * ETHER))

    assert len(node.pool) == 0


async def test_health(node: Node) -> None:
    node.submit_transaction(transfer(0, 0))
    node.submit_transaction(transfer(0, 2))
    health = node.health()

    assert (health.ok, health.head, health.pending, health.queued) == (True, 0, 1, 1)
    assert health.head_age_s == 10


async def test_fates(node: Node) -> None:
    queued = node.submit(transfer(0, 2).encoded)
    fates = [node.fate(tx_hash) for tx_hash in (queued, bytes(32))]

    assert [fate and fate.status for fate in fates] == [Status.QUEUED, None]
