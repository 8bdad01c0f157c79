"""The C++ core against the Python engine: the same blocks, validated from their witnesses alone.

Both decode the block, recover each sender, execute, and compute every root.
And the native engine against the Python engine: the same transactions in sessions over the same
state. `pytest tests/benchmark/test_core.py --benchmark-enable -s` prints transactions a second.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from node.evm import native
from node.evm.engine import Engine
from node.evm.execution import BlockExecution, ExecutedBlock
from node.evm.genesis import Genesis
from node.evm.importer import execute_on_witness, parse_block
from node.evm.native_engine import native_engine
from node.evm.python_engine import python_engine
from tests.benchmark.workloads import WORKLOADS, block_of, chain_of_workloads

COUNT = {"transfers": 500, "erc20": 500, "black_scholes": 200, "sstore": 60, "keccak": 200}


@pytest.mark.parametrize("workload", WORKLOADS)
def test_ratio_to_the_python_engine(benchmark: Any, workload: str) -> None:
    count = COUNT[workload] if benchmark.enabled else 3
    config, executed = block_of(workload, count)
    encoded, root = executed.block.encoded, executed.update.root
    start = time.perf_counter()
    found = execute_on_witness(python_engine, config, parse_block(encoded), executed.witness)
    python_rate = count / (time.perf_counter() - start)
    assert found == root
    verdict = benchmark.pedantic(
        native.validate_block, (config, encoded, executed.witness), rounds=5, warmup_rounds=1
    )
    assert (verdict.status, verdict.state_root) == (native.VALID, root)
    if benchmark.enabled:
        seconds = benchmark.stats.stats.min
        benchmark.extra_info |= {
            "transactions_per_s": round(count / seconds),
            "python_transactions_per_s": round(python_rate),
            "mgas_per_s": round(verdict.gas_used / seconds / 1e6),
        }
        print(
            f"\n{workload}: {count / seconds:.0f}/s, {verdict.gas_used / seconds / 1e6:.0f} Mgas/s,"
            f" Python {python_rate:.0f}/s, {count / seconds / python_rate:.1f}x"
        )


def executed_in(engine: Engine, start: Genesis, executed: ExecutedBlock) -> float:
    """Seconds of processor time that a block's transactions take in a session; senders known."""
    header, view = executed.block.header, start.state()
    execution = BlockExecution(engine, start.config, header, view, lambda _: start.header.hash)
    begun = time.process_time()
    for tx in executed.block.transactions:
        execution.add(tx)
    seconds = time.process_time() - begun
    assert execution.receipts == list(executed.receipts)
    return seconds


@pytest.mark.parametrize("workload", WORKLOADS)
def test_sessions(benchmark: Any, workload: str) -> None:
    count = COUNT[workload] if benchmark.enabled else 3
    _, executed = block_of(workload, count)
    start, gas = chain_of_workloads(), executed.block.header.gas_used
    best = {
        engine.name: min(executed_in(engine, start, executed) for _ in range(5))
        for engine in (native_engine, python_engine)
    }
    benchmark.pedantic(executed_in, (native_engine, start, executed), rounds=1)
    if benchmark.enabled:
        rates = [f"{name} {gas / seconds / 1e6:.0f} Mgas/s" for name, seconds in best.items()]
        print(f"\n{workload}: {', '.join(rates)}, {best['python'] / best['native']:.1f}x")
