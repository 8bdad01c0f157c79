"""The executor: instructions a second, plain and recording, on a real loop; tables filled a second.

`pytest tests/benchmark/test_executor.py --benchmark-enable -s`.
"""

import logging
import time

import pytest

from node.recursion.riscv.areas import segment_areas
from node.recursion.riscv.fill import fill_tables
from node.recursion.riscv.machine import riscv_machine
from node.recursion.riscv.native import HALTED, Executor
from tests.riscv.assembler import assemble

LOG = logging.getLogger(__name__)
LOG_CELLS = 25
"""Of a segment."""

SORT = """
    la s0, numbers               # fill with a linear congruence
    li s1, {count}
    mv t0, s0
    li t1, 12345
    lui t2, 0x41c65
    addi t2, t2, -403
fill:
    mul t1, t1, t2
    addi t1, t1, 1013
    srli t3, t1, 3
    sw t3, 0(t0)
    addi t0, t0, 4
    addi s1, s1, -1
    bnez s1, fill
    li s2, {gap}                 # Shell sort
gaps:
    mv t0, s2
outer:
    slli t1, t0, 2
    add t1, t1, s0
    lw t2, 0(t1)
    mv t3, t0
    slli t6, s2, 2
inner:
    bltu t3, s2, place
    sub t4, t1, t6
    lw t5, 0(t4)
    bgeu t2, t5, place
    sw t5, 0(t1)
    mv t1, t4
    sub t3, t3, s2
    j inner
place:
    sw t2, 0(t1)
    addi t0, t0, 1
    li t4, {count}
    bltu t0, t4, outer
    srli s2, s2, 1
    bnez s2, gaps
    mv a1, s0                    # the eight smallest are the output
    li a0, 0
    li a7, 93
    ecall
.data
numbers: .word 0
"""


def sorting(count):
    """Shell sort of so many numbers."""
    program = assemble(SORT.format(count=count, gap=count // 2)).program()
    return program, segment_areas(riscv_machine(program.instructions, program.base), 2**LOG_CELLS)


def report(benchmark, name, **numbers):
    benchmark.extra_info.update(numbers)
    LOG.info("%s: %s", name, numbers)


@pytest.mark.parametrize("cut", [False, True], ids=["whole", "cut"])
def test_plain_run(benchmark, cut):
    """Millions of instructions a second, without and with segments cut."""
    program, areas = sorting(50 if benchmark.disabled else 200_000)
    executor = Executor(program)
    execution = benchmark(executor.execute, areas=areas if cut else None)
    assert execution.status == HALTED
    words = [int.from_bytes(execution.output[i : i + 4], "little") for i in range(0, 32, 4)]
    assert words == sorted(words)
    seconds = 1 if benchmark.disabled else benchmark.stats["min"]
    report(
        benchmark,
        f"{execution.cycles} instructions",
        mhz=execution.cycles / seconds / 1e6,
        segments=len(execution.checkpoints),
        checkpoint_bytes=sum(map(len, execution.checkpoints)),
    )


def test_recording(benchmark):
    """Millions of instructions a second while everything is recorded; then tables from them."""
    program, areas = sorting(50 if benchmark.disabled else 50_000)
    executor = Executor(program)
    checkpoint = executor.execute(areas=areas).checkpoints[-1 if benchmark.disabled else 1]
    segment = benchmark(executor.record, b"", checkpoint)
    cycles = segment.end_time // 4 - 1
    machine = riscv_machine(program.instructions, program.base)
    fill_tables(machine, segment, program.base)
    start = time.perf_counter()
    tables = fill_tables(machine, segment, program.base)
    filled_s = time.perf_counter() - start
    seconds = 1 if benchmark.disabled else benchmark.stats["min"]
    report(
        benchmark,
        f"{cycles} instructions of a segment",
        mhz=cycles / seconds / 1e6,
        leaves=len(segment.leaves),
        nodes=len(segment.nodes),
        filled_cells_per_second=sum(x.size for x in tables if x is not None) / filled_s,
        filled_s=filled_s,
    )
