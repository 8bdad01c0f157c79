"""SLL, SRL, SRA and their immediate forms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from node.recursion.air.chip import (
    Array,
    Bit,
    Cell,
    Chip,
    Constraints,
    Felt,
    Group,
    Messages,
    Word,
    is_bit,
)
from node.recursion.riscv.buses import BYTES, RANGE
from node.recursion.riscv.events import Steps, limbs, octets, put
from node.recursion.riscv.gadgets import Operation, show_sign, word_of
from node.recursion.riscv.isa import Op


class Shift(Chip):
    """c = a shifted by the low five bits of b: first by bits within bytes, then by whole bytes.

    Each byte times a power of two splits into the byte that stays and the one that is pushed to the
    neighbour: a shift by k bits multiplies by 2^k to the left, by 2^(8 - k) to the right.
    Assumes: limbs of b are in range. Ensures: on real rows, bytes of a are bytes, c is the result.
    """

    step = Group(Operation)
    a = Array(4)
    b = Word()
    bits = Array(3)
    """Of the amount within a byte."""
    whole = Array(4)
    """One of them is 1: which says by how many bytes."""
    rest = Felt()
    """The bits of b that do not count."""
    power, factor = Felt(), Felt()
    low, high = Array(4), Array(4)
    """a[i] factor = low[i] + 256 high[i]."""
    sign, filled = Bit(), Felt()
    """What an arithmetic shift pulls in: its lowest byte, times factor, modulo 256."""
    left, logical, arithmetic = Bit(), Bit(), Bit()

    def constrain(self) -> Constraints:
        yield from self.step.constrain()
        right = self.logical + self.arithmetic
        for bit in (*self.bits, *self.whole, self.sign, self.left, self.logical, self.arithmetic):
            yield is_bit(bit)
        real = self.left + right
        yield is_bit(real)
        yield sum(self.whole) == real
        in_bytes = sum(i * chosen for i, chosen in enumerate(self.whole))
        amount = self.bits[0] + 2 * self.bits[1] + 4 * self.bits[2] + 8 * in_bytes
        yield self.b[0] == amount + 32 * self.rest
        # 2, 4 and 16 where the bits are set; the first factor makes it zero on padding
        by_one, by_two, by_four = self.bits
        yield self.power == (real + by_one) * (1 + 3 * by_two) * (1 + 15 * by_four)
        yield self.left * (self.factor - self.power) == 0
        yield right * (self.factor * self.power - 256) == 0
        for a, low, high in zip(self.a, self.low, self.high, strict=True):
            yield a * self.factor == low + 256 * high
        yield self.filled == self.sign * (256 - self.factor)

    def interact(self) -> Messages:
        right = self.logical + self.arithmetic
        real = self.left + right
        yield BYTES.send(self.a[0], self.a[1], times=real)
        yield BYTES.send(self.a[2], self.a[3], times=real)
        for low, high in zip(self.low, self.high, strict=True):
            yield BYTES.send(low, high, times=real)
        yield RANGE.send(self.rest, 16, times=real)
        yield from show_sign(self.a[3], 8, self.arithmetic, self.sign, real)
        op = Op.SLL * self.left + Op.SRL * self.logical + Op.SRA * self.arithmetic
        c = word_of(self._result(right))
        yield from self.step.compute(op, word_of(self.a), self.b, c, real)

    def _result(self, right: Cell) -> Sequence[Cell]:
        """The bytes of c: those within bytes shifted already, moved by whole bytes."""
        to_left = [low + high for low, high in zip(self.low, (0, *self.high[:3]), strict=True)]
        to_right = [
            high + low for high, low in zip(self.high, (*self.low[1:], self.filled), strict=True)
        ]
        fill = 255 * self.sign
        return [
            sum(
                chosen
                * (
                    (self.left * to_left[j - by] if j >= by else 0)
                    + (right * to_right[j + by] if j + by < 4 else fill)
                )
                for by, chosen in enumerate(self.whole)
            )
            for j in range(4)
        ]

    def fill(self, steps: Steps) -> None:
        """The rows of these steps."""
        self.step.fill(steps)
        amount = steps.b & 31
        within = amount & 7
        is_left, is_arithmetic = steps.op == Op.SLL, steps.op == Op.SRA
        factor = np.where(is_left, 1 << within, 1 << (8 - within))
        sign = is_arithmetic * (steps.a >> 31)
        put(self.a, octets(steps.a))
        put(self.b, limbs(steps.b))
        put(self.bits, (within & 1, within >> 1 & 1, within >> 2))
        put(self.whole, tuple(amount >> 3 == i for i in range(4)))
        put(self.rest, (steps.b & 0xFFFF) >> 5)
        put(self.power, 1 << within)
        put(self.factor, factor)
        put(self.low, tuple(x * factor & 255 for x in octets(steps.a)))
        put(self.high, tuple(x * factor >> 8 for x in octets(steps.a)))
        put(self.sign, sign)
        put(self.filled, sign * (256 - factor))
        put(self.left, is_left)
        put(self.logical, steps.op == Op.SRL)
        put(self.arithmetic, is_arithmetic)
