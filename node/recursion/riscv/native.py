"""The compiled executor: programs run, and segments of runs recorded. The one place that imports it.

`execute` is the plain run: it says how a program ends, and cuts the run into segments by area,
leaving a checkpoint for each. `record` replays one segment from its checkpoint, with everything its
tables hold (`events.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from node.errors import InvalidInput, Unavailable
from node.recursion.riscv.isa import Instructions

try:
    from node.recursion import _riscv
except ImportError as error:
    raise Unavailable(f"the executor is not compiled: run `make build` ({error})") from error

if TYPE_CHECKING:
    from node.recursion._riscv import Execution, Program, Recorded

HALTED: Final = "halted"
"""The status of a run that ended by `halt`; others name what stopped it."""
ROWS: Final = _riscv.row_names
"""What is counted: instructions by family, calls, touched leaves, touched nodes above them."""
PAGE: Final = 4096
MEMORY: Final = 2**29


@dataclass(frozen=True)
class ChipArea:
    """What a chip adds to a segment's area.

    cells: of a row. rows: for each of `ROWS` that it has rows for, how many for one of it.
    """

    cells: int
    rows: Mapping[str, int]
    instances: int = 1


@dataclass(frozen=True)
class Areas:
    """How large a segment may be, in cells. fixed: what every segment has anyway."""

    limit: int
    chips: Sequence[ChipArea] = field(default=())
    fixed: int = 0

    def _numbers(self) -> Any:  # noqa: ANN401  # what the core takes
        chips = [
            (c.cells, c.instances, [(ROWS.index(row), times) for row, times in c.rows.items()])
            for c in self.chips
        ]
        return self.limit, self.fixed, chips


def load_program(
    entry: int, base: int, instructions: Instructions, image: Sequence[tuple[int, bytes]]
) -> Program:
    """A program for the executor.

    base: the address of the first instruction; image: the initial memory, as (address, bytes).
    Raises InvalidInput for anything outside the memory map, and instructions that `isa.decode`
    never yields.
    """
    try:
        return _riscv.Program(entry, base, instructions, image)
    except ValueError as error:
        raise InvalidInput(f"program: {error}") from error


def execute(
    program: Program,
    input: bytes,  # noqa: A002  # what it is
    *,
    cycle_limit: int = 2**40,
    memory_limit: int = MEMORY,
    areas: Areas | None = None,
) -> Execution:
    """Runs a program from its start.

    memory_limit: bytes, in whole pages, that the run may touch. Without areas there are no
    checkpoints. Raises InvalidInput for an input of 4 GiB or more, and where areas leave no room
    for an instruction.
    """
    numbers = None if areas is None else areas._numbers()
    try:
        return _riscv.execute(program, input, cycle_limit, memory_limit // PAGE, numbers)
    except ValueError as error:
        raise InvalidInput(f"execution: {error}") from error


def record(program: Program, input: bytes, checkpoint: bytes) -> Recorded:  # noqa: A002
    """Replays the segment of a checkpoint, of the same program and input.

    Raises InvalidInput for bytes that are no such checkpoint.
    """
    try:
        return _riscv.record(program, input, checkpoint)
    except ValueError as error:
        raise InvalidInput(f"checkpoint: {error}") from error
