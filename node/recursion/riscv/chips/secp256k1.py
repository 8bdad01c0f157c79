"""secp256k1: the sum of two points, and twice a point, in affine coordinates.

A point is x, y, below the field's prime. Whether it is on the curve is the guest's duty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import numpy as np

from node.recursion.air.chip import (
    Array,
    Bit,
    Cell,
    Chip,
    Columns,
    Constraints,
    Felt,
    Group,
    Groups,
    Messages,
    Word,
    is_bit,
)
from node.recursion.riscv.bignum import (
    Factor,
    Multiple,
    Term,
    digits_of,
    exchange_block,
    fill_block,
    integers,
    inverses,
)
from node.recursion.riscv.buses import CALL
from node.recursion.riscv.digits import Digits, show_bytes, show_limbs
from node.recursion.riscv.events import Numbers, limbs, put
from node.recursion.riscv.gadgets import Access, Pointer, accessed_before
from node.recursion.riscv.isa import CODE_START, DATA_START

SECP256K1_ADD: Final = 261
SECP256K1_DOUBLE: Final = 262
PRIME: Final = 2**256 - 2**32 - 977
"""The field's prime. Source: SEC 2, version 2.0, section 2.4.1."""
PRIME_LIMBS: Final = tuple(PRIME >> 16 * i & 0xFFFF for i in range(16))
POINT_WORDS: Final = 16


class PrimeMultiple(Multiple):
    """A multiple of the prime, which has few digits: its quotient is in limbs."""

    modulus: ClassVar = {32: 1, 4: -1, 0: -977}
    digit_bits = 16
    quotient = Array(17)


class PrimeMultipleOfBytes(Multiple):
    """The same with its quotient in bytes, for numbers whose own digits leave less room."""

    modulus: ClassVar = PrimeMultiple.modulus
    digit_bits = 8
    quotient = Array(33)


def line_zeros(s: Any, x1: Any, y1: Any, x2: Any, x3: Any, y3: Any) -> tuple[Any, Any]:  # noqa: ANN401  # Digits, or integers
    """What is 0 if x3, -y3 is on the line of slope s through x1, y1 and a point at x2."""
    return s * s - x1 - x2 - x3, s * (x1 - x3) - y1 - y3


