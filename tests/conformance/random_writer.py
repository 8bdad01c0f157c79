"""Writes random programs for the EVM: what a program computes, before it calls anybody.

A program is a list of snippets that keep the stack balanced most of the time: arithmetic on values
where carries and signs change, memory at the edges of words, storage in few slots so that it
collides, bounded loops, subroutines.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from node.crypto import address_of

ACCOUNTS = tuple(bytes([n]) * 20 for n in (0xC1, 0xC2, 0xC3, 0xC4))
NOBODY = b"\xdd" * 20
SENDER_SECRET, AUTHORITY_SECRET = b"\x07" * 32, b"\x08" * 32
AUTHORITY = address_of(AUTHORITY_SECRET)

_EDGES = (
    *(0, 1, 2, 3, 7, 31, 32, 33, 63, 64, 65, 127, 128, 255, 256, 1023, 1024, 2**16),
    *(2**32, 2**63, 2**64 - 1, 2**64, 2**128 - 1, 2**160, 2**255 - 1, 2**255, 2**256 - 1),
)
_UNARY = (0x15, 0x19, 0x31, 0x35, 0x3B, 0x3F, 0x40, 0x50, 0x54, 0x5C, 0x49)
_BINARY = (
    *(0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0A, 0x0B),
    *(0x10, 0x11, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1A, 0x1B, 0x1C, 0x1D),
)
_TERNARY = (0x08, 0x09)
_NULLARY = (
    *(0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3D, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48),
    *(0x4A, 0x58, 0x59, 0x5A, 0x5F),
)
_OTHERS = (int.from_bytes(NOBODY, "big"), int.from_bytes(AUTHORITY, "big"))


@dataclass(frozen=True)
class Dialect:
    """What a fork has: opcodes of one operand, precompiles."""

    unary: tuple[int, ...]
    precompiles: tuple[int, ...]


CANCUN = Dialect(_UNARY, tuple(range(1, 0x0B)))
OSAKA = Dialect((*_UNARY, 0x1E, 0x1E), (*range(1, 0x12), 0x100))


def push(value: int) -> bytes:
    """The shortest PUSH1 to PUSH32 of a value."""
    data = value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")
    return bytes([0x5F + len(data)]) + data


@dataclass
class Writer:
    """Writes one program."""

    random: Random
    dialect: Dialect
    callees: tuple[bytes, ...]
    code: bytearray = field(default_factory=bytearray)
    attached: list[tuple[int, bytes]] = field(default_factory=list)
    """Data behind the code, each with the place in the code that says where it begins."""

    def value(self) -> int:
        kind = self.random.randrange(10)
        if kind < 5:
            return self.random.choice(_EDGES)
        if kind < 7:
            return self.random.randrange(64)
        if kind < 8:
            return int.from_bytes(self.random.choice(ACCOUNTS), "big")
        return self.random.getrandbits(self.random.choice((8, 16, 64, 160, 256)))

    def offset(self) -> int:
        """A place in memory; one in two thousand costs more gas than there is."""
        if self.random.randrange(2000) == 0:
            return self.random.choice((2**24, 2**32, 2**64, 2**256 - 1))
        return self.random.choice((0, 0, 1, 31, 32, 33, 64, 95, 96, self.random.randrange(400)))

    def size(self) -> int:
        if self.random.randrange(2000) == 0:
            return self.random.choice((2**24, 2**64, 2**256 - 1))
        return self.random.choice((0, 1, 4, 31, 32, 33, 64, 128, 213, self.random.randrange(300)))

    def slot(self) -> int:
        return self.random.randrange(4)

    def address(self) -> int:
        kind = self.random.randrange(12)
        if kind < 7 and self.callees:
            return int.from_bytes(self.random.choice(self.callees), "big")
        if kind < 10:
            return self.random.choice(self.dialect.precompiles)
        return self.random.choice((*_OTHERS, self.value()))

    def put(self, *values: int) -> None:
        for value in values:
            self.code += push(value)

    def op(self, *opcodes: int) -> None:
        self.code += bytes(opcodes)

    def load(self, data: bytes, at: int = 0) -> None:
        """Copies data, which will lie behind the code, to memory."""
        self.put(len(data))
        self.op(0x61, 0, 0)
        self.attached.append((len(self.code) - 2, data))
        self.put(at)
        self.op(0x39)

    def finished(self) -> bytes:
        """The program, with all that is attached to it."""
        code = bytearray(self.code)
        if self.attached:
            code.append(0x00)
        for at, data in self.attached:
            code[at : at + 2] = len(code).to_bytes(2, "big")
            code += data
        return bytes(code)

    # --- snippets

    def arithmetic(self) -> None:
        for opcodes, arity in ((_BINARY, 2), (_TERNARY, 3)):
            self.put(*(self.value() for _ in range(arity)))
            self.op(self.random.choice(opcodes))
        self.op(self.random.choice(_BINARY))

    def environment(self) -> None:
        self.op(self.random.choice(_NULLARY))
        self.put(self.value())
        self.op(self.random.choice(self.dialect.unary))

    def keep(self) -> None:
        """Stores what is on the stack, so that a difference shows."""
        self.put(self.slot())
        self.op(0x55)

    def storage(self) -> None:
        self.put(self.random.choice((0, 0, 1, 2, self.value())), self.slot())
        self.op(self.random.choice((0x55, 0x55, 0x55, 0x5D)))
        self.put(self.slot())
        self.op(self.random.choice((0x54, 0x5C)))

    def memory(self) -> None:
        self.put(self.value(), self.offset())
        self.op(self.random.choice((0x52, 0x53)))
        self.put(self.offset())
        self.op(0x51)

    def copy(self) -> None:
        opcode = self.random.choice((0x37, 0x39, 0x3C, 0x3E, 0x5E))
        # Copying more return data than there is fails, so mostly none is asked for.
        nothing = opcode == 0x3E and self.random.randrange(10)
        source, size = (0, 0) if nothing else (self.offset(), self.size())
        self.put(size, source, self.offset())
        if opcode == 0x3C:
            self.put(self.address())
        self.op(opcode)

    def hash(self) -> None:
        self.put(self.size(), self.offset())
        self.op(0x20)

    def log(self) -> None:
        topics = self.random.randrange(5)
        self.put(*(self.value() for _ in range(topics)), self.size(), self.offset())
        self.op(0xA0 + topics)

    def shuffle(self) -> None:
        self.put(*(self.value() for _ in range(self.random.randrange(1, 4))))
        self.op(self.random.choice((0x80, 0x81, 0x82, 0x8F, 0x90, 0x91, 0x92, 0x9F)))

    def skip(self) -> None:
        """A jump over a snippet, taken or not."""
        self.put(self.random.choice((0, 1, self.value())))
        jump = len(self.code)
        self.op(0x61, 0, 0, 0x57)
        self.random.choice((self.arithmetic, self.storage, self.memory))()
        target = len(self.code)
        if self.random.randrange(50) == 0:
            target += 1  # not a jump destination
        self.code[jump + 1 : jump + 3] = target.to_bytes(2, "big")
        self.op(0x5B)

    def loop(self) -> None:
        """A body run a few times, the counter below whatever the body leaves and in its sums."""
        self.put(0)
        start = len(self.code)
        self.op(0x5B)
        self.put(1)
        self.op(0x01)
        for _ in range(self.random.randrange(1, 4)):
            if self.random.randrange(2):
                self.op(0x80)
                self.put(self.value())
                self.op(self.random.choice(_BINARY))
            else:
                self.random.choice((self.arithmetic, self.storage, self.memory, self.hash))()
            if self.random.randrange(2):
                self.keep()
            else:
                self.op(0x50)
        self.op(0x80)
        self.put(self.random.choice((2, 3, 8, 30)))
        self.op(0x11)
        self.put(start)
        self.op(0x57)

    def subroutine(self) -> None:
        """A function called from two places, as compilers lay them out."""
        entry = 0
        for argument in (self.value(), self.value()):
            at = len(self.code)
            self.op(0x61, 0, 0)
            self.put(argument)
            self.op(0x61, *entry.to_bytes(2, "big"), 0x56)
            if not entry:
                entry = len(self.code)
                self.code[entry - 3 : entry - 1] = entry.to_bytes(2, "big")
                self.op(0x5B)
                self.put(self.value())
                self.op(self.random.choice(_BINARY), 0x90, 0x56)
            self.code[at + 1 : at + 3] = len(self.code).to_bytes(2, "big")
            self.op(0x5B)

    def noise(self) -> None:
        if self.random.randrange(4) == 0:
            self.op(*self.random.randbytes(self.random.randrange(1, 6)))
