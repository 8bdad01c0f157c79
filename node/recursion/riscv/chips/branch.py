"""BEQ, BNE; BLT, BGE, BLTU, BGEU."""

from __future__ import annotations

from typing import Any

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
    Messages,
    Word,
    is_bit,
)
from node.recursion.field import P
from node.recursion.riscv.chips.compare import Comparison
from node.recursion.riscv.events import Steps, limbs, put
from node.recursion.riscv.gadgets import Access, Instruction, accessed_before, register
from node.recursion.riscv.isa import Op


class Branching(Columns):
    """The frame of a branch: compares two registers, goes to target or to the next instruction."""

    at = Group(Instruction)
    rs1, rs2, target = Felt(), Felt(), Felt()
    a, b = Word(), Word()
    one, two = Group(Access), Group(Access)

    def branch(self, op: Cell, taken: Cell, times: Cell) -> Messages:
        """The frame's messages. taken: a bit."""
        time, following = self.at.time, self.at.pc + 4
        next_pc = following + taken * (self.target - following)
        yield from self.at.execute(op, 0, self.rs1, self.rs2, (self.target, 0), times, next_pc)
        yield from self.one.read(register(self.rs1), self.a, time, times)
        yield from self.two.read(register(self.rs2), self.b, time + 1, times)
        yield from accessed_before([(self.one, time), (self.two, time + 1)], times)

    def fill(self, steps: Steps) -> None:
        """The cells of these steps."""
        self.at.fill(steps)
        put(self.rs1, steps.rs1)
        put(self.rs2, steps.rs2)
        put(self.target, steps.target)
        put(self.a, limbs(steps.a))
        put(self.b, limbs(steps.b))
        self.one.fill(steps.time, steps.last1)
        self.two.fill(steps.time + 1, steps.last2)


class BranchEqual(Chip):
    """Branches if a = b, or if not.

    Where they differ, some combination of the limbs' differences is 1; where not, none is.
    """

    step = Group(Branching)
    equal = Bit()
    inverses = Array(2)
    if_equal, if_not = Bit(), Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.if_equal)
        yield is_bit(self.if_not)
        real = self.if_equal + self.if_not
        yield is_bit(real)
        differences = [a - b for a, b in zip(self.step.a, self.step.b, strict=True)]
        for difference in differences:
            yield self.equal * difference == 0
        combined = sum(d * i for d, i in zip(differences, self.inverses, strict=True))
        yield combined == real - self.equal

    def interact(self) -> Messages:
        op = Op.BEQ * self.if_equal + Op.BNE * self.if_not
        taken = self.if_not + self.equal * (self.if_equal - self.if_not)
        yield from self.step.branch(op, taken, self.if_equal + self.if_not)

    def fill(self, steps: Steps) -> None:
        """The rows of these steps."""
        self.step.fill(steps)
        low, high = (a - b for a, b in zip(limbs(steps.a), limbs(steps.b), strict=True))
        put(self.equal, steps.a == steps.b)
        put(self.inverses, (inverses(low), (low == 0) * inverses(high)))
        put((self.if_equal, self.if_not), (steps.op == Op.BEQ, steps.op == Op.BNE))


def inverses(values: Any) -> Any:  # noqa: ANN401  # an array
    """The inverses modulo p, 0 for 0; each distinct value is inverted once."""
    distinct, places = np.unique(values % P, return_inverse=True)
    return np.array([pow(int(x), P - 2, P) for x in distinct], np.int64)[places]


class BranchLess(Chip):
    """Branches if a < b, or if not, signed or unsigned.

    Assumes: limbs of a and b are in range.
    """

    step = Group(Branching)
    compared = Group(Comparison)
    blt, bge, bltu, bgeu = Bit(), Bit(), Bit(), Bit()

    def constrain(self) -> Constraints:
        for bit in (self.blt, self.bge, self.bltu, self.bgeu):
            yield is_bit(bit)
        yield is_bit(self.blt + self.bge + self.bltu + self.bgeu)
        yield from self.compared.constrain()

    def interact(self) -> Messages:
        if_less, if_not = self.blt + self.bltu, self.bge + self.bgeu
        real = if_less + if_not
        yield from self.compared.interact(self.step.a, self.step.b, self.blt + self.bge, real)
        op = Op.BLT * self.blt + Op.BGE * self.bge + Op.BLTU * self.bltu + Op.BGEU * self.bgeu
        taken = if_not + self.compared.less * (if_less - if_not)
        yield from self.step.branch(op, taken, real)

    def fill(self, steps: Steps) -> None:
        """The rows of these steps."""
        self.step.fill(steps)
        flags = tuple(steps.op == op for op in (Op.BLT, Op.BGE, Op.BLTU, Op.BGEU))
        put((self.blt, self.bge, self.bltu, self.bgeu), flags)
        self.compared.fill(steps.a, steps.b, (flags[0] | flags[1]) * 1)
