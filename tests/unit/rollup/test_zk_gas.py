"""The budget of zk gas: what does not fit waits, what never fits goes, and blocks keep coming."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from node.evm.genesis import GenesisAccount
from node.evm.python_engine import python_engine
from node.evm.transactions import Transaction
from node.evm.zk_gas import ZkGasExceeded, least_zk_gas, zk_gas_on_witness
from node.rollup.fates import Status
from node.rollup.service import Node
from tests.benchmark.test_precompiles import point_evaluation
from tests.unit.evm.programs import asm, op, push
from tests.unit.rollup.ledger import GWEI, transfer
from tests.unit.rollup.nodes import genesis_with, open_node

BURNER = b"\x7b" * 20
READER = b"\x7c" * 20
LIMIT = 100_000_000
_LOAD = asm(push(0), 0x54, 0x50)


def _evaluates_points() -> bytes:
    """Verifies the KZG proof in the call data until the gas is gone: the most cells per gas."""
    copied = op(0x37, 0, 0, 192)
    call = asm(op(0xFA, 50_000, 10, 0, 192, 0, 0), 0x50)
    return asm(copied, 0x5B, call * 8, push(len(copied)), 0x56)


GENESIS = genesis_with({
    BURNER: GenesisAccount(nonce=1, code=_evaluates_points()),
    READER: GenesisAccount(nonce=1, code=_LOAD * 8_000),
})  # fmt: skip
"""Reading 8,000 times takes some 45 million cells, or half of a block."""


def hostile(account: int = 0, nonce: int = 0) -> Transaction:
    data = point_evaluation()
    tip = 9 * GWEI
    return transfer(account, nonce, to=BURNER, data=data, tip=tip, gas_limit=2**24)


def reading(account: int, nonce: int = 0, tip: int = GWEI) -> Transaction:
    return transfer(account, nonce, to=READER, gas_limit=2_000_000, tip=tip)


async def sealed(node: Node) -> list[Transaction]:
    async with asyncio.timeout(60):
        header = await node.sequencer.seal()
    return list(node.chain.block(header.number).transactions)


async def test_a_hostile_transaction_does_not_stall(tmp_path: Path) -> None:
    """16.7 million gas of the dearest there is, at the best price."""
    node = open_node(tmp_path, genesis=GENESIS)
    bad, after, good = hostile(), transfer(0, 1), transfer(1)
    for tx in (bad, after, good):
        node.submit_transaction(tx)
    assert await sealed(node) == [good]
    fate = node.fate(bad.hash)
    assert fate is not None
    assert fate.status is Status.DROPPED
    assert fate.reason.startswith("transaction exceeds the provable limit: zkGas ")
    assert fate.reason.endswith(" > 16000000000")
    assert int(fate.reason.split()[-3]) > 50_000 * 2**24

    queued = node.fate(after.hash)
    assert queued is not None
    assert queued.status is Status.QUEUED
    replacement = transfer(0)
    node.submit_transaction(replacement)
    assert await sealed(node) == [replacement, after]
    with pytest.raises(ZkGasExceeded, match="exceeds the provable limit"):
        node.submit_transaction(bad)
    await node.stop()


async def test_nothing_of_it_is_in_the_block(tmp_path: Path) -> None:
    """Not even what it read: the witness is that of a block that never heard of it."""
    nodes = [open_node(tmp_path / name, genesis=GENESIS) for name in "ab"]
    nodes[0].submit_transaction(hostile())
    for node in nodes:
        node.submit_transaction(transfer(1))
        await sealed(node)
    witnesses = [node.chain.witness(1) for node in nodes]
    assert witnesses[0] == witnesses[1]
    assert nodes[0].chain.head == nodes[1].chain.head
    for node in nodes:
        await node.stop()


async def test_what_does_not_fit_comes_next(tmp_path: Path) -> None:
    node = open_node(tmp_path, genesis=GENESIS, zk_gas_limit=LIMIT)
    first, second, third = (reading(account, tip=(9 - account) * GWEI) for account in range(3))
    small = transfer(3)
    for tx in (first, second, third, small):
        node.submit_transaction(tx)
    blocks = [await sealed(node) for _ in range(3)]
    assert [tx for block in blocks for tx in block if tx != small] == [first, second, third]
    assert small in blocks[0]
    for number, block in enumerate(blocks, 1):
        metered = zk_gas_on_witness(
            node.chain.config, node.chain.block(number), node.chain.witness(number)
        )
        assert len(metered) == len(block)
        assert 0 < sum(metered) <= LIMIT
    await node.stop()


async def test_no_limit(tmp_path: Path) -> None:
    node = open_node(tmp_path, genesis=GENESIS, zk_gas_limit=0)
    node.submit_transaction(hostile())
    assert len(await sealed(node)) == 1
    await node.stop()


async def test_the_python_engine_does_not_meter(tmp_path: Path) -> None:
    node = open_node(tmp_path, genesis=GENESIS, engine=python_engine, zk_gas_limit=LIMIT)
    txs = [reading(account) for account in range(3)]
    for tx in txs:
        node.submit_transaction(tx)
    assert await sealed(node) == txs
    await node.stop()


async def test_refused_where_its_data_alone_is_too_much(tmp_path: Path) -> None:
    node = open_node(tmp_path, zk_gas_limit=least_zk_gas(transfer(0)) + 1_000_000)
    node.submit_transaction(transfer(0, data=bytes(100), gas_limit=100_000))
    large = transfer(1, data=bytes(1_000), gas_limit=100_000)
    with pytest.raises(ZkGasExceeded) as error:
        node.submit_transaction(large)
    assert error.value.zk_gas == least_zk_gas(large) > error.value.limit
    await node.stop()


async def test_the_pending_block_keeps_to_the_limit(tmp_path: Path) -> None:
    node = open_node(tmp_path, genesis=GENESIS, zk_gas_limit=LIMIT)
    for account in range(3):
        node.submit_transaction(reading(account, tip=(9 - account) * GWEI))
    pending = await node.pending()
    assert len(pending.block.transactions) == len(await sealed(node)) < 3
    await node.stop()
