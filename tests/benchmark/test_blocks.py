"""Whole blocks: built, sealed with their witness and stored; imported; executed on the witness.

`pytest tests/benchmark/test_blocks.py --benchmark-enable` prints the time of one block of 300
transactions, from its transactions' bytes to the state root on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from node.evm.builder import BlockAttributes
from node.evm.chain import Chain
from node.evm.execution import ExecutedBlock
from node.evm.genesis import Genesis
from node.evm.importer import execute_on_witness, parse_block
from node.evm.python_engine import python_engine
from node.evm.transactions import decode_transaction
from node.evm.witness import decode_witness
from node.state.db import StateDB
from tests.unit.evm.chains import STORER_AT, genesis_json, transaction

COUNT = 300
GENESIS = Genesis.from_json(genesis_json())


def stores() -> list[bytes]:
    data = [i.to_bytes(32, "big") + b"\x01" * 32 for i in range(COUNT)]
    return [transaction(i % 10, i // 10, STORER_AT, data[i]).encoded for i in range(COUNT)]


def transfers() -> list[bytes]:
    return [
        transaction(i % 10, i // 10, (i + 1_000_000).to_bytes(20, "big"), value=1).encoded
        for i in range(COUNT)
    ]


WORKLOADS = {"transfers": transfers, "stores": stores}


@pytest.fixture
def new_chain(tmp_path: Path) -> Iterator[Callable[[], Chain]]:
    opened: list[StateDB] = []

    def make() -> Chain:
        opened.append(StateDB.open(tmp_path / str(len(opened))))
        return Chain(opened[-1], GENESIS, python_engine)

    yield make
    for db in opened:
        db.close()


def build(chain: Chain, raw: list[bytes]) -> ExecutedBlock:
    builder = chain.builder(BlockAttributes(timestamp=chain.head.timestamp + 2))
    for encoded in raw:
        builder.add(decode_transaction(encoded))
    executed = builder.seal()
    chain.append(executed)
    return executed


@pytest.mark.parametrize("workload", WORKLOADS)
def test_building(benchmark: Any, new_chain: Callable[[], Chain], workload: str) -> None:
    raw = WORKLOADS[workload]()
    executed = benchmark.pedantic(build, setup=lambda: ((new_chain(), raw), {}), rounds=5)
    assert len(executed.receipts) == COUNT


@pytest.mark.parametrize("workload", WORKLOADS)
def test_importing(benchmark: Any, new_chain: Callable[[], Chain], workload: str) -> None:
    data = build(new_chain(), WORKLOADS[workload]()).block.encoded

    def imported(chain: Chain) -> ExecutedBlock:
        return chain.import_block(parse_block(data))

    executed = benchmark.pedantic(imported, setup=lambda: ((new_chain(),), {}), rounds=5)
    assert len(executed.receipts) == COUNT


@pytest.mark.parametrize("workload", WORKLOADS)
def test_on_the_witness(benchmark: Any, new_chain: Callable[[], Chain], workload: str) -> None:
    executed = build(new_chain(), WORKLOADS[workload]())
    data, witness = executed.block.encoded, executed.witness.encode()

    def stateless() -> bytes:
        block = parse_block(data)
        return execute_on_witness(python_engine, GENESIS.config, block, decode_witness(witness))

    assert benchmark(stateless) == executed.update.root
    benchmark.extra_info["witness_bytes"] = len(witness)
