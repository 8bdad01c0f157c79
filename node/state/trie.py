"""Merkle Patricia tries: batched updates, proofs, lookups, and roots from nothing.

An update sorts its keys and walks the trie once: every node on a changed path is read, decoded,
encoded and hashed exactly once, whatever the number of keys below it; that walk is in C++
(`native/`). Nodes are read through a `NodeReader`, so a reader that records what it is asked for
has the witness of the update, including the sibling that a deletion pulls up.
Source: Yellow Paper, appendix D (modified Merkle Patricia tree).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol

from node.codec import encode, int_to_bytes
from node.crypto import EMPTY_TRIE_ROOT, keccak256
from node.errors import InvalidEncoding
from node.state import _trie
from node.state.nodes import (
    EMPTY_ITEM,
    HASH_TAG,
    Node,
    decode_node,
    encode_node,
    encode_string,
    nibbles_of,
    string_of,
)
from node.types import Hash32

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

    updates: 32-byte key (a hash) -> RLP value, b"" deletes.
    Writes nothing. Raises what `reader` raises, and InvalidEncoding on a malformed node.
    """
    if not updates:
        return TrieUpdate(root)
    old = None if root == EMPTY_TRIE_ROOT else root
    try:
        result = _trie.update(partial(reader.node, owner), old, sorted(updates), dict(updates))
    except _trie.Malformed as error:
        raise InvalidEncoding(str(error)) from error
    if result is None:
        return TrieUpdate(root)
    new_root, nodes = result
    return TrieUpdate(EMPTY_TRIE_ROOT if new_root is None else new_root, nodes)


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