def add_zeros(s: Any, x1: Any, y1: Any, x2: Any, y2: Any, x3: Any, y3: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """What is 0 if x3, y3 is the sum of two points, and s the slope between them."""
    return s * (x2 - x1) - y2 + y1, *line_zeros(s, x1, y1, x2, x3, y3)


def double_zeros(s: Any, x1: Any, y1: Any, x3: Any, y3: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """What is 0 if x3, y3 is twice a point, and s the slope of the curve there."""
    return 2 * (s * y1) - 3 * (x1 * x1), *line_zeros(s, x1, y1, x1, x3, y3)


class Sum(Columns):
    """A point, reduced, and the slope of the line that leads to it.

    The slope is below 2^256 and need not be below the prime: its multiples agree modulo the prime.
    """

    slope = Array(32)
    x, y = Group(Factor), Group(Term)
    multiples = Groups(PrimeMultiple, 2)

    @property
    def digits(self) -> tuple[Digits, Digits, Digits]:
        """The slope, x and y."""
        return Digits.of_bytes(self.slope), self.x.digits, self.y.digits

    @property
    def limbs(self) -> tuple[Cell, ...]:
        """The point as memory holds it."""
        return (*self.x.limbs, *self.y.limbs)

    def constrain(self, zeros: Sequence[Digits], real: Cell) -> Constraints:
        """Zeros, which are made of all this, are multiples of the prime."""
        yield from self.x.constrain(PRIME_LIMBS, real)
        yield from self.y.constrain(PRIME_LIMBS, real)
        for multiple, zero in zip(self.multiples, zeros, strict=True):
            yield from multiple.constrain(zero)

    def interact(self, zeros: Sequence[Digits], real: Cell) -> Messages:
        """The ranges of all cells."""
        yield from show_bytes(self.slope, real)
        yield from show_limbs(self.y.limbs, real)
        yield from self.x.interact(PRIME_LIMBS, real)
        yield from self.y.interact(PRIME_LIMBS, real)
        for multiple, zero in zip(self.multiples, zeros, strict=True):
            yield from multiple.interact(zero, real)

    def fill(
        self,
        slopes: Sequence[int],
        points: Sequence[tuple[int, int]],
        zeros: Sequence[Sequence[int]],
    ) -> None:
        """Slopes, sums and zeros of every row."""
        put(self.slope, digits_of(slopes, 32, 8))
        self.x.fill([x for x, _ in points], PRIME)
        self.y.fill([y for _, y in points], PRIME)
        for multiple, column in zip(self.multiples, zip(*zeros, strict=True), strict=True):
            multiple.fill(column)


def line(s: int, x1: int, y1: int, x2: int) -> tuple[int, int]:
    """Where the line of slope s through two points meets the curve once more, reflected."""
    x3 = (s * s - x1 - x2) % PRIME
    return x3, (s * (x1 - x3) - y1) % PRIME


class Secp256k1Add(Chip):
    """p := p + q for points with distinct x: the call secp256k1_add(p, q).

    Assumes: limbs in memory are in range. Ensures: coordinates read are below the prime, x of p and
    q differ, and what is written is below the prime: the sum, if both points are on the curve.
    """

    is_real = Bit()
    time = Felt()
    p, q = Group(Pointer), Group(Pointer)
    a2 = Word()
    x1, y1 = Group(Factor), Group(Term)
    x2, y2 = Group(Factor), Group(Term)
    distinct = Felt()
    """The inverse of the sum of squares of the differences of the bytes of x1 and x2."""
    direction = Group(PrimeMultiple)
    result = Group(Sum)
    exchanges, reads = Groups(Access, POINT_WORDS), Groups(Access, POINT_WORDS)

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)
        # the sum is 0 over the integers too, being below 2^21
        yield self._distance() * self.distinct == self.is_real
        for coordinate in (self.x1, self.y1, self.x2, self.y2):
            yield from coordinate.constrain(PRIME_LIMBS, self.is_real)
        direction, *others = self._zeros()
        yield from self.direction.constrain(direction)
        yield from self.result.constrain(others, self.is_real)

    def interact(self) -> Messages:
        real = self.is_real
        arguments = self.p.limbs, self.q.limbs, self.a2
        yield CALL.receive(SECP256K1_ADD, 0, self.time, *arguments, times=real)
        for coordinate in (self.x1, self.y1, self.x2, self.y2):
            yield from coordinate.interact(PRIME_LIMBS, real)
        direction, *others = self._zeros()
        yield from self.direction.interact(direction, real)
        yield from self.result.interact(others, real)
        yield from self.p.check(DATA_START, real)
        yield from self.q.check(CODE_START, real)
        first = (*self.x1.limbs, *self.y1.limbs)
        second = (*self.x2.limbs, *self.y2.limbs)
        early, late = self.time + 1, self.time + 2
        yield from exchange_block(self.reads, self.q, second, second, early, real)
        yield from exchange_block(self.exchanges, self.p, first, self.result.limbs, late, real)
        accesses = [(access, early) for access in self.reads]
        yield from accessed_before(accesses + [(access, late) for access in self.exchanges], real)

    def fill(self, events: Numbers) -> None:
        """events: time, a0, a1, a2; 16 words of p, and their last; 16 of q, and their last."""
        time, p, q, a2 = events[:4]
        first, last_exchanged, second, last_read = np.split(events[4:], 4)
        x1, y1, x2, y2 = (integers(x) for x in (*np.split(first, 2), *np.split(second, 2)))
        rows = list(zip(x1, y1, x2, y2, strict=True))
        slopes = [(d - b) * pow(c - a, -1, PRIME) % PRIME for a, b, c, d in rows]
        sums = [line(s, *row[:3]) for s, row in zip(slopes, rows, strict=True)]
        zeros = [
            add_zeros(s, *row, *total) for s, row, total in zip(slopes, rows, sums, strict=True)
        ]
        self.direction.fill([first for first, *_ in zeros])
        self.result.fill(slopes, sums, [others for _, *others in zeros])
        for cells, numbers in ((self.x1, x1), (self.y1, y1), (self.x2, x2), (self.y2, y2)):
            cells.fill(numbers, PRIME)
        put(self.distinct, inverses(self._distance()))
        put(self.time, time)
        self.p.fill(p)
        self.q.fill(q)
        put(self.a2, limbs(a2))
        fill_block(self.reads, time + 1, last_read)
        fill_block(self.exchanges, time + 2, last_exchanged)
        put(self.is_real, 1)

    def _zeros(self) -> tuple[Digits, ...]:
        slope, x3, y3 = self.result.digits
        first, second = (self.x1.digits, self.y1.digits), (self.x2.digits, self.y2.digits)
        return add_zeros(slope, *first, *second, x3, y3)

    def _distance(self) -> Cell:
        """The sum of squares of the differences of the bytes of x1 and x2."""
        differences = [x - y for x, y in zip(self.x1.octets, self.x2.octets, strict=True)]
        return sum(x * x for x in differences)


class Secp256k1Double(Chip):
    """p := 2 p for a point whose y is not 0: the call secp256k1_double(p).

    Assumes: limbs in memory are in range. Ensures: coordinates read are below the prime, y is not
    0, and what is written is below the prime: the double, if the point is on the curve.
    """

    is_real = Bit()
    time = Felt()
    p = Group(Pointer)
    a1, a2 = Word(), Word()
    x1, y1 = Group(Factor), Group(Factor)
    not_zero = Felt()
    """The inverse of the sum of the bytes of y1."""
    direction = Group(PrimeMultipleOfBytes)
    result = Group(Sum)
    exchanges = Groups(Access, POINT_WORDS)

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)
        # the sum is 0 over the integers too, being below 2^13
        yield sum(self.y1.octets) * self.not_zero == self.is_real
        for coordinate in (self.x1, self.y1):
            yield from coordinate.constrain(PRIME_LIMBS, self.is_real)
        direction, *others = self._zeros()
        yield from self.direction.constrain(direction)
        yield from self.result.constrain(others, self.is_real)

    def interact(self) -> Messages:
        real, late = self.is_real, self.time + 2
        arguments = self.p.limbs, self.a1, self.a2
        yield CALL.receive(SECP256K1_DOUBLE, 0, self.time, *arguments, times=real)
        for coordinate in (self.x1, self.y1):
            yield from coordinate.interact(PRIME_LIMBS, real)
        direction, *others = self._zeros()
        yield from self.direction.interact(direction, real)
        yield from self.result.interact(others, real)
        yield from self.p.check(DATA_START, real)
        point = (*self.x1.limbs, *self.y1.limbs)
        yield from exchange_block(self.exchanges, self.p, point, self.result.limbs, late, real)
        yield from accessed_before([(access, late) for access in self.exchanges], real)

    def fill(self, events: Numbers) -> None:
        """events: time, a0, a1, a2; 16 words, and when they were accessed last."""
        time, p, a1, a2 = events[:4]
        point, last = np.split(events[4:], 2)
        x1, y1 = (integers(words) for words in np.split(point, 2))
        rows = list(zip(x1, y1, strict=True))
        slopes = [3 * x * x * pow(2 * y, -1, PRIME) % PRIME for x, y in rows]
        sums = [line(s, x, y, x) for s, (x, y) in zip(slopes, rows, strict=True)]
        zeros = [
            double_zeros(s, *row, *total) for s, row, total in zip(slopes, rows, sums, strict=True)
        ]
        self.direction.fill([first for first, *_ in zeros])
        self.result.fill(slopes, sums, [others for _, *others in zeros])
        self.x1.fill(x1, PRIME)
        self.y1.fill(y1, PRIME)
        put(self.not_zero, inverses(sum(self.y1.octets)))
        put(self.time, time)
        self.p.fill(p)
        put(self.a1, limbs(a1))
        put(self.a2, limbs(a2))
        fill_block(self.exchanges, time + 2, last)
        put(self.is_real, 1)

    def _zeros(self) -> tuple[Digits, ...]:
        slope, x3, y3 = self.result.digits
        return double_zeros(slope, self.x1.digits, self.y1.digits, x3, y3)
