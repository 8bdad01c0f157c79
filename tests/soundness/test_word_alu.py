"""word_alu: equal to Python's integers, and nothing else passes."""

import random
from itertools import product

import numpy as np
import pytest

from node.recursion.air.chip import trace_chip
from node.recursion.field import P
from node.recursion.prover import prove
from node.recursion.riscv.bignum import digits_of
from node.recursion.riscv.chips.word_alu import WordAlu, WordOp
from node.recursion.riscv.events import put, row_of
from node.recursion.security import TOY
from node.recursion.verifier import verify
from tests.riscv.call_programs import WORD_OPERATIONS
from tests.soundness.machines.bignum import (
    Memory,
    complete,
    filled,
    machine,
    pointer_cases,
    problems,
    quiet_changes,
    row_objections,
    sent,
)
from tests.soundness.mutation import free_cells, idle_equations

MACHINE = machine(WordAlu)
CIRCUIT = trace_chip(WordAlu)
HERE, THERE = 0x0100_0000, 0x0100_0200
LIMB = 2**16
TOP = 2**256 - 1
EDGES = [
    0, 1, 2, LIMB - 1, LIMB, LIMB + 1, 2**31, 2**32, P, 2**128 - 1, 2**128, 2**240 - 1, 2**240,
    2**255 - 1, 2**255, 2**255 + 1, TOP - LIMB, TOP - 1, TOP,
]  # fmt: skip
RANDOM = random.Random(263)
FLAGS = [op.name.lower() for op in WordOp]


def event(memory, time, op, p, q):
    """What the executor records of a call, and does."""
    second, last_read = memory.access(q, 8, time + 1)
    result = WORD_OPERATIONS[op](memory.load(q, 32), memory.load(p, 32))
    first, last_exchanged = memory.access(p, 8, time + 2)
    memory.store(p, int(result), 32)
    return [time, p, q, op, *first, *last_exchanged, *second, *last_read]


def run(cases):
    """The table of calls on (op, p, q), one after the other, each at its own place."""
    memory, events = Memory(), []
    for i, (op, p, q) in enumerate(cases):
        at = HERE + 0x40 * i
        memory.store(at, p, 32)
        memory.store(at + 32, q, 32)
        events.append(event(memory, 4 * i + 4, op, at, at + 32))
    return filled(WordAlu, events), memory


def assert_right(table, memory):
    assert problems(MACHINE, table) == set()
    left = {key for key, times in sent(MACHINE, table, "memory").items() if times == 1}
    assert left == memory.held()


@pytest.mark.parametrize("op", WordOp)
def test_the_grid_of_edges(op):
    assert_right(*run([(op, p, q) for p, q in product(EDGES, EDGES)]))


@pytest.mark.parametrize("op", WordOp)
def test_random_numbers(op):
    """Numbers that agree in most limbs among them."""
    cases = []
    for _ in range(100):
        p = RANDOM.getrandbits(RANDOM.randrange(257))
        q = RANDOM.choice([RANDOM.getrandbits(256), p ^ 1 << RANDOM.randrange(256), TOP - p])
        cases.append((op, p, q))
    assert_right(*run(cases))


@pytest.mark.parametrize("op", WordOp)
@pytest.mark.parametrize("apart", [0, 4, -4, 28, -28, 32])
def test_the_words_may_overlap(op, apart):
    """q is read before p is replaced."""
    memory = Memory()
    memory.store(THERE - 32, RANDOM.getrandbits(768), 96)
    events = [event(memory, 4 + 4 * i, op, THERE + apart, THERE) for i in range(4)]
    assert_right(filled(WordAlu, events), memory)


def test_old_accesses():
    """2^24 ticks are the longest time between two accesses, of which the last are at time + 2."""
    for time, expected in ((2**24 - 2, set()), (2**24 - 1, {"bytes"})):
        table = filled(WordAlu, [event(Memory(), time, WordOp.ADD, HERE, THERE)])
        assert problems(MACHINE, table) == expected


