"""What other chips look up: ranges, pairs of bytes, the program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from node.recursion.air.chip import Array, Chip, Felt, Formula, Messages
from node.recursion.riscv.buses import BYTES, PROGRAM, RANGE, XOR
from node.recursion.riscv.isa import IMMEDIATE, Instructions, Op

RANGE_BITS: Final = 16
BYTE_BITS: Final = 8


def _top_bits(bits: Sequence[Any]) -> list[Any]:
    """By position, whether the highest set bit of the row's index is there."""
    found, above = [], 1
    for bit in bits[::-1]:
        found.append(above * bit)
        above = above * (1 - bit)
    return found[::-1]


def range_value(bits: Sequence[Any]) -> Any:  # noqa: ANN401  # a symbol, a number or an array
    """The index of the row without its highest set bit."""
    total, below = 0, 0
    for position, (top, bit) in enumerate(zip(_top_bits(bits), bits, strict=True)):
        total = total + top * below
        below = below + 2**position * bit
    return total


def range_bits(bits: Sequence[Any]) -> Any:  # noqa: ANN401
    """The position of the highest set bit of the row's index."""
    return sum(position * top for position, top in enumerate(_top_bits(bits)))


class Range(Chip):
    """Row 2^bits + value says that value < 2^bits, for bits up to 16; row 0 repeats (0, 0)."""

    min_log_height = max_log_height = RANGE_BITS + 1
    value, bits = Formula(range_value), Formula(range_bits)
    times = Felt()

    def interact(self) -> Messages:
        yield RANGE.provide(self.value, self.bits, times=self.times)


def _low_byte(bits: Sequence[Any]) -> Any:  # noqa: ANN401
    return sum(2**i * bit for i, bit in enumerate(bits[:BYTE_BITS]))


def _high_byte(bits: Sequence[Any]) -> Any:  # noqa: ANN401
    return sum(2**i * bit for i, bit in enumerate(bits[BYTE_BITS:]))


def _exclusive_or(bits: Sequence[Any]) -> Any:  # noqa: ANN401
    pairs = zip(bits[:BYTE_BITS], bits[BYTE_BITS:], strict=True)
    return sum(2**i * (x + y - 2 * x * y) for i, (x, y) in enumerate(pairs))


class Bytes(Chip):
    """Row x + 256 y: a pair of bytes and their exclusive or."""

    min_log_height = max_log_height = 2 * BYTE_BITS
    x, y, both = Formula(_low_byte), Formula(_high_byte), Formula(_exclusive_or)
    pair_times, xor_times = Felt(), Felt()

    def interact(self) -> Messages:
        yield BYTES.provide(self.x, self.y, times=self.pair_times)
        yield XOR.provide(self.x, self.y, self.both, times=self.xor_times)


def program_rows(instructions: Instructions, base: int) -> npt.NDArray[np.uint32]:
    """What PROGRAM carries of each instruction, shape (n, 7), in the order of addresses."""
    opcode, rd, rs1, rs2, imm, target = instructions.T
    is_set = opcode == Op.SET
    is_branch = (opcode >= Op.BEQ) & (opcode <= Op.BGEU) & (opcode < IMMEDIATE)
    pc = base + 4 * np.arange(len(instructions), dtype=np.uint32)
    first = np.where(is_set, target, rs1)
    low = np.where(is_branch, target, imm & 0xFFFF)
    return np.stack([pc, opcode, rd, first, rs2, low, imm >> 16], axis=1).astype(np.uint32)


def program_chip(instructions: Instructions, base: int) -> type[Chip]:
    """The chip that holds a program's instructions; rows beyond them hold no legal one."""
    rows = program_rows(instructions, base)
    log_height = max(len(rows) - 1, 1).bit_length()

    class Program(Chip):
        """The program's instructions, preprocessed: part of the key."""

        min_log_height = max_log_height = log_height
        fields = Array(PROGRAM.arity, preprocessed=True)
        times = Felt()

        def interact(self) -> Messages:
            yield PROGRAM.provide(self.fields, times=self.times)

        @classmethod
        def preprocess(cls) -> npt.NDArray[np.uint32]:
            table = np.zeros((1 << log_height, PROGRAM.arity), np.uint32)
            table[: len(rows)] = rows
            return table

    return Program
