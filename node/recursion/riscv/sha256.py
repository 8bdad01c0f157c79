"""SHA-256's compression in steps of four rounds, on arrays of states: what its chips hold.

Source: FIPS 180-4, sections 4.1.2, 4.2.2 and 6.2.2. Before round t, a_t to a_(t-3) are the
standard's a to d, and e_t to e_(t-3) its e to h. Words are arrays of numbers below 2^32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any, Final, TypeAlias

import numpy as np

from node.recursion.air.chip import Cell
from node.recursion.riscv.events import Numbers, Words, limbs

ROUNDS: Final = 64
STEP: Final = 4
"""Rounds of a step."""
STEPS: Final = ROUNDS // STEP
STATE: Final = 8
BLOCK: Final = 16
WORD_BITS: Final = 32
MASK: Final = 2**WORD_BITS - 1
Pair: TypeAlias = tuple[Cell, Cell]
"""The limbs of a word, or of a sum of words: low first."""

LARGE_0: Final = (2, 13, 22)
LARGE_1: Final = (6, 11, 25)
SMALL_0: Final = (7, 18, -3)
SMALL_1: Final = (17, 19, -10)
"""Three rotations to the right; a negative number is a shift."""


def _primes() -> Iterator[int]:
    number = 2
    while True:
        if all(number % divisor for divisor in range(2, isqrt(number) + 1)):
            yield number
        number += 1


def _cube_root_bits(number: int) -> int:
    """The first 32 bits of the fractional part of the cube root."""
    root = 0
    for bit in (1 << i for i in range(WORD_BITS + 3, -1, -1)):
        root += bit if (root + bit) ** 3 <= number << (3 * WORD_BITS) else 0
    return root & MASK


CONSTANTS: Final = tuple(_cube_root_bits(p) for p, _ in zip(_primes(), range(ROUNDS), strict=False))


def mixed(word: Numbers, by: Sequence[int]) -> Numbers:
    """The exclusive or of three rotations or shifts."""
    x, y, z = (word >> -n if n < 0 else (word >> n | word << (WORD_BITS - n)) & MASK for n in by)
    return x ^ y ^ z


def times(bit: Cell, pair: Pair) -> Pair:
    """A word's limbs where a bit is set."""
    return bit * pair[0], bit * pair[1]


def next_sums(
    sums: Sequence[Pair],
    words: Sequence[Pair],
    small_0: Sequence[Pair],
    small_1: Sequence[Pair],
    is_late: Callable[[int], Cell],
) -> list[Pair]:
    """The sums for w_(t+4) to w_(t+19), from those for w_t to w_(t+15).

    w_j goes into the sums for j + 7 and j + 16, its sigma_0 for j + 15, its sigma_1 for j + 2; but
    the first sixteen words are the block itself. words: w_t to w_(t+3), with their sigmas.
    is_late(n): whether more than 3 - n steps are done.
    """
    parts = [[pair] for pair in sums] + [[] for _ in range(STEP)]
    for i in range(STEP):
        parts[i + 16].append(words[i])
        parts[i + 15].append(small_0[i] if i else times(is_late(3), small_0[i]))
        parts[i + 7].append(times(is_late(2 if i else 1), words[i]))
        if i >= 2:
            parts[i + 2].append(times(is_late(1), small_1[i]))
    return [(sum(x for x, _ in pairs), sum(y for _, y in pairs)) for pairs in parts[STEP:]]


@dataclass(frozen=True)
class Sum:
    """Words that are added up, as limbs, and the result modulo 2^32."""

    terms: Sequence[Pair]
    result: Pair


@dataclass(frozen=True)
class Step:
    """Four rounds. a, e: a_(t-3) to a_(t+4); w: w_t to w_(t+3); the sums behind each new word."""

    a: list[Numbers]
    e: list[Numbers]
    w: list[Numbers]
    w_sums: list[Sum]
    e_sums: list[Sum]
    a_sums: list[Sum]
    next_sums: list[Pair]

    @property
    def state(self) -> list[Numbers]:
        """The words after it, in the order of the standard."""
        return [*self.a[:3:-1], *self.e[:3:-1]]

    @classmethod
    def of(cls, number: Numbers, state: Sequence[Numbers], sums: Sequence[Pair]) -> Step:
        """number: steps done before; state: eight words; sums: for w_t to w_(t+15)."""
        step = cls([*state[3::-1]], [*state[:3:-1]], [], [], [], [], [])
        for i in range(STEP):
            terms = [sums[i]]
            if i >= 2:
                terms.append(times(number >= 4, limbs(mixed(step.w[i - 2], SMALL_1))))
            step.w.append(_add(step.w_sums, terms))
            step._round(number * STEP + i, i)
        small_0, small_1 = ([limbs(mixed(w, by)) for w in step.w] for by in (SMALL_0, SMALL_1))
        words = [limbs(w) for w in step.w]
        late = next_sums(sums, words, small_0, small_1, lambda missing: number >= 4 - missing)
        step.next_sums.extend(late)
        return step

    def _round(self, number: Numbers, i: int) -> None:
        c, b, a = self.a[i + 1 : i + 4]
        g, f, e = self.e[i + 1 : i + 4]
        constant = np.array(CONSTANTS)[number]
        chosen, majority = e & f ^ ~e & g, a & b ^ a & c ^ b & c
        terms = [self.a[i], self.e[i], mixed(e, LARGE_1), chosen, constant, self.w[i]]
        self.e.append(_add(self.e_sums, [limbs(x) for x in terms]))
        terms = [self.e[-1], mixed(a, LARGE_0), majority]
        self.a.append(_add(self.a_sums, [*map(limbs, terms), times(-1, limbs(self.a[i]))]))


def _add(sums: list[Sum], terms: list[Pair]) -> Numbers:
    """The sum modulo 2^32 of some words, noted among the sums."""
    total: Any = sum(low + (high << 16) for low, high in terms)
    sums.append(Sum(terms, limbs(total & MASK)))
    result: Numbers = total & MASK
    return result


def all_steps(state: Sequence[Numbers], block: Sequence[Numbers]) -> Iterator[Step]:
    """The sixteen steps of a compression, without the addition at its end."""
    sums = [limbs(word) for word in block]
    for number in range(STEPS):
        step = Step.of(np.full_like(state[0], number), state, sums)
        yield step
        state, sums = step.state, step.next_sums


def sha256_steps(calls: Words) -> Words:
    """The events of Sha256Step for recorded calls of sha256: sixteen a call, in order.

    Columns: time, steps done, eight words of state, sixteen sums of two limbs.
    """
    columns = list(calls.T.astype(np.int64))
    state, block = columns[4 : 4 + STATE], columns[20 : 20 + BLOCK]
    rows, sums = [], [limbs(word) for word in block]
    for number, step in enumerate(all_steps(state, block)):
        flat = [limb for pair in sums for limb in pair]
        time, count = columns[0], np.full_like(columns[0], number)
        rows.append(np.stack([time, count, *state, *flat], axis=1))
        state, sums = step.state, step.next_sums
    return np.stack(rows, axis=1).reshape(-1, 2 + STATE + 2 * BLOCK).astype(np.uint32)
