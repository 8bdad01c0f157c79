"""muladdmod: equal to Python's integers, and nothing else passes."""

import random
from itertools import product

import numpy as np
import pytest

from node.recursion.field import P
from node.recursion.prover import prove
from node.recursion.riscv.bignum import digits_of
from node.recursion.riscv.chips.muladdmod import MulAddMod
from node.recursion.riscv.events import put, row_of
from node.recursion.security import TOY
from node.recursion.verifier import verify
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

MACHINE = machine(MulAddMod)
OUT, IN = 0x0100_0000, 0x0100_0200
TOP = 2**256 - 1
EDGES = [0, 1, 2, 255, 256, 2**16, 2**128 - 1, 2**128, 2**255, TOP - 1, TOP]
CASES = [
    (0, 0, 0, 0), (0, 0, 0, 1), (1, 1, 1, 1), (TOP, TOP, TOP, 0), (TOP, TOP, TOP, 1),
    (TOP, TOP, TOP, TOP), (TOP, TOP, TOP, 2), (TOP, TOP, TOP, 2**255), (TOP, 1, 0, 0),
    (3, 5, 7, TOP), (3, 5, 7, 22), (3, 5, 7, 23), (2**255, 2, 0, 0), (2**255, 2, 1, 2**128),
    (TOP, TOP, 0, TOP - 1), (1 << 248, 1 << 248, 0, 1 << 8), (0, TOP, TOP, TOP), (0, TOP, 0, TOP),
]  # fmt: skip


def event(memory, time, out, source):
    """What the executor records of a call, and does: by Python's integers alone."""
    words, last = memory.access(source, 32, time + 1)
    a, b, c, m = (memory.load(source + 32 * i, 32) for i in range(4))
    q, r = divmod(a * b + c, m or 2**256)
    before, since = memory.access(out, 16, time + 2)
    memory.store(out, r, 32)
    memory.store(out + 32, q % 2**256, 32)
    return [time, out, source, 77 << 16 | 5, *words, *last, *before, *since]


def store_numbers(memory, at, numbers):
    for i, number in enumerate(numbers):
        memory.store(at + 32 * i, number, 32)


def run(cases):
    """The table of calls on (a, b, c, m), one after the other, each at its own place."""
    memory, events = Memory(), []
    for i, numbers in enumerate(cases):
        store_numbers(memory, IN + 0x400 * i, numbers)
        events.append(event(memory, 4 * i + 4, OUT + 0x400 * i, IN + 0x400 * i))
    return filled(MulAddMod, events), memory


def assert_right(table, memory):
    assert problems(MACHINE, table) == set()
    left = {key for key, times in sent(MACHINE, table, "memory").items() if times == 1}
    assert left == memory.held()


def random_cases(seed, count):
    generator = random.Random(seed)

    def number():
        bits = generator.randrange(257)
        choices = generator.choice(EDGES), generator.getrandbits(256), generator.getrandbits(bits)
        return generator.choice(choices)

    return [tuple(number() for _ in range(4)) for _ in range(count)]


def test_edges():
    assert_right(*run(CASES))


def test_random_numbers():
    assert_right(*run(random_cases(1, 100)))


@pytest.mark.slow
def test_the_grid_of_edges():
    assert_right(*run(list(product(EDGES[::2], EDGES[1::2], EDGES[::2], EDGES))))


@pytest.mark.parametrize("out", [IN, IN + 32, IN + 96, IN - 32, IN + 4, IN + 100])
def test_the_result_may_overwrite_the_operands(out):
    memory = Memory()
    store_numbers(memory, IN, (TOP - 5, TOP - 7, TOP - 9, 2**200 + 12345))
    assert_right(filled(MulAddMod, [event(memory, 4 + 4 * i, out, IN) for i in range(4)]), memory)


def test_old_accesses():
    """2^24 ticks are the longest time between two accesses, of which the last are at time + 2."""
    for time, expected in ((2**24 - 2, set()), (2**24 - 1, {"bytes"})):
        memory = Memory()
        store_numbers(memory, IN, (1, 2, 3, 4))
        assert problems(MACHINE, filled(MulAddMod, [event(memory, time, OUT, IN)])) == expected


@pytest.mark.parametrize(("out", "source", "expected"), pointer_cases(OUT, IN))
def test_pointers(out, source, expected):
    memory = Memory()
    store_numbers(memory, source, (1, 2, 3, 4))
    assert problems(MACHINE, filled(MulAddMod, [event(memory, 4, out, source)])) == expected


@pytest.mark.parametrize("name", ["out", "source"])
@pytest.mark.parametrize("offset", [1, 2, 3])
def test_misaligned_pointers(name, offset):
    """The caller's limb is 4 quarter modulo p for some quarter, but for none below 2^14."""
    table, _ = run([(1, 2, 3, 4)])
    pointer = getattr(row_of(MulAddMod, table, 1), name)
    put(pointer.quarter, pointer.quarter.astype(np.int64) + offset * pow(4, -1, P) % P)
    assert problems(MACHINE, table) == {"range"}