@pytest.mark.parametrize(("p", "q", "expected"), pointer_cases(HERE, THERE))
def test_pointers(p, q, expected):
    table = filled(WordAlu, [event(Memory(), 4, WordOp.ADD, p, q)])
    assert problems(MACHINE, table) == expected


@pytest.mark.parametrize("name", ["p", "q"])
@pytest.mark.parametrize("offset", [1, 2, 3])
def test_misaligned_pointers(name, offset):
    """The caller's limb is 4 quarter modulo p for some quarter, but for none below 2^14."""
    table, _ = run([(WordOp.ADD, 1, 2)])
    pointer = getattr(row_of(WordAlu, table, 1), name)
    put(pointer.quarter, pointer.quarter.astype(np.int64) + offset * pow(4, -1, P) % P)
    assert problems(MACHINE, table) == {"range"}


@pytest.mark.slow
def test_a_real_proof():
    table, _ = run([(op, TOP - 5, 2**255) for op in WordOp])
    proof, key = prove(MACHINE, TOY, complete(MACHINE, table), ())
    verify(key, proof, ())


# What a prover could try instead.


def forged(op, p, q, **cells):
    """The honest row with other cells; numbers for x, y, z, of which the top limb takes the rest.

    Flags by their names.
    """
    table, _ = run([(op, p, q)])
    row = row_of(WordAlu, table, 1)
    for name, value in cells.items():
        wide = name in ("x", "y", "z")
        put(getattr(row, name), digits_of([value], 16, 16, signed=True) if wide else value)
    return table


def called(table):
    """(number, a2 as limbs) of the calls that a table answers."""
    fields = [key for key, times in sent(MACHINE, table, "call").items() if times % P == P - 1]
    return [(number, low, high) for number, _, _, *_, low, high in fields]


def written(table):
    """What a table of one call leaves at p, as limbs."""
    left = sorted(sent(MACHINE, table, "memory").items())
    return [limb for (address, low, high, time), n in left if n == 1 and time == 6
            for limb in (low, high)]  # fmt: skip


def test_the_call_is_named_by_its_operation():
    for op in WordOp:
        assert called(run([(op, 5, 7)])[0]) == [(263, op, 0)]


@pytest.mark.parametrize("op", [WordOp.SUB, WordOp.LT, WordOp.GT, WordOp.EQ, WordOp.SLT])
@pytest.mark.parametrize("place", range(16))
def test_a_result_limb_out_of_range(op, place):
    """A borrow that is left out, or one too many: x has a limb below 0, or of 2^16 or more."""
    table, _ = run([(op, 3, 5)])
    row = row_of(WordAlu, table, 1)
    honest = np.concatenate(row.x).astype(np.int64)
    for change in (-LIMB, LIMB):
        limbs = honest.copy()
        limbs[place] += change
        limbs[place + 1 : place + 2] -= change // LIMB
        put(row.x, tuple(limbs[:, None]))
        assert "range" in problems(MACHINE, table)


@pytest.mark.parametrize("place", range(16))
def test_a_sum_limb_out_of_range(place):
    table, _ = run([(WordOp.ADD, TOP, TOP)])
    row = row_of(WordAlu, table, 1)
    put(row.z[place], row.z[place].astype(np.int64) + LIMB)
    # as if the limb below had no carry
    assert {"range"} <= problems(MACHINE, table)


@pytest.mark.parametrize("op", WordOp)
@pytest.mark.parametrize(("p", "q"), [(0, 0), (3, 5), (5, 3), (2**255, 1), (1, 2**255), (TOP, TOP)])
def test_another_result(op, p, q):
    """x, or z where it is the sum: no other number passes, whatever the signs and equal say."""
    name = "z" if op == WordOp.ADD else "x"
    honest = (q + p if name == "z" else p - q if op in (WordOp.GT, WordOp.SGT) else q - p) % 2**256
    rows = []
    for by in (1, -1, LIMB, -LIMB, 1 << 255, 1 << 240, P, -P, P << 16, P << 224):
        for signs in product((0, 1), repeat=2):
            wrong = {name: (honest + by) % 2**256, "sign_y": signs[0], "sign_z": signs[1]}
            rows += [forged(op, p, q, equal=equal, **wrong) for equal in (0, 1)]
    assert all(row_objections(MACHINE, np.concatenate(rows)))


