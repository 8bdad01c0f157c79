"""RLP and integers as Ethereum writes them, with errors of our own taxonomy.

Structure only: lists and byte strings. What a field means is checked by its reader.
Source: Yellow Paper, appendix B. Checked against the `rlp` package by tests/unit/test_codec.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from node.errors import InvalidEncoding

RlpItem: TypeAlias = "bytes | Sequence[RlpItem]"

MAX_DEPTH: Final = 256
"""Lists within lists that `decode` follows; nothing in Ethereum has more than ten."""


def int_to_bytes(value: int) -> bytes:
    """Minimal big-endian bytes; zero is empty."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def _header(short: int, size: int) -> bytes:
    """What precedes a payload of `size` bytes; short: 0x80 for a string, 0xc0 for a list."""
    if size < 56:
        return bytes((short + size,))
    length = int_to_bytes(size)
    return bytes((short + 55 + len(length),)) + length


_STRING_HEADERS: Final = [_header(0x80, size) for size in range(1024)]
_LIST_HEADERS: Final = [_header(0xC0, size) for size in range(1024)]


def encode(item: RlpItem) -> bytes:
    """The RLP of byte strings and lists of them."""
    if isinstance(item, bytes):
        size = len(item)
        if size == 1 and item < b"\x80":
            return item
        return (_STRING_HEADERS[size] if size < 1024 else _header(0x80, size)) + item
    payload = b"".join(map(encode, item))
    size = len(payload)
    return (_LIST_HEADERS[size] if size < 1024 else _header(0xC0, size)) + payload


def decode(data: bytes) -> RlpItem:
    """Strict inverse of `encode`. Raises InvalidEncoding on anything non-canonical or left over."""
    item, end = _read(data, 0, len(data), 0)
    if end != len(data):
        raise InvalidEncoding(f"invalid RLP of {len(data)} bytes: {len(data) - end} left over")
    return item


def _read(data: bytes, start: int, limit: int, depth: int) -> tuple[RlpItem, int]:
    """The item at `start`, which ends by `limit`, and where it ends."""
    tag = data[start] if start < limit else 0x80
    if tag < 0x80:
        return data[start : start + 1], start + 1
    long = (0xB7 < tag < 0xC0) or tag > 0xF7
    if long:
        payload, end = _long_payload(data, start, limit)
    else:
        payload = start + 1
        end = payload + (tag & 0x3F)
    if end > limit:
        raise InvalidEncoding(f"invalid RLP of {len(data)} bytes: ends inside an item at {start}")
    if tag < 0xC0:
        if tag == 0x81 and data[payload] < 0x80:
            raise InvalidEncoding(f"invalid RLP of {len(data)} bytes: byte at {start} in long form")
        return data[payload:end], end
    if depth == MAX_DEPTH:
        raise InvalidEncoding(f"invalid RLP of {len(data)} bytes: nested too deep")
    items: list[RlpItem] = []
    while payload < end:
        item, payload = _read(data, payload, end, depth + 1)
        items.append(item)
    return items, end


def _long_payload(data: bytes, start: int, limit: int) -> tuple[int, int]:
    """Start and end of the payload of an item whose length takes bytes of its own."""
    tag = data[start]
    payload = start + 1 + tag - (0xB7 if tag < 0xC0 else 0xF7)
    size = int.from_bytes(data[start + 1 : payload], "big")
    if payload > limit or size < 56 or data[start + 1] == 0:
        raise InvalidEncoding(f"invalid RLP of {len(data)} bytes: bad length of an item at {start}")
    return payload, payload + size


def as_bytes(item: RlpItem, name: str, length: int | None = None) -> bytes:
    """A byte string of exactly `length` bytes (any length if None)."""
    if not isinstance(item, bytes):
        raise InvalidEncoding(f"{name}: expected bytes, got a list")
    if length is not None and len(item) != length:
        raise InvalidEncoding(f"{name}: expected {length} bytes, got {len(item)}")
    return item


def as_int(item: RlpItem, name: str, max_bytes: int = 32) -> int:
    """A canonical unsigned integer of at most `max_bytes` bytes."""
    data = as_bytes(item, name)
    if len(data) > max_bytes:
        raise InvalidEncoding(f"{name}: integer of {len(data)} bytes, at most {max_bytes} allowed")
    if data[:1] == b"\x00":
        raise InvalidEncoding(f"{name}: integer 0x{data.hex()} has leading zeros")
    return int.from_bytes(data, "big")


def as_list(item: RlpItem, name: str, length: int | None = None) -> Sequence[RlpItem]:
    """A list of exactly `length` items (any length if None)."""
    if isinstance(item, bytes):
        raise InvalidEncoding(f"{name}: expected a list, got {len(item)} bytes")
    if length is not None and len(item) != length:
        raise InvalidEncoding(f"{name}: expected {length} items, got {len(item)}")
    return item
