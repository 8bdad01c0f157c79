"""Checks everything the database holds against everything else it holds.

The state root is recomputed from the flat state in one sorted pass, and every trie node compared
with what that pass produces; every record in the history files is read; indices are recomputed
from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

import plyvel

from node.codec import as_bytes, as_list, decode, encode, int_to_bytes
from node.crypto import EMPTY_CODE_HASH, keccak256
from node.errors import CorruptData, InvalidEncoding
from node.state.history import History, Part
from node.state.layout import (
    ACCOUNT,
    BLOCK,
    BLOCK_HASH,
    CODE,
    DIFF,
    LOG,
    PATH_END,
    SLOT,
    STORAGE_NODE,
    TRANSACTION,
    UNDO,
    BlockEntry,
    Tip,
    after_prefix,
    decode_entry,
    decode_undo,
    nodes_prefix,
    number_key,
)
from node.state.logindex import SECTION_BLOCKS, bitmap_of
from node.state.roots import ACCOUNT_TRIE, decode_account, decode_slot, encode_slot
from node.state.streaming import root_of_nodes, trie_nodes
from node.state.view import unreadable
from node.state.writes import log_key
from node.types import Hash32

_PARENT_HASH, _STATE_ROOT = 0, 3
"""Where a header has them (Yellow Paper 4.3)."""


class Area(StrEnum):
    """What a fault is in, which decides how it can be repaired."""

    BLOCKS = "blocks"
    FLAT = "flat state"
    CODES = "codes"
    TRIE = "trie nodes"
    DIFFS = "reverse diffs"
    INDEX = "indices"


@dataclass(frozen=True)
class Fault:
    """Something that is wrong. block: the block concerned, for faults in blocks and diffs."""

    area: Area
    message: str
    block: int | None = None


@dataclass(frozen=True)
class Stored:
    """What a check reads."""

    db: plyvel.DB
    history: History
    tip: Tip
    oldest: int


def check(stored: Stored) -> Iterator[Fault]:
    """Every fault that can be found. Raises CorruptData where LevelDB itself cannot be read."""
    try:
        yield from check_blocks(stored)
        yield from check_state(stored)
        yield from check_diffs(stored)
        yield from check_indices(stored)
    except plyvel.Error as error:
        raise unreadable(error) from error


# -------------------------------------------------------------------------------------- blocks


def entries(db: plyvel.DB) -> Iterator[tuple[int, BlockEntry]]:
    """(number, entry) of every block, ascending."""
    with db.iterator(prefix=BLOCK, verify_checksums=True) as stored:
        for key, data in stored:
            number = int.from_bytes(key[1:], "big")
            yield number, decode_entry(number, data)


def check_blocks(stored: Stored) -> Iterator[Fault]:
    """Numbers without gaps up to the head, linked headers, whole records."""
    previous: tuple[int, BlockEntry] | None = None
    for number, entry in entries(stored.db):
        if previous is not None and number != previous[0] + 1:
            message = f"blocks {previous[0] + 1} to {number - 1} are missing"
            yield Fault(Area.BLOCKS, message, previous[0] + 1)
        for message in _block_faults(stored, entry, previous[1].hash if previous else None):
            yield Fault(Area.BLOCKS, f"block {number}: {message}", number)
        previous = number, entry
    if previous is None or previous[0] != stored.tip.number:
        newest = "none" if previous is None else str(previous[0])
        message = f"the head is block {stored.tip.number}, the newest entry {newest}"
        yield Fault(Area.BLOCKS, message, stored.tip.number)
    elif (previous[1].hash, previous[1].root) != (stored.tip.hash, stored.tip.root):
        yield Fault(Area.BLOCKS, "the head is not the newest block", stored.tip.number)


def _block_faults(stored: Stored, entry: BlockEntry, parent: Hash32 | None) -> Iterator[str]:
    for part in Part:
        try:
            data = stored.history.read(entry.location, part)
        except CorruptData as error:
            yield str(error)
            continue
        if part is Part.HEADER:
            yield from _header_faults(data, entry, parent)


def _header_faults(header: bytes, entry: BlockEntry, parent: Hash32 | None) -> Iterator[str]:
    if keccak256(header) != entry.hash:
        yield f"its header hashes to 0x{keccak256(header).hex()}, not 0x{entry.hash.hex()}"
        return
    fields = as_list(decode(header), "header")
    if parent is not None and fields[_PARENT_HASH] != parent:
        yield "its parent hash is not the hash of the block before"
    if fields[_STATE_ROOT] != entry.root:
        yield f"its state root is not 0x{entry.root.hex()}, the one stored for it"


# --------------------------------------------------------------------------------------- state


def flat_items(db: plyvel.DB, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(hashed key, stored value) of the flat entries under a prefix, sorted."""
    length = len(prefix)
    with db.iterator(prefix=prefix, verify_checksums=True) as stored:
        for key, value in stored:
            yield key[length:], value


