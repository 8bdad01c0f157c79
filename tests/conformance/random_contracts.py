"""Random programs for the EVM that reach its corners more often than random bytes would.

A program is a list of snippets that keep the stack balanced most of the time: arithmetic on values
where carries and signs change, memory at the edges of words, storage in few slots so that it
collides, calls between a handful of contracts and into precompiles, creations, bounded loops. A few
snippets are plain noise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
_CALLS = {0xF1: True, 0xF2: True, 0xF4: False, 0xFA: False}


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
    code: bytearray

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

    def call(self) -> None:
        opcode = self.random.choice(tuple(_CALLS))
        self.put(self.size(), self.offset(), self.size(), self.offset())
        if _CALLS[opcode]:
            self.put(self.random.choice((0, 0, 0, 1, 5, self.value())))
        self.put(self.address())
        if self.random.randrange(3):
            self.op(0x5A)
        else:
            self.put(self.random.choice((0, 2300, 3000, 30_000, 100_000, self.value())))
        self.op(opcode)

    def precompile(self) -> None:
        """A call that may succeed: MODEXP of short operands, BN254 on its generator, others."""
        number = self.random.choice((5, 6, 7, self.random.choice(self.dialect.precompiles)))
        words = [self.random.randrange(40) for _ in range(3)] + [self.value(), self.value()]
        if number in (6, 7):
            words = [1, 2, self.random.choice((0, 1)), self.random.choice((0, 2))]
        for index, word in enumerate(words):
            self.put(word, 32 * index)
            self.op(0x52)
        self.put(self.size(), self.offset(), 32 * len(words), 0, number)
        self.op(0x5A, 0xFA)

    def create(self) -> None:
        """Initcode of at most a word, in memory; its runtime code is a byte or a few."""
        initcode = self.random.choice(
            (
                bytes.fromhex("60fe5f5360015ff3"),
                bytes.fromhex("600160005560ff60005360016000f3"),
                bytes.fromhex("60ef5f5360015ff3"),
                bytes.fromhex("60006000fd"),
                bytes.fromhex("fe"),
                bytes.fromhex("33ff"),
                bytes.fromhex("6460203d3d3e3d52600660fa3d3df3"),
                bytes.fromhex("6160016000f3"),
                self.random.randbytes(self.random.randrange(12)),
            )
        )
        self.put(int.from_bytes(initcode.ljust(32, b"\0"), "big"), 0)
        self.op(0x52)
        opcode = self.random.choice((0xF0, 0xF5))
        if opcode == 0xF5:
            self.put(self.slot())
        size = len(initcode) if self.random.randrange(20) else self.size()
        self.put(size, 0, self.random.choice((0, 0, 0, 1, self.value())))
        self.op(opcode)
        if self.random.randrange(2):
            self.op(0x80)
            self.keep()

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

    def end(self) -> None:
        kind = self.random.randrange(10)
        if kind == 0:
            self.put(int.from_bytes(self.random.choice((*ACCOUNTS, NOBODY)), "big"))
            self.op(0xFF)
        elif kind < 9:
            self.put(self.size(), self.offset())
            self.op(0xFD if kind == 1 else 0xF3)


def snippets(writer: Writer) -> list[tuple[Callable[[], None], int]]:
    """Each kind of snippet and how often it comes."""
    return [
        (writer.arithmetic, 20),
        (writer.environment, 12),
        (writer.keep, 12),
        (writer.storage, 14),
        (writer.memory, 8),
        (writer.copy, 6),
        (writer.hash, 4),
        (writer.log, 5),
        (writer.shuffle, 6),
        (writer.call, 12),
        (writer.precompile, 3),
        (writer.create, 3),
        (writer.skip, 5),
        (writer.loop, 4),
        (writer.subroutine, 3),
        (writer.noise, 1),
    ]


def program(random: Random, address: bytes, dialect: Dialect) -> bytes:
    """The program at one of `ACCOUNTS`; one in twenty is random bytes.

    Mostly it calls those after it only: recursion without end is a way to spend gas, no more.
    """
    if random.randrange(20) == 0:
        return random.randbytes(random.randrange(1, 200))
    after = ACCOUNTS[ACCOUNTS.index(address) + 1 :]
    callees = ACCOUNTS if random.randrange(5) == 0 else after
    writer = Writer(random, dialect, callees, bytearray())
    kinds, weights = zip(*snippets(writer), strict=True)
    writer.put(*(writer.value() for _ in range(random.choice((0, 3, 17, 17, 17)))))
    for snippet in random.choices(kinds, weights, k=random.randrange(4, 40)):
        snippet()
    writer.end()
    return bytes(writer.code)
