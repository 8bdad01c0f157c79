"""LW; LB, LH, LBU, LHU."""

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
from node.recursion.riscv.events import Steps, limbs, put
from node.recursion.riscv.gadgets import (
    Access,
    Instruction,
    Pointer,
    accessed_before,
    register,
    show_sign,
)
from node.recursion.riscv.isa import CODE_START, Op


class Address(Columns):
    """base + imm modulo 2^32, as the aligned address of a word and the byte within it.

    Assumes: limbs of base and imm are in range.
    """

    base, imm = Word(), Word()
    word = Group(Pointer)

    def constrain(self, offset: Cell = 0) -> Constraints:
        """offset: of the byte within the word, at most 3."""
        carry = 0
        low, high = self.word.limbs
        for base, imm, limb in zip(self.base, self.imm, (low + offset, high), strict=True):
            carry = (base + imm + carry - limb) / 2**16
            yield is_bit(carry)  # over the integers too: |base + imm + carry - limb| < 2^18 < p

    def fill(self, steps: Steps) -> None:
        """The cells of these steps."""
        put(self.base, limbs(steps.a))
        put(self.imm, limbs(steps.imm))
        self.word.fill((steps.a + steps.imm) % 2**32)


class Reading(Columns):
    """The frame of a load: rd := something of the word at an address."""

    at = Group(Instruction)
    rd, rs1 = Felt(), Felt()
    address = Group(Address)
    before = Word()
    """What rd held."""
    one, two, three = Group(Access), Group(Access), Group(Access)

    def load(
        self, op: Cell, word: tuple[Cell, Cell], result: tuple[Cell, Cell], times: Cell
    ) -> Messages:
        """The frame's messages. Assumes: limbs of result are in range."""
        time = self.at.time
        yield from self.at.execute(op, self.rd, self.rs1, 0, self.address.imm, times)
        yield from self.address.word.check(CODE_START, times)
        yield from self.one.read(register(self.rs1), self.address.base, time, times)
        yield from self.two.read(self.address.word.address, word, time + 1, times)
        yield from self.three.exchange(register(self.rd), self.before, result, time + 2, times)
        accesses = [(self.one, time), (self.two, time + 1), (self.three, time + 2)]
        yield from accessed_before(accesses, times)

    def fill(self, steps: Steps) -> None:
        """The cells of these steps."""
        self.at.fill(steps)
        put(self.rd, steps.rd)
        put(self.rs1, steps.rs1)
        self.address.fill(steps)
        put(self.before, limbs(steps.before))
        self.one.fill(steps.time, steps.last1)
        self.two.fill(steps.time + 1, steps.last2)
        self.three.fill(steps.time + 2, steps.last3)


class Load(Chip):
    """rd := the word at base + imm, a multiple of 4.

    Ensures: on real rows, the address is aligned and readable, and rd takes what is there.
    """

    step = Group(Reading)
    value = Word()
    is_real = Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)
        yield from self.step.address.constrain()

    def interact(self) -> Messages:
        yield from self.step.load(Op.LW * self.is_real, self.value, self.value, self.is_real)

    def fill(self, steps: Steps) -> None:
        """The rows of these steps."""
        self.step.fill(steps)
        put(self.value, limbs(steps.b))
        put(self.is_real, 1)


class LoadPart(Chip):
    """rd := the byte or half-word at base + imm, with its sign or zeros above it.

    Assumes: limbs in memory are in range.
    Ensures: on real rows, a half-word is aligned, the address readable, and rd takes the result.
    """

    step = Group(Reading)
    word = Word()
    odd, upper = Bit(), Bit()
    """The low bits of the address."""
    low, high = Felt(), Felt()
    """The bytes of the half-word that is addressed, or that the byte is in."""
    sign = Bit()
    byte, half, byte_unsigned, half_unsigned = Bit(), Bit(), Bit(), Bit()

    def constrain(self) -> Constraints:
        bytes_wanted = self.byte + self.byte_unsigned
        halves_wanted = self.half + self.half_unsigned
        for bit in (self.byte, self.half, self.byte_unsigned, self.half_unsigned):
            yield is_bit(bit)
        yield is_bit(bytes_wanted + halves_wanted)
        yield is_bit(self.odd)
        yield is_bit(self.upper)
        yield is_bit(self.sign)
        yield halves_wanted * self.odd == 0
        yield from self.step.address.constrain(self.odd + 2 * self.upper)
        selected = self.word[0] + self.upper * (self.word[1] - self.word[0])
        yield selected == self.low + 256 * self.high

    def interact(self) -> Messages:
        bytes_wanted = self.byte + self.byte_unsigned
        halves_wanted = self.half + self.half_unsigned
        real = bytes_wanted + halves_wanted
        byte = self.low + self.odd * (self.high - self.low)
        top = bytes_wanted * byte + halves_wanted * self.high
        yield BYTES.send(self.low, self.high, times=real)
        yield from show_sign(top, 8, self.byte + self.half, self.sign, real)
        low = bytes_wanted * (byte + 0xFF00 * self.sign)
        low = low + halves_wanted * (self.low + 256 * self.high)
        op = Op.LB * self.byte + Op.LH * self.half
        op = op + Op.LBU * self.byte_unsigned + Op.LHU * self.half_unsigned
        yield from self.step.load(op, self.word, (low, 0xFFFF * self.sign), real)

    def fill(self, steps: Steps) -> None:
        """The rows of these steps."""
        self.step.fill(steps)
        address = steps.a + steps.imm
        odd, upper = address & 1, address >> 1 & 1
        selected = steps.b >> 16 * upper & 0xFFFF
        lb, lh, lbu, lhu = (steps.op == op for op in (Op.LB, Op.LH, Op.LBU, Op.LHU))
        top = ((selected >> 8 * (odd | lh | lhu)) & 255) >> 7
        put(self.word, limbs(steps.b))
        put(self.odd, odd)
        put(self.upper, upper)
        put(self.low, selected & 255)
        put(self.high, selected >> 8)
        put(self.sign, (lb | lh) * top)
        flags = (self.byte, self.half, self.byte_unsigned, self.half_unsigned)
        put(flags, (lb, lh, lbu, lhu))