@pytest.mark.parametrize("op", [WordOp.SLT, WordOp.SGT, WordOp.LT, WordOp.GT])
@pytest.mark.parametrize(("p", "q"), list(product([0, 1, 2**255 - 1, 2**255, TOP], repeat=2)))
def test_other_signs(op, p, q):
    """Only one choice is taken, of bits or of what a bit is multiplied with."""
    values = (0, 1, 2, P - 1, pow(2, -1, P), pow(LIMB, -1, P))
    rows = np.concatenate(
        [forged(op, p, q, sign_y=y, sign_z=z) for y, z in product(values, repeat=2)]
    )
    assert sum(not found for found in row_objections(MACHINE, rows)) == 1


def test_equality_cannot_be_chosen():
    for p, q in ((5, 5), (5, 6), (1 << 255, 0), (TOP, TOP), (LIMB - 1, LIMB)):
        total = sum(limb for (limb,) in digits_of([(q - p) % 2**256], 16, 16).tolist())
        values = (0, 1, 2, P - 1, pow(total, -1, P) if total else 7)
        for equal, inverse in product(values, repeat=2):
            row = forged(WordOp.EQ, p, q, equal=equal, inverse=inverse)
            accepted = not row_objections(MACHINE, row)[0]
            right = equal == (p == q) and (p == q or inverse * total % P == 1)
            assert accepted == right


@pytest.mark.parametrize("op", [x for x in WordOp if x != WordOp.EQ])
def test_only_eq_has_equal_words(op):
    """Of words that are equal, so that nothing else speaks against it."""
    assert row_objections(MACHINE, forged(op, 0, 0, equal=1))[0]


@pytest.mark.parametrize(("one", "two"), [(a, b) for a in FLAGS for b in FLAGS if a < b])
def test_two_operations_at_once(one, two):
    """Of zeros, where any operation's numbers are the other's."""
    for p, q in ((0, 0), (1, 1)):
        for first, second in ((1, 1), (1, P - 1), (2, P - 1), (P - 1, 2)):
            row = forged(WordOp.SUB, p, q, **{"sub": 0, one: first, two: second})
            assert row_objections(MACHINE, row)[0]


def test_no_operation():
    """Then the row is none: nobody's call is answered, nothing read or written."""
    row = forged(WordOp.SUB, 5, 7, sub=0)
    assert problems(MACHINE, row) == set()
    assert not any(sent(MACHINE, row, bus) for bus in ("call", "memory", "range", "bytes"))


@pytest.mark.parametrize("op", WordOp)
@pytest.mark.parametrize("other", WordOp)
def test_an_operation_that_is_not_the_callers(op, other):
    """The row of another operation answers another call."""
    table, _ = run([(other, 9, 9)])
    assert ((263, op, 0) in called(table)) == (op == other)


def test_memory_from_the_future():
    """q as the call itself wrote it, and p before it was written by itself."""
    memory = Memory()
    memory.store(HERE, 5, 32)
    honest = event(memory, 4, WordOp.ADD, HERE, HERE)
    assert problems(MACHINE, filled(WordAlu, [honest])) == set()
    for words, when in ((range(28, 36), 6), (range(28, 36), 5), (range(12, 20), 6)):
        changed = [when if i in words else x for i, x in enumerate(honest)]
        assert "bytes" in problems(MACHINE, filled(WordAlu, [changed]))


