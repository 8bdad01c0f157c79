"""Tries: against py-trie's HexaryTrie, and by properties that need no other implementation."""

from __future__ import annotations

from contextlib import suppress

import pytest
import rlp
from hypothesis import given, settings
from hypothesis import strategies as st
from trie import HexaryTrie

from node.codec import encode, int_to_bytes
from node.crypto import EMPTY_TRIE_ROOT, keccak256
from node.errors import InvalidEncoding
from node.state.nodes import decode_node, key_of, nibbles_of
from node.state.trie import lookup, ordered_root, prove, trie_root, update_trie
from node.types import Hash32


class PathStore:
    """Nodes by path, as the database keeps them; fails where a hash is not the asked one."""

    def __init__(self) -> None:
        self.nodes: dict[bytes, bytes] = {}
        self.root: Hash32 = EMPTY_TRIE_ROOT
        self.reads: list[bytes] = []

    def node(self, owner: bytes, path: bytes, node_hash: Hash32) -> bytes:
        assert owner == b"owner"
        data = self.nodes[path]
        assert keccak256(data) == node_hash
        self.reads.append(path)
        return data

    def update(self, updates: dict[bytes, bytes]) -> Hash32:
        result = update_trie(self, b"owner", self.root, updates)
        for path, data in result.nodes.items():
            if data is None:
                self.nodes.pop(path, None)
            else:
                self.nodes[path] = data
        self.root = result.root
        return self.root


def hexary_root(items: dict[bytes, bytes]) -> Hash32:
    trie = HexaryTrie({})
    for key, value in items.items():
        trie[key] = value
    return trie.root_hash


def crowded_key(seed: tuple[int, int, int, int]) -> bytes:
    """32-byte keys with few distinct nibbles at the start, the middle and the end: deep tries."""
    first, middle, last, tail = seed
    return bytes((first,)) + bytes(14) + bytes((middle,)) + bytes(14) + bytes((last, tail))


crowded = st.tuples(*[st.sampled_from([0, 1, 2, 0x10, 0x11, 0xF0])] * 4).map(crowded_key)
hashed = st.integers(0, 40).map(lambda n: keccak256(bytes((n,))))
short_values = st.binary(min_size=1, max_size=3)
values = st.one_of(short_values, st.binary(min_size=30, max_size=120))
batches = st.lists(
    st.dictionaries(st.one_of(crowded, hashed), st.one_of(values, st.just(b"")), max_size=12),
    max_size=6,
)


@settings(max_examples=300, deadline=None)
@given(batches)
def test_batches_give_the_root_of_what_remains(sequence: list[dict[bytes, bytes]]) -> None:
    store, items = PathStore(), {}
    for batch in sequence:
        items.update(batch)
        items = {key: value for key, value in items.items() if value}
        assert store.update(batch) == trie_root(items) == hexary_root(items)
        rebuilt = PathStore()
        rebuilt.update(items)
        assert store.nodes == rebuilt.nodes  # no node is left behind, none is missing


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.binary(max_size=6), st.binary(min_size=1, max_size=40), max_size=20))
def test_root_of_keys_of_any_length(items: dict[bytes, bytes]) -> None:
    assert trie_root(items) == hexary_root(items)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.one_of(crowded, hashed), values, min_size=1, max_size=20), st.data())
