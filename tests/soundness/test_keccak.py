"""The chips of keccakf: no free cell, no idle equation, no way around the rounds or the memory."""

import random
from itertools import pairwise

import numpy as np
import pytest

from node.errors import InvalidProof
from node.recursion.air.check import cells_of, evaluate, unbalanced, violations
from node.recursion.air.chip import (
    Array,
    Bit,
    Chip,
    Constraints,
    Felt,
    Messages,
    is_bit,
    trace_chip,
)
from node.recursion.air.expr import walk
from node.recursion.field import P
from node.recursion.prover import ProvingKey
from node.recursion.riscv.chips import keccak
from node.recursion.riscv.chips.keccak import (
    COLUMNS,
    CONSTANT_PLACES,
    CONSTANTS,
    KECCAK,
    KECCAKF,
    KEPT,
    LANE_BITS,
    LIMBS,
    WORDS,
    KeccakCall,
    KeccakRound,
    keccak_rounds,
)
from node.recursion.riscv.events import empty_table, row_of
from node.recursion.riscv.isa import CODE_START, DATA_START, MEMORY_END
from node.recursion.security import TOY
from node.recursion.verifier import verify
from tests.soundness.machines import calls
from tests.soundness.mutation import mutants, needed_by

MACHINE = calls.machine(KeccakCall, KeccakRound)
ROUND = trace_chip(KeccakRound)
FIRST, SECOND = DATA_START + 8, DATA_START + 0x1_0000 - 20
CALLS = ((4, FIRST), (12, SECOND), (2**20, FIRST))
NAMES = {c.name: i for i, c in enumerate(ROUND.columns)}
NAMES_OF_CALL = {c.name: i for i, c in enumerate(trace_chip(KeccakCall).columns)}
_starts = np.cumsum([12, 1600, len(KEPT), COLUMNS, COLUMNS + len(KEPT) + 7]).tolist()
THETA, PARITY, AFTER, RELATIONS = (range(begin, end) for begin, end in pairwise(_starts))
"""Equations; the first twelve, of the round's number, are test_choice.py's."""


def permuted(words):
    lanes = np.array(words, np.uint64).reshape(25, 2, 1)
    after = keccak.permute(lanes[:, 0] | lanes[:, 1] << np.uint64(32))[:, 0].tolist()
    return [w for lane in after for w in (lane & 0xFFFFFFFF, lane >> 32)]


def random_state(seed):
    generator = random.Random(seed)
    return [generator.randrange(2**32) for _ in range(WORDS)]


def run(*made):
    """(events of keccakf, made calls, cells) of calls (time, address), from random memory."""
    memory, last, events = {}, {}, []
    for time, address in made:
        addresses = range(address, address + 4 * WORDS, 4)
        state = random_state(address)
        before = [memory.setdefault(a, (w, w))[1] for a, w in zip(addresses, state, strict=True)]
        lasts = [last.get(a, 0) for a in addresses]
        for a, new in zip(addresses, permuted(before), strict=True):
            memory[a], last[a] = (memory[a][0], new), time + 2
        events.append([time, address, 7, 8, *before, *lasts])
    cells = [(a % P, first, 0, now, last[a]) for a, (first, now) in memory.items()]
    made = [(KECCAKF, time, address, 7, 8) for time, address in made]
    return np.array(events, np.uint32), made, cells


def fill(chip, events):
    table = empty_table(chip, max(len(events) - 1, 0).bit_length())
    row_of(chip, table, len(events)).fill(events.T.astype(np.int64))
    return table


def tables_of(events, rounds=None):
    rounds = keccak_rounds(events) if rounds is None else rounds
    return [fill(KeccakCall, events), fill(KeccakRound, rounds)]


def accepted(events, made, cells, rounds=None):
    """What objects to these events of the call and of its rounds."""
    tables = tables_of(events, rounds)
    return calls.objections(MACHINE, calls.surround(MACHINE, tables, made, cells))


def free(number, table, rows):
    """Cells of one chip's table whose change breaks no equation and moves no message."""
    parts = [table if i == number else None for i in range(len(MACHINE.slots))]
    found = mutants(MACHINE, parts, rows, deltas=(1, P - 1))
    return [m for m, broken, moved in found if not broken and not moved]


def test_calls_are_accepted():
    assert accepted(*run(*CALLS)) == set()


def test_no_cell_of_a_call_is_free():
    assert free(0, tables_of(run(*CALLS)[0])[0], range(3)) == []


@pytest.mark.parametrize(
    "rows", [[30], pytest.param(range(24), marks=pytest.mark.slow)], ids=["sample", "all"]
)
def test_no_cell_of_a_round_is_free(rows):
    assert free(1, tables_of(run(*CALLS)[0])[1], rows) == []


# --- equations


class Peer(Chip):
    """Meets whatever a row of rounds says."""

    time, done, is_real = Felt(), Felt(), Bit()
    before, after = Array(LIMBS), Array(LIMBS)

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)

    def interact(self) -> Messages:
        yield KECCAK.send(self.time, self.done, self.before, times=self.is_real)
        yield KECCAK.receive(self.time, self.done + 1, self.after, times=self.is_real)


