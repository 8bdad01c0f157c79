"""The log index: in which blocks an address or topic occurs in a log.

One posting for each address or topic and section of 4,096 blocks. A posting is a sorted list of
2-byte block offsets while it is short and a bitmap of 512 bytes beyond, so that a query over
millions of blocks reads one small value for every 4,096 of them.
"""

from __future__ import annotations

from typing import Final

SECTION_BLOCKS: Final = 4096
_BITMAP_BYTES: Final = SECTION_BLOCKS // 8
_LIST_MAX_BYTES: Final = _BITMAP_BYTES - 2
"""A list is always shorter than a bitmap, so the length tells which one it is."""


def posting_with(posting: bytes, offset: int) -> bytes:
    """The posting after a block at `offset` in its section was added (at the end of a list)."""
    entry = offset.to_bytes(2, "big")
    if len(posting) == _BITMAP_BYTES:
        return _with_bit(posting, offset)
    if posting[-2:] == entry:
        return posting
    if len(posting) < _LIST_MAX_BYTES:
        return posting + entry
    bitmap = bytes(_BITMAP_BYTES)
    for old in (*offsets(posting), offset):
        bitmap = _with_bit(bitmap, old)
    return bitmap


def posting_without(posting: bytes, offset: int) -> bytes:
    """The posting after the newest block, at `offset`, was unwound; b"" if none is left."""
    if len(posting) < _BITMAP_BYTES:
        return posting.removesuffix(offset.to_bytes(2, "big"))
    position, bit = divmod(offset, 8)
    cleared = posting[position] & ~(1 << bit)
    rest = posting[:position] + bytes((cleared,)) + posting[position + 1 :]
    return rest if any(rest) else b""


def bitmap_of(posting: bytes) -> int:
    """The posting as an integer: bit i stands for offset i."""
    if len(posting) == _BITMAP_BYTES:
        return int.from_bytes(posting, "little")
    bitmap = 0
    for i in range(0, len(posting), 2):
        bitmap |= 1 << int.from_bytes(posting[i : i + 2], "big")
    return bitmap


def set_bits(bitmap: int) -> list[int]:
    """The positions of the bits that are set, ascending."""
    positions = []
    while bitmap:
        low = bitmap & -bitmap
        positions.append(low.bit_length() - 1)
        bitmap ^= low
    return positions


def offsets(posting: bytes) -> list[int]:
    """The block offsets in a posting, ascending."""
    return set_bits(bitmap_of(posting))


def _with_bit(bitmap: bytes, offset: int) -> bytes:
    position, bit = divmod(offset, 8)
    return bitmap[:position] + bytes((bitmap[position] | 1 << bit,)) + bitmap[position + 1 :]
