"""The curve chips: equal to coincurve, and nothing else passes."""

import random
from dataclasses import replace
from itertools import product

import coincurve
import numpy as np
import pytest

from node.recursion.air.bounds import multiplicity_bounds
from node.recursion.field import P
from node.recursion.prover import prove
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
from node.recursion.security import TOY
from node.recursion.verifier import verify
from tests.soundness.machines.bignum import (
    Memory,
    complete,
    filled,
    machine,
    problems,
    quiet_changes,
    row_objections,
    sent,
)
from tests.soundness.mutation import free_cells, idle_equations

ADD, DOUBLE = machine(Secp256k1Add), machine(Secp256k1Double)
TO, FROM = 0x0100_0000, 0x0100_4000
GENERATOR = coincurve.PrivateKey.from_int(1).public_key
SMALL = 2**256 - PRIME
"""Below it, x and x + p both fit 256 bits."""


def point(scalar):
    return coincurve.PrivateKey.from_int(scalar).public_key.point()


def random_points(seed, count):
    generator = random.Random(seed)
    return [point(generator.randrange(1, 2**255)) for _ in range(count)]


def combined(*points):
    keys = [coincurve.PublicKey.from_point(*p) for p in points]
    return coincurve.PublicKey.combine_keys(keys).point()


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


def assert_right(of, table, memory):
    assert problems(of, table) == set()
    left = {key for key, times in sent(of, table, "memory").items() if times == 1}
    assert left == memory.held()


def test_sums():
    """A running sum of points, by coincurve."""
    memory, events = Memory(), []
    points = random_points(1, 24)
    store(memory, TO, GENERATOR.point())
    for i, other in enumerate(points):
        store(memory, FROM + 64 * i, other)
        events.append(add_event(memory, 4 * i + 4, TO, FROM + 64 * i, combined))
    assert load(memory, TO) == combined(GENERATOR.point(), *points)
    assert_right(ADD, filled(Secp256k1Add, events), memory)


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1), (1, 3), (2**200, 5)])
def test_small_multiples(first, second):
    memory = Memory()
    store(memory, TO, point(first))
    store(memory, FROM, point(second))
    table = filled(Secp256k1Add, [add_event(memory, 4, TO, FROM)])
    assert load(memory, TO) == point(first + second)
    assert_right(ADD, table, memory)


def test_doubles():
    """2^i G, and doubles of random points, by coincurve."""
    memory, events = Memory(), []
    store(memory, TO, GENERATOR.point())
    for i in range(12):
        events.append(double_event(memory, 4 * i + 4, TO, lambda p: combined(p, p)))
    assert load(memory, TO) == point(2**12)
    for i, one in enumerate(random_points(2, 12)):
        store(memory, FROM + 64 * i, one)
        events.append(double_event(memory, 100 + 4 * i, FROM + 64 * i, lambda p: combined(p, p)))
    assert_right(DOUBLE, filled(Secp256k1Double, events), memory)


EDGES = [0, 1, 2, SMALL - 1, SMALL, 2**255, PRIME - 2, PRIME - 1]


def edge_events():
    """Any reduced coordinates do, on the curve or not: the grid of edges."""
    memory, events = Memory(), []
    at = TO
    for x1, y1, x2, y2 in product(EDGES, EDGES[1::2], EDGES, EDGES[::3]):
        if x1 != x2:
            store(memory, at, (x1, y1, x2, y2))
            events.append(add_event(memory, 4 + len(events) * 4, at, at + 64))
            at += 128
    return memory, events


def test_edges():
    _, events = edge_events()
    table = filled(Secp256k1Add, events[::7])
    assert problems(ADD, table) == set()


@pytest.mark.slow
def test_the_grid_of_edges():
    memory, events = edge_events()
    assert_right(ADD, filled(Secp256k1Add, events), memory)


def test_edges_of_doubling():
    memory, events = Memory(), []
    for x, y in product(EDGES, EDGES[1:]):
        at = TO + 64 * len(events)
        store(memory, at, (x, y))
        events.append(double_event(memory, 4 + 4 * len(events), at))
    assert_right(DOUBLE, filled(Secp256k1Double, events), memory)


