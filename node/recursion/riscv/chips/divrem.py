"""DIV, DIVU, REM, REMU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from node.recursion.air.chip import (
    Bit,
    Cell,
    Chip,
    Columns,
    Constraints,
    Felt,
    Group,
    Messages,
    Word,
    is_bit,
)
from node.recursion.riscv.buses import RANGE
from node.recursion.riscv.chips.mul import CARRY_BITS, Factors, product_limbs
from node.recursion.riscv.events import Steps, limbs, put
from node.recursion.riscv.gadgets import Operation, show_sign, word_of
from node.recursion.riscv.isa import Op


class Negation(Columns):
    """y = -x modulo 2^32 where `negates`, y = x where not.

    Assumes: limbs of x and y are in range, negates is a bit.
    """

    low, high = Bit(), Bit()
    """Carries of x + y, where they matter."""

    def constrain(self, negates: Cell, x: Sequence[Cell], y: Sequence[Cell]) -> Constraints:
        """The equations. x, y: two limbs each, of degree 2 at most."""
        for carry in (self.low, self.high):
            yield carry * (carry - negates) == 0
        carried = 0
        for x_limb, y_limb, carry in zip(x, y, (self.low, self.high), strict=True):
            yield y_limb - x_limb + negates * (2 * x_limb + carried - 2**16 * carry) == 0
            carried = carry

    def fill(self, negates: Any, x: Any) -> None:  # noqa: ANN401  # arrays
        """The cells for these words."""
        put(self.low, negates * ((x & 0xFFFF) != 0))
        put(self.high, negates * (x != 0))


class DivRem(Chip):
    """c = the quotient a / b rounded to zero, or the remainder, which has the sign of a.

    By absolute values: |a| = q |b| + r with r < |b|, as integers. -2^31 / -1 needs no case:
    q = 2^31 is the word of -2^31. Division by zero: the quotient is all ones, the remainder a.
    Assumes: limbs of a are in range. Ensures: on real rows, c is the result, in range.
    """

    step = Group(Operation)
    a, b, c = Word(), Word(), Word()
    sign_a, sign_b, differ = Bit(), Bit(), Bit()
    """differ: one of a and b is negative."""
    dividend = Word()
    """|a|."""
    division = Group(Factors)
    """q and |b|."""
    remainder = Word()
    carry = Felt()
    borrow = Bit()
    by_zero, flips = Bit(), Bit()
    """flips: the result is the negative of what the absolute values give."""
    absolute_a, absolute_b, result = Group(Negation), Group(Negation), Group(Negation)
    div, divu, rem, remu = Bit(), Bit(), Bit(), Bit()

    @property
    def quotient_wanted(self) -> Cell:
        """Whether c is the quotient."""
        return self.div + self.divu

    @property
    def remainder_wanted(self) -> Cell:
        """Whether c is the remainder."""
        return self.rem + self.remu

    def constrain(self) -> Constraints:
        yield from self.step.constrain()
        for bit in (self.sign_a, self.sign_b, self.borrow, self.by_zero):
            yield is_bit(bit)
        for bit in (self.div, self.divu, self.rem, self.remu):
            yield is_bit(bit)
        yield is_bit(self.quotient_wanted + self.remainder_wanted)
        divisor = word_of(self.division.b)
        yield from self.absolute_a.constrain(self.sign_a, self.a, self.dividend)
        yield from self.absolute_b.constrain(self.sign_b, self.b, divisor)
        yield from self._division()
        yield self.differ == self.sign_a + self.sign_b - 2 * self.sign_a * self.sign_b
        quotient_flips = self.quotient_wanted * self.differ * (1 - self.by_zero)
        yield self.flips == quotient_flips + self.remainder_wanted * self.sign_a
        positive = [
            self.quotient_wanted * q + self.remainder_wanted * r
            for q, r in zip(word_of(self.division.a), self.remainder, strict=True)
        ]
        yield from self.result.constrain(self.flips, positive, self.c)

    def _division(self) -> Constraints:
        """|a| = q |b| + r over the integers, and what division by zero yields."""
        low, high, *beyond = (self.division.column(place) for place in range(4))
        # both sides below 2^30: nothing wraps at p
        yield low + self.remainder[0] == self.dividend[0] + 2**16 * self.carry
        yield high + self.remainder[1] + self.carry == self.dividend[1]
        yield sum(beyond) == 0  # below 2^28: a sum of products of bytes, so each is zero
        for byte in self.division.b:
            yield self.by_zero * byte == 0
        for byte in self.division.a:
            yield self.by_zero * (byte - 255) == 0

    def interact(self) -> Messages:
        real = self.quotient_wanted + self.remainder_wanted
        is_signed = self.div + self.rem
        yield from show_sign(self.a[1], 16, is_signed, self.sign_a, real)
        yield from show_sign(self.b[1], 16, is_signed, self.sign_b, real)
        yield from self.division.interact(real)
        for limb in (*self.dividend, *self.remainder, *self.c):
            yield RANGE.send(limb, 16, times=real)
        yield RANGE.send(self.carry, CARRY_BITS, times=real)
        # r < |b|, so |b| is not zero; by zero, r = |a| because the product is zero
        b = word_of(self.division.b)
        low = b[0] - self.remainder[0] - 1 + 2**16 * self.borrow
        high = b[1] - self.remainder[1] - self.borrow
        for limb in (low, high):
            yield RANGE.send((1 - self.by_zero) * limb, 16, times=real)
        op = Op.DIV * self.div + Op.DIVU * self.divu + Op.REM * self.rem + Op.REMU * self.remu
        yield from self.step.compute(op, self.a, self.b, self.c, real)

    def fill(self, steps: Steps) -> None:
        """The rows of these steps."""
        self.step.fill(steps)
        div, divu, rem, remu = (steps.op == op for op in (Op.DIV, Op.DIVU, Op.REM, Op.REMU))
        put((self.div, self.divu, self.rem, self.remu), (div, divu, rem, remu))
        sign_a, sign_b = (div | rem) * (steps.a >> 31), (div | rem) * (steps.b >> 31)
        a, b = abs(steps.a - (sign_a << 32)), abs(steps.b - (sign_b << 32))
        by_zero = b == 0
        q = np.where(by_zero, 2**32 - 1, a // np.maximum(b, 1))
        r = np.where(by_zero, a, a - q * b)
        flips = np.where(div | divu, (sign_a ^ sign_b) * ~by_zero, sign_a)
        positive = np.where(div | divu, q, r)
        put(self.a, limbs(steps.a))
        put(self.b, limbs(steps.b))
        put(self.c, limbs(np.where(flips == 1, -positive, positive) % 2**32))
        put(self.sign_a, sign_a)
        put(self.sign_b, sign_b)
        put(self.differ, sign_a ^ sign_b)
        put(self.by_zero, by_zero)
        put(self.flips, flips)
        self._fill_division(a, b, q, r)
        self.absolute_a.fill(sign_a, steps.a)
        self.absolute_b.fill(sign_b, steps.b)
        self.result.fill(flips, positive)

    def _fill_division(self, a: Any, b: Any, q: Any, r: Any) -> None:  # noqa: ANN401  # arrays
        self.division.fill(q, b)
        put(self.dividend, limbs(a))
        put(self.remainder, limbs(r))
        product, carries = product_limbs(q, b)
        put(self.carry, carries[0] + (product[0] + (r & 0xFFFF) >> 16))
        put(self.borrow, (b != 0) & ((b & 0xFFFF) < (r & 0xFFFF) + 1))