def bad_rounds(state, changes):
    """Rows of a first round, each with some cells moved: changes are dicts of column to addend.

    Bits that carry a round constant follow from what they are of, unless they are moved.
    """
    events = np.array([[4, 0, 0, 0, *state, *[0] * WORDS]], np.uint32)
    table = np.repeat(fill(KeccakRound, keccak_rounds(events)[:1]), len(changes), axis=0)
    for row, change in zip(table, changes, strict=True):
        for name, by in change.items():
            row[NAMES[name]] = (int(row[NAMES[name]]) + by) % P
    for j, place in enumerate(CONSTANT_PLACES):
        theta = table[:, NAMES[f"theta[{place}]"]].astype(np.int64)
        follows = (theta + CONSTANTS[j][0] - 2 * theta * CONSTANTS[j][0]) % P
        forged = [f"first[{j}]" in change for change in changes]
        column = NAMES[f"first[{j}]"]
        table[:, column] = np.where(forged, table[:, column], follows)
    return table


def not_bits(array):
    """Each cell of an array, two away from a bit."""
    return [{name: by} for name in NAMES if name.startswith(f"{array}[") for by in (2, -2)]


def other_bits():
    """For each equation of parities, and each of a round constant, a bit that is another bit."""
    for column in range(COLUMNS):
        x, z = divmod(column, LANE_BITS)
        for by in (1, -1):
            flip = {f"theta[{LANE_BITS * (x + 5) + z}]": by}
            yield from (flip, *({f"parity_after[{column}]": b, **flip} for b in (1, -1)))
    for j in range(len(CONSTANT_PLACES)):
        yield from ({f"first[{j}]": by} for by in (1, -1))


