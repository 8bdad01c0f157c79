"""The number of a row's round as two one-hot codes: what depends on it costs no lookup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from node.recursion.air.chip import Cell, Constraints, is_bit
from node.recursion.riscv.events import put


def show_choice(major: Sequence[Cell], minor: Sequence[Cell]) -> Constraints:
    """Shows that exactly one bit of each code is set, or none at all."""
    for bit in (*major, *minor):
        yield is_bit(bit)
    yield is_bit(sum(major))
    yield sum(minor) == sum(major)


def number_of(major: Sequence[Cell], minor: Sequence[Cell]) -> Cell:
    """The number chosen; 0 where none is."""
    tens = sum(i * len(minor) * bit for i, bit in enumerate(major))
    return tens + sum(i * bit for i, bit in enumerate(minor))


def constant_of(major: Sequence[Cell], minor: Sequence[Cell], values: Sequence[int]) -> Cell:
    """The value of the number chosen, of degree 2; 0 where none is. values: one a number."""
    chosen = ((high * low) for high in major for low in minor)
    return sum((value * bit for value, bit in zip(values, chosen, strict=True) if value), start=0)


def fill_choice(major: Any, minor: Any, number: Any) -> None:  # noqa: ANN401  # cells, an array
    """The bits of these numbers."""
    put(major, tuple(number // len(minor) == i for i in range(len(major))))
    put(minor, tuple(number % len(minor) == i for i in range(len(minor))))
