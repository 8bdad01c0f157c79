"""What proofs of blocks with 1, 4 and 16 option trades take.

`pytest tests/benchmark/test_block_proofs.py --benchmark-enable -o log_cli=true
-o log_cli_level=INFO`. What single transactions cost in the guest is in tests/golden/blocks.
"""

from __future__ import annotations

import logging
import resource
import time
from typing import Any

import pytest

from node.recursion.security import STANDARD
from node.rollup.proving.profile import profile_block
from node.rollup.proving.prover import BlockJob, verify_block_proof
from tests.golden.blocks import TRADES, trade_block

LOG = logging.getLogger(__name__)


@pytest.mark.parametrize("count", TRADES)
def test_option_trades(benchmark: Any, count: int) -> None:
    job = BlockJob.start(trade_block(count), STANDARD)
    if not benchmark.enabled:
        costs = benchmark.pedantic(profile_block, args=(job,), rounds=1)
        assert len(costs.transactions) == count
        return
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
