"""Keccak-f[1600] behind an ecall: one row a call, 24 rows of rounds.

Source: FIPS 202, section 3 (theta, rho, pi, chi, iota; lanes are numbered x + 5 y).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from node.recursion.air.chip import (
    Array,
    Bit,
    Bus,
    Cell,
    Chip,
    Constraints,
    Felt,
    Group,
    Groups,
    Messages,
    is_bit,
)
from node.recursion.field import P
from node.recursion.riscv.choice import constant_of, fill_choice, number_of, show_choice
from node.recursion.riscv.events import Numbers, Words, limbs, put
from node.recursion.riscv.gadgets import Access, Call, Pointer, accessed_before
from node.recursion.riscv.isa import DATA_START

KECCAKF: Final = 257
SIDE: Final = 5
LANES: Final = SIDE * SIDE
LANE_BITS: Final = 64
ROUNDS: Final = 24
WORDS: Final = 2 * LANES
LIMBS: Final = 2 * WORDS
LIMB_BITS: Final = 16

KECCAK: Final = Bus("keccak", arity=2 + LIMBS)
"""(time of the call, rounds done, the state as 16-bit limbs in memory order)."""

Lanes = npt.NDArray[np.uint64]
"""Shape (25, states)."""

_HALF: Final = (P + 1) // 2
_HALVES: Final = (2**LIMB_BITS - 1) * _HALF
"""What a limb of sixteen halves is worth."""


def _rotations() -> tuple[int, ...]:
    """By lane, how far rho rotates it."""
    offsets, x, y = [0] * LANES, 1, 0
    for t in range(ROUNDS):
        offsets[x + SIDE * y] = (t + 1) * (t + 2) // 2 % LANE_BITS
        x, y = y, (2 * x + 3 * y) % SIDE
    return tuple(offsets)


def _constant_bits() -> list[int]:
    """The bits of the round constants' linear feedback shift register, seven a round."""
    bits, register = [], 1
    for _ in range(7 * ROUNDS):
        bits.append(register & 1)
        register <<= 1
        register ^= 0x171 * (register >> 8)
    return bits


ROTATIONS: Final = _rotations()
CONSTANT_PLACES: Final = tuple(2**j - 1 for j in range(7))
"""The bits of lane 0 that iota may change."""
CONSTANTS: Final = tuple(tuple(_constant_bits()[j::7]) for j in range(7))
"""By place, the bit of every round."""
_SOURCES: Final = tuple((x + 3 * y) % SIDE + SIDE * x for y in range(SIDE) for x in range(SIDE))
"""By lane after pi, the lane it was before."""


# --- columns: five bits of one x and z, numbered 64 x + z


def _left(column: int) -> int:
    """The one of the two columns that theta adds which is at x - 1."""
    return (column - LANE_BITS) % (SIDE * LANE_BITS)


def _right(column: int) -> int:
    """The other, at x + 1 and z - 1."""
    x, z = divmod(column, LANE_BITS)
    return (x + 1) % SIDE * LANE_BITS + (z - 1) % LANE_BITS


def _is_implied(column: int) -> bool:
    """Whether the column's parity before theta is not committed: it follows from its neighbours'.

    No two such columns meet in one equation, else its degree would be above 3; more than these 95
    of 320 are not possible.
    """
    x, z = divmod(column, LANE_BITS)
    return (x - z) % SIDE in ((2, 4) if z % 2 else (3,)) and z > 0


COLUMNS: Final = SIDE * LANE_BITS
KEPT: Final = {c: i for i, c in enumerate(c for c in range(COLUMNS) if not _is_implied(c))}
"""The columns whose parity is committed, and where."""


def even(bits: Sequence[Cell], bit: Cell) -> Any:  # noqa: ANN401  # an equation
    """Requires that the exclusive or of three or five bits be the other bit.

    Assumes: all are bits; then their difference is between -1 and the number of bits.
    """
    difference = sum(bits) - bit
    product = difference
    for value in range(2, len(bits) + 1, 2):
        product = product * (difference - value)
    return product == 0


def _centred(bit: Cell) -> Cell:
    """A bit as +- 1/2: an exclusive or is -2 times the product."""
    return bit - _HALF


def _packed(values: Sequence[Cell]) -> Cell:
    """The sum of 2^i values[i]; by doubling, which is cheaper to evaluate than multiplying."""
    total: Cell = 0
    for value in values[::-1]:
        total = total + total + value
    return total


