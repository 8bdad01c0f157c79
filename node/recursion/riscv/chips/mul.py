"""MUL, and MULH, MULHSU, MULHU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from node.recursion.air.chip import (
    Array,
    Bit,
    Cell,
    Chip,
    Columns,
    Constraints,
    Group,
    Messages,
    Word,
    is_bit,
)
from node.recursion.riscv.buses import BYTES, RANGE
from node.recursion.riscv.events import Steps, limbs, octets, put
from node.recursion.riscv.gadgets import Operation, show_sign, word_of
from node.recursion.riscv.isa import Op

CARRY_BITS: Final = 14
"""Of the carry out of a column of products, which is below 2^10.

With 16 bits, limb + 2^16 carry would reach p, and the limb could be one too large.
"""


class Factors(Columns):
    """Two words as bytes: products of bytes never reach p."""

    a, b = Array(4), Array(4)

    def column(self, place: int) -> Cell:
        """What the product has at 2^(16 place), before carries: below 2^27."""
        return self._diagonal(2 * place) + 256 * self._diagonal(2 * place + 1)

    def _diagonal(self, total: int) -> Cell:
        pairs = [(i, total - i) for i in range(4) if 0 <= total - i < 4]
        return sum(self.a[i] * self.b[j] for i, j in pairs)

    def interact(self, times: Cell) -> Messages:
        """They are bytes."""
        for word in (self.a, self.b):
            yield BYTES.send(word[0], word[1], times=times)
            yield BYTES.send(word[2], word[3], times=times)

    def fill(self, a: Any, b: Any) -> None:  # noqa: ANN401  # arrays
        """The cells for these words."""
        put(self.a, octets(a))
        put(self.b, octets(b))


def product_limbs(a: Any, b: Any) -> tuple[list[Any], list[Any]]:  # noqa: ANN401  # arrays
    """The four limbs of a b, and the carries out of the first three columns of bytes' products."""
    x, y = octets(a), octets(b)
    found, carries, carry = [], [], 0
    for place in range(4):
        total = carry + sum(
            x[i] * y[j] << 8 * (i + j - 2 * place)
            for i in range(4)
            for j in range(4)
            if i + j in (2 * place, 2 * place + 1)
        )
        found.append(total & 0xFFFF)
        carry = total >> 16
        carries.append(carry)
    return found, carries[:3]


class Mul(Chip):
    """c = a b modulo 2^32.

    Assumes: nothing of a and b but that they are words. Ensures: c is the result, in range.
    """

    step = Group(Operation)
    factors = Group(Factors)
    c = Word()
    carries = Array(2)
    is_real = Bit()

    def constrain(self) -> Constraints:
        yield from self.step.constrain()
        yield is_bit(self.is_real)
        carry = 0
        for place in range(2):
            total = self.factors.column(place) + carry
            carry = self.carries[place]
            yield total == self.c[place] + 2**16 * carry  # both below 2^30: over the integers

    def interact(self) -> Messages:
        yield from self.factors.interact(self.is_real)
        for limb in self.c:
            yield RANGE.send(limb, 16, times=self.is_real)
        for carry in self.carries:
            yield RANGE.send(carry, CARRY_BITS, times=self.is_real)
        a, b = word_of(self.factors.a), word_of(self.factors.b)
        yield from self.step.compute(Op.MUL * self.is_real, a, b, self.c, self.is_real)

    def fill(self, steps: Steps) -> None:
        """The rows of these steps."""
        self.step.fill(steps)
        self.factors.fill(steps.a, steps.b)
        product, carries = product_limbs(steps.a, steps.b)
        put(self.c, tuple(product[:2]))
        put(self.carries, tuple(carries[:2]))
        put(self.is_real, 1)


class MulHigh(Chip):
    """c = the high word of a b, for signed or unsigned a and b.

    A negative factor is 2^32 more as an unsigned one: the other factor is taken from the high word.
    Ensures: c is the result, in range.
    """

    step = Group(Operation)
    factors = Group(Factors)
    product = Array(4)
    carries = Array(3)
    sign_a, sign_b = Bit(), Bit()
    c = Word()
    borrows = Array(2)
    """0, 1 or 2 each."""
    both, first, none = Bit(), Bit(), Bit()
    """Which factors are signed: MULH, MULHSU, MULHU."""

    def constrain(self) -> Constraints:
        yield from self.step.constrain()
        for bit in (self.sign_a, self.sign_b, self.both, self.first, self.none):
            yield is_bit(bit)
        yield is_bit(self.both + self.first + self.none)
        for place in range(4):
            total = self.factors.column(place) + (self.carries[place - 1] if place else 0)
            carry = self.carries[place] if place < 3 else 0
            yield total == self.product[place] + 2**16 * carry  # both below 2^30
        for x in self.borrows:
            yield x * (x - 1) * (x - 2) == 0
        a, b = word_of(self.factors.a), word_of(self.factors.b)
        taken = [self.sign_a * y + self.sign_b * x for x, y in zip(a, b, strict=True)]
        low, high = self.borrows
        yield self.c[0] == self.product[2] - taken[0] + 2**16 * low
        yield self.c[1] == self.product[3] - taken[1] - low + 2**16 * high

    def interact(self) -> Messages:
        real = self.both + self.first + self.none
        yield from self.factors.interact(real)
        for limb in (*self.product, *self.c):
            yield RANGE.send(limb, 16, times=real)
        for carry in self.carries:
            yield RANGE.send(carry, CARRY_BITS, times=real)
        yield from show_sign(self.factors.a[3], 8, self.both + self.first, self.sign_a, real)
        yield from show_sign(self.factors.b[3], 8, self.both, self.sign_b, real)
        op = Op.MULH * self.both + Op.MULHSU * self.first + Op.MULHU * self.none
        a, b = word_of(self.factors.a), word_of(self.factors.b)
        yield from self.step.compute(op, a, b, self.c, real)

    def fill(self, steps: Steps) -> None:
        """The rows of these steps."""
        self.step.fill(steps)
        self.factors.fill(steps.a, steps.b)
        product, carries = product_limbs(steps.a, steps.b)
        put(self.product, tuple(product))
        put(self.carries, tuple(carries))
        both, first, none = (steps.op == op for op in (Op.MULH, Op.MULHSU, Op.MULHU))
        sign_a, sign_b = (both | first) * (steps.a >> 31), both * (steps.b >> 31)
        put(self.sign_a, sign_a)
        put(self.sign_b, sign_b)
        put(self.both, both)
        put(self.first, first)
        put(self.none, none)
        self._fill_result(product, [sign_a, sign_b], [limbs(steps.a), limbs(steps.b)])

    def _fill_result(
        self, product: Sequence[Any], signs: Sequence[Any], words: Sequence[Any]
    ) -> None:
        a, b = words
        low = product[2] - signs[0] * b[0] - signs[1] * a[0]
        high = product[3] - signs[0] * b[1] - signs[1] * a[1] + (low >> 16)
        put(self.c, (low & 0xFFFF, high & 0xFFFF))
        put(self.borrows, (-(low >> 16), -(high >> 16)))
