"""Proves a run: the executor cuts it into segments; each is recorded and proved by itself."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

from node.errors import ProgramFailed
from node.recursion.air.check import Table
from node.recursion.layout import ABSENT, lay_out
from node.recursion.riscv.areas import segment_areas
from node.recursion.riscv.fill import fill_tables
from node.recursion.riscv.machine import Public
from node.recursion.riscv.native import HALTED, Executor, Segment
from node.recursion.riscv.program import Program
from node.recursion.riscv.proof import Keys, RunProof, SegmentProof
from node.recursion.riscv.trace import Recorded, tables

SEGMENT_LOG_CELLS: Final = 25
"""Of a segment's matrix, where nothing else is asked for: about 2.9 GiB to prove."""


@dataclass(frozen=True)
class Run:
    """A program that was executed on an input, cut into segments."""

    program: Program
    input: bytes
    cycles: int
    output: bytes
    checkpoints: tuple[bytes, ...]

    @cached_property
    def executor(self) -> Executor:
        """What replays its segments."""
        return Executor(self.program)

    def record(self, index: int) -> Recorded:
        """All that happened in one segment."""
        return self.executor.record(self.input, self.checkpoints[index], index)


def execute(keys: Keys, given: bytes, log_cells: int, cycle_limit: int) -> Run:
    """Runs a program and cuts the run into segments of at most 2^log_cells cells.

    Raises ProgramFailed where it does not halt with exit code 0, ConfigError where segments of that
    size cannot hold the tables of fixed height.
    """
    program = keys.program
    log_rows = log_cells - keys.preset.folds[0]
    areas = segment_areas(keys.machine, keys.width(log_rows) << log_rows)
    ended = Executor(program).execute(given, cycle_limit=cycle_limit, areas=areas)
    check_end(program, ended)
    return Run(program, given, ended.cycles, ended.output, tuple(ended.checkpoints))


def check_end(program: Program, ended: Any) -> None:  # noqa: ANN401  # the core's Execution
    """Raises ProgramFailed unless the run halted with exit code 0."""
    if ended.status != HALTED:
        function = program.function_at(ended.pc)
        where = f" in {function.name}" if function else ""
        raise ProgramFailed(
            f"{ended.status} at pc {ended.pc:#x}{where}, after {ended.cycles:,} instructions"
        )
    if ended.exit_code:
        raise ProgramFailed(
            f"the program ended with exit code {ended.exit_code}, after {ended.cycles:,} "
            "instructions"
        )


def prove_run(
    keys: Keys, run: Run, done: Callable[[SegmentProof], Any] = lambda _: None
) -> RunProof:
    """The proof of a run. done: told of each segment as it is proved.

    The next segment's tables are filled meanwhile.
    """
    segments = []
    with ThreadPoolExecutor(1) as ahead:

        def start(index: int) -> Future[Filled]:
            return ahead.submit(lambda: fill_segment(keys, run.record(index)))

        count = len(run.checkpoints)
        following = start(0)
        for index in range(count):
            filled = following.result()
            if index + 1 < count:
                following = start(index + 1)
            segments.append(prove_segment(keys, filled))
            done(segments[-1])
    return RunProof(keys.preset, keys.program.digest, tuple(segments))


class Filled(NamedTuple):
    """A recorded segment's public values and its tables."""

    public: Public
    parts: list[Table | None]


def fill_segment(keys: Keys, recorded: Recorded) -> Filled:
    """The tables of a segment, filled by the core where the core recorded it."""
    machine, program = keys.machine, keys.program
    if isinstance(recorded, Segment):
        parts = fill_tables(machine, recorded, program.base)
    else:
        parts = tables(machine, recorded, program.instructions, program.base)
    return Filled(recorded.public, parts)


def prove_segment(keys: Keys, filled: Filled) -> SegmentProof:
    """The proof of a segment under the smallest key that holds it."""
    public, parts = filled
    key = keys.smallest(lay_out(keys.machine, heights_of(parts), 0).area)
    proof = key.prove(parts, public.values())
    return SegmentProof(key.verifying_key.log_rows, public, proof.encode())


def heights_of(parts: list[Table | None]) -> list[int]:
    """The log-heights of tables, one a slot."""
    return [ABSENT if part is None else len(part).bit_length() - 1 for part in parts]