class KeccakRound(Chip):
    """One round of Keccak-f; `theta` holds the state after theta, the one place with all bits.

    Every limb received and sent is an expression: the state before is theta plus what theta added,
    the state after is chi of it.
    Assumes: nothing. Ensures: on real rows, the state sent is the round's of the state received, so
    its limbs are in range.
    """

    time = Felt()
    major, minor = Array(4), Array(6)
    theta = Array(LANES * LANE_BITS)
    parity = Array(len(KEPT))
    """Of columns before theta."""
    parity_after = Array(COLUMNS)
    first = Array(len(CONSTANT_PLACES))
    """Bits of lane 0 after theta, with the round's constant added: iota, pulled through chi."""

    def constrain(self) -> Constraints:
        yield from show_choice(self.major, self.minor)
        for bit in (*self.theta, *self.parity, *self.parity_after):
            yield is_bit(bit)
        for column, after in enumerate(self.parity_after):
            x, z = divmod(column, LANE_BITS)
            yield even([self._theta(x + SIDE * y, z) for y in range(SIDE)], after)
        for column in KEPT:
            terms = (column, _left(column), _right(column))
            bits = [bit for term in terms for bit in self._parity(term)]
            yield even(bits, self.parity_after[column])
        for place, bit, values in zip(CONSTANT_PLACES, self.first, CONSTANTS, strict=True):
            constant = constant_of(self.major, self.minor, values)
            theta = self._theta(0, place)
            yield bit == theta + constant - 2 * theta * constant

    def interact(self) -> Messages:
        done, real = number_of(self.major, self.minor), sum(self.major)
        yield KECCAK.receive(self.time, done, self._before(), times=real)
        yield KECCAK.send(self.time, done + 1, self._after(), times=real)

    def _theta(self, lane: int, z: int) -> Cell:
        return self.theta[lane * LANE_BITS + z % LANE_BITS]

    def _parity(self, column: int) -> list[Cell]:
        """Bits whose exclusive or is the column's parity before theta."""
        if column in KEPT:
            return [self.parity[KEPT[column]]]
        neighbours = self._parity(_left(column)) + self._parity(_right(column))
        return [self.parity_after[column], *neighbours]

    def _flip(self, column: int) -> Cell:
        """What theta added to the column, centred; up to a factor of -2."""
        bits = self._parity(column)
        first, second = bits[1:] if len(bits) > 1 else (bits[0], self.parity_after[column])
        return _centred(first) * _centred(second)

    def _before(self) -> tuple[Cell, ...]:
        """The limbs of the state the round starts from."""
        flips = [self._flip(column) for column in range(COLUMNS)]
        bits = [
            _centred(self._theta(lane, z)) * flips[lane % SIDE * LANE_BITS + z]
            for lane in range(LANES)
            for z in range(LANE_BITS)
        ]
        starts = range(0, len(bits), LIMB_BITS)
        return tuple(4 * _packed(bits[i : i + LIMB_BITS]) + _HALVES for i in starts)

    def _after(self) -> tuple[Cell, ...]:
        """The limbs of the state the round ends in."""
        bits = [self._chi(lane, z) for lane in range(LANES) for z in range(LANE_BITS)]
        starts = range(0, len(bits), LIMB_BITS)
        return tuple(_HALVES - 2 * _packed(bits[i : i + LIMB_BITS]) for i in starts)

    def _chi(self, lane: int, z: int) -> Cell:
        """A bit after chi and iota, centred; up to a factor of -2."""
        x, row = lane % SIDE, lane - lane % SIDE
        own, off, on = (self._rotated(row + (x + k) % SIDE, z) for k in range(3))
        if lane == 0 and z in CONSTANT_PLACES:
            own = self.first[CONSTANT_PLACES.index(z)]
        return _centred(own) * _centred((1 - off) * on)

    def _rotated(self, lane: int, z: int) -> Cell:
        """A bit after rho and pi."""
        source = _SOURCES[lane]
        return self._theta(source, z - ROTATIONS[source])

    def fill(self, events: Numbers) -> None:
        """events: arrays of time, rounds done, and the state's words, as `keccak_rounds` makes."""
        time, number, *words = events
        theta, parity = add_parities(_lanes(words))
        after = np.bitwise_xor.reduce(theta.reshape(SIDE, SIDE, -1), axis=0)
        put(self.time, time)
        fill_choice(self.major, self.minor, number)
        put(self.theta, tuple(_bits(theta)))
        put(self.parity, tuple(_bits(parity)[list(KEPT)]))
        put(self.parity_after, tuple(_bits(after)))
        for place, bit, values in zip(CONSTANT_PLACES, self.first, CONSTANTS, strict=True):
            put(bit, _bits(theta[:1])[place] ^ np.array(values)[number])


