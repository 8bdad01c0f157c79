"""The zkVM end to end: instructions proved a second, their cells and messages, calls a second.

`pytest tests/benchmark/test_zkvm.py --benchmark-enable -o log_cli=true -o log_cli_level=INFO`.
Without --benchmark-enable the same runs with inputs of a few bytes.
"""

import logging
import random
import resource
import time
from pathlib import Path

import pytest

from node.recursion.riscv.elf import parse_elf
from node.recursion.riscv.fill import fill_tables
from node.recursion.riscv.machine import CALLS as CHIPS
from node.recursion.riscv.machine import ROUNDS, riscv_machine
from node.recursion.riscv.native import Areas, Executor
from node.recursion.riscv.profile import Profile
from node.recursion.riscv.proof import Keys, verify_run
from node.recursion.riscv.prover import execute, prove_run
from node.recursion.security import STANDARD
from tests.riscv.assembler import assemble

LOG = logging.getLogger(__name__)
EXAMPLES = Path(__file__).parents[2] / "node/recursion/riscv/guest/examples"
LOG_CELLS = 24

CALLS = """
_start:
    li s0, {count}
again:
    la a0, state
    la a1, operand
    li a2, 1  # of word_alu: a sum; the others take no third argument
    li a7, {number}
    ecall
    addi s0, s0, -1
    bnez s0, again
    li a0, 0
    la a1, state
    li a7, 93
    ecall
.data
state: .word 1, 2, 3, 4, 5, 6, 7, 8, 9
.space 164
operand: .word 9, 10, 11, 12, 13, 14, 15, 16
.space 96
"""
NUMBERS = {name: 257 + i for i, name in enumerate(list(CHIPS)[3:])}
"""Of calls that chips of their own answer."""


def example(name):
    return parse_elf((EXAMPLES / f"{name}.elf").read_bytes())


def mixed(size):
    """(program, input): a sort of so many numbers, from the kit's compiler: a mixed workload."""
    return example("sort"), random.Random(1).randbytes(4 * size)


def hashing(size):
    """(program, input): Keccak of so many bytes."""
    return example("keccak"), bytes(size)


def counting(rounds):
    """(program, input): a loop of ten instructions."""
    return example("fibonacci"), rounds.to_bytes(4, "little")


def calling(name, count):
    """(program, input): nothing but one call."""
    return assemble(CALLS.format(number=NUMBERS[name], count=count)).program(), b""


def permuting(count):
    """(program, input): nothing but keccakf."""
    return calling("keccakf", count)


@pytest.mark.parametrize(
    ("workload", "size", "small"),
    [
        pytest.param(mixed, 14_000, 4, id="sort, 1 M instructions"),
        pytest.param(counting, 100_000, 4, id="loop, 1 M instructions"),
        pytest.param(hashing, 60_000, 4, id="keccak, 0.1 M instructions"),
        pytest.param(permuting, 300, 1, id="keccakf, 300 calls"),
    ],
)
def test_a_run_is_proved_and_verified(benchmark, workload, size, small):
    program, given = workload(small if benchmark.disabled else size)
    keys = Keys(program, STANDARD)
    run = execute(keys, given, LOG_CELLS, 2**32)
    proof = benchmark.pedantic(prove_run, (keys, run), rounds=1 if benchmark.disabled else 3)
    start = time.perf_counter()
    assert verify_run(program, proof) == run.output
    verified_s = time.perf_counter() - start
    profile = Profile()
    for index in range(len(run.checkpoints)):
        profile.add(program, keys.machine, run.record(index))
    seconds = 1 if benchmark.disabled else benchmark.stats["min"]
    numbers = {
        "cycles": run.cycles,
        "segments": len(run.checkpoints),
        "khz": run.cycles / seconds / 1e3,
        "calls_per_second": profile.calls["keccakf"] / seconds,
        "cells_per_cycle": profile.cells.total() / run.cycles,
        "messages_per_cycle": profile.messages.total() / run.cycles,
        "cells_per_second": profile.cells.total() / seconds,
        "proof_bytes": len(proof.encode()),
        "verified_s": verified_s,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }
    benchmark.extra_info.update(numbers)
    LOG.info("%s", numbers)


@pytest.mark.parametrize("name", NUMBERS)
def test_tables_of_calls(benchmark, name):
    """The chips of a thousand calls, filled; and their lookups counted."""
    program, given = calling(name, 1 if benchmark.disabled else 1000)
    executor = Executor(program)
    segment = executor.record(given, executor.execute(given, areas=Areas(2**62)).checkpoints[0])
    machine = riscv_machine(program.instructions, program.base)
    filled = benchmark(fill_tables, machine, segment, program.base)
    chips = {CHIPS[name].__name__} | {x.chip.__name__ for x in ROUNDS if x.call == name}
    cells = sum(
        table.size
        for slot, table in zip(machine.slots, filled, strict=True)
        if table is not None and slot.circuit.name in chips
    )
    assert cells
    benchmark.extra_info["cells"] = cells
    LOG.info("%s: %s cells", name, f"{cells:,}")