@pytest.mark.parametrize("step", [16, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("what", "equations", "states"),
    [
        ("theta", THETA, [[0] * WORDS]),
        ("parity", PARITY, [[0] * WORDS]),
        ("parity_after", AFTER, [random_state(seed) for seed in range(6)]),
        ("relations", RELATIONS, [random_state(5)]),
    ],
    ids=["theta", "parity", "parity after", "relations"],
)
def test_every_equation_of_a_round_is_needed(what, equations, states, step):
    """For each a row that it alone refuses, and whatever that row says finds a world."""
    changes = list(other_bits()) if what == "relations" else not_bits(what)
    sample = [c for i, c in enumerate(changes) if i // 6 % step == 0]
    needed = set().union(*(needed_by(ROUND, bad_rounds(state, sample)) for state in states))
    assert not needed - set(equations)
    assert len(needed) >= len(equations) // step - 1
    assert step > 1 or not set(equations) - needed


def test_a_bad_round_finds_a_world():
    """What `needed_by` assumes: a row's two messages may say anything."""
    table = bad_rounds([0] * WORDS, [{"theta[70]": 2}])
    assert len({v.number for v in violations(ROUND, table)}) == 1
    cells = cells_of(ROUND, table)
    said = [evaluate(m.fields, cells, lambda x: x % P) for m in ROUND.messages]
    time, done, *before = [int(np.broadcast_to(x, 1)[0]) for x in said[0]]
    after = [int(x[0]) for x in said[1][2:]]
    peer = np.array([[time, done, 1, *before, *after]], np.uint32)
    assert unbalanced({ROUND: [table], trace_chip(Peer): [peer]}) == {}


def parities(circuit):
    """What each equation of parities says: the cells whose exclusive or is zero, as a mask."""
    columns = {c.name: i for i, c in enumerate(circuit.columns)}
    for number in RELATIONS[:-7]:
        read = walk([circuit.equations[number].polynomial])
        yield sum(1 << columns[str(x.value)] for x in read if x.op == "column")


def bits_received(circuit):
    """By bit of the state received, the cells that it is the exclusive or of, as a mask."""
    names = [c.name for c in circuit.columns]
    cells = {name: np.zeros(len(names) + 1, np.int64) for name in names}
    for i, name in enumerate(names):
        cells[name][i + 1] = 1
    limbs = evaluate(circuit.messages[0].fields[2:], cells, lambda x: x % P)
    for limb in limbs:
        flipped = np.broadcast_to(limb, len(names) + 1) ^ np.broadcast_to(limb, len(names) + 1)[0]
        for bit in range(16):
            yield sum(1 << int(i) for i in np.flatnonzero(flipped[1:] >> bit & 1))


def rank(masks):
    """Of vectors of bits."""
    found = {}
    for mask in masks:
        left = mask
        while left and left.bit_length() in found:
            left ^= found[left.bit_length()]
        if left:
            found[left.bit_length()] = left
    return len(found)


def test_a_round_is_determined_by_the_state_received():
    """Modulo 2 all of it is linear, and of full rank: nothing is left to whoever fills the row.

    Bits are bits, and a limb of sixteen bits has one form.
    """
    known = [*parities(ROUND), *bits_received(ROUND)]
    assert len(known) == COLUMNS + len(KEPT) + 1600
    assert rank(known) == 1600 + len(KEPT) + COLUMNS


def test_the_state_received_is_linear():
    """What the test above assumes: the exclusive or of cells, for any bits."""
    generator = np.random.default_rng(1)
    cells = {c.name: generator.integers(0, 2, 50) for c in ROUND.columns}
    limbs = evaluate(ROUND.messages[0].fields[2:], cells, lambda x: x % P)
    masks, names = list(bits_received(ROUND)), [c.name for c in ROUND.columns]
    zeros = evaluate(ROUND.messages[0].fields[2:], dict.fromkeys(names, 0), lambda x: x % P)
    for i in range(0, 1600, 37):
        bits = [cells[name] for j, name in enumerate(names) if masks[i] >> j & 1]
        wanted = np.bitwise_xor.reduce(bits) ^ (zeros[i // 16] >> i % 16 & 1)
        assert (limbs[i // 16] >> i % 16 & 1 == wanted).all()


# --- hand-made witnesses


def test_rounds_in_the_wrong_order():
    """The second round's constant first."""
    events, made, cells = run((4, FIRST))
    rounds = keccak_rounds(events)
    swapped = rounds.copy()
    swapped[0, 1], swapped[1, 1] = 1, 0
    assert accepted(events, made, cells, swapped) == {"keccak"}


def test_a_round_is_left_out():
    events, made, cells = run((4, FIRST))
    assert accepted(events, made, cells, keccak_rounds(events)[:-1]) == {"keccak"}
    assert accepted(events, made, cells, keccak_rounds(events)[1:]) == {"keccak"}


def test_a_round_is_done_twice():
    """Nothing follows the round that follows itself: a chain of rounds only grows."""
    events, made, cells = run((4, FIRST))
    rounds = keccak_rounds(events)
    assert accepted(events, made, cells, np.concatenate([rounds, rounds[-1:]])) == {"keccak"}


def test_two_calls_swap_their_results():
    events, made, cells = run((4, FIRST), (8, SECOND))
    call, rounds = tables_of(events)
    after = slice(NAMES_OF_CALL["after[0]"], NAMES_OF_CALL["after[99]"] + 1)
    call[[0, 1], after] = call[[1, 0], after]
    results = [cell[3] for cell in cells]
    moved = [(*c[:3], r, c[4]) for c, r in zip(cells, results[50:] + results[:50], strict=True)]
    parts = calls.surround(MACHINE, [call, rounds], made, moved)
    assert calls.objections(MACHINE, parts) == {"keccak"}


def test_a_result_that_was_not_computed():
    """The memory holds what it held before."""
    events, made, cells = run((4, FIRST))
    call, _ = tables_of(events)
    before = NAMES_OF_CALL["before[0]"]
    call[0, before + LIMBS : before + 2 * LIMBS] = call[0, before : before + LIMBS]
    unchanged = [(a, first, since, first, last) for a, first, since, _, last in cells]
    parts = calls.surround(MACHINE, [call, empty_table(KeccakRound, 0)], made, unchanged)
    assert calls.objections(MACHINE, parts) == {"keccak"}


@pytest.mark.parametrize(
    "address",
    [
        DATA_START + 2,
        DATA_START + 1,
        CODE_START,
        0,
        DATA_START - 4,
        MEMORY_END + DATA_START,
        2**31 - 4,
        2**32 - 4 * WORDS,
    ],
)
def test_a_pointer_that_is_misaligned_or_outside(address):
    """The world has such words and knows of the call, yet no table has what it must look up."""
    assert accepted(*run((4, address))) == {"range"}


def test_a_pointer_that_is_not_the_argument():
    events, _, cells = run((4, FIRST))
    assert accepted(events, [(KECCAKF, 4, FIRST + 4, 7, 8)], cells) == {"call"}


def test_stale_memory():
    """The second call on the same state starts from what the first one started from."""
    events, made, cells = run((4, FIRST), (8, FIRST))
    events[1, 4:] = events[0, 4:]
    assert accepted(events, made, cells) == {"memory"}


def test_memory_from_the_future():
    """The words are what the call itself put there: the bus balances, time does not pass."""
    events, made, cells = run((8, FIRST))
    events[0, 4 + WORDS :] = 8 + 2
    circle = [(a, value, 10, now, last) for a, value, _, now, last in cells]
    assert accepted(events, made, circle) == {"bytes"}


# --- the real prover


def test_a_call_is_proved():
    events, made, cells = run(*CALLS)
    parts = calls.surround(MACHINE, tables_of(events), made, cells)
    heights = [len(table).bit_length() - 1 for table in parts]
    key = ProvingKey.generate(MACHINE, TOY, heights)
    verify(key.verifying_key, key.prove(parts, []).encode(), [])
    call = NAMES_OF_CALL["after[3]"]
    parts[0][0, call] ^= 1
    with pytest.raises(InvalidProof):
        verify(key.verifying_key, key.prove(parts, []).encode(), [])
