"""SW; SB, SH."""

from __future__ import annotations

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
from node.recursion.riscv.buses import BYTES
from node.recursion.riscv.chips.load import Address
from node.recursion.riscv.events import Steps, limbs, put
from node.recursion.riscv.gadgets import Access, Instruction, accessed_before, register
from node.recursion.riscv.isa import DATA_START, Op


class Writing(Columns):
    """The frame of a store: changes the word at an address, as the value of rs2 says."""

    at = Group(Instruction)
    rs1, rs2 = Felt(), Felt()
    address = Group(Address)
    before = Word()
    """What the memory word held."""
    one, two, three = Group(Access), Group(Access), Group(Access)

    def store(
        self, op: Cell, value: tuple[Cell, Cell], after: tuple[Cell, Cell], times: Cell
    ) -> Messages:
        """The frame's messages. Assumes: limbs of after are in range."""
        time = self.at.time
        yield from self.at.execute(op, 0, self.rs1, self.rs2, self.address.imm, times)
        yield from self.address.word.check(DATA_START, times)
        yield from self.one.read(register(self.rs1), self.address.base, time, times)
        yield from self.two.read(register(self.rs2), value, time + 1, times)
        word = self.address.word.address
        yield from self.three.exchange(word, self.before, after, time + 2, times)
        accesses = [(self.one, time), (self.two, time + 1), (self.three, time + 2)]
        yield from accessed_before(accesses, times)

    def fill(self, steps: Steps) -> None:
        """The cells of these steps."""
        self.at.fill(steps)
        put(self.rs1, steps.rs1)
        put(self.rs2, steps.rs2)
        self.address.fill(steps)
        put(self.before, limbs(steps.before))
        self.one.fill(steps.time, steps.last1)
        self.two.fill(steps.time + 1, steps.last2)
        self.three.fill(steps.time + 2, steps.last3)


class Store(Chip):
    """The word at base + imm, a multiple of 4, becomes rs2's value.

    Ensures: on real rows, the address is aligned and writable, and takes the value.
    """

    step = Group(Writing)
    value = Word()
    is_real = Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)
        yield from self.step.address.constrain()

    def interact(self) -> Messages:
        yield from self.step.store(Op.SW * self.is_real, self.value, self.value, self.is_real)

    def fill(self, steps: Steps) -> None:
        """The rows of these steps."""
        self.step.fill(steps)
        put(self.value, limbs(steps.b))
        put(self.is_real, 1)


class StorePart(Chip):
    """A byte or half-word at base + imm takes the low bits of rs2's value; the rest stays.

    Assumes: limbs of registers and memory are in range.
    Ensures: on real rows, a half-word is aligned, the address writable, and the word changes so.
    """

    step = Group(Writing)
    odd, upper = Bit(), Bit()
    """The low bits of the address."""
    old_low, old_high = Felt(), Felt()
    """The bytes of the half-word that changes."""
    new_low, new_high = Felt(), Felt()
    """The bytes of the value's low half-word."""
    value_high = Felt()
    half = Felt()
    """What the half-word becomes."""
    byte_stored, half_stored = Bit(), Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.byte_stored)
        yield is_bit(self.half_stored)
        yield is_bit(self.byte_stored + self.half_stored)
        yield is_bit(self.odd)
        yield is_bit(self.upper)
        yield self.half_stored * self.odd == 0
        yield from self.step.address.constrain(self.odd + 2 * self.upper)
        low, high = self.step.before
        yield low + self.upper * (high - low) == self.old_low + 256 * self.old_high
        kept_high = self.new_low + 256 * self.old_high
        kept_low = self.old_low + 256 * self.new_low
        byte_changed = kept_high + self.odd * (kept_low - kept_high)
        half_changed = self.new_low + 256 * self.new_high
        yield self.half == self.byte_stored * byte_changed + self.half_stored * half_changed

    def interact(self) -> Messages:
        real = self.byte_stored + self.half_stored
        yield BYTES.send(self.old_low, self.old_high, times=real)
        yield BYTES.send(self.new_low, self.new_high, times=real)
        low, high = self.step.before
        after = (self.half + self.upper * (low - self.half), high + self.upper * (self.half - high))
        value = (self.new_low + 256 * self.new_high, self.value_high)
        op = Op.SB * self.byte_stored + Op.SH * self.half_stored
        yield from self.step.store(op, value, after, real)

    def fill(self, steps: Steps) -> None:
        """The rows of these steps."""
        self.step.fill(steps)
        address = steps.a + steps.imm
        odd, upper = address & 1, address >> 1 & 1
        old = steps.before >> 16 * upper & 0xFFFF
        new = steps.b & 0xFFFF
        is_byte = steps.op == Op.SB
        shift = 8 * odd
        byte_changed = old & ~(255 << shift) | (new & 255) << shift
        put((self.odd, self.upper), (odd, upper))
        put((self.old_low, self.old_high), (old & 255, old >> 8))
        put((self.new_low, self.new_high), (new & 255, new >> 8))
        put(self.value_high, steps.b >> 16)
        put(self.half, is_byte * byte_changed + ~is_byte * new)
        put((self.byte_stored, self.half_stored), (is_byte, ~is_byte))
