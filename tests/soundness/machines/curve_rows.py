"""Calls of the curve chips, and rows that claim of points whatever a test wants."""

import coincurve

from node.recursion.field import P
from node.recursion.riscv.bignum import digits_of
from node.recursion.riscv.chips.secp256k1 import (
    PRIME,
    Secp256k1Add,
    Secp256k1Double,
    add_zeros,
    double_zeros,
    line,
)
from node.recursion.riscv.events import put, row_of
from tests.soundness.machines.bignum import Memory, filled, machine

ADD, DOUBLE = machine(Secp256k1Add), machine(Secp256k1Double)
TO, FROM = 0x0100_0000, 0x0100_4000
GENERATOR = coincurve.PrivateKey.from_int(1).public_key
SMALL = 2**256 - PRIME
"""Below it, x and x + p both fit 256 bits."""


def point(scalar):
    return coincurve.PrivateKey.from_int(scalar).public_key.point()


P1, P2 = point(2**77 + 5), point(2**99 + 3)


def formula_add(first, second):
    """The chord's formula, for points that need not be on the curve."""
    (x1, y1), (x2, y2) = first, second
    return line((y2 - y1) * pow(x2 - x1, -1, PRIME) % PRIME, x1, y1, x2)


def formula_double(first):
    x, y = first
    return line(3 * x * x * pow(2 * y, -1, PRIME) % PRIME, x, y, x)


def load(memory, at):
    return memory.load(at, 32), memory.load(at + 32, 32)


def store(memory, at, numbers):
    for i, number in enumerate(numbers):
        memory.store(at + 32 * i, number, 32)


def add_event(memory, time, to, other, add=formula_add):
    second, read = memory.access(other, 16, time + 1)
    first, exchanged = memory.access(to, 16, time + 2)
    store(memory, to, add(load(memory, to), load(memory, other)))
    return [time, to, other, 9 << 16 | 3, *first, *exchanged, *second, *read]


def double_event(memory, time, to, double=formula_double):
    words, last = memory.access(to, 16, time + 2)
    store(memory, to, double(load(memory, to)))
    return [time, to, 7 << 16 | 1, 9 << 16 | 3, *words, *last]


def put_coordinates(row, names, numbers):
    for name, number in zip(names, numbers, strict=True):
        group = row
        for part in name.split("."):
            group = getattr(group, part)
        group.fill([number], PRIME)


def put_quotients(row, zeros, twist):
    """Quotients that leave the twist; rounded where they leave more."""
    multiples = (row.direction, *row.result.multiples)
    for multiple, zero, left in zip(multiples, zeros, twist, strict=True):
        quotient = (zero - left) // PRIME
        digits = digits_of([quotient], len(multiple.quotient), multiple.digit_bits, signed=True)
        put(multiple.quotient, digits)


def add_row(numbers=(*P1, *P2), slope=None, result=None, twist=(0, 0, 0)):
    """A row on x1, y1, x2, y2 with the slope and the sum that it claims."""
    memory = Memory()
    store(memory, TO, P1)
    store(memory, FROM, P2)
    table = filled(Secp256k1Add, [add_event(memory, 4, TO, FROM)])
    row = row_of(Secp256k1Add, table, 1)
    x1, y1, x2, y2 = numbers
    if slope is None:
        slope = (y2 - y1 + twist[0]) * pow(x2 - x1, -1, PRIME) % PRIME
    x3 = (slope * slope - x1 - x2 - twist[1]) % PRIME
    sums = result or (x3, (slope * (x1 - x3) - y1 - twist[2]) % PRIME)
    put_coordinates(row, ("x1", "y1", "x2", "y2", "result.x", "result.y"), (*numbers, *sums))
    put(row.result.slope, digits_of([slope], 32, 8))
    put_quotients(row, add_zeros(slope, *numbers, *sums), twist)
    octets = zip(x1.to_bytes(32, "little"), x2.to_bytes(32, "little"), strict=True)
    distance = sum((a - b) ** 2 for a, b in octets)
    put(row.distinct, pow(distance, -1, P) if distance else 12345)
    return table


def double_row(numbers=P1, slope=None, result=None, twist=(0, 0, 0)):
    """The same of doubling x, y."""
    memory = Memory()
    store(memory, TO, P1)
    table = filled(Secp256k1Double, [double_event(memory, 4, TO)])
    row = row_of(Secp256k1Double, table, 1)
    x, y = numbers
    if slope is None:
        slope = (3 * x * x + twist[0]) * pow(2 * y, -1, PRIME) % PRIME
    x3 = (slope * slope - 2 * x - twist[1]) % PRIME
    sums = result or (x3, (slope * (x - x3) - y - twist[2]) % PRIME)
    put_coordinates(row, ("x1", "y1", "result.x", "result.y"), (*numbers, *sums))
    put(row.result.slope, digits_of([slope], 32, 8))
    put_quotients(row, double_zeros(slope, *numbers, *sums), twist)
    total = sum(y.to_bytes(32, "little"))
    put(row.not_zero, pow(total, -1, P) if total else 12345)
    return table
