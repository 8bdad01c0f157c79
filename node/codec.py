"""RLP and integers as Ethereum writes them, with errors of our own taxonomy.

Structure (lists and byte strings) comes from `rlp`; what a field means is checked by its reader.
Source: Yellow Paper, appendix B.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from rlp.codec import decode as decode_rlp
from rlp.codec import encode_raw
from rlp.exceptions import RLPException

from node.errors import InvalidEncoding

RlpItem: TypeAlias = "bytes | Sequence[RlpItem]"


def encode(item: RlpItem) -> bytes:
    """The RLP of byte strings and lists of them."""
    encoded: bytes = encode_raw(item)  # type: ignore[no-untyped-call]
    return encoded


def decode(data: bytes) -> RlpItem:
    """Strict inverse of `encode`. Raises InvalidEncoding on anything non-canonical or left over."""
    try:
        item: RlpItem = decode_rlp(data, strict=True)  # type: ignore[no-untyped-call]
    except (RLPException, RecursionError) as error:
        raise InvalidEncoding(f"invalid RLP of {len(data)} bytes: {error}") from error
    return item


def int_to_bytes(value: int) -> bytes:
    """Minimal big-endian bytes; zero is empty."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


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