class KeccakCall(Chip):
    """The call keccakf(state): 200 bytes where a0 points, permuted in place.

    Assumes: KECCAK carries rounds. Ensures: on real rows, the memory after is Keccak-f of the
    memory before.
    """

    call = Group(Call)
    before, after = Array(LIMBS), Array(LIMBS)
    accesses = Groups(Access, WORDS)
    is_real = Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)

    def interact(self) -> Messages:
        real, time = self.is_real, self.call.time + 2
        low, high = self.call.a0
        pointer = Pointer((low / 4, high))
        yield from self.call.receive(KECCAKF, real)
        yield from pointer.check(DATA_START, real)
        yield KECCAK.send(self.call.time, 0, self.before, times=real)
        yield KECCAK.receive(self.call.time, ROUNDS, self.after, times=real)
        for i, access in enumerate(self.accesses):
            address, word = low + 2**16 * high + 4 * i, slice(2 * i, 2 * i + 2)
            yield from access.exchange(address, self.before[word], self.after[word], time, real)
        yield from accessed_before([(access, time) for access in self.accesses], real)

    def fill(self, events: Numbers) -> None:
        """events: arrays of time, a0, a1, a2, fifty words, and when they were accessed last."""
        self.call.fill(events[:4])
        words, lasts = events[4 : 4 + WORDS], events[4 + WORDS :]
        put(self.before, tuple(limb for word in words for limb in limbs(word)))
        after = _words(permute(_lanes(words)))
        put(self.after, tuple(limb for word in after for limb in limbs(word)))
        for access, last in zip(self.accesses, lasts, strict=True):
            access.fill(events[0] + 2, last)
        put(self.is_real, 1)


# --- the permutation, on arrays of states


def add_parities(lanes: Lanes) -> tuple[Lanes, Lanes]:
    """Theta: the lanes after it, and the columns' parities before it, shape (5, states)."""
    parity = np.bitwise_xor.reduce(lanes.reshape(SIDE, SIDE, -1), axis=0)
    flips = np.roll(parity, 1, axis=0) ^ _rotate(np.roll(parity, -1, axis=0), 1)
    return lanes ^ np.tile(flips, (SIDE, 1)), parity


def keccak_round(lanes: Lanes, number: int) -> Lanes:
    """One round."""
    theta = add_parities(lanes)[0]
    moved = np.stack([_rotate(theta[source], ROTATIONS[source]) for source in _SOURCES])
    rows = moved.reshape(SIDE, SIDE, -1)
    chi = rows ^ (~np.roll(rows, -1, axis=1) & np.roll(rows, -2, axis=1))
    constant = sum(v[number] << place for v, place in zip(CONSTANTS, CONSTANT_PLACES, strict=True))
    chi[0, 0] ^= np.uint64(constant)
    return chi.reshape(LANES, -1)


def permute(lanes: Lanes) -> Lanes:
    """Keccak-f[1600]."""
    for number in range(ROUNDS):
        lanes = keccak_round(lanes, number)
    return lanes


def keccak_rounds(calls: Words) -> Words:
    """The events of KeccakRound for recorded calls of keccakf: 24 a call, in order."""
    lanes, rows = _lanes(list(calls.T[4 : 4 + WORDS])), []
    for number in range(ROUNDS):
        rows.append(np.stack([calls[:, 0], np.full(len(calls), number), *_words(lanes)], axis=1))
        lanes = keccak_round(lanes, number)
    return np.stack(rows, axis=1).reshape(-1, 2 + WORDS).astype(np.uint32)


def _rotate(x: Lanes, by: int) -> Lanes:
    return x << np.uint64(by) | x >> np.uint64(-by % LANE_BITS)


def _bits(lanes: Lanes) -> Numbers:
    """The bits of some lanes, shape (64 lanes, states)."""
    places = np.arange(LANE_BITS, dtype=np.uint64)[None, :, None]
    bits = (lanes[:, None] >> places & np.uint64(1)).astype(np.int64)
    return bits.reshape(LANE_BITS * len(lanes), -1)


def _lanes(words: Sequence[Any] | Numbers) -> Lanes:
    """Lanes of words, low word first."""
    stacked = np.stack(list(words)).astype(np.uint64)
    return stacked[::2] | stacked[1::2] << np.uint64(32)


def _words(lanes: Lanes) -> list[Numbers]:
    halves = (
        half for lane in lanes for half in (lane & np.uint64(2**32 - 1), lane >> np.uint64(32))
    )
    return [half.astype(np.int64) for half in halves]
