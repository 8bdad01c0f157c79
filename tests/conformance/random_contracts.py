"""Random contracts that reach the EVM's corners more often than random bytes would.

To what `random_writer` computes come calls between a handful of contracts and into precompiles,
most with valid input, creations of contracts that are called at once, return data to its last byte,
recursion to the deepest call, self-destruction. A few snippets are plain noise.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random

from tests.conformance.precompile_inputs import some_input
from tests.conformance.random_writer import ACCOUNTS, NOBODY, Dialect, Writer

_CALLS = {0xF1: True, 0xF2: True, 0xF4: False, 0xFA: False}
_INITCODES = tuple(
    map(
        bytes.fromhex,
        (
            "60fe5f5360015ff3",
            "600160005560ff60005360016000f3",
            "60ef5f5360015ff3",
            "60006000fd",
            "fe",
            "33ff",
            "30ff",
            "6460203d3d3e3d52600660fa3d3df3",
            "6160016000f3",
        ),
    )
)


def call(writer: Writer) -> None:
    random = writer.random
    opcode = random.choice(tuple(_CALLS))
    writer.put(writer.size(), writer.offset(), writer.size(), writer.offset())
    if _CALLS[opcode]:
        writer.put(random.choice((0, 0, 0, 1, 5, writer.value())))
    writer.put(writer.address())
    if random.randrange(3):
        writer.op(0x5A)
    else:
        writer.put(random.choice((0, 2300, 3000, 30_000, 100_000, writer.value())))
    writer.op(opcode)


def returned(writer: Writer) -> None:
    """Stores the hash of the return data, whole or from a byte on, or asks for a byte too many."""
    start = writer.random.choice((1, 32)) if writer.random.randrange(20) == 0 else 0
    writer.put(start)
    writer.op(0x3D, 0x03)  # what is left of it; less than nothing fails
    if writer.random.randrange(50) == 0:
        writer.put(1)
        writer.op(0x01)
    at = writer.offset() % 1024
    writer.put(start, at)
    writer.op(0x3E, 0x3D)
    writer.put(at)
    writer.op(0x20)
    writer.keep()


def precompile(writer: Writer) -> None:
    """A call with input that is valid or nearly so; what came of it is stored."""
    random = writer.random
    number = random.choice(writer.dialect.precompiles)
    data = some_input(random, number)
    writer.load(data)
    opcode = random.choice((0xFA, 0xFA, 0xF1, 0xF2, 0xF4))
    writer.put(random.choice((32, writer.size())), writer.offset(), len(data), 0)
    if _CALLS[opcode]:
        writer.put(random.choice((0, 0, 1)))
    writer.put(number)
    kind = random.randrange(20)
    if kind == 0:
        writer.op(0x5A)  # all of it, lost where the call fails
    else:
        writer.put(random.choice((0, 3000, 6000, 45_000, 50_000)) if kind == 1 else 200_000)
    writer.op(opcode)
    if random.randrange(2):
        writer.keep()
        returned(writer)


def create(writer: Writer) -> None:
    """Initcode of at most a word, in memory; its runtime code is a byte or a few."""
    random = writer.random
    initcode = random.choice((*_INITCODES, random.randbytes(random.randrange(12))))
    writer.put(int.from_bytes(initcode.ljust(32, b"\0"), "big"), 0)
    writer.op(0x52)
    size = len(initcode) if random.randrange(20) else writer.size()
    _create(writer, size)
    if random.randrange(2):
        writer.op(0x80)
        writer.keep()


def deploy(writer: Writer) -> None:
    """Creates a contract from a program of its own, and calls it once or twice."""
    random = writer.random
    inner = Writer(random, writer.dialect, writer.callees)
    for _ in range(random.randrange(1, 6)):
        random.choice((inner.storage, inner.arithmetic, inner.memory, inner.log, inner.keep))()
    end(inner)
    initcode = inner.finished()
    if random.randrange(2):
        outer = Writer(random, writer.dialect, ())
        outer.storage()
        outer.load(initcode)
        outer.put(len(initcode), 0)
        outer.op(0xF3)
        initcode = outer.finished()
    writer.load(initcode)
    _create(writer, len(initcode))
    for _ in range(random.randrange(3)):
        writer.put(0, 0, 0, 0, random.choice((0, 0, 1)))
        writer.op(0x85, 0x5A, 0xF1, 0x50)
    writer.keep()


def _create(writer: Writer, size: int) -> None:
    """CREATE or CREATE2 of initcode at the start of memory; its address is left."""
    random = writer.random
    opcode = random.choice((0xF0, 0xF5))
    if opcode == 0xF5:
        writer.put(writer.slot())
    writer.put(size, 0, random.choice((0, 0, 0, 1, writer.value())))
    writer.op(opcode)


def recursive(random: Random, dialect: Dialect) -> bytes:
    """A program that calls or creates itself with all its gas, and then does something more."""
    writer = Writer(random, dialect, ())
    opcode = random.choice((*_CALLS, 0xF0, 0xF5))
    if opcode in _CALLS:
        writer.put(32, 0, 32, 0)
        if _CALLS[opcode]:
            writer.put(random.choice((0, 0, 1)))
        writer.op(0x30, 0x5A, opcode)
    else:
        writer.op(0x38)
        writer.put(0, 0)
        writer.op(0x39)
        if opcode == 0xF5:
            writer.op(0x5A)  # another salt in each frame
        writer.op(0x38)
        writer.put(0, 0)
        writer.op(opcode)
    writer.keep()
    for _ in range(random.randrange(3)):
        random.choice((writer.storage, writer.arithmetic, partial(returned, writer)))()
    end(writer)
    return writer.finished()


def end(writer: Writer) -> None:
    kind = writer.random.randrange(10)
    if kind == 0:
        beneficiary = writer.random.choice((*ACCOUNTS, NOBODY, b""))
        if beneficiary:
            writer.put(int.from_bytes(beneficiary, "big"))
        else:
            writer.op(0x30)
        writer.op(0xFF)
    elif kind < 9:
        writer.put(writer.size(), writer.offset())
        writer.op(0xFD if kind == 1 else 0xF3)


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
        (partial(call, writer), 12),
        (partial(returned, writer), 3),
        (partial(precompile, writer), 3),
        (partial(create, writer), 3),
        (partial(deploy, writer), 2),
        (writer.skip, 5),
        (writer.loop, 4),
        (writer.subroutine, 3),
        (writer.noise, 1),
    ]


def program(random: Random, address: bytes, dialect: Dialect) -> bytes:
    """The program at one of `ACCOUNTS`; one in twenty is random bytes, one in forty recursive.

    Mostly it calls those after it only: recursion without end is a way to spend gas, no more.
    """
    if random.randrange(20) == 0:
        return random.randbytes(random.randrange(1, 200))
    if random.randrange(40) == 0:
        return recursive(random, dialect)
    after = ACCOUNTS[ACCOUNTS.index(address) + 1 :]
    callees = ACCOUNTS if random.randrange(5) == 0 else after
    writer = Writer(random, dialect, callees)
    kinds, weights = zip(*snippets(writer), strict=True)
    writer.put(*(writer.value() for _ in range(random.choice((0, 3, 17, 17, 17)))))
    for snippet in random.choices(kinds, weights, k=random.randrange(4, 40)):
        snippet()
    end(writer)
    return writer.finished()
