"""The Fiat-Shamir transcript, leaf hashing and Merkle paths, over any arithmetic.

A duplex sponge of rate 8: observed elements are added to the rate, a full rate or the first sample
after an observation permutes, samples read the rate in order. Every message has a length that the
key and the heights fix, so the stream of observed elements decodes uniquely.
Source: duplex construction (Bertoni et al. 2011); docs/proof-system.md, section "Transcript".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from node.recursion.arithmetic import Arithmetic, Ext, Felt
from node.recursion.field import DEGREE
from node.recursion.poseidon2 import DIGEST, RATE, WIDTH

GRIND_TAG: Final = 0x47524E44
"""Observed before a grinding nonce ("GRND"), so that no other message looks like one."""
LEAF_TAG: Final = 0x4C454146
"""In the capacity of leaf hashes ("LEAF")."""


class Transcript:
    """What both sides have said so far."""

    def __init__(self, arithmetic: Arithmetic) -> None:
        self._arithmetic = arithmetic
        self._state: list[Felt] = [arithmetic.felt(0)] * WIDTH
        self._absorbed = 0
        self._squeezed = RATE

    def observe(self, elements: Sequence[Felt]) -> None:
        """Absorbs base elements."""
        for element in elements:
            self._squeezed = RATE
            self._state[self._absorbed] = self._state[self._absorbed] + element
            self._absorbed += 1
            if self._absorbed == RATE:
                self._permute()

    def sample(self) -> Felt:
        """A uniform base element."""
        if self._squeezed == RATE:
            self._permute()
            self._squeezed = 0
        self._squeezed += 1
        return self._state[self._squeezed - 1]

    def sample_ext(self) -> Ext:
        """A uniform extension element."""
        return self._arithmetic.ext([self.sample() for _ in range(DEGREE)])

    def sample_index(self, bits: int) -> list[Felt]:
        """The bits of a leaf's index, least significant first: low bits of one base element.

        One index in 2^bits is likelier by 1/p; the security calculator charges it.
        """
        return self._arithmetic.low_bits(self.sample(), bits)

    def check_grinding(self, nonce: Felt, bits: int) -> None:
        """Absorbs a nonce and requires that it cost 2^bits hashes to find."""
        self.observe([self._arithmetic.felt(GRIND_TAG), nonce])
        for bit in self.sample_index(bits):
            self._arithmetic.require_zero(bit, f"grinding: nonce does not have {bits} bits of work")

    def _permute(self) -> None:
        self._state = self._arithmetic.permute(self._state)
        self._absorbed = 0


def hash_leaf(arithmetic: Arithmetic, elements: Sequence[Felt]) -> list[Felt]:
    """The digest of a leaf of fixed length: a sponge whose capacity names that length."""
    state: list[Felt] = [arithmetic.felt(0)] * WIDTH
    state[RATE] = arithmetic.felt(LEAF_TAG)
    state[RATE + 1] = arithmetic.felt(len(elements))
    for start in range(0, len(elements), RATE):
        for i, element in enumerate(elements[start : start + RATE]):
            state[i] = state[i] + element
        state = arithmetic.permute(state)
    return state[:DIGEST]


def compress(arithmetic: Arithmetic, left: Sequence[Felt], right: Sequence[Felt]) -> list[Felt]:
    """Two digests into one, with feed-forward: P(left, right)[:8] + left."""
    output = arithmetic.permute([*left, *right])
    return [a + b for a, b in zip(output[:DIGEST], left, strict=True)]
