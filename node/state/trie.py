"""Merkle Patricia tries: batched updates, proofs, lookups, and roots from nothing.

An update sorts its keys and walks the trie once: every node on a changed path is read, decoded,
encoded and hashed exactly once, whatever the number of keys below it. Nodes are read through a
`NodeReader`, so a reader that records what it is asked for has the witness of the update,
including the sibling that a deletion pulls up.
Source: Yellow Paper, appendix D (modified Merkle Patricia tree).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from node.codec import encode, int_to_bytes
from node.crypto import EMPTY_TRIE_ROOT, keccak256
from node.errors import InvalidEncoding
from node.state.nodes import (
    EMPTY_ITEM,
    HASH_TAG,
    Branch,
    Node,
    Short,
    decode_node,
    encode_node,
    encode_string,
    nibbles_of,
    overwritten_leaf,
    string_of,
)
from node.types import Hash32

_SMALL_NODE_BYTES: Final = 160
"""Leaves of the state are below: it decides whether a node is first tried as one."""
_NIBBLES: Final = [bytes((n,)) for n in range(17)]


class NodeReader(Protocol):
    """Where trie nodes come from."""

    def node(self, owner: bytes, path: bytes, node_hash: Hash32) -> bytes:
        """The RLP of a trie node.

        owner: b"" for the account trie, keccak(address) for that account's storage trie.
        path: nibbles from the root, a byte each. Stores by path find it by (owner, path), witnesses
        by hash. Raises CorruptData or InvalidWitness where it is missing.
        """


@dataclass
class TrieUpdate:
    """A new root and the nodes that differ: path -> RLP, None where none is stored any more."""

    root: Hash32
    nodes: dict[bytes, bytes | None] = field(default_factory=dict)


def _load(reader: NodeReader, owner: bytes, path: bytes, ref: bytes) -> bytes:
    """The RLP of the node that an encoded reference points to: embedded, or read by hash."""
    if ref[0] >= 0xC0:
        return ref
    if len(ref) != 33:
        raise InvalidEncoding(f"trie reference of {len(ref)} bytes, expected 33")
    return reader.node(owner, path, ref[1:])


def lookup(reader: NodeReader, owner: bytes, root: Hash32, key: bytes) -> bytes | None:
    """The value under `key`, or None where there is none."""
    return _walk(reader, owner, root, nibbles_of(key), [])


def prove(reader: NodeReader, owner: bytes, root: Hash32, key: bytes) -> list[bytes]:
    """The nodes from the root to `key`, or to where its absence shows (`eth_getProof`'s order).

    Nodes embedded in their parent are not listed apart. An empty trie has an empty proof.
    """
    proof: list[bytes] = []
    _walk(reader, owner, root, nibbles_of(key), proof)
    return proof


def _walk(
    reader: NodeReader, owner: bytes, root: Hash32, key: bytes, visited: list[bytes]
) -> bytes | None:
    if root == EMPTY_TRIE_ROOT:
        return None
    ref, depth = HASH_TAG + root, 0
    while True:
        data = _load(reader, owner, key[:depth], ref)
        if ref[0] < 0xC0:
            visited.append(data)
        node = decode_node(data)
        if isinstance(node, list):
            if depth == len(key):
                return string_of(node[16]) or None
            ref = node[key[depth]]
            depth += 1
            if ref == EMPTY_ITEM:
                return None
            continue
        nibbles, payload, is_leaf = node
        if is_leaf:
            return payload if key[depth:] == nibbles else None
        if key[depth : depth + len(nibbles)] != nibbles:
            return None
        ref, depth = payload, depth + len(nibbles)


def update_trie(
    reader: NodeReader, owner: bytes, root: Hash32, updates: Mapping[bytes, bytes]
) -> TrieUpdate:
    """Applies a batch of writes to a trie and returns its new root and the nodes that differ.

    updates: key -> RLP value, b"" deletes; all keys of one length (32 bytes: they are hashes).
    Writes nothing. Raises what `reader` raises, and InvalidEncoding on a malformed node.
    """
    if not updates:
        return TrieUpdate(root)
    keys = sorted(updates)
    values = [updates[key] for key in keys]
    batch = _Batch(reader, owner, [nibbles_of(key) for key in keys], values)
    return batch.run(root)


def trie_root(items: Mapping[bytes, bytes]) -> Hash32:
    """The root of the trie of exactly these items: keys of any length, values not empty."""
    keys = sorted(items)
    values = [items[key] for key in keys]
    return Builder([nibbles_of(key) for key in keys], values).root()


def ordered_root(values: Sequence[bytes]) -> Hash32:
    """The root over a list: transactions, receipts, withdrawals. Keys are rlp(index)."""
    return trie_root({encode(int_to_bytes(i)): value for i, value in enumerate(values)})


def _common_prefix(a: bytes, b: bytes, start: int) -> int:
    """How many nibbles from `start` on are equal."""
    stop = min(len(a), len(b))
    position = start
    while position < stop and a[position] == b[position]:
        position += 1
    return position - start


class Builder:
    """A trie from sorted items; `nodes` collects what has to be stored, children first."""

    def __init__(self, keys: list[bytes], values: list[bytes]) -> None:
        self.keys = keys
        self.values = values
        self.nodes: dict[bytes, bytes | None] = {}

    def root(self) -> Hash32:
        """The root of the whole trie."""
        node = self.build(0, len(self.keys), 0) if self.keys else None
        return self.seal_root(node)

    def seal_root(self, node: Node | None) -> Hash32:
        """The root hash of the trie under `node`; a root is stored however short it is."""
        if node is None:
            return EMPTY_TRIE_ROOT
        data = encode_node(node)
        self.nodes[b""] = data
        return keccak256(data)

    def seal(self, path: bytes, node: Node) -> bytes:
        """Encodes a finished node and returns the reference its parent holds."""
        data = encode_node(node)
        if len(data) < 32:
            return data
        self.nodes[path] = data
        return HASH_TAG + keccak256(data)

    def prefixed(self, path: bytes, nibbles: bytes, node: Node) -> Node:
        """`node`, which lives at `path`, reached through `nibbles` more: by a short node."""
        if not nibbles:
            return node
        if isinstance(node, bytes):
            node = decode_node(node)
        if isinstance(node, list):
            return nibbles, self.seal(path, node), False
        return nibbles + node[0], node[1], node[2]

    def build(self, low: int, high: int, depth: int) -> Node:
        """The node at `depth` over the items [low, high): one or more, alike up to `depth`."""
        keys = self.keys
        first = keys[low]
        if high - low == 1:
            return first[depth:], self.values[low], True
        shared = _common_prefix(first, keys[high - 1], depth)
        split = depth + shared
        branch = [EMPTY_ITEM] * 17
        if len(first) == split:
            branch[16] = encode_string(self.values[low])
            low += 1
        while low < high:
            key = keys[low]
            nibble = key[split]
            end = self.group_end(key[: split + 1], low, high)
            child = self.build(low, end, split + 1)
            branch[nibble] = self.seal(key[: split + 1], child)
            low = end
        return self.prefixed(first[:split], first[depth:split], branch)

    def group_end(self, prefix: bytes, low: int, high: int) -> int:
        """The end of the run of keys from `low` on that start with `prefix`."""
        keys = self.keys
        if low + 1 == high or not keys[low + 1].startswith(prefix):
            return low + 1
        if keys[high - 1].startswith(prefix):
            return high
        return bisect_left(keys, prefix[:-1] + _NIBBLES[prefix[-1] + 1], low, high)


class _Batch(Builder):
    """One batch of updates on its way down a trie.

    Methods on a range [low, high) of the sorted updates return the node that replaces the one they
    got: the very same object where nothing changed, None where nothing is left.
    """

    def __init__(
        self, reader: NodeReader, owner: bytes, keys: list[bytes], values: list[bytes]
    ) -> None:
        super().__init__(keys, values)
        self.reader = reader
        self.owner = owner

    def run(self, root: Hash32) -> TrieUpdate:
        ref = EMPTY_ITEM if root == EMPTY_TRIE_ROOT else HASH_TAG + root
        node = self.child(ref, b"", 0, len(self.keys))
        if node is False:
            return TrieUpdate(root)
        return TrieUpdate(self.seal_root(node), self.nodes)

    def child(self, ref: bytes, path: bytes, low: int, high: int) -> Node | Literal[False] | None:
        """What the node behind `ref` becomes: None if nothing is left, False if it stays."""
        if high - low == 1:
            return self.descent(ref, len(path), low)
        if ref == EMPTY_ITEM:
            return self.insert(low, high, len(path), None) or False
        node = decode_node(_load(self.reader, self.owner, path, ref))
        result = self.update(node, low, high, len(path))
        if result is node:
            return False
        if ref[0] < 0xC0:
            self.nodes[path] = None  # unless sealed again
        return result

    def descent(self, ref: bytes, depth: int, low: int) -> Node | Literal[False] | None:
        """`child` of one update alone, which most nodes see: through branches by a loop."""
        key, value = self.keys[low], self.values[low]
        read, owner = self.reader.node, self.owner
        branches: list[Branch] = []
        stored: list[bytes] = []
        while ref != EMPTY_ITEM:
            path = key[:depth]
            if len(ref) == 33:
                data = read(owner, path, ref[1:])
                stored.append(path)
            else:
                data = _load(self.reader, owner, path, ref)
            if value and len(data) < _SMALL_NODE_BYTES:
                leaf = overwritten_leaf(data, key[depth:], value)
                if leaf is not None:
                    return leaf != data and self.ascent(path, branches, stored, leaf)
            node = decode_node(data)
            if not isinstance(node, list) or depth == len(key):
                result = self.update(node, low, low + 1, depth)
                return result is not node and self.ascent(path, branches, stored, result)
            branches.append(node)
            ref = node[key[depth]]
            depth += 1
        return bool(value) and self.ascent(
            key[:depth], branches, stored, (key[depth:], value, True)
        )

    def ascent(
        self, path: bytes, branches: list[Branch], stored: list[bytes], result: Node | None
    ) -> Node | None:
        """Hangs what is now at `path` (None: nothing) into the branches above, innermost last.

        stored: the paths on the way whose nodes have changed.
        """
        for old in stored:
            self.nodes[old] = None  # unless sealed again
        depth = len(path)
        for branch in reversed(branches):
            here, depth = path[:depth], depth - 1
            if result is None:
                result = self.rebuilt(branch, [(here[depth], here, None)], depth)
            else:
                branch[here[depth]] = self.seal(here, result)
                result = branch
        return result

    def update(self, node: Branch | Short, low: int, high: int, depth: int) -> Node | None:
        if isinstance(node, list):
            return self.branch(node, low, high, depth)
        if node[2]:
            return self.insert(low, high, depth, node)
        return self.extension(node, low, high, depth)

    def insert(self, low: int, high: int, depth: int, leaf: Short | None) -> Node | None:
        """A subtrie of at most one leaf, updated."""
        key, value = self.keys[low], self.values[low]
        if high - low == 1 and (leaf is None or key[depth:] == leaf[0]):
            if leaf is not None and leaf[1] == value:
                return leaf
            return (key[depth:], value, True) if value else None
        old = {} if leaf is None else {key[:depth] + leaf[0]: leaf[1]}
        items = old.copy()
        items.update(zip(self.keys[low:high], self.values[low:high], strict=True))
        keys = sorted(key for key, value in items.items() if value)
        if not keys:
            return None
        if len(keys) == 1 and leaf is not None and old.get(keys[0]) == items[keys[0]]:
            return leaf
        builder = Builder(keys, [items[key] for key in keys])
        builder.nodes = self.nodes
        return builder.build(0, len(keys), depth)

    def branch(self, branch: Branch, low: int, high: int, depth: int) -> Node | None:
        keys = self.keys
        if depth >= len(keys[low]):
            raise InvalidEncoding(f"trie branch at depth {depth}, below its keys")
        changed: list[tuple[int, bytes, Node | None]] = []
        while low < high:
            path = keys[low][: depth + 1]
            end = self.group_end(path, low, high)
            nibble = path[depth]
            child = self.child(branch[nibble], path, low, end)
            if child is not False:
                changed.append((nibble, path, child))
            low = end
        if not changed:
            return branch
        return self.rebuilt(branch.copy(), changed, depth)

    def rebuilt(
        self, branch: Branch, changed: list[tuple[int, bytes, Node | None]], depth: int
    ) -> Node | None:
        """The branch with its changed children; a short node if one child is left, None if none."""
        for nibble, _, node in changed:
            branch[nibble] = EMPTY_ITEM if node is None else HASH_TAG
        live = 17 - branch.count(EMPTY_ITEM)
        if live > 1:
            for nibble, path, node in changed:
                if node is not None:
                    branch[nibble] = self.seal(path, node)
            return branch
        if live == 0:
            return None
        for _, path, node in changed:
            if node is not None:
                return self.prefixed(path, path[depth:], node)
        return self.pulled_up(branch, changed[0][1][:depth])

    def pulled_up(self, branch: Branch, path: bytes) -> Node:
        """What replaces a branch whose only child was not part of the update: it has to be read."""
        nibble = next(n for n, item in enumerate(branch) if item != EMPTY_ITEM)
        if nibble == 16:
            return b"", string_of(branch[16]), True
        ref, child_path = branch[nibble], path + _NIBBLES[nibble]
        node = decode_node(_load(self.reader, self.owner, child_path, ref))
        if isinstance(node, list):
            return _NIBBLES[nibble], ref, False
        if ref[0] < 0xC0:
            self.nodes[child_path] = None
        return _NIBBLES[nibble] + node[0], node[1], node[2]

    def extension(self, node: Short, low: int, high: int, depth: int) -> Node | None:
        nibbles, ref, _ = node
        prefix = self.keys[low][:depth] + nibbles
        if len(prefix) >= len(self.keys[low]):
            raise InvalidEncoding(f"trie extension to depth {len(prefix)}, below its keys")
        if self.keys[low].startswith(prefix) and self.keys[high - 1].startswith(prefix):
            child = self.child(ref, prefix, low, high)
            if child is False:
                return node
            return None if child is None else self.prefixed(prefix, nibbles, child)
        return self.split(node, prefix, low, high)

    def split(self, node: Short, prefix: bytes, low: int, high: int) -> Node | None:
        """An extension that some updates leave; those that delete there delete nothing."""
        pairs = [
            (key, value)
            for key, value in zip(self.keys[low:high], self.values[low:high], strict=True)
            if value or key.startswith(prefix)
        ]
        if not pairs:
            return node
        nibbles = node[0]
        depth = len(prefix) - len(nibbles)
        inner = _Batch(self.reader, self.owner, [k for k, _ in pairs], [v for _, v in pairs])
        inner.nodes = self.nodes
        first, last = inner.keys[0], inner.keys[-1]
        shared = min(_common_prefix(prefix, key, depth) for key in (first, last))
        if shared == len(nibbles):
            return inner.extension(node, 0, len(pairs), depth)
        return inner.forked(node, shared, depth)

    def forked(self, node: Short, shared: int, depth: int) -> Node | None:
        """An extension cut after `shared` nibbles by a branch, where an update leaves it."""
        nibbles, ref, _ = node
        at = depth + shared
        nibble, rest = nibbles[shared], nibbles[shared + 1 :]
        path = self.keys[0][:depth] + nibbles[: shared + 1]
        branch = [EMPTY_ITEM] * 17
        # held inside the branch whatever its size, so that updates below it do not ask the reader
        held = branch[nibble] = encode_node((rest, ref, False)) if rest else ref
        result = self.branch(branch, 0, len(self.keys), at)
        if result is None:
            return None
        if rest and isinstance(result, list) and result[nibble] is held:
            result[nibble] = self.seal(path, (rest, ref, False))
        return self.prefixed(path[:at], nibbles[:shared], result)
