"""The prover: permutations, commitments, whole proofs; their phases, memory and verification.

`pytest tests/benchmark/test_prover.py --benchmark-enable -s`; `-m slow` for 2^24 and 2^25 cells.
"""

import logging
import resource
import time

import numpy as np
import pytest

from node.recursion.arithmetic import Native
from node.recursion.field import P
from node.recursion.native import core
from node.recursion.poseidon2 import RATE
from node.recursion.prover import ProvingKey
from node.recursion.security import STANDARD
from node.recursion.verifier import verify
from tests.benchmark import machines

WIDTH = 128
LOG = logging.getLogger(__name__)
SIZES = [
    15,
    16,
    17,
    pytest.param(19, marks=pytest.mark.slow),
    pytest.param(20, marks=pytest.mark.slow),
]
"""log2 of the rows: cells are forty times as many, 2^20.3 to 2^22.3 by default, up to 2^25.3."""


def report(benchmark, name, **numbers):
    benchmark.extra_info.update(numbers)
    LOG.info("%s: %s", name, numbers)


@pytest.mark.parametrize("log_rows", [12, 14, 16])
def test_commitment(benchmark, log_rows):
    """128 columns at rate 1/2: encoding, and permutations a second over all threads."""
    if benchmark.disabled:
        log_rows = 6  # a check of the benchmark itself
    columns = np.random.default_rng(1).integers(0, P, (WIDTH, 2**log_rows), np.uint32)
    _, encoding_s, hashing_s = benchmark(core.commit, columns, log_rows + 1)
    leaves = 2 ** (log_rows + 1)
    report(
        benchmark,
        f"{columns.size} cells committed",
        encoded_per_second=columns.size / encoding_s,
        permutations_per_second=(leaves * WIDTH // RATE + leaves - 1) / hashing_s,
        encoding_share=encoding_s / (encoding_s + hashing_s),
    )


@pytest.mark.parametrize("log_rows", SIZES)
def test_whole_proofs(benchmark, log_rows):
    """Cells a second at `standard`, phases' shares, proof size, peak memory, verification."""
    if benchmark.disabled:
        log_rows = 8  # a check of the benchmark itself
    table = machines.trace(log_rows)
    key = ProvingKey.generate(machines.machine(), STANDARD, [log_rows])
    before = resource.getrusage(resource.RUSAGE_SELF)
    rounds = 1 if benchmark.disabled else 3
    proof, phases = benchmark.pedantic(key.prove_timed, args=([table], []), rounds=rounds)
    after = resource.getrusage(resource.RUSAGE_SELF)
    native = Native(core.permute)
    start = time.perf_counter()
    verify(key.verifying_key, proof, [], native)
    verified_s = time.perf_counter() - start
    seconds = sum(phases.values())
    report(
        benchmark,
        f"{table.size} cells",
        cells_per_second=table.size / seconds,
        cells_per_user_second=table.size * rounds / (after.ru_utime - before.ru_utime),
        shares={name: round(value / seconds, 3) for name, value in phases.items()},
        proof_kib=len(proof.encode()) / 1024,
        peak_mib=after.ru_maxrss / 1024,
        verified_s=verified_s,
        hashes=native.hashes,
    )
