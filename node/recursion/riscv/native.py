"""The compiled executor: runs programs, records segments of runs. The one place that imports it.

`execute` is the plain run: it says how a program ends, and cuts the run into segments by area,
leaving a checkpoint for each. `record` replays one segment from its checkpoint, with everything its
tables hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from node.errors import InvalidInput, Unavailable
from node.recursion.native import core
from node.recursion.poseidon2 import DIGEST
from node.recursion.riscv.events import Words
from node.recursion.riscv.isa import MEMORY_END
from node.recursion.riscv.machine import Public
from node.recursion.riscv.program import Program
from node.recursion.riscv.trace import Recorded

try:
    from node.recursion import _riscv
except ImportError as error:
    raise Unavailable(f"the executor is not compiled: run `make build` ({error})") from error

if TYPE_CHECKING:
    from node.recursion._riscv import Execution

_riscv.use_compressor(core.compressor)

HALTED: Final = "halted"
"""The status of a run that ended by `halt`; any other says what stopped it."""
ROWS: Final = _riscv.row_names
"""What is counted: instructions by family, calls, touched leaves, touched nodes above them."""
PAGE: Final = 4096


@dataclass(frozen=True)
class ChipArea:
    """What a chip adds to a segment's area.

    cells: of a row. rows: of what is counted (`ROWS`), how many rows one takes.
    """

    cells: int
    rows: Mapping[str, int]
    instances: int = 1


@dataclass(frozen=True)
class Areas:
    """How large a segment may be, in cells. fixed: what every segment has anyway."""

    limit: int
    chips: Sequence[ChipArea] = ()
    fixed: int = 0

    def numbers(self) -> Any:  # noqa: ANN401  # nested tuples
        """As the core takes them."""
        chips = [
            (c.cells, c.instances, [(ROWS.index(row), times) for row, times in c.rows.items()])
            for c in self.chips
        ]
        return self.limit, self.fixed, chips


class Executor:
    """A program, ready to run."""

    def __init__(self, program: Program) -> None:
        """Raises InvalidInput for code or memory outside the map, and rows that are no decoding."""
        try:
            self._program = _riscv.Program(
                program.entry, program.base, program.instructions, program.image
            )
        except ValueError as error:
            raise InvalidInput(f"program: {error}") from error

    @property
    def root(self) -> tuple[int, ...]:
        """The root of the initial memory."""
        return tuple(self._program.root())

    def execute(
        self,
        input: bytes = b"",  # what it is
        *,
        cycle_limit: int = 2**40,
        memory_limit: int = MEMORY_END,
        areas: Areas | None = None,
    ) -> Execution:
        """Runs the program from its start.

        memory_limit: bytes, in whole pages, that it may touch. Without areas there are no
        checkpoints. Raises InvalidInput for an input of 4 GiB or more, and where areas leave no
        room for an instruction.
        """
        numbers = None if areas is None else areas.numbers()
        try:
            return _riscv.execute(self._program, input, cycle_limit, memory_limit // PAGE, numbers)
        except ValueError as error:
            raise InvalidInput(f"execution: {error}") from error

    def record(self, input: bytes, checkpoint: bytes, index: int = 0) -> Segment:
        """Replays the segment of a checkpoint, which a run of this program on this input left.

        Raises InvalidInput for bytes that are no such checkpoint.
        """
        try:
            native = _riscv.record(self._program, input, checkpoint)
        except ValueError as error:
            raise InvalidInput(f"checkpoint: {error}") from error
        first_pc, last_pc, *rest = native.public
        before, after = tuple(rest[:DIGEST]), tuple(rest[DIGEST : 2 * DIGEST])
        halted, exit_code, *output = rest[2 * DIGEST :]
        public = Public(index, first_pc, last_pc, before, after, halted, exit_code, tuple(output))
        return Segment(
            public, native.end_time, native.steps, native.calls, native.leaves, native.nodes,
            self._program, native,
        )  # fmt: skip


@dataclass(frozen=True)
class Segment(Recorded):
    """A segment as the core recorded it, from which the core fills tables."""

    _program: _riscv.Program
    _native: _riscv.Recorded

    def rows(self, chip: str) -> int:
        """How many rows a chip has."""
        return _riscv.rows(self._program, self._native, chip)

    def fill(self, chip: str, begin: int, end: int, log_height: int) -> Words:
        """Rows begin to end of a chip's table, then padding: shape (columns, 2^log_height)."""
        return _riscv.fill(self._program, self._native, chip, begin, end, log_height)

    def count(self, graph: Words, columns: Words, tables: Sequence[Words]) -> None:
        """Adds what a chip asks of lookup tables; `fill.lookup_graph` says how.

        Raises InvalidInput where a row asks for what no table holds.
        """
        try:
            _riscv.count(graph, np.ascontiguousarray(columns), list(tables))
        except ValueError as error:
            raise InvalidInput(f"lookups: {error}") from error