def test_proofs_and_lookups(items: dict[bytes, bytes], data: st.DataObject) -> None:
    store = PathStore()
    store.update(items)
    for key in [*items, data.draw(crowded), data.draw(hashed)]:
        assert lookup(store, b"owner", store.root, key) == items.get(key)
        proof = prove(store, b"owner", store.root, key)
        assert keccak256(proof[0]) == store.root
        nodes = HexaryTrie({}).get_from_proof(store.root, key, [rlp.decode(p) for p in proof])
        assert nodes == items.get(key, b"")


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(hashed, values, min_size=1, max_size=20), st.data())
def test_recorded_reads_suffice(items: dict[bytes, bytes], data: st.DataObject) -> None:
    """A witness of the nodes read, found by hash, repeats the update."""
    store = PathStore()
    store.update(items)
    batch = data.draw(st.dictionaries(hashed, st.one_of(values, st.just(b"")), max_size=8))
    store.reads.clear()
    expected = update_trie(store, b"owner", store.root, batch)
    witness = {keccak256(store.nodes[path]): store.nodes[path] for path in store.reads}
    assert len(store.reads) == len(set(store.reads))

    class Witness:
        def node(self, owner: bytes, path: bytes, node_hash: Hash32) -> bytes:
            return witness[node_hash]

    assert update_trie(Witness(), b"owner", store.root, batch) == expected


def test_deletion_reads_the_sibling_it_pulls_up() -> None:
    near, far, other = (bytes((n,)) + bytes(31) for n in (0x12, 0x13, 0x20))
    store = PathStore()
    store.update({near: b"a" * 40, far: b"b" * 40, other: b"c" * 40})
    store.reads.clear()
    store.update({near: b""})
    assert b"\x01\x03" in store.reads
    assert store.root == trie_root({far: b"b" * 40, other: b"c" * 40})


def test_writing_what_is_there_changes_nothing() -> None:
    items = {keccak256(bytes((n,))): bytes((n + 1,)) * 33 for n in range(50)}
    store = PathStore()
    root = store.update(items)
    absent = {keccak256(b"absent" + bytes((n,))): b"" for n in range(50)}
    result = update_trie(store, b"owner", root, items | absent)
    assert (result.root, result.nodes) == (root, {})


def test_empty_tries() -> None:
    store = PathStore()
    assert trie_root({}) == ordered_root([]) == EMPTY_TRIE_ROOT
    assert prove(store, b"owner", EMPTY_TRIE_ROOT, bytes(32)) == []
    assert lookup(store, b"owner", EMPTY_TRIE_ROOT, bytes(32)) is None
    store.update({bytes(32): b"x"})
    assert store.update({bytes(32): b""}) == EMPTY_TRIE_ROOT
    assert store.nodes == {}


@pytest.mark.parametrize("count", [1, 2, 127, 128, 129, 300])
def test_ordered_root(count: int) -> None:
    items = {encode(int_to_bytes(n)): bytes((n % 251,)) * (1 + n % 60) for n in range(count)}
    assert ordered_root(list(items.values())) == hexary_root(items)


def test_large_branch_values() -> None:
    items = {b"a": bytes(5000), b"ab": b"x", b"abc": bytes(700)}
    assert trie_root(items) == hexary_root(items)


def test_large_values() -> None:
    items = {encode(int_to_bytes(n)): bytes(1 + 4096 * n) for n in range(20)}
    assert trie_root(items) == hexary_root(items)


@given(st.binary(max_size=40))
def test_nibbles_round_trip(key: bytes) -> None:
    nibbles = nibbles_of(key)
    assert [16 * a + b for a, b in zip(nibbles[::2], nibbles[1::2], strict=True)] == list(key)
    assert key_of(nibbles) == key