@pytest.mark.parametrize("offset", [-32, 32, 4, -60])
def test_points_that_overlap(offset):
    """q is read before p is written."""
    memory = Memory()
    for i in range(-16, 32):
        memory.words[TO + 0x100 + 4 * i] = (i * 0x9E3779B9 + 12345) & 0x7FFFFFFF
    assert_right(
        ADD,
        filled(Secp256k1Add, [add_event(memory, 4, TO + 0x100, TO + 0x100 + offset)]),
        memory,
    )


@pytest.mark.parametrize(
    ("to", "other", "expected"),
    [
        (TO, 0x0001_0000, set()),
        (TO, 0x0000_FFFC, {"range"}),
        (0x00FF_FFFC, FROM, {"range"}),
        (0x2100_0000, FROM, {"range"}),
        (TO, 0x2001_0000, {"range"}),
    ],
)
def test_pointers(to, other, expected):
    memory = Memory()
    store(memory, to, point(5))
    store(memory, other, point(6))
    assert problems(ADD, filled(Secp256k1Add, [add_event(memory, 4, to, other)])) == expected
    if other == FROM:
        assert problems(DOUBLE, filled(Secp256k1Double, [double_event(memory, 8, to)])) == expected


@pytest.mark.parametrize("offset", [1, 2, 3])
def test_misaligned_pointers(offset):
    for chip, of, table in (
        (Secp256k1Add, ADD, add_row()),
        (Secp256k1Double, DOUBLE, double_row()),
    ):
        quarter = row_of(chip, table, 1).p.quarter
        put(quarter, quarter.astype(np.int64) + offset * pow(4, -1, P) % P)
        assert problems(of, table) == {"range"}


@pytest.mark.slow
@pytest.mark.parametrize("which", [Secp256k1Add, Secp256k1Double])
def test_a_real_proof(which):
    of, table = (ADD, add_row()) if which is Secp256k1Add else (DOUBLE, double_row())
    tables = complete(of, table)
    proof, key = prove(of, TOY, tables, ())
    verify(key, proof, ())


# What a prover could try instead.

P1, P2 = point(2**77 + 5), point(2**99 + 3)


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


def refuses(of, row, names=()):
    """Whether the row is refused, whatever bits mark these coordinates."""
    chip = Secp256k1Add if of is ADD else Secp256k1Double
    table = np.repeat(row, 64, axis=0)
    cells = row_of(chip, table, 64)
    for name in names:
        group = cells
        for part in name.split("."):
            group = getattr(group, part)
        put((*group.below.line, *group.below.place), np.array(list(product((0, 1), repeat=6))).T)
    return all(row_objections(of, table))


def test_rows_that_hold():
    """The builders of bad rows build good ones."""
    assert problems(ADD, add_row()) == set()
    assert problems(DOUBLE, double_row()) == set()


@pytest.mark.parametrize("slope", [0, 1, 3 * P1[0] ** 2 * pow(2 * P1[1], -1, PRIME) % PRIME])
def test_a_point_plus_itself(slope):
    """Any slope is that of a line through p and p, the tangent's too: all are refused."""
    assert problems(ADD, add_row((*P1, *P1), slope)) == {DISTINCT}


def test_a_point_minus_itself():
    opposite = P1[0], PRIME - P1[1]
    for slope in (0, 1, PRIME - 1):
        assert DISTINCT in problems(ADD, add_row((*P1, *opposite), slope))


@pytest.mark.parametrize("distinct", [0, 1, 12345])
def test_equal_x_in_another_encoding(distinct):
    """x and x + p have a distance, but x + p is not below p."""
    x, y = 77, 5
    row = add_row((x, y, x + PRIME, y), 99)
    assert refuses(ADD, row, ["x2"])
    assert refuses(ADD, add_row((x + PRIME, y, x, y), 99), ["x1"])


@pytest.mark.parametrize("number", [0, 77, SMALL - 1])
@pytest.mark.parametrize("name", ["x1", "y1", "x2", "y2"])
def test_operands_that_are_not_reduced(name, number):
    place = ["x1", "y1", "x2", "y2"].index(name)
    for lift, expected in ((0, False), (PRIME, True)):
        numbers = [*P1, *P2]
        numbers[place] = number + lift
        assert refuses(ADD, add_row(numbers), [name]) == expected
        if place < 2 and (name, number) != ("y1", 0):
            assert refuses(DOUBLE, double_row(numbers[:2]), [name]) == expected


