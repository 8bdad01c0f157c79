"""Merkle openings: the leaves that queries ask for, checked against a root.

A proof on the wire is pruned: it holds each leaf once and no digest that the leaves give. Which
ones these are depends on the sampled indices, so only a reader of numbers can know. Everyone else
reads a path a query, of fixed length, where an index is used bit by bit and in arithmetic alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias

from node.recursion.arithmetic import Arithmetic, Felt
from node.recursion.multilinear import select
from node.recursion.poseidon2 import DIGEST
from node.recursion.transcript import compress, hash_leaf

Tree: TypeAlias = "tuple[Sequence[Felt], int]"
"""(root, leaf width)."""
Take: TypeAlias = Callable[[int], list[Felt]]
"""The proof's next elements, as many as asked for."""
Opening: TypeAlias = "tuple[list[Felt], list[list[Felt]]]"
"""A leaf, and the siblings of its path from the leaf up."""


Indices: TypeAlias = Sequence[Sequence[Felt]]
"""Of leaves: log_leaves bits each, least significant first; they may repeat."""
OpenTree: TypeAlias = Callable[[Arithmetic, Take, Tree, int, Indices], list[Opening]]
"""Takes from the proof what opens a tree of 2^log_leaves leaves at every index, and rejects what
the root does not bind."""


def open_paths(
    arithmetic: Arithmetic, take: Take, tree: Tree, log_leaves: int, indices: Indices
) -> list[Opening]:
    """For each index: its leaf, then its siblings from the leaf up. Works on symbols."""
    root, width = tree
    openings = []
    for bits in indices:
        leaf = take(width)
        siblings = [take(DIGEST) for _ in range(log_leaves)]
        digest = hash_leaf(arithmetic, leaf)
        for bit, sibling in zip(bits, siblings, strict=True):
            left = [select(bit, s, d) for s, d in zip(sibling, digest, strict=True)]
            right = [s + d - x for s, d, x in zip(sibling, digest, left, strict=True)]
            digest = compress(arithmetic, left, right)
        _require_root(arithmetic, root, digest)
        openings.append((leaf, siblings))
    return openings


def open_pruned(
    arithmetic: Arithmetic, take: Take, tree: Tree, log_leaves: int, indices: Indices
) -> list[Opening]:
    """The form on the wire; works on numbers only.

    The leaves at the distinct indices, ascending; then, level by level from the leaves, the
    siblings not known yet, ascending.
    """
    root, width = tree
    numbers = [sum(int(bit) << i for i, bit in enumerate(bits)) for bits in indices]
    leaves = {number: take(width) for number in sorted(set(numbers))}
    level = {number: hash_leaf(arithmetic, leaf) for number, leaf in leaves.items()}
    levels = []
    for _ in range(log_leaves):
        missing = sorted({i ^ 1 for i in level} - level.keys())
        level |= {i: take(DIGEST) for i in missing}
        levels.append(level)
        level = {
            i >> 1: compress(arithmetic, level[i], level[i | 1]) for i in sorted(level) if not i & 1
        }
    _require_root(arithmetic, root, level[0])
    return [
        (leaves[number], [known[number >> i ^ 1] for i, known in enumerate(levels)])
        for number in numbers
    ]


class Form(NamedTuple):
    """How a proof's elements stand. zeros: whether those that can only be zero stand there too."""

    open_tree: OpenTree
    zeros: bool


WIRE: Final = Form(open_pruned, zeros=False)
EXPANDED: Final = Form(open_paths, zeros=True)
"""What a circuit reads: as many elements whatever is absent and whichever leaves are opened."""


def _require_root(arithmetic: Arithmetic, root: Sequence[Felt], digest: Sequence[Felt]) -> None:
    for ours, theirs in zip(digest, root, strict=True):
        arithmetic.require_zero(ours - theirs, "a Merkle opening does not match its root")
