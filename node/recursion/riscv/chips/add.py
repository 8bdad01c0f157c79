"""ADD, SUB, ADDI."""

from __future__ import annotations

from node.recursion.air.chip import Bit, Chip, Constraints, Group, Messages, Word, is_bit
from node.recursion.riscv.buses import RANGE
from node.recursion.riscv.events import Steps, limbs, put
from node.recursion.riscv.gadgets import Operation
from node.recursion.riscv.isa import Op


class Add(Chip):
    """x + b = z modulo 2^32: an addition computes z from x and b, a subtraction x from z and b.

    Assumes: limbs of the operands are in range (whoever wrote them checked).
    Ensures: on real rows, limbs of the result are in range and it is the sum or difference.
    """

    step = Group(Operation)
    x, b, z = Word(), Word(), Word()
    adds, subtracts = Bit(), Bit()

    def constrain(self) -> Constraints:
        yield from self.step.constrain()
        yield is_bit(self.adds)
        yield is_bit(self.subtracts)
        yield is_bit(self.adds + self.subtracts)
        carry = 0
        for x, b, z in zip(self.x, self.b, self.z, strict=True):
            carry = (x + b + carry - z) / 2**16
            yield is_bit(carry)  # over the integers too: |x + b + carry - z| < 2^18 < p

    def interact(self) -> Messages:
        real = self.adds + self.subtracts
        swaps = [self.subtracts * (z - x) for x, z in zip(self.x, self.z, strict=True)]
        a = [x + swap for x, swap in zip(self.x, swaps, strict=True)]
        c = [z - swap for z, swap in zip(self.z, swaps, strict=True)]
        for limb in c:
            yield RANGE.send(limb, 16, times=real)
        op = Op.ADD * self.adds + Op.SUB * self.subtracts
        yield from self.step.compute(op, a, self.b, c, real)

    def fill(self, steps: Steps) -> None:
        """The rows of these steps."""
        self.step.fill(steps)
        subtracts = steps.op == Op.SUB
        difference = (steps.a - steps.b) % 2**32
        put(self.x, limbs(steps.a + subtracts * (difference - steps.a)))
        put(self.b, limbs(steps.b))
        total = (steps.a + steps.b) % 2**32
        put(self.z, limbs(total + subtracts * (steps.a - total)))
        put(self.adds, ~subtracts)
        put(self.subtracts, subtracts)
