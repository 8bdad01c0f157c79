"""The chip of the call poseidon2: no free cell, no idle equation, only words below p."""

import random

import numpy as np
import pytest

from node.errors import InvalidProof
from node.recursion.air.check import evaluate, violations
from node.recursion.air.chip import trace_chip
from node.recursion.chips.poseidon2 import cubes, permuted
from node.recursion.field import P
from node.recursion.poseidon2 import WIDTH, permute
from node.recursion.prover import ProvingKey
from node.recursion.riscv.chips.poseidon2 import POSEIDON2, TOP, Poseidon2Call
from node.recursion.riscv.events import empty_table, row_of
from node.recursion.riscv.isa import CODE_START, DATA_START
from node.recursion.security import TOY
from node.recursion.verifier import verify
from tests.soundness.machines import calls
from tests.soundness.mutation import mutants, needed_by

MACHINE = calls.machine(Poseidon2Call)
CIRCUIT = trace_chip(Poseidon2Call)
NAMES = {c.name: i for i, c in enumerate(CIRCUIT.columns)}
HERE = DATA_START + 0x1_0000 - 8
CALLS = ((4, HERE), (12, HERE + 256), (2**20, HERE))


def run(*made, state=None):
    """(events of poseidon2, made calls, cells) of calls (time, address), from random memory."""
    generator = random.Random(3)
    memory, last, events = {}, {}, []
    for time, address in made:
        at = range(address, address + 4 * WIDTH, 4)
        first = state or [generator.randrange(P) for _ in at]
        before = [memory.setdefault(a, (w, w))[1] for a, w in zip(at, first, strict=True)]
        lasts = [last.get(a, 0) for a in at]
        for a, new in zip(at, permute([w % P for w in before]), strict=True):
            memory[a], last[a] = (memory[a][0], new), time + 2
        events.append([time, address, 8, 9, *before, *lasts])
    cells = [(a % P, first, 0, now, last[a]) for a, (first, now) in memory.items()]
    return np.array(events, np.uint32), [(POSEIDON2, *call, 8, 9) for call in made], cells


def fill(events):
    table = empty_table(Poseidon2Call, max(len(events) - 1, 0).bit_length())
    row_of(Poseidon2Call, table, len(events)).fill(events.T.astype(np.int64))
    return table


def refused(table, made, cells):
    return calls.objections(MACHINE, calls.surround(MACHINE, [table], made, cells))


def accepted(events, made, cells):
    return refused(fill(events), made, cells)


def test_calls_are_accepted():
    assert accepted(*run(*CALLS)) == set()
    edges = [0, P - 1, 1, 2**16, 0x7EFFFFFF, 0xFFFF, 2**16 - 1, 2**24] * 2
    assert accepted(*run((4, HERE), state=edges)) == set()


def test_no_cell_is_free():
    parts = [fill(run(*CALLS)[0]), *[None] * (len(MACHINE.slots) - 1)]
    found = mutants(MACHINE, parts, [0, 2], deltas=(1, P - 1))
    assert [m for m, broken, moved in found if not broken and not moved] == []


def test_an_inverse_is_free_only_where_the_low_limb_is_zero():
    parts = [fill(run((4, HERE), state=[2**16, *range(1, WIDTH)])[0])]
    found = mutants(MACHINE, [*parts, *[None] * (len(MACHINE.slots) - 1)], [0], deltas=(1,))
    assert [m.column for m, broken, moved in found if not broken and not moved] == ["inverses[0]"]


# --- equations


def forged(wrong):
    """A row whose cube number `wrong` is off by one and every later one follows from it."""
    row = fill(run((4, HERE))[0])[0]
    cells = {name: int(row[i]) for name, i in NAMES.items()}
    order = [f"full[{i}]" for i in range(64)] + [f"partial[{i}]" for i in range(20)]
    order += [f"full[{i}]" for i in range(64, 128)]
    for j, cube in enumerate(order):
        cells[cube] = 0
        (value,) = evaluate([CIRCUIT.equations[1 + j].polynomial], cells, lambda x: x % P)
        cells[cube] = (-value + (j == wrong)) % P
    for i, element in enumerate(permuted([cells[f"full[{j}]"] for j in range(128)])):
        low, high = element % P & 0xFFFF, element % P >> 16
        cells[f"low_after[{i}]"] = low
        cells[f"inverses[{WIDTH + i}]"] = pow(TOP - high, P - 2, P)
    return np.array([cells[name] for name in NAMES], np.uint32)


@pytest.mark.parametrize(
    "sample", [range(0, 148, 21), pytest.param(range(148), marks=pytest.mark.slow)], ids=str
)
def test_every_equation_of_the_permutation_is_needed(sample):
    """A wrong cube, carried through to the output that follows from it: one equation objects."""
    table = np.stack([forged(wrong) for wrong in sample])
    assert needed_by(CIRCUIT, table) == {1 + wrong for wrong in sample}


