"""The curve chips: equal to coincurve, and to the formulas off the curve."""

import random
from itertools import product

import coincurve
import numpy as np
import pytest

from node.recursion.field import P
from node.recursion.prover import prove
from node.recursion.riscv.chips.secp256k1 import PRIME, Secp256k1Add, Secp256k1Double
from node.recursion.riscv.events import put, row_of
from node.recursion.security import TOY
from node.recursion.verifier import verify
from tests.soundness.machines.bignum import (
    Memory,
    complete,
    filled,
    pointer_cases,
    problems,
    sent,
)
from tests.soundness.machines.curve_rows import (
    ADD,
    DOUBLE,
    FROM,
    GENERATOR,
    SMALL,
    TO,
    add_event,
    add_row,
    double_event,
    double_row,
    load,
    point,
    store,
)


def random_points(seed, count):
    generator = random.Random(seed)
    return [point(generator.randrange(1, 2**255)) for _ in range(count)]


def combined(*points):
    keys = [coincurve.PublicKey.from_point(*p) for p in points]
    return coincurve.PublicKey.combine_keys(keys).point()


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


@pytest.mark.parametrize(("to", "other", "expected"), pointer_cases(TO, FROM))
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
