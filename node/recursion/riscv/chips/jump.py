"""LUI, AUIPC, JAL as one; JALR."""

from __future__ import annotations

from node.recursion.air.chip import (
    Bit,
    Chip,
    Constraints,
    Felt,
    Group,
    Messages,
    Word,
    is_bit,
)
from node.recursion.riscv.buses import RANGE
from node.recursion.riscv.events import Steps, limbs, put
from node.recursion.riscv.gadgets import (
    Access,
    Instruction,
    Pointer,
    accessed_before,
    register,
)
from node.recursion.riscv.isa import Op


class Set(Chip):
    """rd := a constant of the program, and on to a target of the program.

    The decoder knows what LUI, AUIPC and JAL write and where they go: nothing is computed here.
    """

    at = Group(Instruction)
    rd, target = Felt(), Felt()
    value, before = Word(), Word()
    access = Group(Access)
    is_real = Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)

    def interact(self) -> Messages:
        real, time = self.is_real, self.at.time + 2
        op = Op.SET * real
        yield from self.at.execute(op, self.rd, self.target, 0, self.value, real, self.target)
        yield from self.access.exchange(register(self.rd), self.before, self.value, time, real)
        yield from accessed_before([(self.access, time)], real)

    def fill(self, steps: Steps) -> None:
        """The rows of these steps."""
        self.at.fill(steps)
        put(self.rd, steps.rd)
        put(self.target, steps.target)
        put(self.value, limbs(steps.imm))
        put(self.before, limbs(steps.before))
        self.access.fill(steps.time + 2, steps.last3)
        put(self.is_real, 1)


class JumpRegister(Chip):
    """rd := pc + 4, and on to base + imm with its lowest bit dropped; the bit above must be 0.

    Assumes: limbs of base and imm are in range; pc < 2^29.
    Ensures: on real rows, limbs of the link are in range, and it and the next pc are right.
    """

    at = Group(Instruction)
    rd, rs1 = Felt(), Felt()
    base, imm = Word(), Word()
    target = Group(Pointer)
    odd = Bit()
    link, before = Word(), Word()
    one, two = Group(Access), Group(Access)
    is_real = Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)
        yield is_bit(self.odd)
        carry = 0
        low, high = self.target.limbs
        for base, imm, limb in zip(self.base, self.imm, (low + self.odd, high), strict=True):
            carry = (base + imm + carry - limb) / 2**16
            yield is_bit(carry)  # over the integers too: |base + imm + carry - limb| < 2^18 < p
        yield self.link[0] + 2**16 * self.link[1] == self.at.pc + 4 * self.is_real

    def interact(self) -> Messages:
        real, time = self.is_real, self.at.time
        op, target = Op.JALR * real, self.target.address
        yield from self.at.execute(op, self.rd, self.rs1, 0, self.imm, real, target)
        yield from self.target.check(0, real)
        yield RANGE.send(self.link[0], 16, times=real)
        yield RANGE.send(self.link[1], 13, times=real)
        yield from self.one.read(register(self.rs1), self.base, time, real)
        yield from self.two.exchange(register(self.rd), self.before, self.link, time + 2, real)
        yield from accessed_before([(self.one, time), (self.two, time + 2)], real)

    def fill(self, steps: Steps) -> None:
        """The rows of these steps."""
        target = (steps.a + steps.imm) % 2**32
        self.at.fill(steps)
        put(self.rd, steps.rd)
        put(self.rs1, steps.rs1)
        put(self.base, limbs(steps.a))
        put(self.imm, limbs(steps.imm))
        self.target.fill(target)
        put(self.odd, target & 1)
        put(self.link, limbs(steps.pc + 4))
        put(self.before, limbs(steps.before))
        self.one.fill(steps.time, steps.last1)
        self.two.fill(steps.time + 2, steps.last3)
        put(self.is_real, 1)
