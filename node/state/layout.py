"""Keys and records of the database: what is stored under which bytes.

    a  account            keccak(address)                        -> RLP of the account
    s  slot               keccak(address) keccak(slot)           -> value, big-endian, never empty
    A  account trie node  path 0x10                              -> RLP of the node
    S  storage trie node  keccak(address) path 0x10              -> RLP of the node
    c  code               keccak(code)                           -> code
    d  reverse diff       one of the four state keys, block      -> value before it; empty if none
    u  undo record        block                                  -> what unwinding the block touches
    b  block              block                                  -> BlockEntry
    h  block hash         hash                                   -> block
    t  transaction        hash                                   -> block, index (4 bytes)
    l  log index          length, address or topic, section      -> which blocks of 4,096
    m  metadata           name                                   -> anything
    z  ztip, zoldest, zschema: the database's own

Blocks are 8 bytes big-endian. Paths are nibbles, a byte each; 0x10 ends them, so that no node key
is a prefix of another (diffs of one key are contiguous) and nodes sort in post-order, as a trie
that is built from sorted leaves finishes them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from node.crypto import keccak256
from node.errors import CorruptData
from node.state.history import PART_COUNT, Location
from node.types import Address, Hash32

ACCOUNT: Final = b"a"
SLOT: Final = b"s"
ACCOUNT_NODE: Final = b"A"
STORAGE_NODE: Final = b"S"
CODE: Final = b"c"
DIFF: Final = b"d"
UNDO: Final = b"u"
BLOCK: Final = b"b"
BLOCK_HASH: Final = b"h"
TRANSACTION: Final = b"t"
LOG: Final = b"l"
METADATA: Final = b"m"

TIP: Final = b"ztip"
"""The newest block: number, hash, state root."""
OLDEST: Final = b"zoldest"
"""The oldest block whose state can still be read."""
SCHEMA: Final = b"zschema"
SCHEMA_VERSION: Final = b"1"

SIZES: Final = {
    "accounts_bytes": ACCOUNT,
    "slots_bytes": SLOT,
    "account_nodes_bytes": ACCOUNT_NODE,
    "storage_nodes_bytes": STORAGE_NODE,
    "codes_bytes": CODE,
    "diffs_bytes": DIFF,
    "undo_bytes": UNDO,
    "transactions_bytes": TRANSACTION,
    "log_index_bytes": LOG,
}
"""What statistics list, and its prefix."""

PATH_END: Final = b"\x10"


def account_key(address: Address) -> bytes:
    """Where an account is stored."""
    return ACCOUNT + keccak256(address)


def slots_prefix(address: Address) -> bytes:
    """What the keys of an account's slots start with; keccak(slot) follows."""
    return SLOT + keccak256(address)


def nodes_prefix(owner: bytes) -> bytes:
    """What the keys of a trie's nodes start with; the path follows."""
    return STORAGE_NODE + owner if owner else ACCOUNT_NODE


def node_key(owner: bytes, path: bytes) -> bytes:
    """Where a trie node is stored."""
    if owner:
        return b"".join((STORAGE_NODE, owner, path, PATH_END))
    return b"".join((ACCOUNT_NODE, path, PATH_END))


def number_key(prefix: bytes, number: int) -> bytes:
    """The key of something kept per block."""
    return prefix + number.to_bytes(8, "big")


def after_prefix(prefix: bytes) -> bytes:
    """The smallest key above every key with this prefix, which is not all 0xff."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes((stem[-1] + 1,))


_TIP: Final = struct.Struct(">Q32s32s")
_ENTRY: Final = struct.Struct(f">32s32sIQ{PART_COUNT}I")


@dataclass(frozen=True)
class Tip:
    """The newest block of the database."""

    number: int
    hash: Hash32
    root: Hash32

    def encode(self) -> bytes:
        """The stored bytes."""
        return _TIP.pack(self.number, self.hash, self.root)


def decode_tip(data: bytes) -> Tip | None:
    """Inverse of `Tip.encode`; None of no bytes (an empty database)."""
    return Tip(*_TIP.unpack(data)) if data else None


@dataclass(frozen=True)
class BlockEntry:
    """What the database knows of a block: its hash, state root and place in the history files."""

    hash: Hash32
    root: Hash32
    location: Location

    def encode(self) -> bytes:
        """The stored bytes."""
        place = self.location
        return _ENTRY.pack(self.hash, self.root, place.segment, place.offset, *place.lengths)


def decode_entry(number: int, data: bytes) -> BlockEntry:
    """Inverse of `BlockEntry.encode`. Raises CorruptData."""
    if len(data) != _ENTRY.size:
        raise CorruptData(
            f"entry of block {number} has {len(data)} bytes, expected {_ENTRY.size};"
            " run `strikefold db verify --repair`"
        )
    block_hash, root, segment, offset, *lengths = _ENTRY.unpack(data)
    return BlockEntry(block_hash, root, Location(number, segment, offset, tuple(lengths)))


@dataclass(frozen=True)
class Undo:
    """What a block touched: state keys (their old values are reverse diffs), and index keys."""

    state_keys: tuple[bytes, ...]
    tx_hashes: tuple[Hash32, ...]
    log_keys: tuple[bytes, ...]

    def encode(self) -> bytes:
        """The stored bytes."""
        return b"".join(map(_pack_list, (self.state_keys, self.tx_hashes, self.log_keys)))


def _pack_list(keys: Iterable[bytes]) -> bytes:
    packed = b"".join(bytes((len(key),)) + key for key in keys)
    return struct.pack(">I", len(packed)) + packed


def decode_undo(data: bytes) -> Undo:
    """Inverse of `Undo.encode`."""
    lists: list[tuple[bytes, ...]] = []
    position = 0
    for _ in range(3):
        (size,) = struct.unpack_from(">I", data, position)
        end = position + 4 + size
        position += 4
        keys = []
        while position < end:
            stop = position + 1 + data[position]
            keys.append(data[position + 1 : stop])
            position = stop
        lists.append(tuple(keys))
    return Undo(*lists)
