"""Trie nodes: their RLP and their nibble paths.

A branch is a list of 17 RLP items (16 children and a value), a leaf or extension is a tuple. Items
stay encoded, so that a branch is encoded by joining its items; decoding checks the structure that
the trie relies on, because nodes of a witness come from strangers.
Source: Yellow Paper, appendix C (hex prefix) and appendix D (modified Merkle Patricia tree).
"""

from __future__ import annotations

import re
import struct
from binascii import hexlify, unhexlify
from typing import Final, TypeAlias

from node.codec import int_to_bytes
from node.errors import InvalidEncoding

Branch: TypeAlias = "list[bytes]"
Short: TypeAlias = "tuple[bytes, bytes, bool]"
"""(nibbles, payload, is_leaf). A leaf's payload is its value, an extension's a reference (RLP)."""
Node: TypeAlias = "Branch | Short"

EMPTY_ITEM: Final = b"\x80"
"""The RLP of the empty string: an absent child, an absent value."""
HASH_TAG: Final = b"\xa0"
"""The RLP header of a 32-byte string: a reference by hash."""

_FULL_BRANCH_BYTES: Final = 532
_FULL_BRANCH_HEADER: Final = b"\xf9\x02\x11"
_FULL_BRANCH_TAGS: Final = HASH_TAG * 16 + EMPTY_ITEM
_FULL_BRANCH: Final = struct.Struct("33s" * 16 + "s")
_HASHES_AND_GAPS: Final = re.compile(rb"(\xa0.{32}|\x80)" * 17, re.DOTALL)
_TWO_HASHES_BYTES: Final = 2 * 33 + 15
"""The payload of a branch with two children, and the least that the pattern above matches."""
_TO_HEX: Final = bytes.maketrans(bytes(range(16)), b"0123456789abcdef")
_FROM_HEX: Final = bytes.maketrans(b"0123456789abcdef", bytes(range(16)))


def nibbles_of(key: bytes) -> bytes:
    """The nibbles of a key, a byte each, high one first."""
    return hexlify(key).translate(_FROM_HEX)


def key_of(nibbles: bytes) -> bytes:
    """Inverse of `nibbles_of`; an even number of nibbles."""
    return unhexlify(nibbles.translate(_TO_HEX))


def _list_header(length: int) -> bytes:
    if length < 56:
        return bytes((0xC0 + length,))
    size = int_to_bytes(length)
    return bytes((0xF7 + len(size),)) + size


def _string_header(length: int) -> bytes:
    if length < 56:
        return bytes((0x80 + length,))
    size = int_to_bytes(length)
    return bytes((0xB7 + len(size),)) + size


_LIST_HEADERS: Final = [_list_header(n) for n in range(1024)]
_STRING_HEADERS: Final = [_string_header(n) for n in range(256)]


def encode_string(data: bytes) -> bytes:
    """The RLP of a byte string."""
    length = len(data)
    if length == 1 and data < b"\x80":
        return data
    return (_STRING_HEADERS[length] if length < 256 else _string_header(length)) + data


def _encode_list(payload: bytes) -> bytes:
    length = len(payload)
    return (_LIST_HEADERS[length] if length < 1024 else _list_header(length)) + payload


def encode_node(node: Node) -> bytes:
    """The RLP of a node."""
    if isinstance(node, list):
        return _encode_list(b"".join(node))
    nibbles, payload, is_leaf = node
    odd = len(nibbles) & 1
    prefix = (b"3" if odd else b"20") if is_leaf else (b"1" if odd else b"00")
    compact = encode_string(unhexlify(prefix + nibbles.translate(_TO_HEX)))
    return _encode_list(compact + (encode_string(payload) if is_leaf else payload))


def decode_node(data: bytes) -> Node:
    """A trie node from its RLP; the caller owns it. Raises InvalidEncoding on what is not one.

    Nearly all branches have 16 hashes, or hashes and gaps only: they take short cuts.
    """
    if len(data) == _FULL_BRANCH_BYTES and data.startswith(_FULL_BRANCH_HEADER):
        tags = data[3::33]
        if tags == _FULL_BRANCH_TAGS:
            return list(_FULL_BRANCH.unpack_from(data, 3))
    if not data or data[0] < 0xC0:
        raise InvalidEncoding("trie node that is not an RLP list")
    start, end = _item_end(data, 0)
    if end != len(data):
        raise InvalidEncoding(f"trie node of {len(data)} bytes whose RLP says {end}")
    if end - start >= _TWO_HASHES_BYTES:
        branch = _HASHES_AND_GAPS.fullmatch(data, start)
        if branch is not None:
            return list(branch.groups())
    items = _split_items(data, start, end)
    if len(items) == 17:
        return items
    if len(items) != 2:
        raise InvalidEncoding(f"trie node of {len(items)} items, expected 2 or 17")
    return _short_node(string_of(items[0]), items[1])


def _short_node(compact: bytes, payload: bytes) -> Short:
    flag = compact[0] >> 4 if compact else 4
    if flag > 3 or (not flag & 1 and compact[0] & 15):
        raise InvalidEncoding(f"trie node with the hex prefix 0x{compact[:1].hex()}")
    nibbles = hexlify(compact).translate(_FROM_HEX)[1 if flag & 1 else 2 :]
    if flag >= 2:
        return nibbles, string_of(payload), True
    if not nibbles or payload == EMPTY_ITEM:
        raise InvalidEncoding("trie extension without nibbles or child")
    return nibbles, payload, False


def _item_end(data: bytes, start: int) -> tuple[int, int]:
    """(start of the payload, end) of the RLP item at `start`."""
    tag = data[start]
    if tag < 0x80:
        return start, start + 1
    if tag < 0xB8:
        return start + 1, start + tag - 0x7F
    if 0xC0 <= tag < 0xF8:
        return start + 1, start + tag - 0xBF
    size = tag - (0xB7 if tag < 0xC0 else 0xF7)
    payload = start + 1 + size
    return payload, payload + int.from_bytes(data[start + 1 : payload], "big")


def _split_items(data: bytes, position: int, end: int) -> list[bytes]:
    """The encoded items that fill data[position:end]."""
    items = []
    while position < end:
        stop = _item_end(data, position)[1]
        items.append(data[position:stop])
        position = stop
    if position != end:
        raise InvalidEncoding("trie node whose last item runs past its end")
    return items


def string_of(item: bytes) -> bytes:
    """Inverse of `encode_string`. Raises InvalidEncoding where it is a list."""
    start, end = _item_end(item, 0)
    if item[0] >= 0xC0 or end != len(item):
        raise InvalidEncoding("trie node with a list where a string belongs")
    return item[start:]
