"""SLT, SLTU and their immediate forms; the comparison that branches use too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from node.recursion.air.chip import (
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
from node.recursion.riscv.buses import RANGE
from node.recursion.riscv.events import Steps, limbs, put, signed
from node.recursion.riscv.gadgets import Operation, show_sign
from node.recursion.riscv.isa import Op


class Comparison(Columns):
    """less = [a < b], signed or not.

    Signed words compare like unsigned ones whose top bits are flipped. a - b + 2^32 less is a word:
    that determines less.
    Assumes: limbs of a and b are in range. Ensures: less is the bit, where times is 1.
    """

    sign_a, sign_b, borrow, less = Bit(), Bit(), Bit(), Bit()

    def constrain(self) -> Constraints:
        """Every column is a bit; the range checks leave one of the two."""
        yield is_bit(self.sign_a)
        yield is_bit(self.sign_b)
        yield is_bit(self.borrow)
        yield is_bit(self.less)

    def interact(
        self, a: Sequence[Cell], b: Sequence[Cell], is_signed: Cell, times: Cell
    ) -> Messages:
        """The range checks. is_signed: a bit."""
        yield from show_sign(a[1], 16, is_signed, self.sign_a, times)
        yield from show_sign(b[1], 16, is_signed, self.sign_b, times)
        flips = 2**16 * (self.sign_b - self.sign_a)
        low = a[0] - b[0] + 2**16 * self.borrow
        high = a[1] - b[1] + flips - self.borrow + 2**16 * self.less
        yield RANGE.send(low, 16, times=times)
        yield RANGE.send(high, 16, times=times)

    def fill(self, a: Any, b: Any, is_signed: Any) -> Any:  # noqa: ANN401  # arrays
        """The cells for these words; returns less."""
        put(self.sign_a, is_signed * (a >> 31))
        put(self.sign_b, is_signed * (b >> 31))
        put(self.borrow, (a & 0xFFFF) < (b & 0xFFFF))
        less = (a < b) + is_signed * ((signed(a) < signed(b)) * 1 - (a < b))
        put(self.less, less)
        return less


class Compare(Chip):
    """c = 1 if a < b, else 0.

    Assumes: limbs of a and b are in range. Ensures: on real rows, c is the result.
    """

    step = Group(Operation)
    a, b = Word(), Word()
    compared = Group(Comparison)
    signed, unsigned = Bit(), Bit()

    def constrain(self) -> Constraints:
        yield from self.step.constrain()
        yield from self.compared.constrain()
        yield is_bit(self.signed)
        yield is_bit(self.unsigned)
        yield is_bit(self.signed + self.unsigned)

    def interact(self) -> Messages:
        real = self.signed + self.unsigned
        yield from self.compared.interact(self.a, self.b, self.signed, real)
        op = Op.SLT * self.signed + Op.SLTU * self.unsigned
        yield from self.step.compute(op, self.a, self.b, (self.compared.less, 0), real)

    def fill(self, steps: Steps) -> None:
        """The rows of these steps."""
        self.step.fill(steps)
        put(self.a, limbs(steps.a))
        put(self.b, limbs(steps.b))
        put(self.signed, steps.op == Op.SLT)
        put(self.unsigned, steps.op == Op.SLTU)
        self.compared.fill(steps.a, steps.b, (steps.op == Op.SLT) * 1)