def row_with_sum(x3, y3, result=None):
    """p and q such that p + q = (x3, y3), and what the row says instead."""
    slope, x1 = 3 << 190, 9 << 222  # any
    y1 = (slope * (x1 - x3) - y3) % PRIME
    x2 = (slope * slope - x1 - x3) % PRIME
    y2 = (y1 + slope * (x2 - x1)) % PRIME
    return add_row((x1, y1, x2, y2), slope, result)


@pytest.mark.parametrize("number", [0, 77, SMALL - 1])
def test_sums_that_are_not_reduced(number):
    assert not refuses(ADD, row_with_sum(number, 5))
    assert refuses(ADD, row_with_sum(number, 5, (number + PRIME, 5)), ["result.x"])
    assert not refuses(ADD, row_with_sum(5, number))
    assert refuses(ADD, row_with_sum(5, number, (5, number + PRIME)), ["result.y"])


def test_slopes_that_are_not_reduced_change_nothing():
    slope = 1000
    numbers = (5, 6, 8, 6 + 3 * slope)
    assert problems(ADD, add_row(numbers, slope)) == set()
    x3, y3 = line(slope, *numbers[:3])
    assert problems(ADD, add_row(numbers, slope + PRIME, (x3, y3))) == set()


@pytest.mark.parametrize("change", [1, PRIME - 1, 2**16, 2**128])
def test_other_results(change):
    """With the best quotients there are."""
    x3, y3 = formula_add(P1, P2)
    for wrong in (((x3 + change) % PRIME, y3), (x3, (y3 + change) % PRIME)):
        assert refuses(ADD, add_row(result=wrong), ["result.x", "result.y"])
    x3, y3 = formula_double(P1)
    for wrong in (((x3 + change) % PRIME, y3), (x3, (y3 + change) % PRIME)):
        assert refuses(DOUBLE, double_row(result=wrong), ["result.x", "result.y"])
    slope = (P2[1] - P1[1]) * pow(P2[0] - P1[0], -1, PRIME) + change
    assert refuses(ADD, add_row(slope=slope % PRIME))


@pytest.mark.parametrize("slope", [0, 1, 2**200])
def test_doubling_where_the_tangent_is_vertical(slope):
    """x = y = 0 leaves the slope free, other x leave none."""
    assert problems(DOUBLE, double_row((0, 0), slope)) == {NOT_ZERO}
    assert NOT_ZERO in problems(DOUBLE, double_row((5, 0), slope))


# For each equation, by number, a row that it alone refuses.
REAL, DISTINCT, NOT_ZERO = 0, 1, 1
NEGATIVE = P - 1
BAD_MARKS = [(NEGATIVE, 1, 1), (1, NEGATIVE, 1), (1, 1, NEGATIVE), (1, 1, 0)]
FIRST = (1, 0, 0)
BELOW = 8 + 15


def bad_orders(row_of_number):
    """Rows with a coordinate that its 23 equations must refuse, one each, in order.

    row_of_number: builds a row with that coordinate, and gives the group of its marks.
    """
    for kind, bad in ((k, b) for k in range(2) for b in BAD_MARKS):
        # all limbs but the lowest are the prime's; marks worth -1 there show that it is more
        row, below = row_of_number(PRIME + (5 if bad[0] == NEGATIVE else -5))
        put((*below.line, *below.place), (*bad, *FIRST) if kind == 0 else (*FIRST, *bad))
        yield row
    for limb in range(1, 16):
        row, below = row_of_number(PRIME - 5 - (1 << 16 * limb))
        put((*below.line, *below.place), (*FIRST, *FIRST))
        yield row


def added(name):
    place = ["x1", "y1", "x2", "y2"].index(name)

    def build(number):
        numbers = [*P1, *P2]
        numbers[place] = number
        row = add_row(numbers)
        return row, getattr(row_of(Secp256k1Add, row, 1), name).below

    return build


def added_to(name):
    def build(number):
        wanted = (number, 5) if name == "x" else (5, number)
        row = row_with_sum(*wanted, wanted)
        return row, getattr(row_of(Secp256k1Add, row, 1).result, name).below

    return build


def doubled(name):
    def build(number):
        row = double_row((number, P1[1]) if name == "x1" else (P1[0], number))
        return row, getattr(row_of(Secp256k1Double, row, 1), name).below

    return build


