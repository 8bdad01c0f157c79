"""The Poseidon2 permutation behind an ecall: one row a call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from node.recursion.air.chip import (
    Array,
    Bit,
    Cell,
    Chip,
    Constraints,
    Group,
    Groups,
    Messages,
    is_bit,
)
from node.recursion.chips.poseidon2 import cubes, permutation, permuted
from node.recursion.field import P
from node.recursion.poseidon2 import FULL_ROUNDS, PARTIAL_ROUNDS, WIDTH
from node.recursion.riscv.buses import RANGE
from node.recursion.riscv.events import Numbers, limbs, put
from node.recursion.riscv.gadgets import Access, Call, Pointer, accessed_before
from node.recursion.riscv.isa import DATA_START

POSEIDON2: Final = 259
TOP: Final = P >> 16
"""The high limb of p - 1, whose low limb is 0: a word with this high limb is below p only so."""


class Poseidon2Call(Chip):
    """The call poseidon2(state): sixteen words below p where a0 points, permuted in place.

    Assumes: limbs in memory are in range. Ensures: on real rows, the words before and after are
    below p, and after is the permutation of before.
    """

    call = Group(Call)
    before = Array(2 * WIDTH)
    low_after = Array(WIDTH)
    """Low limbs; the high ones follow from the permutation."""
    full, partial = Array(FULL_ROUNDS * WIDTH), Array(PARTIAL_ROUNDS)
    inverses = Array(2 * WIDTH)
    """Of what a word's high limb lacks to TOP, before and after; anything where the low is zero."""
    accesses = Groups(Access, WIDTH)
    is_real = Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)
        inputs = [low + 2**16 * high for low, high in self._before()]
        yield from permutation(inputs, self.full, self.partial, self.is_real)
        words = (*self._before(), *self._after())
        for (low, high), inverse in zip(words, self.inverses, strict=True):
            yield low * (1 - (TOP - high) * inverse) == 0

    def interact(self) -> Messages:
        real, time = self.is_real, self.call.time + 2
        pointer = Pointer((self.call.a0[0] / 4, self.call.a0[1]))
        yield from self.call.receive(POSEIDON2, real)
        yield from pointer.check(DATA_START, real)
        for _, high in self._before():
            yield RANGE.send(TOP - high, 15, times=real)
        for low, high in self._after():
            yield RANGE.send(low, 16, times=real)
            yield RANGE.send(high, 15, times=real)
            yield RANGE.send(TOP - high, 15, times=real)
        words = zip(self.accesses, self._before(), self._after(), strict=True)
        for i, (access, before, after) in enumerate(words):
            yield from access.exchange(pointer.address + 4 * i, before, after, time, real)
        yield from accessed_before([(access, time) for access in self.accesses], real)

    def _before(self) -> Iterator[tuple[Cell, Cell]]:
        return zip(self.before[::2], self.before[1::2], strict=True)

    def _after(self) -> Iterator[tuple[Cell, Cell]]:
        for low, element in zip(self.low_after, permuted(self.full), strict=True):
            yield low, (element - low) / 2**16

    def fill(self, events: Numbers) -> None:
        """events: arrays of time, a0, a1, a2, sixteen words, and when they were accessed last."""
        self.call.fill(events[:4])
        words, lasts = list(events[4 : 4 + WIDTH]), events[4 + WIDTH :]
        put(self.before, tuple(limb for word in words for limb in limbs(word)))
        every = cubes(words)
        put(self.full, tuple(every[: FULL_ROUNDS * WIDTH]))
        put(self.partial, tuple(every[FULL_ROUNDS * WIDTH :]))
        after = [element % P for element in permuted(every[: FULL_ROUNDS * WIDTH])]
        put(self.low_after, tuple(element & 0xFFFF for element in after))
        put(self.inverses, tuple(_inverse(TOP - (word >> 16)) for word in (*words, *after)))
        for access, last in zip(self.accesses, lasts, strict=True):
            access.fill(events[0] + 2, last)
        put(self.is_real, 1)


def _inverse(x: Numbers) -> Numbers:
    """1 / x, and 0 for 0: x^(p - 2)."""
    result = np.ones_like(x)
    for bit in f"{P - 2:b}":
        result = result * result % P
        result = result * x % P if bit == "1" else result
    return result
