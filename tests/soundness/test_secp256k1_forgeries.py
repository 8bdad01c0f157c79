"""The curve chips: what a prover could try, and that nothing of it passes."""

from itertools import product

import numpy as np
import pytest

from node.recursion.field import P
from node.recursion.riscv.chips.secp256k1 import PRIME, Secp256k1Add, Secp256k1Double, line
from node.recursion.riscv.events import put, row_of
from tests.soundness.machines.bignum import (
    Memory,
    complete,
    filled,
    problems,
    quiet_changes,
    row_objections,
)
from tests.soundness.machines.curve_rows import (
    ADD,
    DOUBLE,
    FROM,
    P1,
    P2,
    SMALL,
    TO,
    add_event,
    add_row,
    double_event,
    double_row,
    formula_add,
    formula_double,
    store,
)
from tests.soundness.mutation import free_cells, idle_equations


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


@pytest.mark.parametrize("when", [5, 6, 7])
def test_memory_from_the_future(when):
    """Points that the call itself wrote, or that will be read: time does not pass."""
    memory = Memory()
    store(memory, TO, P1)
    store(memory, FROM, P2)
    addition = add_event(memory, 4, TO, FROM)
    doubling = double_event(memory, 4, FROM)
    for of, chip, event, lasts in (
        (ADD, Secp256k1Add, addition, slice(20, 36)),
        (ADD, Secp256k1Add, addition, slice(52, 68)),
        (DOUBLE, Secp256k1Double, doubling, slice(20, 36)),
    ):
        forged = list(event)
        forged[lasts] = [when] * 16
        # p is written at 6, q is read at 5
        early = when == 5 and lasts == slice(20, 36)
        assert ("bytes" in problems(of, filled(chip, [forged]))) != early


@pytest.mark.parametrize("offset", [0, 4, 32, -32])
def test_points_read_after_the_sum_is_written(offset):
    """q overlaps p and is claimed to hold what p becomes: it was read before."""
    memory = Memory()
    for i in range(-16, 32):
        memory.words[TO + 4 * i] = (i * 0x9E3779B9 + 12345) & 0x7FFFFFFF
    if not offset:
        # x is the same: refused whatever it is
        assert DISTINCT in problems(ADD, add_row((*P1, *P1), 5))
        return
    event = add_event(memory, 4, TO, TO + offset)
    late = [memory.load(TO + offset + 4 * i, 4) for i in range(16)]
    forged = filled(Secp256k1Add, [[*event[:36], *late, *[6] * 16]])
    assert "bytes" in problems(ADD, forged)


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
    """All but REAL: `test_calls.py` says what that is for."""
    rows = dict(rows())
    found = row_objections(of, np.concatenate(list(rows.values())))
    assert found == [{number} for number in rows]
    assert len(rows) == len(of.circuits[0].equations) - 1


@pytest.mark.slow
@pytest.mark.parametrize(("of", "rows"), [(ADD, bad_additions), (DOUBLE, bad_doubles)])
def test_every_equation_is_needed_in_the_whole_machine(of, rows):
    """A sample: the test above asks the same of each row."""
    valid = complete(of, add_row() if of is ADD else double_row())
    sample = list(rows())[::9]
    witnesses = [(complete(of, row), ()) for _, row in sample]
    idle = {at for chip, at in idle_equations(of, valid, (), rows=[], witnesses=witnesses)
            if chip == of.circuits[0].name}  # fmt: skip
    assert idle == set(range(len(of.circuits[0].equations))) - {number for number, _ in sample}


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
