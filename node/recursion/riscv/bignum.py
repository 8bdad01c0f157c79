"""What chips for big numbers have in common: blocks of memory, order, multiples of a modulus.

Numbers are bytes where they are multiplied and 16-bit limbs where they are only added.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from node.recursion.air.bounds import Range
from node.recursion.air.chip import Array, Cell, Columns, Constraints, Group, Messages, is_bit
from node.recursion.field import P
from node.recursion.riscv.buses import RANGE
from node.recursion.riscv.digits import (
    Digits,
    carry_chain,
    limbs_of,
    show_bytes,
    show_carries,
    show_limbs,
)
from node.recursion.riscv.events import Numbers, put
from node.recursion.riscv.gadgets import Access, Pointer


def exchange_block(
    accesses: Sequence[Access],
    pointer: Pointer,
    before: Sequence[Cell],
    after: Sequence[Cell],
    time: Cell,
    times: Cell,
) -> Messages:
    """Accesses to consecutive words, given as limbs."""
    for i, access in enumerate(accesses):
        place, word = pointer.address + 4 * i, slice(2 * i, 2 * i + 2)
        yield from access.exchange(place, before[word], after[word], time, times)


def fill_block(accesses: Sequence[Access], time: Numbers, last: Numbers) -> None:
    """The cells of accesses at `time`. last: shape (words, rows)."""
    for access, one in zip(accesses, last, strict=True):
        access.fill(time, one)


class Below(Columns):
    """A number is less than a bound: of the limbs where they differ, the highest is marked.

    Limbs are numbered line by line; the last line and the last place have the mark that no other
    has. Subclasses for other sizes declare other arrays.
    """

    line, place = Array(3), Array(3)

    def constrain(self, value: Sequence[Cell], bound: Sequence[Cell], active: Cell) -> Constraints:
        """One limb is marked where `active`, none where not; above it, value and bound agree."""
        lines, places = self._marks(active)
        for mark in (*lines, *places):
            yield is_bit(mark)
        for limb in range(1, len(value)):
            line, place = divmod(limb, len(places))
            reached = sum(lines[line + 1 :]) + lines[line] * sum(places[place:])
            yield (active - reached) * (bound[limb] - value[limb]) == 0

    def interact(
        self, value: Sequence[Cell], bound: Sequence[Cell], active: Cell, times: Cell
    ) -> Messages:
        """At the marked limb, value is less. Assumes: limbs are in range."""
        lines, places = self._marks(active)
        gaps = [x - y for x, y in zip(bound, value, strict=True)]
        rows = [gaps[i : i + len(places)] for i in range(0, len(gaps), len(places))]
        marked = [sum(m * g for m, g in zip(places, row, strict=True)) for row in rows]
        gap = sum(m * g for m, g in zip(lines, marked, strict=True))
        yield RANGE.send(gap - active, 16, times=times)

    def fill(self, value: Any, bound: Any) -> None:  # noqa: ANN401  # arrays
        """The cells for limbs, shape (limbs, rows); no mark where value >= bound."""
        differ = np.broadcast_to(bound, value.shape) != value
        top = len(value) - 1 - np.argmax(differ[::-1], axis=0)
        rows = np.arange(value.shape[1])
        less = value[top, rows] < np.broadcast_to(bound, value.shape)[top, rows]
        line, place = np.divmod(top, len(self.place) + 1)
        put(self.line, [less & (line == i) for i in range(len(self.line))])
        put(self.place, [less & (place == i) for i in range(len(self.place))])

    def _marks(self, active: Cell) -> tuple[list[Cell], list[Cell]]:
        return [*self.line, active - sum(self.line)], [*self.place, active - sum(self.place)]


class Multiple(Columns):
    """A number is a multiple of a constant modulus: quotient times modulus, of either sign.

    The quotient's digits are bytes or limbs, but for the highest, which has a sign. Subclasses
    declare `quotient` and the two constants.
    """

    TOP_BITS: ClassVar[int] = 8
    modulus: ClassVar[dict[int, int]]
    """place -> digit (any integer) in base 256."""
    digit_bits: ClassVar[int]
    """16 if the modulus has few digits, and small ones; else 8."""
    quotient: Any

    @classmethod
    def modulus_value(cls) -> int:
        """The modulus as an integer."""
        return sum(digit * 256**place for place, digit in cls.modulus.items())

    def constrain(self, number: Digits) -> Constraints:
        """What is left of number - quotient * modulus above all carries is zero."""
        yield carry_chain(self._rest(number))[1] == 0

    def interact(self, number: Digits, times: Cell) -> Messages:
        """The ranges of the quotient's digits and of the carries."""
        *low, top = self.quotient
        yield from (show_bytes if self.digit_bits == 8 else show_limbs)(low, times)
        yield RANGE.send(top + 2 ** (self.TOP_BITS - 1), self.TOP_BITS, times=times)
        yield from show_carries(self._rest(number), times)

    def fill(self, numbers: Iterable[int]) -> None:
        """The cells for multiples of the modulus."""
        quotients = [x // self.modulus_value() for x in numbers]
        put(self.quotient, digits_of(quotients, len(self.quotient), self.digit_bits, signed=True))

    def _rest(self, number: Digits) -> Digits:
        *low, top = self.quotient
        places = self.digit_bits // 8
        half = 2 ** (self.TOP_BITS - 1)
        quotient = Digits.of_bytes(low) if places == 1 else Digits.of_limbs(low)
        quotient += Digits((top,), (Range(-half, half - 1),)).shifted(places * len(low))
        for place, digit in self.modulus.items():
            part = abs(digit) * quotient.shifted(place)
            number = number - part if digit > 0 else number + part
        return number


class Factor(Columns):
    """A number below a bound, as bytes: one to multiply with."""

    octets = Array(32)
    below = Group(Below)

    @property
    def limbs(self) -> tuple[Cell, ...]:
        """Its limbs."""
        return limbs_of(self.octets)

    @property
    def digits(self) -> Digits:
        """Itself."""
        return Digits.of_bytes(self.octets)

    def constrain(self, bound: Sequence[Cell], active: Cell) -> Constraints:
        """It is below the bound."""
        yield from self.below.constrain(self.limbs, bound, active)

    def interact(self, bound: Sequence[Cell], active: Cell) -> Messages:
        """Its range."""
        yield from show_bytes(self.octets, active)
        yield from self.below.interact(self.limbs, bound, active, active)

    def fill(self, numbers: Sequence[int], bound: int) -> None:
        """The cells for numbers below a constant bound."""
        put(self.octets, digits_of(numbers, len(self.octets), 8))
        fill_below(self.below, numbers, bound, len(self.limbs))


class Term(Columns):
    """A number below a bound, as limbs: one to add."""

    limbs = Array(16)
    below = Group(Below)

    @property
    def digits(self) -> Digits:
        """Itself."""
        return Digits.of_limbs(self.limbs)

    def constrain(self, bound: Sequence[Cell], active: Cell) -> Constraints:
        """It is below the bound."""
        yield from self.below.constrain(self.limbs, bound, active)

    def interact(self, bound: Sequence[Cell], active: Cell) -> Messages:
        """Its order. Assumes: limbs are in range (read from memory, or shown by the owner)."""
        yield from self.below.interact(self.limbs, bound, active, active)

    def fill(self, numbers: Sequence[int], bound: int) -> None:
        """The cells for numbers below a constant bound."""
        put(self.limbs, digits_of(numbers, len(self.limbs), 16))
        fill_below(self.below, numbers, bound, len(self.limbs))


def fill_below(below: Below, numbers: Sequence[int], bound: int, limbs: int) -> None:
    """The marks of numbers below a constant bound."""
    below.fill(digits_of(numbers, limbs, 16), digits_of([bound], limbs, 16))


def digits_of(numbers: Sequence[int], count: int, bits: int, *, signed: bool = False) -> Numbers:
    """The digits of integers, shape (count, numbers), least significant first.

    signed: the highest digit has the sign, and may be larger.
    """
    masks = [2**bits - 1] * count
    rows = [[x >> bits * i & mask for i, mask in enumerate(masks)] for x in numbers]
    if signed:
        rows = [[*row[:-1], x >> bits * (count - 1)] for row, x in zip(rows, numbers, strict=True)]
    return np.array(rows, np.int64).reshape(len(rows), count).T


def inverses(values: Numbers) -> Numbers:
    """Inverses modulo p, none of them of 0."""
    return np.array([pow(int(x), -1, P) for x in values], np.int64)


def integers(words: Numbers) -> list[int]:
    """Integers from words, shape (words, rows), least significant first."""
    return [
        int.from_bytes(row.astype("<u4").tobytes(), "little")
        for row in np.ascontiguousarray(words.T)
    ]
