"""A trie from a sorted stream of items, in memory that does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from node.crypto import EMPTY_TRIE_ROOT, keccak256
from node.state.nodes import EMPTY_ITEM, Branch, nibbles_of
from node.state.trie import Builder
from node.types import Hash32


def trie_nodes(items: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """(path, RLP) of every node that a store holds for the trie of these items.

    items: (key, RLP value), sorted by key, keys of one length. The nodes come in post-order: each
    after those below it, the root last; of an empty trie none.
    """
    stream = _Stream()
    entries = iter(items)
    current = next(entries, None)
    while current is not None:
        following = next(entries, None)
        stream.add(*current, None if following is None else following[0])
        yield from stream.drain()
        current = following


def root_of_nodes(last: tuple[bytes, bytes] | None) -> Hash32:
    """The root, from the last thing that `trie_nodes` gave (None: nothing)."""
    return EMPTY_TRIE_ROOT if last is None else keccak256(last[1])


class _Stream(Builder):
    """The branches that are still open, from the root down, each at its depth."""

    def __init__(self) -> None:
        super().__init__([], [])
        self.open: list[tuple[int, Branch]] = []

    def drain(self) -> Iterator[tuple[bytes, bytes]]:
        """The nodes finished since the last call."""
        for path, data in self.nodes.items():
            assert data is not None
            yield path, data
        self.nodes.clear()

    def add(self, key: bytes, value: bytes, following: bytes | None) -> None:
        """Takes the next item; `following` is the key after it."""
        path = nibbles_of(key)
        shared = -1 if following is None else _shared_nibbles(path, nibbles_of(following))
        self.open_to(shared)
        depth = self.open[-1][0] if self.open else -1
        if depth < 0:
            self.seal_root((path, value, True))
            return
        self.attach(path, depth, self.seal(path[: depth + 1], (path[depth + 1 :], value, True)))
        while self.open and self.open[-1][0] > shared:
            self.close_branch(path, shared)

    def open_to(self, depth: int) -> None:
        """Opens a branch at `depth` unless the innermost one is there or deeper."""
        if depth >= 0 and (not self.open or self.open[-1][0] < depth):
            self.open.append((depth, [EMPTY_ITEM] * 17))

    def close_branch(self, path: bytes, shared: int) -> None:
        """Finishes the innermost branch; the next key leaves `path` after `shared` nibbles."""
        depth, branch = self.open.pop()
        self.open_to(shared)
        above = self.open[-1][0] if self.open else -1
        node = self.prefixed(path[:depth], path[above + 1 : depth], branch)
        if above < 0:
            self.seal_root(node)
        else:
            self.attach(path, above, self.seal(path[: above + 1], node))

    def attach(self, path: bytes, depth: int, ref: bytes) -> None:
        """Hangs a reference into the open branch at `depth`."""
        self.open[-1][1][path[depth]] = ref


def _shared_nibbles(a: bytes, b: bytes) -> int:
    count = 0
    while a[count] == b[count]:
        count += 1
    return count
