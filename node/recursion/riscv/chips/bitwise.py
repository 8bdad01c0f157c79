"""XOR, OR, AND and their immediate forms."""

from __future__ import annotations

from node.recursion.air.chip import Array, Bit, Chip, Constraints, Group, Messages, is_bit
from node.recursion.riscv.buses import XOR
from node.recursion.riscv.events import Steps, octets, put
from node.recursion.riscv.gadgets import Operation, word_of
from node.recursion.riscv.isa import Op


class Bitwise(Chip):
    """c = a ^ b, a | b or a & b, byte by byte: or and and follow from a + b and a ^ b.

    Ensures: on real rows, bytes of a and b are bytes, and c is the result.
    """

    step = Group(Operation)
    a, b, x = Array(4), Array(4), Array(4)
    """x = a ^ b."""
    is_xor, is_or, is_and = Bit(), Bit(), Bit()

    def constrain(self) -> Constraints:
        yield from self.step.constrain()
        yield is_bit(self.is_xor)
        yield is_bit(self.is_or)
        yield is_bit(self.is_and)
        yield is_bit(self.is_xor + self.is_or + self.is_and)

    def interact(self) -> Messages:
        real = self.is_xor + self.is_or + self.is_and
        for a, b, x in zip(self.a, self.b, self.x, strict=True):
            yield XOR.send(a, b, x, times=real)
        c = [
            self.is_xor * x + self.is_or * ((a + b + x) / 2) + self.is_and * ((a + b - x) / 2)
            for a, b, x in zip(self.a, self.b, self.x, strict=True)
        ]
        op = Op.XOR * self.is_xor + Op.OR * self.is_or + Op.AND * self.is_and
        yield from self.step.compute(op, word_of(self.a), word_of(self.b), word_of(c), real)

    def fill(self, steps: Steps) -> None:
        """The rows of these steps."""
        self.step.fill(steps)
        put(self.a, octets(steps.a))
        put(self.b, octets(steps.b))
        put(self.x, octets(steps.a ^ steps.b))
        put(self.is_xor, steps.op == Op.XOR)
        put(self.is_or, steps.op == Op.OR)
        put(self.is_and, steps.op == Op.AND)