def root(square):
    """A square root modulo the prime, None if there is none."""
    found = pow(square, (PRIME + 1) // 4, PRIME)
    return found if (found * found - square) % PRIME == 0 else None


def tangents(wanted_x, wanted_y):
    """(x, slope) of points that double to this x, or to this y (the other None).

    With 2 y s = 3 x^2: x3 = s^2 - 2 x, and y3 = s (x - x3) - y says that
    3 x^2 - 6 s^2 x + 2 s^4 + 2 s y3 = 0.
    """
    for seed in range(1, 100):
        if wanted_y is None and (slope := root((wanted_x + 2 * seed) % PRIME)):
            yield seed, slope
        elif wanted_x is None and (part := root((12 * seed**4 - 24 * seed * wanted_y) % PRIME)):
            yield (seed * seed + part * pow(6, -1, PRIME)) % PRIME, seed


def doubled_to(name):
    def build(number):
        x, slope = next(tangents(number, None) if name == "x" else tangents(None, number))
        point = x, 3 * x * x * pow(2 * slope, -1, PRIME) % PRIME
        x3, y3 = line(slope, *point, x)
        row = double_row(point, slope, (number, y3) if name == "x" else (x3, number))
        return row, getattr(row_of(Secp256k1Double, row, 1).result, name).below

    return build


def bad_rows(free_slope, operands, results, twisted):
    """(equation, row): in the order of the chip's equations."""
    yield DISTINCT, free_slope
    at = DISTINCT + 1
    for build in operands:
        yield from enumerate(bad_orders(build), at)
        at += BELOW
    yield at, twisted((2**512, 0, 0))
    at += 1
    for build in results:
        yield from enumerate(bad_orders(build), at)
        at += BELOW
    yield at, twisted((0, 2**512, 0))
    yield at + 1, twisted((0, 0, 2**512))


def bad_additions():
    operands = [added(name) for name in ("x1", "y1", "x2", "y2")]
    results = [added_to(name) for name in ("x", "y")]
    same = add_row((*P1, *P1), 7)
    return bad_rows(same, operands, results, lambda t: add_row(twist=t))


def bad_doubles():
    operands = [doubled(name) for name in ("x1", "y1")]
    results = [doubled_to(name) for name in ("x", "y")]
    vertical = double_row((0, 0), 7)
    return bad_rows(vertical, operands, results, lambda t: double_row(twist=t))


@pytest.mark.parametrize(("of", "rows"), [(ADD, bad_additions), (DOUBLE, bad_doubles)])
def test_every_equation_is_needed(of, rows):
    """All but REAL: see below."""
    rows = dict(rows())
    found = row_objections(of, np.concatenate(list(rows.values())))
    assert found == [{number} for number in rows]
    assert len(rows) == len(of.circuits[0].equations) - 1


@pytest.mark.slow
@pytest.mark.parametrize(("of", "rows"), [(ADD, bad_additions), (DOUBLE, bad_doubles)])
def test_every_equation_is_needed_in_the_whole_machine(of, rows):
    valid = complete(of, add_row() if of is ADD else double_row())
    witnesses = [(complete(of, row), ()) for _, row in rows()]
    idle = idle_equations(of, valid, (), rows=[], witnesses=witnesses)
    assert [at for chip, at in idle if chip == of.circuits[0].name] == [REAL]


INPUTS = {
    "is_real", "time", "p.quarter", "p.high", "q.quarter", "q.high",
    "a1[0]", "a1[1]", "a2[0]", "a2[1]",
}  # fmt: skip
"""Cells that answer to the caller and the memory alone."""


@pytest.mark.parametrize(("of", "row"), [(ADD, add_row), (DOUBLE, double_row)])
def test_no_cell_is_free(of, row):
    assert quiet_changes(of, row(), 0) <= INPUTS


@pytest.mark.slow
@pytest.mark.parametrize(("of", "row"), [(ADD, add_row), (DOUBLE, double_row)])
def test_no_cell_is_free_in_the_whole_machine(of, row):
    free = free_cells(of, complete(of, row()), (), rows=[0])
    assert [m for m in free if m.slot == 0] == []


@pytest.mark.parametrize("of", [ADD, DOUBLE])
def test_no_machine_takes_a_chip_that_is_not_real_or_unreal(of):
    circuit = of.circuits[0]
    with pytest.raises(TypeError, match="has no bounded multiplicity"):
        multiplicity_bounds(replace(circuit, equations=circuit.equations[REAL + 1 :]))
