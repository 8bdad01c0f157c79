"""What the executor records of a segment, and how chips read it.

Every array is of 32-bit words, a row an event, in the order things happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from node.recursion.air.check import Table
from node.recursion.air.chip import Chip
from node.recursion.field import P
from node.recursion.riscv.isa import IMMEDIATE, Instructions

Words: TypeAlias = "npt.NDArray[np.uint32]"
Numbers: TypeAlias = "npt.NDArray[np.int64]"

STEP_WORDS: Final = 8
"""time, pc, a, b, before, last1, last2, last3."""


@dataclass(frozen=True)
class Steps:
    """Instructions as they ran, each field an array over them.

    a: rs1's value. b: the second operand (rs2's value or imm); for loads the memory word. before:
    what was overwritten, of rd or (stores) of memory. last1 to last3: when the addresses of the
    accesses at time, time + 1 and time + 2 were accessed before. The rest is the instruction's.
    """

    time: Numbers
    pc: Numbers
    a: Numbers
    b: Numbers
    before: Numbers
    last1: Numbers
    last2: Numbers
    last3: Numbers
    opcode: Numbers
    rd: Numbers
    rs1: Numbers
    rs2: Numbers
    imm: Numbers
    target: Numbers

    @classmethod
    def of(cls, events: Words, instructions: Instructions, base: int) -> Steps:
        """events: shape (n, STEP_WORDS); base: the address of the first instruction."""
        recorded = events.astype(np.int64).reshape(-1, STEP_WORDS)
        looked_up = instructions[(recorded[:, 1] - base) // 4].astype(np.int64)
        return cls(*recorded.T, *looked_up.T)

    def __len__(self) -> int:
        return len(self.time)

    @property
    def op(self) -> Numbers:
        """The operation, whatever its form."""
        return self.opcode % IMMEDIATE

    def take(self, begin: int, end: int) -> Steps:
        """A part of them."""
        return Steps(*(getattr(self, name)[begin:end] for name in self.__dataclass_fields__))


def empty_table(chip: type[Chip], log_height: int) -> Table:
    """A table of padding rows."""
    return np.zeros((1 << log_height, chip.width), np.uint32)


def row_of(chip: type[Chip], table: Table, rows: int) -> Any:  # noqa: ANN401  # the chip's cells
    """The chip over the first rows of a table: its cells are the table's columns."""
    return chip([table[:rows, i] for i in range(chip.width)])


def put(cells: Any, values: Any) -> None:  # noqa: ANN401  # arrays, or tuples of them
    """Writes values (any integers) into cells, modulo p; a tuple cell by cell."""
    if isinstance(cells, tuple):
        for cell, value in zip(cells, values, strict=True):
            put(cell, value)
    else:
        cells[:] = np.asarray(values) % P


def limbs(value: Any) -> tuple[Any, Any]:  # noqa: ANN401  # an array or a number
    """The 16-bit limbs of 32-bit words, least significant first."""
    return value & 0xFFFF, value >> 16


def octets(value: Any) -> tuple[Any, ...]:  # noqa: ANN401  # an array or a number
    """The bytes of 32-bit words, least significant first."""
    return tuple(value >> shift & 255 for shift in (0, 8, 16, 24))


def signed(value: Any) -> Any:  # noqa: ANN401  # an array or a number
    """32-bit words as signed numbers."""
    return value - ((value >> 31) << 32)
