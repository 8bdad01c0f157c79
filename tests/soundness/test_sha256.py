"""The chips of sha256: no free cell, no idle equation, no way around the steps or the memory."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.errors import InvalidProof
from node.recursion.air.check import violations
from node.recursion.air.chip import trace_chip
from node.recursion.field import P
from node.recursion.prover import ProvingKey
from node.recursion.riscv.chips.sha256 import SHA256, Sha256Call, Sha256Step
from node.recursion.riscv.events import empty_table, row_of
from node.recursion.riscv.isa import CODE_START, DATA_START
from node.recursion.riscv.sha256 import (
    BLOCK,
    CONSTANTS,
    LARGE_0,
    LARGE_1,
    MASK,
    SMALL_0,
    SMALL_1,
    STATE,
    STEP,
    all_steps,
    sha256_steps,
)
from node.recursion.security import TOY
from node.recursion.verifier import verify
from tests.soundness.machines import calls
from tests.soundness.mutation import mutants, needed_by

MACHINE = calls.machine(Sha256Call, Sha256Step)
STEPS = trace_chip(Sha256Step)
NAMES = {c.name: i for i, c in enumerate(STEPS.columns)}
CALL = trace_chip(Sha256Call)
NAMES_OF_CALL = {c.name: i for i, c in enumerate(CALL.columns)}
HERE, BLOCKS = DATA_START + 0x2_0000 - 12, CODE_START + 64
CALLS = ((4, HERE, BLOCKS), (12, HERE + 400, HERE), (2**20, HERE, HERE))


def compress(state, block):
    columns = [np.array([word], np.int64) for word in (*state, *block)]
    *_, last = all_steps(columns[:STATE], columns[STATE:])
    return [(old + int(new[0])) & MASK for old, new in zip(state, last.state, strict=True)]


def run(*made):
    """(events of sha256, made calls, cells) of calls (time, state, block), from random memory."""
    generator = random.Random(3)
    memory, last, events = {}, {}, []
    for time, state_at, block_at in made:
        state, block = (
            [
                memory.setdefault(a, (w, w))[1]
                for a, w in ((a, generator.randrange(2**32)) for a in at)
            ]
            for at in (addresses(state_at, STATE), addresses(block_at, BLOCK))
        )
        block_lasts = [last.get(a, 0) for a in addresses(block_at, BLOCK)]
        last |= dict.fromkeys(addresses(block_at, BLOCK), time + 1)
        state_lasts = [last.get(a, 0) for a in addresses(state_at, STATE)]
        for a, new in zip(addresses(state_at, STATE), compress(state, block), strict=True):
            memory[a], last[a] = (memory[a][0], new), time + 2
        events.append([time, state_at, block_at, 9, *state, *state_lasts, *block, *block_lasts])
    cells = [(a % P, first, 0, now, last[a]) for a, (first, now) in memory.items()]
    return np.array(events, np.uint32), [(SHA256, *call, 9) for call in made], cells


def addresses(start, words):
    return range(start, start + 4 * words, 4)


def fill(chip, events):
    table = empty_table(chip, max(len(events) - 1, 0).bit_length())
    row_of(chip, table, len(events)).fill(events.T.astype(np.int64))
    return table


def tables_of(events, steps=None):
    steps = sha256_steps(events) if steps is None else steps
    return [fill(Sha256Call, events), fill(Sha256Step, steps)]


def accepted(events, made, cells, steps=None):
    """What objects to these events of the call and of its steps."""
    tables = tables_of(events, steps)
    return calls.objections(MACHINE, calls.surround(MACHINE, tables, made, cells))


def test_calls_are_accepted():
    """The third call's block is its own state and what follows, read before it is written."""
    assert accepted(*run(*CALLS)) == set()


@pytest.mark.parametrize(
    ("number", "rows"),
    [
        (0, range(3)),
        (1, [0, 2, 3, 4, 15]),
        pytest.param(1, range(48), marks=pytest.mark.slow),
    ],
    ids=["calls", "steps", "all steps"],
)
def test_no_cell_is_free(number, rows):
    table = tables_of(run(*CALLS)[0])[number]
    parts = [table if i == number else None for i in range(len(MACHINE.slots))]
    found = mutants(MACHINE, parts, rows, deltas=(1, P - 1))
    assert [m for m, broken, moved in found if not broken and not moved] == []


# --- equations


