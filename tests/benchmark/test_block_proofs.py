"""Proofs of blocks: what a transaction costs, and what blocks of 1, 4 and 16 option trades take.

`pytest tests/benchmark/test_block_proofs.py --benchmark-enable -o log_cli=true
-o log_cli_level=INFO`. Without --benchmark-enable only the plain transactions are counted.
"""

from __future__ import annotations

import logging
import resource
import subprocess
import time
from typing import Any

import pytest

from node.cli.serve import read_genesis
from node.evm.builder import BlockAttributes
from node.evm.chain import Chain
from node.evm.chain_config import ChainConfig
from node.evm.execution import ExecutedBlock
from node.evm.genesis import Genesis
from node.evm.native_engine import native_engine
from node.recursion.security import STANDARD
from node.rollup.proving.block_proof import BlockInput
from node.rollup.proving.profile import profile_block
from node.rollup.proving.prover import BlockJob, verify_block_proof
from node.state.db import StateDB
from tests.benchmark.test_core import block_of
from tests.benchmark.workloads import WORKLOADS
from tests.e2e.processes import COMMAND, running

LOG = logging.getLogger(__name__)
COUNT = 4
FILL = bytes.fromhex("809699ed")
"""Exchange.fill: one leg bought of a maker's signed order, at a quote in its data."""
TRADES = (1, 4, 16)


def job_of(config: ChainConfig, executed: ExecutedBlock) -> BlockJob:
    return BlockJob.start(BlockInput.of(config, executed.block, executed.witness), STANDARD)


def say(name: str, job: BlockJob) -> None:
    """Logs what each of a block's transactions costs."""
    costs = profile_block(job)
    count = len(costs.transactions)
    cycles = sum(span.cycles for span in costs.transactions) / count
    cells = sum(span.cells for span in costs.transactions) / count
    LOG.info(
        "%s: %s instructions and %.1f M cells each; the block besides: %s and %.1f M; "
        "%s gas, %.1f M cells with padding",
        name, f"{cycles:,.0f}", cells / 1e6, f"{costs.rest.cycles:,}", costs.rest.cells / 1e6,
        f"{job.header.gas_used:,}", costs.whole.cells.total() / 1e6,
    )  # fmt: skip


@pytest.mark.parametrize("workload", WORKLOADS)
def test_plain_transactions(benchmark: Any, workload: str) -> None:
    config, executed = block_of(workload, COUNT)
    assert all(receipt.status == 1 for receipt in executed.receipts)
    job = benchmark.pedantic(job_of, args=(config, executed), rounds=1)
    say(workload, job)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> dict[int, BlockInput]:
    """Blocks of so many option trades, from a replay of option markets on a devnet."""
    folder = tmp_path_factory.mktemp("market")
    datadir = folder / "data"
    with running(
        folder / "stderr", "devnet", "--on-demand", "--port", "0", "--datadir", str(datadir)
    ) as node:
        command = [*COMMAND, "demo", "options", "--quick", "--rpc", node.url]
        subprocess.run(command, check=True, capture_output=True, timeout=600)
        node.stop()
    database = StateDB.open(datadir / "chain", archive=True)
    try:
        genesis = Genesis.from_json(read_genesis(datadir / "genesis.json"))
        return trade_blocks(Chain(database, genesis, native_engine))
    finally:
        database.close()


def trade_blocks(chain: Chain) -> dict[int, BlockInput]:
    """Blocks of the first trades of a block that has enough of them and nothing else."""
    number = next(
        n
        for n in range(1, chain.head.number)
        if len(block := chain.block(n).transactions) >= max(TRADES)
        and all(tx.data[:4] == FILL for tx in block)
    )
    source = chain.block(number)
    chain.unwind(number - 1)
    found = {}
    for count in TRADES:
        header = source.header
        builder = chain.builder(
            BlockAttributes(header.timestamp, header.coinbase, header.prev_randao)
        )
        for tx in source.transactions[:count]:
            assert builder.add(tx).status == 1
        executed = builder.seal()
        found[count] = BlockInput.of(chain.config, executed.block, executed.witness)
    return found


@pytest.mark.parametrize("count", TRADES)
def test_option_trades(benchmark: Any, count: int, request: pytest.FixtureRequest) -> None:
    if not benchmark.enabled:
        pytest.skip("replays a market and proves for minutes: needs --benchmark-enable")
    job = BlockJob.start(request.getfixturevalue("market")[count], STANDARD)
    say(f"{count} option trades", job)
    proof = benchmark.pedantic(job.prove, rounds=1)
    started = time.perf_counter()
    verify_block_proof(proof)
    verified = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    LOG.info(
        "%d trades: proved in %.1f s, %d KiB, %d segments, peak %.2f GiB; verified in %.1f s",
        count, benchmark.stats.stats.min, len(proof.encode()) // 1024,
        len(job.run.checkpoints), peak, verified,
    )  # fmt: skip
