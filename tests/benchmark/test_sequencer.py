"""From the bytes of a transaction to a synced block: pool, building, sealing, storing.

`pytest tests/benchmark/test_sequencer.py --benchmark-enable` prints the time of 500 transactions of
20 senders, without the RPC in front. `extra_info` has transactions per second of each part.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from node.config import NodeConfig, SequencerConfig, StateConfig
from node.crypto import address_of, keccak256
from node.evm.genesis import Genesis, GenesisAccount
from node.evm.python_engine import python_engine
from node.evm.transactions import DYNAMIC_FEE, Transaction
from node.rollup.service import Node
from node.types import Address
from tests.benchmark import workloads
from tests.unit.evm.chains import genesis_json

COUNT = 500
KEYS = [keccak256(b"sender %d" % n) for n in range(20)]


def genesis() -> Genesis:
    """The senders with ether and tokens, and the contracts that the workloads call."""
    base, changes = Genesis.from_json(genesis_json()), workloads.genesis()
    accounts = {address_of(key): GenesisAccount(balance=10**24) for key in KEYS}
    for address in (workloads.TOKEN, workloads.PRICER):
        account = changes.accounts[address]
        assert account is not None
        accounts[address] = GenesisAccount(nonce=1, code=changes.codes[account.code_hash])
    slots = {_balance_slot(address_of(key)): 10**30 for key in KEYS}
    token = accounts[workloads.TOKEN]
    accounts[workloads.TOKEN] = GenesisAccount(nonce=1, code=token.code, storage=slots)
    return Genesis(base.config, {**base.alloc, **accounts}, base.template)


def _balance_slot(holder: Address) -> int:
    return int.from_bytes(keccak256(holder.rjust(32, b"\0") + bytes(32)))


GENESIS = genesis()


def signed(workload: str) -> list[bytes]:
    """Encoded transactions, the senders by turns."""
    made = []
    for i in range(COUNT):
        to, value, data, gas = workloads.WORKLOADS[workload](i)
        nonce, chain_id = i // len(KEYS), GENESIS.config.chain_id
        tx = Transaction(DYNAMIC_FEE, chain_id, nonce, 1, 10**10, gas, to, value, data)
        made.append(tx.signed(KEYS[i % len(KEYS)]).encoded)
    return made


@dataclass
class Run:
    """Seconds spent."""

    pooling: float = 0.0
    sealing: float = 0.0


@pytest.fixture
def new_node(tmp_path: Path) -> Iterator[Callable[[], Node]]:
    opened: list[Node] = []

    def make() -> Node:
        settings = NodeConfig(
            state=StateConfig(datadir=str(tmp_path / str(len(opened)))),
            sequencer=SequencerConfig(block_time_s=0, gas_limit=GENESIS.header.gas_limit),
        )
        opened.append(Node(settings, GENESIS, python_engine))
        return opened[-1]

    yield make
    for node in opened:
        asyncio.run(node.stop())


def sequence(node: Node, raw: list[bytes], run: Run) -> None:
    """All of it through the pool into blocks."""
    started = time.perf_counter()
    for encoded in raw:
        node.submit(encoded)
    pooled = time.perf_counter()

    async def drain() -> None:
        while len(node.pool):
            await node.sequencer.seal()

    asyncio.run(drain())
    run.pooling += pooled - started
    run.sealing += time.perf_counter() - pooled


@pytest.mark.parametrize("workload", workloads.WORKLOADS)
def test_sequencer(benchmark, new_node: Callable[[], Node], workload: str) -> None:
    raw, runs = signed(workload), list[Run]()

    def setup() -> tuple[tuple[Node, list[bytes], Run], dict[str, object]]:
        runs.append(Run())
        return (new_node(), raw, runs[-1]), {}

    benchmark.pedantic(sequence, setup=setup, rounds=3)
    best = min(runs, key=lambda run: run.pooling + run.sealing)
    benchmark.extra_info |= {
        "pooled per second": round(COUNT / best.pooling),
        "sealed per second": round(COUNT / best.sealing),
        "per second": round(COUNT / (best.pooling + best.sealing)),
    }
