"""What chips of the RISC-V machine have in common: accesses, the frame of an instruction, signs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from node.recursion.air.chip import (
    Bit,
    Cell,
    Columns,
    Constraints,
    Felt,
    Group,
    Messages,
    Word,
    is_bit,
)
from node.recursion.riscv.buses import BYTES, CALL, MEMORY, PROGRAM, RANGE, STATE
from node.recursion.riscv.events import Numbers, Steps, limbs, put
from node.recursion.riscv.isa import IMMEDIATE

TICKS: Final = 4
"""From one instruction to the next."""
X0: Final = (0, 0)


def register(number: Cell) -> Cell:
    """The address of a register."""
    return 4 * number


class Access(Columns):
    """One access to one address: takes what was last put there, puts back the next.

    The bus balances only if every tuple put is taken exactly once, so what is taken is the latest;
    last < time orders that chain, so no access is answered from the future.
    Assumes: times are below p - 2^24; limbs of `after` are in range. The owner sends `late`'s byte.
    """

    last, gap = Felt(), Felt()

    def late(self, time: Cell) -> Cell:
        """The high part of time - last - 1, which must be a byte; gap is the low part."""
        return (time - self.last - 1 - self.gap) / 2**16

    def exchange(
        self, address: Cell, before: Sequence[Cell], after: Sequence[Cell], time: Cell, times: Cell
    ) -> Messages:
        """The access's messages, but for `late`'s byte."""
        yield MEMORY.receive(address, tuple(before), self.last, times=times)
        yield MEMORY.send(address, tuple(after), time, times=times)
        yield RANGE.send(self.gap, 16, times=times)

    def read(self, address: Cell, value: Sequence[Cell], time: Cell, times: Cell) -> Messages:
        """An access that changes nothing."""
        yield from self.exchange(address, value, value, time, times)

    def fill(self, time: Any, last: Any) -> None:  # noqa: ANN401  # arrays
        """The cells of accesses at `time` to what was last accessed at `last`."""
        put(self.last, last)
        put(self.gap, (time - last - 1) & 0xFFFF)


def accessed_before(accesses: Sequence[tuple[Access, Cell]], times: Cell) -> Messages:
    """Shows of accesses, each with its time, that what they take is older: two a message."""
    late = [access.late(time) for access, time in accesses]
    for low, high in zip(late[::2], late[1::2], strict=False):
        yield BYTES.send(low, high, times=times)
    if len(late) % 2:
        yield RANGE.send(late[-1], 8, times=times)


class Pointer(Columns):
    """An address that is a multiple of 4, as limbs (4 quarter, high)."""

    quarter, high = Felt(), Felt()

    @property
    def address(self) -> Cell:
        """The address itself."""
        return 4 * self.quarter + 2**16 * self.high

    @property
    def limbs(self) -> tuple[Cell, Cell]:
        """Low and high."""
        return 4 * self.quarter, self.high

    def check(self, start: int, times: Cell) -> Messages:
        """Shows that start <= address < start + 2^29. start: a multiple of 2^16.

        The memory tree ends at 2^29: what is above has no leaf. This keeps addresses from wrapping.
        """
        yield RANGE.send(self.quarter, 14, times=times)
        yield RANGE.send(self.high - start // 2**16, 13, times=times)

    def fill(self, address: Any) -> None:  # noqa: ANN401  # an array
        """The cells of these addresses."""
        put(self.quarter, (address & 0xFFFF) >> 2)
        put(self.high, address >> 16)


class Call(Columns):
    """What a chip behind an ecall takes: when, and the three arguments."""

    time = Felt()
    a0, a1, a2 = Word(), Word(), Word()

    def receive(self, number: int, times: Cell, halts: int = 0) -> Messages:
        """Takes the call with this number."""
        yield CALL.receive(number, halts, self.time, self.a0, self.a1, self.a2, times=times)

    def fill(self, events: Numbers) -> None:
        """events: arrays of time, a0, a1 and a2."""
        put(self.time, events[0])
        for cells, value in zip((self.a0, self.a1, self.a2), events[1:], strict=True):
            put(cells, limbs(value))


class Instruction(Columns):
    """When and where an instruction runs."""

    time, pc = Felt(), Felt()

    def execute(
        self,
        opcode: Cell,
        rd: Cell,
        rs1: Cell,
        rs2: Cell,
        imm: Sequence[Cell],
        times: Cell,
        next_pc: Cell | None = None,
    ) -> Messages:
        """Takes the state, looks the instruction up, and leaves the next state."""
        following = self.pc + 4 if next_pc is None else next_pc
        yield STATE.receive(self.time, self.pc, times=times)
        yield PROGRAM.send(self.pc, opcode, rd, rs1, rs2, tuple(imm), times=times)
        yield STATE.send(self.time + TICKS, following, times=times)

    def fill(self, steps: Steps) -> None:
        """The cells of these steps."""
        put(self.time, steps.time)
        put(self.pc, steps.pc)


class Operation(Columns):
    """An instruction that computes c from a and b: rd := c.

    b is register rs2, or imm where `immediate`: then rs2 is x0, and reading it yields zero.
    """

    at = Group(Instruction)
    rd, rs1, rs2 = Felt(), Felt(), Felt()
    immediate = Bit()
    before = Word()
    """What rd held."""
    one, two, three = Group(Access), Group(Access), Group(Access)

    def constrain(self) -> Constraints:
        """What holds for every operation."""
        yield is_bit(self.immediate)

    def compute(
        self,
        op: Cell,
        a: Sequence[Cell],
        b: Sequence[Cell],
        c: Sequence[Cell],
        times: Cell,
    ) -> Messages:
        """The frame's messages. Assumes: limbs of c are in range."""
        time = self.at.time
        imm = tuple(self.immediate * limb for limb in b)
        from_register = tuple(limb - part for limb, part in zip(b, imm, strict=True))
        opcode = op + IMMEDIATE * self.immediate
        yield from self.at.execute(opcode, self.rd, self.rs1, self.rs2, imm, times)
        yield from self.one.read(register(self.rs1), a, time, times)
        yield from self.two.read(register(self.rs2), from_register, time + 1, times)
        yield from self.three.exchange(register(self.rd), self.before, c, time + 2, times)
        accesses = [(self.one, time), (self.two, time + 1), (self.three, time + 2)]
        yield from accessed_before(accesses, times)

    def fill(self, steps: Steps) -> None:
        """The cells of these steps."""
        self.at.fill(steps)
        put(self.rd, steps.rd)
        put(self.rs1, steps.rs1)
        put(self.rs2, steps.rs2)
        put(self.immediate, steps.opcode >= IMMEDIATE)
        put(self.before, limbs(steps.before))
        self.one.fill(steps.time, steps.last1)
        self.two.fill(steps.time + 1, steps.last2)
        self.three.fill(steps.time + 2, steps.last3)


def show_sign(value: Cell, bits: int, signed: Cell, sign: Cell, times: Cell) -> Messages:
    """Shows that sign is the top bit of a value of so many bits where `signed`, 0 where not.

    The shifted value stays in range for the right sign only. Assumes: value is in range.
    """
    yield RANGE.send(value + 2 ** (bits - 1) * signed - 2**bits * sign, bits, times=times)


def word_of(parts: Sequence[Cell]) -> tuple[Cell, Cell]:
    """The two limbs of four bytes."""
    return parts[0] + 256 * parts[1], parts[2] + 256 * parts[3]