def trie_items(db: plyvel.DB, owner: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(hashed key, RLP value) of what a trie should hold, from the flat state, sorted."""
    if not owner:
        yield from flat_items(db, ACCOUNT)
        return
    for key, value in flat_items(db, SLOT + owner):
        yield key, encode_slot(int.from_bytes(value, "big"))


def flat_value(owner: bytes, value: bytes) -> bytes:
    """What the flat state stores for a trie's RLP value."""
    return int_to_bytes(decode_slot(value)) if owner else value


def check_state(stored: Stored) -> Iterator[Fault]:
    """The state root and all trie nodes, from flat state; codes; storage of no account."""
    db, owners = stored.db, set[Hash32]()
    for owner, data in flat_items(db, ACCOUNT):
        owners.add(owner)
        try:
            account = decode_account(data)
        except InvalidEncoding as error:
            yield Fault(Area.FLAT, f"account 0x{owner.hex()}: {error}")
            continue
        if account.code_hash != EMPTY_CODE_HASH:
            code = db.get(CODE + account.code_hash, b"")
            if keccak256(code) != account.code_hash:
                yield Fault(Area.CODES, f"code 0x{account.code_hash.hex()} is missing or damaged")
        yield from trie_faults(db, owner, account.storage_root)
    yield from trie_faults(db, ACCOUNT_TRIE, stored.tip.root)
    for prefix in (SLOT, STORAGE_NODE):
        for owner in storage_owners(db, prefix):
            if owner not in owners:
                kind = Area.FLAT if prefix == SLOT else Area.TRIE
                yield Fault(kind, f"storage of 0x{owner.hex()}, which is no account")


def storage_owners(db: plyvel.DB, prefix: bytes) -> Iterator[Hash32]:
    """The different owners among the keys with a prefix."""
    start = prefix
    while True:
        with db.iterator(start=start, stop=after_prefix(prefix), include_value=False) as keys:
            key = next(keys, None)
        if key is None:
            return
        yield key[1:33]
        start = after_prefix(key[:33])


def trie_faults(db: plyvel.DB, owner: bytes, root: Hash32) -> Iterator[Fault]:
    """Compares the stored nodes of a trie with those its items make; both come in one order."""
    name = f"storage trie of 0x{owner.hex()}" if owner else "account trie"
    wrong, last = 0, None
    with db.iterator(prefix=nodes_prefix(owner), verify_checksums=True) as stored:
        prefix_length = len(nodes_prefix(owner))
        pending = next(stored, None)
        for last in trie_nodes(trie_items(db, owner)):
            path = last[0] + PATH_END
            while pending is not None and pending[0][prefix_length:] < path:
                wrong, pending = wrong + 1, next(stored, None)
            if pending is None or pending[0][prefix_length:] != path:
                wrong += 1
                continue
            wrong += pending[1] != last[1]
            pending = next(stored, None)
        wrong += sum(1 for _ in chain(() if pending is None else (pending,), stored))
    computed = root_of_nodes(last)
    if computed != root:
        message = f"{name}: flat state gives the root 0x{computed.hex()}, stored is 0x{root.hex()}"
        yield Fault(Area.FLAT, message)
    elif wrong:
        yield Fault(Area.TRIE, f"{name}: {wrong} nodes are missing, wrong or left over")


# --------------------------------------------------------------------------------------- diffs


def check_diffs(stored: Stored) -> Iterator[Fault]:
    """An undo record for each block after the oldest state, and exactly the diffs they name."""
    expected: Counter[int] = Counter()
    for number in range(stored.oldest + 1, stored.tip.number + 1):
        data = stored.db.get(number_key(UNDO, number))
        if data is None:
            yield Fault(Area.DIFFS, f"the undo record of block {number} is missing", number)
            continue
        keys = decode_undo(data).state_keys
        expected[number] = len(keys)
        missing = sum(stored.db.get(number_key(DIFF + key, number)) is None for key in keys)
        if missing:
            yield Fault(Area.DIFFS, f"{missing} diffs of block {number} are missing", number)
    found: Counter[int] = Counter()
    with stored.db.iterator(prefix=DIFF, include_value=False, verify_checksums=True) as diff_keys:
        found.update(int.from_bytes(key[-8:], "big") for key in diff_keys)
    for number in sorted(found.keys() - expected.keys()):
        yield Fault(Area.DIFFS, f"{found[number]} diffs belong to block {number}", number)


# ------------------------------------------------------------------------------------- indices


def block_index(history: History, entry: BlockEntry) -> tuple[list[Hash32], set[bytes]]:
    """(transaction hashes, log keys) of a block, from its stored body and receipts.

    Raises CorruptData, or InvalidEncoding where they are not the RLP they should be.
    """
    body = as_list(decode(history.read(entry.location, Part.BODY)), "body")
    hashes = [
        keccak256(tx if isinstance(tx, bytes) else encode(tx))
        for tx in as_list(body[0], "transactions")
    ]
    keys: set[bytes] = set()
    receipts = decode(history.read(entry.location, Part.RECEIPTS))
    for receipt in as_list(receipts, "receipts"):
        data = as_bytes(receipt, "receipt")
        fields = as_list(decode(data if data[0] >= 0xC0 else data[1:]), "receipt", 4)
        for log in as_list(fields[3], "logs"):
            address, topics, _ = as_list(log, "log", 3)
            keys.add(as_bytes(address, "log address"))
            keys.update(as_bytes(topic, "topic") for topic in as_list(topics, "topics"))
    return hashes, keys


def check_indices(stored: Stored) -> Iterator[Fault]:
    """Block hashes, transactions and log postings: those of the blocks, and no others."""
    counts: Counter[bytes] = Counter()
    whole = True
    for number, entry in entries(stored.db):
        try:
            hashes, keys = block_index(stored.history, entry)
        except CorruptData:
            whole = False  # said by check_blocks
            continue
        except InvalidEncoding as error:
            whole = False
            yield Fault(Area.BLOCKS, f"block {number}: body or receipts: {error}", number)
            continue
        counts += Counter({BLOCK_HASH: 1, TRANSACTION: len(hashes), LOG: len(keys)})
        if not _indexed(stored.db, number, entry.hash, hashes, keys):
            yield Fault(Area.INDEX, f"block {number} is not indexed as it should be", number)
    for prefix in (BLOCK_HASH, TRANSACTION, LOG) if whole else ():
        with stored.db.iterator(prefix=prefix, verify_checksums=True) as found:
            total = sum(bitmap_of(v).bit_count() if prefix == LOG else 1 for _, v in found)
        if total != counts[prefix]:
            message = f"index {prefix.decode()!r} has {total} entries, the blocks {counts[prefix]}"
            yield Fault(Area.INDEX, message)


def _indexed(
    db: plyvel.DB, number: int, block_hash: Hash32, hashes: Sequence[Hash32], keys: set[bytes]
) -> bool:
    packed = number.to_bytes(8, "big")
    section, offset = divmod(number, SECTION_BLOCKS)
    return (
        db.get(BLOCK_HASH + block_hash) == packed
        and all(
            db.get(TRANSACTION + tx_hash) == packed + index.to_bytes(4, "big")
            for index, tx_hash in enumerate(hashes)
        )
        and all(bitmap_of(db.get(log_key(key, section), b"")) >> offset & 1 for key in keys)
    )
