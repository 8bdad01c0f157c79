"""Integers of many digits in a field of 31 bits: sums, products, and that a number is zero.

A number is a polynomial in 256 whose digits are cells, each an integer in a known range. Sums and
products of digits are never reduced: ranges follow them, and the carries that show that a number is
zero are laid out so that no sum of a step can reach p.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from node.recursion.air.bounds import Range
from node.recursion.air.chip import Cell, Messages
from node.recursion.air.expr import lift
from node.recursion.field import P
from node.recursion.riscv.buses import BYTES, RANGE

BYTE: Final = Range(0, 2**8 - 1)
LIMB: Final = Range(0, 2**16 - 1)
ZERO: Final = Range(0, 0)
RANGE_BITS: Final = 16
"""The widest range that one message shows."""
SMALL: Final = 4
"""Numbers of so few digits are multiplied digit by digit."""


@dataclass(frozen=True)
class Digits:
    """The sum of cells[i] 256^i, each cell an integer in ranges[i] (shown by whoever owns it)."""

    cells: tuple[Cell, ...]
    ranges: tuple[Range, ...]

    @classmethod
    def of_bytes(cls, cells: Sequence[Cell]) -> Digits:
        """Bytes, least significant first."""
        return cls(tuple(cells), (BYTE,) * len(cells))

    @classmethod
    def of_limbs(cls, cells: Sequence[Cell]) -> Digits:
        """Limbs of 16 bits, least significant first: every other digit is zero."""
        return cls(tuple(x for limb in cells for x in (limb, 0)), (LIMB, ZERO) * len(cells))

    def __len__(self) -> int:
        return len(self.cells)

    def __add__(self, other: Digits) -> Digits:
        cells = zip_longest(self.cells, other.cells, fillvalue=0)
        ranges = zip_longest(self.ranges, other.ranges, fillvalue=ZERO)
        return Digits(tuple(x + y for x, y in cells), tuple(_sum(x, y) for x, y in ranges))

    def __sub__(self, other: Digits) -> Digits:
        cells = zip_longest(self.cells, other.cells, fillvalue=0)
        ranges = zip_longest(self.ranges, other.ranges, fillvalue=ZERO)
        negated = ((x, Range(-y.high, -y.low)) for x, y in ranges)
        return Digits(tuple(x - y for x, y in cells), tuple(_sum(x, y) for x, y in negated))

    def shifted(self, places: int) -> Digits:
        """The number times 256^places."""
        return Digits((0,) * places + self.cells, (ZERO,) * places + self.ranges)

    def split(self, places: int) -> tuple[Digits, Digits]:
        """The number modulo 256^places, and what is above."""
        low = Digits(self.cells[:places], self.ranges[:places])
        return low, Digits(self.cells[places:], self.ranges[places:])

    def __mul__(self, other: Digits) -> Digits:
        """The product of numbers of equally many digits."""
        ranges = [ZERO] * (len(self) + len(other) - 1)
        for i, x in enumerate(self.ranges):
            for j, y in enumerate(other.ranges):
                corners = [a * b for a in x for b in y]
                ranges[i + j] = _sum(ranges[i + j], Range(min(corners), max(corners)))
        return Digits(tuple(_convolve(self.cells, other.cells)), tuple(ranges))

    def __rmul__(self, factor: int) -> Digits:
        """Every digit, times a constant."""
        scaled = ((factor * x.low, factor * x.high) for x in self.ranges)
        ranges = tuple(Range(min(ends), max(ends)) for ends in scaled)
        return Digits(tuple(factor * x for x in self.cells), ranges)


@dataclass(frozen=True)
class Carry:
    """What a step of a sum hands on: start <= value < start + 2^bits, once that is shown."""

    value: Cell
    start: int
    bits: int

    @property
    def range(self) -> Range:
        """The integers that it can be."""
        return Range(self.start, self.start + 2**self.bits - 1)


def carry_chain(number: Digits) -> tuple[list[Carry], Cell]:
    """Carries from the lowest digits up, and what is left at the top.

    If each carry is in its range and the rest is 0 modulo p, the number is 0: a step says that
    carry * radix = digits + carry in, modulo p, and its two sides differ by less than p.
    Raises TypeError where digits are too large for any step.
    """
    chain: list[Carry] = []
    value, bounds, at = 0, ZERO, 0
    while len(number) - at > 2:
        width, carry = _step(number, at, value, bounds)
        chain.append(carry)
        value, bounds, at = carry.value, carry.range, at + width
    value, bounds = _gather(number, at, len(number) - at, value, bounds)
    if max(-bounds.low, bounds.high) >= P:
        raise TypeError(f"the top digits reach {bounds}: no field element")
    return chain, value


def show_carries(number: Digits, times: Cell) -> Messages:
    """Shows that carries are in their ranges. The owner requires the rest to be 0."""
    for carry in carry_chain(number)[0]:
        yield RANGE.send(carry.value - carry.start, carry.bits, times=times)


def show_bytes(cells: Sequence[Cell], times: Cell) -> Messages:
    """Shows that cells (an even number of them) are bytes."""
    for x, y in zip(cells[::2], cells[1::2], strict=True):
        yield BYTES.send(x, y, times=times)


def show_limbs(cells: Sequence[Cell], times: Cell) -> Messages:
    """Shows that cells are limbs of 16 bits."""
    for cell in cells:
        yield RANGE.send(cell, 16, times=times)


def limbs_of(octets: Sequence[Cell]) -> tuple[Cell, ...]:
    """The 16-bit limbs of bytes."""
    return tuple(low + 256 * high for low, high in zip(octets[::2], octets[1::2], strict=True))


def _sum(x: Range, y: Range) -> Range:
    return Range(x.low + y.low, x.high + y.high)


def _step(number: Digits, at: int, value: Cell, bounds: Range) -> tuple[int, Carry]:
    """The next digits, as many as leave no doubt, and the carry out of them."""
    for width in (2, 1):
        carry = _carry(*_gather(number, at, width, value, bounds), 2 ** (8 * width))
        if carry is not None:
            return width, carry
    raise TypeError(f"digit {at} reaches {number.ranges[at]}: no carry of {RANGE_BITS} bits")


def _gather(number: Digits, at: int, width: int, value: Cell, bounds: Range) -> tuple[Cell, Range]:
    """Some digits as one, with the carry in."""
    low, high = bounds
    for i in range(width):
        value = value + 256**i * number.cells[at + i]
        low += 256**i * number.ranges[at + i].low
        high += 256**i * number.ranges[at + i].high
    return value, Range(low, high)


def _carry(value: Cell, bounds: Range, radix: int) -> Carry | None:
    """The carry out of a sum; None where they could agree modulo p alone. Its range is centred."""
    low, high = -(-bounds.low // radix), bounds.high // radix
    bits = max(1, (high - low).bit_length())
    start = (low + high + 1 - 2**bits) // 2
    carry = Carry(lift(value) / radix, start, bits)
    above = bounds.high - radix * carry.range.low
    below = radix * carry.range.high - bounds.low
    return carry if bits <= RANGE_BITS and max(above, below) < P else None


def _convolve(a: Sequence[Cell], b: Sequence[Cell]) -> list[Cell]:
    """The digits of a product, by Karatsuba's rule: it names the same polynomials, more shortly."""
    if len(a) != len(b):
        raise TypeError(f"{len(a)} digits times {len(b)}")
    if len(a) <= SMALL or len(a) % 2:
        return _schoolbook(a, b)
    half = len(a) // 2
    low, high = _convolve(a[:half], b[:half]), _convolve(a[half:], b[half:])
    a_sum = [x + y for x, y in zip(a[:half], a[half:], strict=True)]
    b_sum = [x + y for x, y in zip(b[:half], b[half:], strict=True)]
    both = _convolve(a_sum, b_sum)
    middle = [x - y - z for x, y, z in zip(both, low, high, strict=True)]
    product = [*low, 0, *high]
    for i, x in enumerate(middle, half):
        product[i] = product[i] + x
    return product


def _schoolbook(a: Sequence[Cell], b: Sequence[Cell]) -> list[Cell]:
    product: list[Cell] = [0] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            product[i + j] = product[i + j] + x * y
    return product
