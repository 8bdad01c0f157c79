"""The memory at the segment's ends: touched leaves, and the nodes of the tree above them.

A node's tuple is taken by its parent and the root's by the public values, exactly once each, so no
leaf appears twice: an address has one first value and one last.
"""

from __future__ import annotations

from typing import Final

from node.recursion.air.chip import Array, Bit, Chip, Constraints, Felt, Messages, is_bit
from node.recursion.chips.poseidon2 import HASH
from node.recursion.poseidon2 import DIGEST
from node.recursion.riscv.buses import MEMORY, NODE
from node.recursion.riscv.events import Numbers, limbs, put

WORDS: Final = 8
"""Of a leaf."""
DEPTH: Final = 24
"""Of the tree: 2^24 leaves of 32 bytes."""


class Leaf(Chip):
    """Eight words as the segment finds them (at time 0) and leaves them.

    Assumes: HASH carries compressions, NODE ends at the roots. Ensures: a word's first tuple holds
    what the tree before holds, and its last tuple what the tree after holds.
    """

    index = Felt()
    before, after = Array(2 * WORDS), Array(2 * WORDS)
    times = Array(WORDS)
    """Of the last access; 0 where there was none."""
    digest_before, digest_after = Array(DIGEST), Array(DIGEST)
    is_real = Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)

    def interact(self) -> Messages:
        real = self.is_real
        for i, time in enumerate(self.times):
            address, word = 32 * self.index + 4 * i, slice(2 * i, 2 * i + 2)
            yield MEMORY.send(address, self.before[word], 0, times=real)
            yield MEMORY.receive(address, self.after[word], time, times=real)
        yield HASH.send(self.before, self.digest_before, times=real)
        yield HASH.send(self.after, self.digest_after, times=real)
        yield NODE.send(0, self.index, self.digest_before, self.digest_after, times=real)

    def fill(self, events: Numbers) -> None:
        """events: arrays of index, words before, words after, times, and both digests."""
        parts = events[1 : 1 + WORDS], events[1 + WORDS : 1 + 2 * WORDS]
        put(self.index, events[0])
        for cells, words in zip((self.before, self.after), parts, strict=True):
            put(cells, tuple(limb for word in words for limb in limbs(word)))
        put(self.times, tuple(events[1 + 2 * WORDS : 1 + 3 * WORDS]))
        digests = events[1 + 3 * WORDS :]
        put(self.digest_before, tuple(digests[:DIGEST]))
        put(self.digest_after, tuple(digests[DIGEST:]))
        put(self.is_real, 1)


class Node(Chip):
    """A node of the tree with a touched child, or two; an untouched one is the same after.

    Assumes: HASH carries compressions. Ensures: on real rows, the node's digests before and after
    are those of its children.
    """

    level, index = Felt(), Felt()
    left_before, left_after = Array(DIGEST), Array(DIGEST)
    right_before, right_after = Array(DIGEST), Array(DIGEST)
    before, after = Array(DIGEST), Array(DIGEST)
    left_touched, right_touched, is_real = Bit(), Bit(), Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.left_touched)
        yield is_bit(self.right_touched)
        yield is_bit(self.is_real)
        # on padding nothing may be taken: a child's tuple would find no parent
        yield (1 - self.is_real) * (self.left_touched + self.right_touched) == 0
        for before, after in zip(self.left_before, self.left_after, strict=True):
            yield (1 - self.left_touched) * (after - before) == 0
        for before, after in zip(self.right_before, self.right_after, strict=True):
            yield (1 - self.right_touched) * (after - before) == 0

    def interact(self) -> Messages:
        real, below, index = self.is_real, self.level - 1, 2 * self.index
        left, right = (self.left_before, self.left_after), (self.right_before, self.right_after)
        yield NODE.receive(below, index, *left, times=self.left_touched)
        yield NODE.receive(below, index + 1, *right, times=self.right_touched)
        yield HASH.send(self.left_before, self.right_before, self.before, times=real)
        yield HASH.send(self.left_after, self.right_after, self.after, times=real)
        yield NODE.send(self.level, self.index, self.before, self.after, times=real)

    def fill(self, events: Numbers) -> None:
        """events: arrays of level, index, which children are touched, and six digests."""
        put((self.level, self.index), tuple(events[:2]))
        put((self.left_touched, self.right_touched), tuple(events[2:4]))
        cells = (
            self.left_before, self.left_after, self.right_before, self.right_after,
            self.before, self.after,
        )  # fmt: skip
        for number, digest in enumerate(cells):
            start = 4 + number * DIGEST
            put(digest, tuple(events[start : start + DIGEST]))
        put(self.is_real, 1)
