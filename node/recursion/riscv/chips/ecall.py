"""ECALL and the calls that are the machine's own: halt and hint; how a segment ends."""

from __future__ import annotations

from typing import Final

from node.recursion.air.chip import (
    Array,
    Bit,
    Chip,
    Constraints,
    Felt,
    Group,
    Groups,
    Messages,
    Word,
    is_bit,
)
from node.recursion.riscv.buses import CALL, END, HALTED, RANGE, STATE
from node.recursion.riscv.events import Numbers, limbs, put
from node.recursion.riscv.gadgets import (
    Access,
    Call,
    Instruction,
    Pointer,
    accessed_before,
    register,
)
from node.recursion.riscv.isa import CODE_START, DATA_START, Op

A0, A1, A2, A7 = 10, 11, 12, 17
HALT: Final = 93
HINT: Final = 256
BLOCK: Final = 8
"""Words of an output, and of a hint."""


class Ecall(Chip):
    """Hands a call to the chip with its number; after a halt the pc is 0.

    CALL carries `halts`: only (HALT, 1) and the other numbers with 0 find a chip, so it is right.
    """

    at = Group(Instruction)
    number = Felt()
    a0, a1, a2 = Word(), Word(), Word()
    accesses = Groups(Access, 4)
    halts, is_real = Bit(), Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)
        yield is_bit(self.halts)

    def interact(self) -> Messages:
        real, time = self.is_real, self.at.time
        following = (1 - self.halts) * (self.at.pc + 4)
        yield from self.at.execute(Op.ECALL * real, 0, 0, 0, (0, 0), real, following)
        values = {A7: (self.number, 0), A0: self.a0, A1: self.a1, A2: self.a2}
        for access, (number, value) in zip(self.accesses, values.items(), strict=True):
            yield from access.read(register(number), value, time, real)
        yield from accessed_before([(access, time) for access in self.accesses], real)
        yield CALL.send(self.number, self.halts, time, self.a0, self.a1, self.a2, times=real)

    def fill(self, events: Numbers) -> None:
        """events: arrays of time, pc, number, a0, a1, a2 and what x17, x10, x11, x12 were last."""
        time, pc, number, *arguments = events[:6]
        put(self.at.time, time)
        put(self.at.pc, pc)
        put(self.number, number)
        put((self.a0, self.a1, self.a2), tuple(limbs(value) for value in arguments))
        for access, last in zip(self.accesses, events[6:], strict=True):
            access.fill(time, last)
        put(self.halts, number == HALT)
        put(self.is_real, 1)


class Halt(Chip):
    """The end of the run: a0 is the exit code, a1 points to the 32 bytes of output."""

    call = Group(Call)
    output = Array(2 * BLOCK)
    pointer = Group(Pointer)
    accesses = Groups(Access, BLOCK)
    is_real = Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)
        for limb, argument in zip(self.pointer.limbs, self.call.a1, strict=True):
            yield limb == argument

    def interact(self) -> Messages:
        real, time = self.is_real, self.call.time + 1
        yield from self.call.receive(HALT, real, halts=1)
        yield from self.pointer.check(CODE_START, real)
        for i, access in enumerate(self.accesses):
            word = self.output[2 * i : 2 * i + 2]
            yield from access.read(self.pointer.address + 4 * i, word, time, real)
        yield from accessed_before([(access, time) for access in self.accesses], real)
        yield HALTED.send(self.call.a0, self.output, times=real)

    def fill(self, events: Numbers) -> None:
        """events: arrays of time, a0, a1, a2, eight words, and when they were accessed last."""
        self.call.fill(events[:4])
        self.pointer.fill(events[2])
        words, lasts = events[4 : 4 + BLOCK], events[4 + BLOCK :]
        put(self.output, tuple(limb for word in words for limb in limbs(word)))
        for access, last in zip(self.accesses, lasts, strict=True):
            access.fill(events[0] + 1, last)
        put(self.is_real, 1)


class Hint(Chip):
    """Thirty-two bytes of input, of which nothing is known, go where a0 points."""

    call = Group(Call)
    pointer = Group(Pointer)
    after, before = Array(2 * BLOCK), Array(2 * BLOCK)
    accesses = Groups(Access, BLOCK)
    is_real = Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)
        for limb, argument in zip(self.pointer.limbs, self.call.a0, strict=True):
            yield limb == argument

    def interact(self) -> Messages:
        real, time = self.is_real, self.call.time + 2
        yield from self.call.receive(HINT, real)
        yield from self.pointer.check(DATA_START, real)
        for limb in self.after:
            yield RANGE.send(limb, 16, times=real)
        for i, access in enumerate(self.accesses):
            address, word = self.pointer.address + 4 * i, slice(2 * i, 2 * i + 2)
            yield from access.exchange(address, self.before[word], self.after[word], time, real)
        yield from accessed_before([(access, time) for access in self.accesses], real)

    def fill(self, events: Numbers) -> None:
        """events: arrays of time, a0, a1, a2, eight words, what they replace, and its times."""
        self.call.fill(events[:4])
        self.pointer.fill(events[1])
        after, before = events[4 : 4 + BLOCK], events[4 + BLOCK : 4 + 2 * BLOCK]
        put(self.after, tuple(limb for word in after for limb in limbs(word)))
        put(self.before, tuple(limb for word in before for limb in limbs(word)))
        for access, last in zip(self.accesses, events[4 + 2 * BLOCK :], strict=True):
            access.fill(events[0] + 2, last)
        put(self.is_real, 1)


class End(Chip):
    """One row: the last state of the segment, and what a halt said.

    A segment that does not halt has exit code and output zero.
    """

    time, pc = Felt(), Felt()
    halted, is_real = Bit(), Bit()
    exit_code, output = Word(), Array(2 * BLOCK)

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)
        yield is_bit(self.halted)
        yield self.halted * (1 - self.is_real) == 0
        yield self.halted * self.pc == 0
        for limb in (*self.exit_code, *self.output):
            yield (1 - self.halted) * limb == 0

    def interact(self) -> Messages:
        yield STATE.receive(self.time, self.pc, times=self.is_real)
        yield HALTED.receive(self.exit_code, self.output, times=self.halted)
        said = (self.exit_code, self.output)
        yield END.send(self.halted, self.pc, *said, times=self.is_real)

    def fill(self, events: Numbers) -> None:
        """events: arrays of time, pc, halted, exit code, and eight words of output."""
        put((self.time, self.pc, self.halted), tuple(events[:3]))
        put(self.exit_code, limbs(events[3]))
        put(self.output, tuple(limb for word in events[4:] for limb in limbs(word)))
        put(self.is_real, 1)