@pytest.mark.slow
def test_a_real_proof():
    table, _ = run(CASES[4:7])
    tables = complete(MACHINE, table)
    proof, key = prove(MACHINE, TOY, tables, ())
    verify(key, proof, ())


# What a prover could try instead.


UNMARKED = (0, 0, 0)
FIRST = (1, 0, 0)
"""Of four lines, or places, the last is marked where it must be one and no other is."""


def mark(limb):
    """The marks of a limb: its line and its place."""
    return [[int(k == i) for k in range(3)] for i in divmod(limb, 4)]


def forged(numbers, *, q, r, wraps=0, marks=(FIRST, FIRST), real=1):
    """A row on (a, b, c, m) with what it claims of them, and what shall show that r < m."""
    table, _ = run([numbers])
    row = row_of(MulAddMod, table, 1)
    put((*row.q, *row.q_high), digits_of([q], 64, 8))
    put(row.r, digits_of([r], 16, 16))
    put((*row.below.line, *row.below.place), [x for part in marks for x in part])
    put(row.wraps, wraps)
    put(row.is_real, real)
    return table


def with_all_marks(row):
    """The row with every choice of bits for the marks."""
    table = np.repeat(row, 64, axis=0)
    below = row_of(MulAddMod, table, 64).below
    put((*below.line, *below.place), np.array(list(product((0, 1), repeat=6))).T)
    return table


@pytest.mark.parametrize("m", [2**255 - 19, 3 << 100, 7, 1])
@pytest.mark.parametrize("c", [0, 5])
def test_a_remainder_of_the_modulus_or_more(m, c):
    """r + m with q - 1: no marks make it less than m; nor r = m."""
    q, r = divmod(m * m + c, m)
    row = forged((m, m, c, m), q=q - 1, r=r + m)
    assert all(row_objections(MACHINE, with_all_marks(row)))


@pytest.mark.parametrize("wraps", [0, P - 1, P - 2, P - 3, 2])
@pytest.mark.parametrize("q", [0, 9])
def test_division_by_zero_leaves_nothing_free(wraps, q):
    """m = 0, where 0 q + r takes any q: r < 0 has no marks; wraps is 0 or 1 for that reason."""
    row = forged((3, 5, 7, 0), q=q, r=22, wraps=wraps)
    assert all(row_objections(MACHINE, with_all_marks(row)))


@pytest.mark.parametrize("place", [0, 1, 31, 32, 33, 63])
@pytest.mark.parametrize("by", [P, -P, 2**31, P << 8])
def test_a_quotient_that_agrees_modulo_p(place, by):
    """Off by a multiple of p at one place, or by what a carry could hide: no carries show it."""
    numbers = (TOP - 5, TOP - 9, 77, 3 << 90)
    q, r = divmod(numbers[0] * numbers[1] + numbers[2], numbers[3])
    wrong = q + (by << 8 * place)
    if 0 <= wrong < 2**512:
        assert all(row_objections(MACHINE, with_all_marks(forged(numbers, q=wrong, r=r))))


@pytest.mark.parametrize("m", [0, 1, 5, 2**128, TOP])
def test_other_answers_of_small_edges(m):
    """All quotients and remainders near the right ones, and near 0 and 2^256: only one is taken."""
    for a, b, c in ((0, 0, 0), (TOP, TOP, TOP), (1, m, 0), (m, m, 1)):
        q, r = divmod(a * b + c, m or 2**256)
        near = {(q + i, r + j) for i in (-1, 0, 1) for j in (-1, 0, 1, m, -m)} | {(0, 0), (0, TOP)}
        near = {(x, y) for x, y in near if 0 <= x < 2**512 and 0 <= y < 2**256} - {(q, r)}
        for x, y in near:
            for wraps in (0, 1):
                row = with_all_marks(forged((a, b, c, m), q=x, r=y, wraps=wraps))
                assert all(row_objections(MACHINE, row))


def from_the_future(event, words, when):
    """The event where these words were last accessed at that time."""
    return [when if i in words else x for i, x in enumerate(event)]


def test_memory_from_the_future():
    """Operands that the call itself wrote, and a place that was written before by itself."""
    memory = Memory()
    store_numbers(memory, IN, (TOP - 5, TOP - 7, TOP - 9, 2**200 + 12345))
    honest = event(memory, 4, IN, IN)
    reads, writes = range(36, 68), range(84, 100)
    assert problems(MACHINE, filled(MulAddMod, [honest])) == set()
    for words, when in ((reads, 6), (reads, 5), (writes, 6), (writes, 7)):
        row = filled(MulAddMod, [from_the_future(honest, words, when)])
        assert "bytes" in problems(MACHINE, row)