def beyond(state):
    """A row that takes words not below p; its equations see them as what is left modulo p."""
    events = np.array([[4, HERE, 8, 9, *state, *[0] * WIDTH]], np.int64)
    events[0, 4 : 4 + WIDTH] %= P
    table = fill(events)
    for i, word in enumerate(state):
        table[0, NAMES[f"before[{2 * i}]"]], table[0, NAMES[f"before[{2 * i + 1}]"]] = calls.word(
            word
        )
        table[0, NAMES[f"inverses[{i}]"]] = pow(TOP - (word >> 16), P - 2, P)
    return table


@pytest.mark.parametrize("i", range(WIDTH))
def test_a_word_of_p_is_refused_by_one_equation(i):
    """p itself and what has its high limb: 149 equations hold, one does not."""
    for word in (P, P + 0xFFFE):
        state = list(range(1, 1 + WIDTH))
        state[i] = word
        assert needed_by(CIRCUIT, beyond(state)) == {149 + i}


@pytest.mark.parametrize("word", [P + 0xFFFF, 2**31, 2**32 - 1])
def test_a_word_far_beyond_p_is_refused_by_the_lookup(word):
    state = list(range(1, 1 + WIDTH))
    state[3] = word
    _, made, cells = run((4, HERE), state=state)
    assert refused(beyond(state), made, cells) == {"range"}


def test_results_that_are_not_below_p():
    """A small result written as itself plus p: one equation objects, for each of the sixteen."""
    generator = np.random.default_rng(5)
    needed = set()
    for _ in range(24):
        states = generator.integers(0, P, (WIDTH, 2**14))
        after = np.stack([x % P for x in permuted(cubes(list(states))[:128])])
        for i, k in zip(*np.nonzero(after < 0xFFFF), strict=True):
            events = np.array([[4, HERE, 8, 9, *states[:, k], *[0] * WIDTH]], np.uint32)
            table = fill(events)
            table[0, NAMES[f"low_after[{i}]"]] = after[i, k] + 1
            table[0, NAMES[f"inverses[{WIDTH + i}]"]] = 0
            needed |= needed_by(CIRCUIT, table)
        if len(needed) == WIDTH:
            break
    assert needed == set(range(165, 181))
    assert len(CIRCUIT.equations) == 181


@pytest.mark.parametrize("moved", [2**16, P - 2**16])
def test_results_whose_limbs_are_out_of_range(moved):
    """The low limb takes from the high one: the element is the same."""
    events, made, cells = run((4, HERE))
    table = fill(events)
    column = NAMES["low_after[2]"]
    table[0, column] = (int(table[0, column]) + moved) % P
    (element,) = (cell[3] for cell in cells[2:3])
    high = ((element - int(table[0, column])) * pow(2**16, -1, P)) % P
    table[0, NAMES[f"inverses[{WIDTH + 2}]"]] = pow(TOP - high, P - 2, P)
    assert violations(CIRCUIT, table) == []
    assert refused(table, made, cells) == {"range", "memory"}


# --- hand-made witnesses


@pytest.mark.parametrize("address", [HERE + 2, HERE + 1, CODE_START, 0, 2**30, 2**31 - 4])
def test_a_pointer_that_is_misaligned_or_outside(address):
    """The world has such words and knows of the call, yet no table has what it must look up."""
    assert accepted(*run((4, address))) == {"range"}


def test_a_pointer_that_is_not_the_argument():
    events, _, cells = run((4, HERE))
    assert accepted(events, [(POSEIDON2, 4, HERE + 4, 8, 9)], cells) == {"call"}


def test_a_result_of_another_call():
    events, made, cells = run((4, HERE), (8, HERE + 64))
    swapped = fill(events)
    columns = slice(NAMES["low_after[0]"], NAMES["inverses[31]"] + 1)
    swapped[[0, 1], columns] = swapped[[1, 0], columns]
    assert "Poseidon2Call" in refused(swapped, made, cells)


def test_stale_memory():
    """The second call on the same state starts from what the first one started from."""
    events, made, cells = run((4, HERE), (8, HERE))
    events[1, 4:] = events[0, 4:]
    assert accepted(events, made, cells) == {"memory"}


def test_memory_from_the_future():
    """The words are what the call itself put there: the bus balances, time does not pass."""
    events, made, cells = run((4, HERE))
    events[0, 4 + WIDTH :] = 6
    circle = [(a, value, 6, now, last) for a, value, _, now, last in cells]
    assert accepted(events, made, circle) == {"bytes"}


def test_calls_are_proved():
    events, made, cells = run(*CALLS)
    parts = calls.surround(MACHINE, [fill(events)], made, cells)
    key = ProvingKey.generate(MACHINE, TOY, [len(table).bit_length() - 1 for table in parts])
    verify(key.verifying_key, key.prove(parts, []).encode(), [])
    parts[0][0, NAMES["partial[3]"]] ^= 1
    with pytest.raises(InvalidProof):
        verify(key.verifying_key, key.prove(parts, []).encode(), [])