# For each equation, by number, a row that it alone refuses.
BITS, ONE, CARRIES, SIGN_Y, SIGN_Z, EQUAL, INVERSE = 0, 8, 9, 25, 26, 27, 28
LOST = next(x for x in range(2, LIMB) if x * LIMB % P < LIMB)
"""A carry, or a sign, that is no bit, of a limb that is in range."""
TAKEN = next(x for x in range(2, LIMB - 1) if -x * LIMB % P < LIMB)
"""The same of the other sign."""


def not_a_bit(flag):
    """-1 where two other flags are 1: one operation, of another number."""
    first = {"slt": "sgt", "sgt": "slt", "add": "sub"}.get(flag, "add")
    if flag == "copy":
        # 0 + 0 = 1
        return forged(WordOp.SUB, 0, 0, eq=1, equal=1, copy=P - 1)
    if flag == "eq":
        # 2 z is the difference of y and x
        inverse = P - pow(2, -1, P)
        flags = {"sub": 0, "add": 1, "copy": 1, "eq": P - 1}
        return forged(WordOp.SUB, 5, 7, inverse=inverse, **flags)
    return forged(WordOp.SUB, 0, 0, **({"sub": 0, first: 1, "copy": 1} | {flag: P - 1}))


def bad_rows():
    """(equation, row): of a call that a world around it could make."""
    for i, flag in enumerate(FLAGS):
        yield BITS + i, not_a_bit(flag)
    yield ONE, forged(WordOp.SUB, 0, 0, lt=1)
    for i in range(16):
        # the next limb takes the carry back
        q = LOST << 16 * (i + 1) & TOP
        yield CARRIES + i, forged(WordOp.COPY, 0, q, x=LOST * LIMB % P << 16 * i)
    # the results are TAKEN and LOST
    yield SIGN_Y, forged(WordOp.SLT, 0, 0, sign_y=-TAKEN)
    yield SIGN_Z, forged(WordOp.SLT, 0, TOP, sign_z=LOST)
    yield EQUAL, forged(WordOp.EQ, 5, 7, equal=1, inverse=0)
    yield INVERSE, forged(WordOp.EQ, 5, 7, equal=0, inverse=0)


def test_every_equation_is_needed():
    found = row_objections(MACHINE, np.concatenate([row for _, row in bad_rows()]))
    assert found == [{number} for number, _ in bad_rows()]
    assert len(found) == len(CIRCUIT.equations)


@pytest.mark.slow
def test_every_equation_is_needed_in_the_whole_machine():
    table, _ = run([(WordOp.ADD, 1, 2)])
    witnesses = [(complete(MACHINE, row), ()) for _, row in bad_rows()]
    idle = idle_equations(MACHINE, complete(MACHINE, table), (), rows=[], witnesses=witnesses)
    assert not [number for chip, number in idle if chip == "WordAlu"]


INPUTS = {"time", "p.quarter", "p.high", "q.quarter", "q.high"}
"""Cells that answer to the caller and the memory alone."""


@pytest.mark.parametrize("op", WordOp)
def test_no_cell_is_free(op):
    """Which operation it is the caller says, what the words were memory (a top limb of 2^16 would
    be a carry); of x = 0 nobody asks the inverse.
    """
    for p, q in ((5, 7), (TOP, TOP), (2**255 + 9, 3 << 100)):
        free = {op.name.lower()} | ({"inverse"} if p == q and op != WordOp.ADD else set())
        free |= {"x[15]", "y[15]"} if op == WordOp.ADD else set()
        assert quiet_changes(MACHINE, run([(op, p, q)])[0], 0) <= INPUTS | free


@pytest.mark.slow
def test_no_cell_is_free_in_the_whole_machine():
    cases = [(op, p, q) for op in WordOp for p, q in ((5, 7), (TOP, TOP))]
    table, _ = run(cases)
    free = free_cells(MACHINE, complete(MACHINE, table), (), rows=range(len(cases)))
    found = {(cases[m.row], m.column) for m in free if m.slot == 0}
    assert found == {((op, TOP, TOP), "inverse") for op in WordOp if op != WordOp.ADD}