def test_operands_that_are_the_result():
    """Read after it is written, as if the writing came first: time does not pass."""
    memory = Memory()
    store_numbers(memory, IN, (6, 7, 8, 9))
    given = event(memory, 4, IN, IN)
    words = [memory.load(IN + 4 * i, 4) for i in range(16)]
    late = [4, IN, IN, given[3], *words, *given[20:36], *[6] * 16, *given[52:68]]
    table = filled(MulAddMod, [late + given[68:]])
    assert {"bytes"} <= problems(MACHINE, table)


def test_the_high_part_of_the_quotient():
    """It is not written, but it counts: not where it must be zero, nor less than it must be."""
    wrapped = forged((3, 5, 7, 0), q=2**256, r=22, wraps=1, marks=(UNMARKED, UNMARKED))
    assert problems(MACHINE, wrapped) == {OVERFLOW}
    q, r = divmod(TOP * TOP, 3)
    assert all(row_objections(MACHINE, with_all_marks(forged((TOP, TOP, 0, 3), q=q % 2**256, r=r))))
    assert problems(MACHINE, forged((TOP, TOP, 0, 3), q=q, r=r)) == set()


def test_the_honest_row_is_what_forged_builds():
    numbers = (2**255, 2**200, 99, 2**199 + 7)
    q, r = divmod(2**455 + 99, 2**199 + 7)
    assert problems(MACHINE, forged(numbers, q=q, r=r, marks=mark(199 // 16))) == set()
    honest = forged((3, 5, 7, 0), q=0, r=22, wraps=1, marks=(UNMARKED, UNMARKED))
    assert problems(MACHINE, honest) == set()


# For each equation, by number, a row that it alone refuses.
REAL, WRAPS, OVERFLOW, TOP_DIGITS, MARKS, ABOVE = 0, 1, 2, 3, 4, 12
NEGATIVE = P - 1
BAD_MARKS = [(NEGATIVE, 1, 1), (1, NEGATIVE, 1), (1, 1, NEGATIVE), (1, 1, 0)]


def bad_rows():
    """(equation, row)."""
    yield REAL, forged((3, 1, 0, 9), q=0, r=3, real=2, marks=(FIRST, FIRST))
    yield WRAPS, forged((2**255, 2, 8, 5), q=1, r=3, wraps=1, marks=(UNMARKED, UNMARKED))
    # 2^264 times 2^248 is 0 modulo 2^512
    yield OVERFLOW, forged((6, 1, 0, 2**248), q=2**264, r=6, marks=mark(15))
    yield TOP_DIGITS, forged((2**248, 2**248, 0, 1), q=0, r=0)
    for i, bad in enumerate(BAD_MARKS):
        # the marks of limb 0 are worth -1 in the first case: it shows that r > m
        r = 9 if bad[0] == NEGATIVE else 2
        yield MARKS + i, forged((r, 1, 0, 5), q=0, r=r, marks=(bad, FIRST))
        yield MARKS + 4 + i, forged((r, 1, 0, 5), q=0, r=r, marks=(FIRST, bad))
    for limb in range(1, 16):
        r = 1 << 16 * limb
        yield ABOVE + limb - 1, forged((r, 1, 0, 5), q=0, r=r)


def test_every_equation_is_needed():
    rows = dict(bad_rows())
    found = row_objections(MACHINE, np.concatenate(list(rows.values())))
    assert found == [{number} for number in rows]
    assert len(rows) == len(MACHINE.circuits[0].equations)


@pytest.mark.slow
def test_every_equation_is_needed_in_the_whole_machine():
    table, _ = run([(1, 2, 3, 4)])
    witnesses = [(complete(MACHINE, row), ()) for _, row in bad_rows()]
    idle = idle_equations(MACHINE, complete(MACHINE, table), (), rows=[], witnesses=witnesses)
    assert not [number for chip, number in idle if chip == "MulAddMod"]


INPUTS = {
    "is_real", "time", "out.quarter", "out.high", "source.quarter", "source.high", "a2[0]", "a2[1]",
    *(f"before[{i}]" for i in range(32)),
}  # fmt: skip
"""Cells that answer to the caller and the memory alone."""


def test_no_cell_is_free():
    """Of operands that all matter: where a = 0, any b will do."""
    cases = [CASES[5], (9, 9, 9, 0), (2**200 + 5, 2**220 + 9, 2**90, 2**130 + 3)]
    table, _ = run(cases)
    for row in range(len(cases)):
        assert quiet_changes(MACHINE, table, row) <= INPUTS


@pytest.mark.slow
def test_no_cell_is_free_in_the_whole_machine():
    cases = CASES[2:7] + random_cases(2, 2)
    table, _ = run(cases)
    free = free_cells(MACHINE, complete(MACHINE, table), (), rows=range(len(cases)))
    assert [m for m in free if m.slot == 0] == []
