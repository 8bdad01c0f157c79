"""The compression of SHA-256 behind an ecall: one row a call, sixteen rows of four rounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from node.recursion.air.chip import (
    Array,
    Bit,
    Bus,
    Cell,
    Chip,
    Columns,
    Constraints,
    Felt,
    Group,
    Groups,
    Messages,
    is_bit,
)
from node.recursion.field import P
from node.recursion.riscv.buses import RANGE
from node.recursion.riscv.choice import constant_of, fill_choice, number_of, show_choice
from node.recursion.riscv.events import Numbers, limbs, put
from node.recursion.riscv.gadgets import Access, Call, Pointer, accessed_before
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
    STEPS,
    WORD_BITS,
    Pair,
    Step,
    Sum,
    all_steps,
    mixed,
    next_sums,
    times,
)

SHA256: Final = 258
LIMB_BITS: Final = 16

SHA: Final = Bus("sha256", arity=2 + 2 * STATE + 2 * BLOCK)
"""(time of the call, steps done, a_t .. a_(t-3), e_t .. e_(t-3), sums for w_t .. w_(t+15)).

All as pairs of limbs. A sum's limbs are not reduced: the word is what is left modulo 2^32.
"""

_HALF: Final = (P + 1) // 2
_HALVES: Final = (2**LIMB_BITS - 1) * _HALF


def _centred(bit: Cell) -> Cell:
    """A bit as +- 1/2: an exclusive or is -2 times the product."""
    return bit - _HALF


def _mixed_limbs(bits: Sequence[Cell], by: Sequence[int]) -> Pair:
    """The limbs of `mixed`, of degree 3. bits: of the word."""
    centred = [_centred(bit) for bit in bits]

    def turned(place: int, n: int) -> Cell:
        if n < 0:
            return centred[place - n] if place - n < WORD_BITS else -_HALF
        return centred[(place + n) % WORD_BITS]

    products = [turned(i, by[0]) * turned(i, by[1]) * turned(i, by[2]) for i in range(WORD_BITS)]
    low, high = _packed(products)
    return 4 * low + _HALVES, 4 * high + _HALVES


def _choice_limbs(e: Sequence[Cell], f: Sequence[Cell], g: Sequence[Cell]) -> Pair:
    """By bit: f where e is set, else g."""
    return _packed([z + x * (y - z) for x, y, z in zip(e, f, g, strict=True)])


def _majority_limbs(a: Sequence[Cell], b: Sequence[Cell], c: Sequence[Cell]) -> Pair:
    """What at least two of the three say."""
    both = [y * z for y, z in zip(b, c, strict=True)]
    return _packed([yz + x * (y + z - yz - yz) for x, y, z, yz in zip(a, b, c, both, strict=True)])


def _packed(bits: Sequence[Cell]) -> Pair:
    """The two limbs of 32 bits; by doubling, which is cheaper to evaluate than multiplying."""
    low: Cell = 0
    high: Cell = 0
    for i in range(LIMB_BITS)[::-1]:
        low = low + low + bits[i]
        high = high + high + bits[LIMB_BITS + i]
    return low, high


def _words(bits: Sequence[Cell]) -> list[Sequence[Cell]]:
    """The bits of each word."""
    return [bits[i : i + WORD_BITS] for i in range(0, len(bits), WORD_BITS)]


def _pairs(cells: Sequence[Cell]) -> list[Pair]:
    return list(zip(cells[::2], cells[1::2], strict=True))


def _flat(pairs: Sequence[Pair]) -> tuple[Cell, ...]:
    return tuple(limb for pair in pairs for limb in pair)


class Carry(Columns):
    """What leaves the sum of limbs: 0 to 5."""

    ones, threes = Felt(), Bit()

    def constrain(self) -> Constraints:
        """The ranges."""
        yield self.ones * (self.ones - 1) * (self.ones - 2) == 0
        yield is_bit(self.threes)

    @property
    def value(self) -> Cell:
        """Of an unsigned carry."""
        return self.ones + 3 * self.threes

    @property
    def signed(self) -> Cell:
        """Of a carry from -1 to 2: `threes` is a borrow."""
        return self.ones - self.threes


class WordCarries(Columns):
    """The carries of a sum of words, from the low limb and from the high one."""

    low, high = Group(Carry), Group(Carry)

    def constrain(self) -> Constraints:
        """The ranges."""
        yield from self.low.constrain()
        yield from self.high.constrain()

    def fill(self, added: Sum) -> None:
        """The cells for words that are added up."""
        carry: Any = 0
        for limb, cells in enumerate((self.low, self.high)):
            total = sum(term[limb] for term in added.terms) + carry
            carry = (total - added.result[limb]) >> LIMB_BITS
            put(cells.ones, np.where(carry < 0, 0, carry % 3))
            put(cells.threes, np.where(carry < 0, 1, carry // 3))


def sums_to(terms: Sequence[Pair], result: Pair, low: Cell, high: Cell) -> Constraints:
    """The sum of words is the result, and these carries.

    Holds over the integers: limbs are below 2^16 and few.
    """
    yield sum(term[0] for term in terms) == result[0] + 2**LIMB_BITS * low
    yield sum(term[1] for term in terms) + low == result[1] + 2**LIMB_BITS * high


class Sha256Step(Chip):
    """Four rounds, and the next four words of the schedule.

    Of a and e, the row holds the bits of six words; the oldest and the newest only as limbs. A word
    of the schedule is added to the sums that need it as soon as its bits are known.
    Assumes: nothing. Ensures: on real rows, what is sent follows from what is received; words that
    were received in range are left in range, but for the limbs of the newest two, which are right
    modulo 2^32 as a whole and are shown in range by whoever takes them apart.
    """

    time = Felt()
    major, minor = Array(4), Array(4)
    a_oldest, e_oldest = Array(2), Array(2)
    a_bits, e_bits = Array(6 * WORD_BITS), Array(6 * WORD_BITS)
    a_newest, e_newest = Array(2), Array(2)
    w_bits = Array(STEP * WORD_BITS)
    sums = Array(2 * BLOCK)
    small_1 = Array(2 * STEP)
    """sigma_1 of the four words."""
    small_0 = Array(2)
    """sigma_0 of the first."""
    a_carries = Groups(WordCarries, STEP)
    e_carries = Groups(WordCarries, STEP)
    w_carries = Groups(WordCarries, STEP)

    def constrain(self) -> Constraints:
        yield from show_choice(self.major, self.minor)
        for bit in (*self.a_bits, *self.e_bits, *self.w_bits):
            yield is_bit(bit)
        for carries in (*self.a_carries, *self.e_carries, *self.w_carries):
            yield from carries.constrain()
        yield from self._schedule()
        for i in range(STEP):
            yield from self._round(i)

    def interact(self) -> Messages:
        a, e, done = self._a(), self._e(), number_of(self.major, self.minor)
        real = sum(self.major)
        before = (*_flat(a[3::-1]), *_flat(e[3::-1]), *self.sums)
        after = (*_flat(a[:3:-1]), *_flat(e[:3:-1]), *_flat(self._next_sums()))
        yield SHA.receive(self.time, done, before, times=real)
        yield SHA.send(self.time, done + 1, after, times=real)

    def _a(self) -> list[Pair]:
        """The limbs of a_(t-3) to a_(t+4)."""
        return [self.a_oldest, *map(_packed, _words(self.a_bits)), self.a_newest]

    def _e(self) -> list[Pair]:
        return [self.e_oldest, *map(_packed, _words(self.e_bits)), self.e_newest]

    def _round(self, i: int) -> Constraints:
        """e_(t+i+1) and a_(t+i+1)."""
        a_limbs, e_limbs = self._a(), self._e()
        c, b, a = _words(self.a_bits)[i : i + 3]
        g, f, e = _words(self.e_bits)[i : i + 3]
        constant = tuple(
            constant_of(self.major, self.minor, [limbs(k)[limb] for k in CONSTANTS[i::STEP]])
            for limb in range(2)
        )
        word = _packed(_words(self.w_bits)[i])
        old_a, new_a, old_e, new_e = a_limbs[i], a_limbs[i + 4], e_limbs[i], e_limbs[i + 4]
        mixed_e, chosen = _mixed_limbs(e, LARGE_1), _choice_limbs(e, f, g)
        carries = self.e_carries[i]
        terms = [old_a, old_e, mixed_e, chosen, constant, word]
        yield from sums_to(terms, new_e, carries.low.value, carries.high.value)
        signed = self.a_carries[i]
        terms = [new_e, _mixed_limbs(a, LARGE_0), _majority_limbs(a, b, c), times(-1, old_a)]
        yield from sums_to(terms, new_a, signed.low.signed, signed.high.signed)

    def _schedule(self) -> Constraints:
        """The words w_t to w_(t+3)."""
        words = _words(self.w_bits)
        for i, (bits, given) in enumerate(zip(words, _pairs(self.small_1), strict=True)):
            for limb, mix in zip(given, _mixed_limbs(bits, SMALL_1), strict=True):
                yield limb == mix
            terms = [_pairs(self.sums)[i]]
            if i >= 2:
                terms.append(times(self._is_late(0), _pairs(self.small_1)[i - 2]))
            carries = self.w_carries[i]
            yield from sums_to(terms, _packed(bits), carries.low.value, carries.high.value)
        for limb, mix in zip(self.small_0, _mixed_limbs(words[0], SMALL_0), strict=True):
            yield limb == mix

    def _is_late(self, missing: int) -> Cell:
        """Whether at least 4 - missing steps are done; of degree 2, or 1 if none is missing."""
        first = sum(self.minor[4 - missing :]) * self.major[0] if missing else 0
        return sum(self.major[1:]) + first

    def _next_sums(self) -> list[Pair]:
        """The sums for w_(t+4) to w_(t+19)."""
        words = _words(self.w_bits)
        small_0 = [(self.small_0[0], self.small_0[1])]
        small_0 += [_mixed_limbs(bits, SMALL_0) for bits in words[1:]]
        return next_sums(
            _pairs(self.sums),
            [_packed(bits) for bits in words],
            small_0,
            _pairs(self.small_1),
            self._is_late,
        )

    def fill(self, events: Numbers) -> None:
        """events: arrays as `sha256_steps` makes them."""
        time, number, *rest = events
        step = Step.of(number, rest[:STATE], _pairs(rest[STATE:]))
        put(self.time, time)
        fill_choice(self.major, self.minor, number)
        for words, oldest, bits, newest in (
            (step.a, self.a_oldest, self.a_bits, self.a_newest),
            (step.e, self.e_oldest, self.e_bits, self.e_newest),
        ):
            put(oldest, limbs(words[0]))
            put(bits, tuple(word >> i & 1 for word in words[1:-1] for i in range(WORD_BITS)))
            put(newest, limbs(words[-1]))
        put(self.w_bits, tuple(word >> i & 1 for word in step.w for i in range(WORD_BITS)))
        put(self.sums, tuple(rest[STATE:]))
        put(self.small_1, tuple(x for w in step.w for x in limbs(mixed(w, SMALL_1))))
        put(self.small_0, limbs(mixed(step.w[0], SMALL_0)))
        for groups, sums in (
            (self.w_carries, step.w_sums),
            (self.e_carries, step.e_sums),
            (self.a_carries, step.a_sums),
        ):
            for cells, added in zip(groups, sums, strict=True):
                cells.fill(added)


class Sha256Call(Chip):
    """The call sha256(state, block): 32 bytes where a0 points take in 64 bytes where a1 points.

    Assumes: SHA carries steps. Ensures: on real rows, the state after is the compression of the
    state before and the block, its limbs in range.
    """

    call = Group(Call)
    before, after = Array(2 * STATE), Array(2 * STATE)
    block = Array(2 * BLOCK)
    last, left = Array(2 * STATE), Array(2 * BLOCK)
    """What the last step sends: its words, and sums that nobody needs."""
    state_accesses, block_accesses = Groups(Access, STATE), Groups(Access, BLOCK)
    is_real = Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)
        for word in range(STATE):
            carry: Cell = 0
            for limb in (2 * word, 2 * word + 1):
                total = self.before[limb] + self.last[limb] + carry
                carry = (total - self.after[limb]) / 2**LIMB_BITS
                yield is_bit(carry)

    def interact(self) -> Messages:
        real, time = self.is_real, self.call.time
        state, block = (Pointer((low / 4, high)) for low, high in (self.call.a0, self.call.a1))
        yield from self.call.receive(SHA256, real)
        yield from state.check(DATA_START, real)
        yield from block.check(CODE_START, real)
        yield SHA.send(time, 0, self.before, self.block, times=real)
        yield SHA.receive(time, STEPS, self.last, self.left, times=real)
        for limb in self.after:
            yield RANGE.send(limb, LIMB_BITS, times=real)
        for i, access in enumerate(self.block_accesses):
            word = self.block[2 * i : 2 * i + 2]
            yield from access.read(block.address + 4 * i, word, time + 1, real)
        for i, access in enumerate(self.state_accesses):
            address, at = state.address + 4 * i, slice(2 * i, 2 * i + 2)
            yield from access.exchange(address, self.before[at], self.after[at], time + 2, real)
        accesses = [(access, time + 1) for access in self.block_accesses]
        accesses += [(access, time + 2) for access in self.state_accesses]
        yield from accessed_before(accesses, real)

    def fill(self, events: Numbers) -> None:
        """events: arrays of time, a0, a1, a2, the state, its last times, the block, its own."""
        self.call.fill(events[:4])
        state, state_lasts = events[4 : 4 + STATE], events[4 + STATE : 4 + 2 * STATE]
        block, block_lasts = events[20 : 20 + BLOCK], events[20 + BLOCK :]
        *_, last = all_steps(list(state), list(block))
        after = [(x + y) & MASK for x, y in zip(state, last.state, strict=True)]
        for cells, words in (
            (self.before, state),
            (self.after, after),
            (self.block, block),
            (self.last, last.state),
        ):
            put(cells, _flat([limbs(word) for word in words]))
        put(self.left, _flat(last.next_sums))
        for access, time in zip(self.state_accesses, state_lasts, strict=True):
            access.fill(events[0] + 2, time)
        for access, time in zip(self.block_accesses, block_lasts, strict=True):
            access.fill(events[0] + 1, time)
        put(self.is_real, 1)