class Forger:
    """A row of the fourth step computed honestly, but for one thing.

    `twist` names a cell that shall not be a bit, an equation ("e", round, limb) that shall be off
    by one, or a carry whose parts shall be others than they may be; all else follows from it.
    """

    NUMBER = 3

    def __init__(self, seed, twist):
        generator = random.Random(seed)
        self.twist, self.met, self.possible = twist, False, True
        self.cells = {"time": 4, "major[0]": 1, f"minor[{self.NUMBER}]": 1}
        self.sums = [generator.randrange(2**18) for _ in range(2 * BLOCK)]
        self.a, self.e = ([self.given(kind, k, generator) for k in range(4)] for kind in "ae")
        for i in range(STEP):
            self.round(i)
        self.cells |= {f"sums[{j}]": limb for j, limb in enumerate(self.sums)}

    def row(self):
        row = np.zeros(len(NAMES), np.uint32)
        for name, value in self.cells.items():
            row[NAMES[name]] = value % P
        return row

    def given(self, kind, k, generator):
        """The bits of a word that is received."""
        bits = [generator.randrange(2) for _ in range(32)]
        if not k:
            self.cells |= dict(
                zip((f"{kind}_oldest[0]", f"{kind}_oldest[1]"), packed(bits), strict=True)
            )
            return bits
        for i in range(32):
            name = f"{kind}_bits[{32 * (k - 1) + i}]"
            bits[i] += 2 * (name == self.twist)
            self.cells[name] = bits[i]
        return bits

    def round(self, i):
        w = self.add("w", i, [self.sums[2 * i : 2 * i + 2]], "w_bits", 32 * i)
        small_1 = mixed(w, SMALL_1)
        for limb in range(2):
            name = f"small_1[{2 * i + limb}]"
            self.cells[name] = small_1[limb] + (self.twist == name)
            if not i:
                name = f"small_0[{limb}]"
                self.cells[name] = mixed(w, SMALL_0)[limb] + (self.twist == name)
        a, e = self.a[i:], self.e[i:]
        constant = CONSTANTS[STEP * self.NUMBER + i]
        chosen = packed([z + x * (y - z) for x, y, z in zip(e[3], e[2], e[1], strict=True)])
        terms = [packed(a[0]), packed(e[0]), mixed(e[3], LARGE_1), chosen, packed(w)]
        terms.append((constant & 0xFFFF, constant >> 16))
        self.e.append(self.add("e", i, terms, "e_bits", 32 * (3 + i)))
        triples = zip(a[3], a[2], a[1], strict=True)
        majority = packed([y * z + x * (y + z - 2 * y * z) for x, y, z in triples])
        terms = [packed(self.e[-1]), mixed(a[3], LARGE_0), majority, [-x for x in packed(a[0])]]
        self.a.append(self.add("a", i, terms, "a_bits", 32 * (3 + i)))

    def add(self, kind, i, terms, array, start):
        """The bits of the sum of some words, after noting them and the carries."""
        carry, bits = 0, []
        for limb, name in enumerate(("low", "high")):
            total = sum(term[limb] for term in terms) + carry
            total += self.twist == (kind, i, limb)
            names = [f"{array}[{start + 16 * limb + k}]" for k in range(16)]
            part, carry = self.limb(total, names)
            self.carry(f"{kind}_carries[{i}].{name}", carry, signed=kind == "a")
            bits += part
        if i == 3 and kind != "w":
            self.cells |= dict(
                zip((f"{kind}_newest[0]", f"{kind}_newest[1]"), packed(bits), strict=True)
            )
        else:
            self.cells |= {f"{array}[{start + k}]": bit for k, bit in enumerate(bits)}
        return bits

    def limb(self, total, names):
        """Sixteen cells and a carry that make up a total; a cell of the twist's name is no bit."""
        if self.twist not in names:
            return [total >> k & 1 for k in range(16)], total >> 16
        j = names.index(self.twist)
        for value in (2, 3, -1, -2):
            rest = total - (value << j)
            if not rest >> j & 1 and -1 <= rest >> 16 <= 5:
                return [value if k == j else rest >> k & 1 for k in range(16)], rest >> 16
        raise AssertionError("one of two neighbouring values leaves the bit unset")

    def carry(self, name, value, *, signed):
        self.possible &= -1 <= value <= 2 if signed else 0 <= value <= 5
        ones, threes = (max(value, 0), int(value < 0)) if signed else (value % 3, value // 3)
        if self.twist == f"{name}.threes":
            # the same value, with a second part that is no bit
            ones, threes = (2, 2 - value) if signed else (0, value * pow(3, -1, P))
            self.met = threes % P > 1
        if self.twist == f"{name}.ones":
            ones, threes = (value + 1, 1) if signed else (value - 3, 1)
            self.met = ones not in (0, 1, 2)
        self.cells |= {f"{name}.ones": ones, f"{name}.threes": threes}


def packed(bits):
    return tuple(sum(bit << k for k, bit in enumerate(bits[i : i + 16])) for i in (0, 16))


def mixed(bits, by):
    """The chip's polynomial of the exclusive or, on integers."""

    def turned(k, n):
        k = k - n if n < 0 else (k + n) % 32
        return bits[k] if k < 32 else 0

    def three(x, y, z):
        return x + y + z - 2 * (x * y + y * z + x * z) + 4 * x * y * z

    return packed([three(*(turned(k, n) for n in by)) for k in range(32)])


def twists():
    """One for each equation but the round number's."""
    yield from (
        n for n in NAMES if n.split("[")[0] in ("a_bits", "e_bits", "w_bits", "small_0", "small_1")
    )
    yield from (n for n in NAMES if n.endswith((".ones", ".threes")))
    yield from ((kind, i, limb) for kind in "wea" for i in range(STEP) for limb in range(2))


def forged(twist):
    """A row with the twist, from the first random state in which it can be."""
    of_a_carry = str(twist).endswith((".ones", ".threes"))
    for seed in range(200):
        forger = Forger(seed, twist)
        if forger.possible and (forger.met or not of_a_carry):
            return forger.row()
    raise AssertionError(f"{twist} cannot be")


def test_the_forger_is_honest_without_a_twist():
    row = Forger(1, None).row()[None]
    assert needed_by(STEPS, row) == set()
    assert violations(STEPS, row) == []


@pytest.mark.parametrize("sample", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_every_equation_of_a_step_is_needed(sample):
    """For each a row that it alone refuses; a step's two messages may say anything."""
    chosen = list(twists())[::sample]
    needed = needed_by(STEPS, np.stack([forged(twist) for twist in chosen]))
    assert len(needed) == len(chosen)
    if sample == 1:
        # the first ten, of the round's number, are test_choice.py's
        assert needed == set(range(10, len(STEPS.equations)))


def wrong_results(call):
    """By equation, (row, word, its limbs after) of a result that it alone refuses.

    Modulo p, 2^-16 is 32512 less than p: a low limb that is one too large leaves a carry of 32512,
    which the high limb takes in.
    """
    starts = [NAMES_OF_CALL[f"{name}[0]"] for name in ("before", "last", "after")]
    found = {}
    for row, word in np.ndindex(len(call), STATE):
        before, last, after = (call[row, i + 2 * word :][:2].astype(int).tolist() for i in starts)
        found[2 + 2 * word] = row, word, (after[0], after[1] ^ 1)
        wrong = (after[0] + 1) % 2**16
        carry = (before[0] + last[0] - wrong) * pow(2**16, -1, P) % P
        total = before[1] + last[1] + carry
        if total < 2**17:
            found[1 + 2 * word] = row, word, (wrong, total % 2**16)
    return found


def test_every_equation_of_the_call_is_needed():
    """All but the first, that is_real is a bit: `test_calls.py` says what that is for."""
    events, made, cells = run(*((4 + 4 * i, HERE + 32 * i, BLOCKS) for i in range(4)))
    call, steps = tables_of(events)
    wrong = wrong_results(call)
    assert set(wrong) == set(range(1, len(CALL.equations)))
    for number, (row, word, after) in wrong.items():
        lying, at = call.copy(), NAMES_OF_CALL["after[0]"] + 2 * word
        lying[row, at : at + 2] = after
        address, value = HERE + 32 * row + 4 * word, after[0] + (after[1] << 16)
        moved = [(*c[:3], value, c[4]) if c[0] == address else c for c in cells]
        assert [(v.row, v.number) for v in violations(CALL, lying)] == [(row, number)]
        parts = calls.surround(MACHINE, [lying, steps], made, moved)
        assert calls.objections(MACHINE, parts) == {"Sha256Call"}


ONE_CALL = fill(Sha256Call, run(CALLS[0])[0])


@given(st.integers(0, STATE - 1), st.integers(-7, 7), st.integers(0, 3))
def test_a_last_word_of_other_limbs(word, by, carries):
    """The last step may leave limbs of its newest words out of range: the result is the same."""
    call = ONE_CALL.copy()
    before, last, after = (NAMES_OF_CALL[f"{x}[0]"] + 2 * word for x in ("before", "last", "after"))
    right = call[0, after : after + 2].tolist()
    low, high = (int(x) for x in call[0, last : last + 2])
    low, high = low + by * 2**16, high - by
    call[0, last : last + 2] = low % P, high % P
    total = low + int(call[0, before]), high + int(call[0, before + 1]) + carries % 2
    limbs = total[0] - 2**16 * (carries % 2), total[1] - 2**16 * (carries // 2)
    call[0, after : after + 2] = limbs[0] % P, limbs[1] % P
    in_range = all(0 <= limb < 2**16 for limb in limbs)
    assert violations(CALL, call) == []
    assert not in_range or list(limbs) == right


# --- hand-made witnesses


def test_steps_in_the_wrong_order():
    """The second step's constants first."""
    events, made, cells = run(CALLS[0])
    steps = sha256_steps(events)
    steps[0, 1], steps[1, 1] = 1, 0
    assert accepted(events, made, cells, steps) == {"sha256"}


@pytest.mark.parametrize(
    "kept", [slice(1, None), slice(None, -1), [0, *range(2, 16)], [*range(16), 3]]
)
def test_a_step_is_left_out_or_done_twice(kept):
    events, made, cells = run(CALLS[0])
    assert accepted(events, made, cells, sha256_steps(events)[kept]) == {"sha256"}


def test_two_calls_swap_what_the_steps_yield():
    """Results and memory follow from it: only the time of the call tells them apart."""
    events, made, cells = run((4, HERE, BLOCKS), (8, HERE + 64, BLOCKS))
    call, steps = tables_of(events)
    last = slice(NAMES_OF_CALL["last[0]"], NAMES_OF_CALL["left[31]"] + 1)
    call[[0, 1], last] = call[[1, 0], last]
    memory = {cell[0]: list(cell) for cell in cells}
    at = {name: NAMES_OF_CALL[f"{name}[0]"] for name in ("before", "last", "after")}
    for row, start in zip(call.astype(np.int64), (HERE, HERE + 64), strict=True):
        for word in range(STATE):
            before, found = (
                row[at[name] + 2 * word] + (row[at[name] + 2 * word + 1] << 16)
                for name in ("before", "last")
            )
            memory[start + 4 * word][3] = int(before + found) & MASK
    for row, start in zip(call, (HERE, HERE + 64), strict=True):
        limbs = [x for w in range(STATE) for x in calls.word(memory[start + 4 * w][3])]
        row[at["after"] : at["after"] + 2 * STATE] = limbs
    parts = calls.surround(MACHINE, [call, steps], made, [tuple(c) for c in memory.values()])
    assert calls.objections(MACHINE, parts) == {"sha256"}


def test_a_result_beyond_its_limb():
    """A carry that is kept: the word is right modulo 2^32, its low limb is not below 2^16."""
    events, made, cells = run(CALLS[0])
    call, steps = tables_of(events)
    after = NAMES_OF_CALL["after[0]"]
    sums = call[0, NAMES_OF_CALL["before[0]"] :][:16] + call[0, NAMES_OF_CALL["last[0]"] :][:16]
    word = next(k for k in range(STATE) if sums[2 * k] >= 2**16 and call[0, after + 2 * k + 1])
    call[0, after + 2 * word] += 2**16
    call[0, after + 2 * word + 1] -= 1
    parts = calls.surround(MACHINE, [call, steps], made, cells)
    assert calls.objections(MACHINE, parts) == {"range", "memory"}


@pytest.mark.parametrize(
    ("state", "block"),
    [
        (HERE + 2, BLOCKS),
        (HERE, BLOCKS + 1),
        (CODE_START, BLOCKS),
        (HERE, CODE_START - 4),
        (2**31 - 4, BLOCKS),
        (HERE, 2**30),
    ],
)
def test_a_pointer_that_is_misaligned_or_outside(state, block):
    """The world has such words and knows of the call, yet no table has what it must look up."""
    assert accepted(*run((4, state, block))) == {"range"}


@pytest.mark.parametrize("moved", [(4, 0), (0, 4)], ids=["state", "block"])
def test_a_pointer_that_is_not_the_argument(moved):
    events, _, cells = run((4, HERE, BLOCKS))
    called = (SHA256, 4, HERE + moved[0], BLOCKS + moved[1], 9)
    assert accepted(events, [called], cells) == {"call"}


def test_stale_memory():
    """The second call on the same state starts from what the first one started from."""
    events, made, cells = run((4, HERE, BLOCKS), (8, HERE, BLOCKS))
    events[1, 4 : 4 + 2 * STATE] = events[0, 4 : 4 + 2 * STATE]
    assert accepted(events, made, cells) == {"memory"}


@pytest.mark.parametrize(("words", "when"), [(slice(12, 20), 6), (slice(36, 52), 5)])
def test_memory_from_the_future(words, when):
    """The words are what the call itself put there: the bus balances, time does not pass."""
    events, made, cells = run((4, HERE, BLOCKS))
    events[0, words] = when
    circle = [(a, v, when if last == when else 0, now, last) for a, v, _, now, last in cells]
    assert accepted(events, made, circle) == {"bytes"}


def test_calls_are_proved():
    events, made, cells = run(*CALLS)
    parts = calls.surround(MACHINE, tables_of(events), made, cells)
    key = ProvingKey.generate(MACHINE, TOY, [len(table).bit_length() - 1 for table in parts])
    verify(key.verifying_key, key.prove(parts, []).encode(), [])
    parts[0][0, NAMES_OF_CALL["left[3]"]] += 1
    with pytest.raises(InvalidProof):
        verify(key.verifying_key, key.prove(parts, []).encode(), [])