@settings(max_examples=300)
@given(st.binary(max_size=80))
def test_any_bytes_decode_or_raise(data: bytes) -> None:
    with suppress(InvalidEncoding):
        assert isinstance(decode_node(data), list | tuple)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not an RLP list"),
        (b"\x80", "not an RLP list"),
        (encode([b"\x20"]), "1 items"),
        (encode([b"\x40", b"x"]), "hex prefix 0x40"),
        (encode([b"\x01\x02", b"x"]), "hex prefix 0x01"),
        (encode([b"\x00", b"x"]), "without nibbles"),
        (encode([[b"\x20"], b"x"]), "a list where a string belongs"),
        (encode([b"\x20abc", b"x"])[:-1], "whose RLP says"),
        (b"\xc2\x20\xa0", "runs past its end"),
    ],
)
def test_malformed_nodes(data: bytes, message: str) -> None:
    with pytest.raises(InvalidEncoding, match=message):
        decode_node(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not an RLP list"),
        (b"\x80", "not an RLP list"),
        (encode([b"\x20"]), "1 items"),
        (encode([b"\x20"] * 18), "more than 17 items"),
        (encode([b"\x40", b"x"]), "bad hex prefix"),
        (encode([b"", b"x"]), "bad hex prefix"),
        (encode([b"\x01\x02", b"x"]), "bad hex prefix"),
        (encode([b"\x00", b"x"]), "without nibbles"),
        (encode([[b"\x20"], b"x"]), "a list where a string belongs"),
        (encode([b"\x20" + bytes(32), [b"x"]]), "a list where a string belongs"),
        (encode([b"\x20abc", b"x"])[:-1], "runs past its end"),
        (encode([b"\x20abc", b"x"]) + b"x", "bytes behind its end"),
        (b"\xc2\x20\xa0", "runs past its end"),
        (b"\xfb\xff\xff\xff\xff", "runs past its end"),
        (b"\xff" + b"\xff" * 8, "cut short"),
        (encode([b"\x20" + bytes(5), b"x"]), "leaf of another length"),
        (encode([b"\x20" + bytes(400), b"x"]), "leaf of another length"),
        (encode([*[b""] * 16, b"value"]), "branch with a value"),
        (encode([*[b"short"] * 16, b""]), "reference of 6 bytes"),
        (encode([*[b"\x05"] * 16, b""]), "reference of 1 bytes"),
        (encode([b"\x00" + bytes(32), bytes(32)]), "extension below its keys"),
    ],
)
def test_malformed_nodes_in_an_update(data: bytes, message: str) -> None:
    with pytest.raises(InvalidEncoding, match=message):
        update_trie(Fixed([data]), b"owner", bytes(32), {bytes(32): b"x"})


class Fixed:
    """Answers with one node after the other, whatever is asked."""

    def __init__(self, nodes: list[bytes]) -> None:
        self.nodes = iter(nodes)

    def node(self, owner: bytes, path: bytes, node_hash: Hash32) -> bytes:
        return next(self.nodes, b"\xc0")


def test_a_pulled_up_sibling_of_impossible_length() -> None:
    leaf = encode([b"\x20" + bytes(31) + b"\x01", b"v" * 40])
    branch = encode([keccak256(leaf), b"r" * 32, *[b""] * 15])
    giant = encode([b"\x20" + bytes(500), b"v"])
    mine = encode([b"\x30" + bytes(31), b"v" * 40])
    with pytest.raises(InvalidEncoding, match="trie path longer than its keys"):
        update_trie(Fixed([branch, mine, giant]), b"owner", bytes(32), {bytes(32): b""})


@settings(max_examples=300)
@given(st.lists(st.binary(max_size=120), max_size=4), st.dictionaries(hashed, values, min_size=1))
def test_any_nodes_update_or_raise(nodes: list[bytes], updates: dict[bytes, bytes]) -> None:
    with suppress(InvalidEncoding):
        update_trie(Fixed(nodes), b"owner", bytes(32), updates)


def test_keys_have_32_bytes() -> None:
    with pytest.raises(ValueError, match="trie keys have 32 bytes"):
        update_trie(PathStore(), b"owner", EMPTY_TRIE_ROOT, {b"short": b"x"})


def test_an_error_of_the_reader_comes_through() -> None:
    with pytest.raises(KeyError, match="b''"):
        update_trie(PathStore(), b"owner", bytes(32), {bytes(32): b"x"})


def test_trie_deeper_than_its_keys() -> None:
    extension = encode([b"\x00" + bytes(31), bytes(32)])
    branch = encode([bytes(32), bytes(32), *[b""] * 15])
    with pytest.raises(InvalidEncoding, match="branch below its keys"):
        update_trie(Fixed([extension, *[branch] * 3]), b"", bytes(32), {bytes(32): b"x"})
