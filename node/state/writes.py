"""What one block writes to the database, and what undoes it, as one batch."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import plyvel

from node.codec import int_to_bytes
from node.crypto import keccak256
from node.state.layout import (
    BLOCK,
    BLOCK_HASH,
    CODE,
    DIFF,
    LOG,
    TRANSACTION,
    UNDO,
    BlockEntry,
    Undo,
    account_key,
    node_key,
    nodes_prefix,
    number_key,
    slots_prefix,
)
from node.state.logindex import SECTION_BLOCKS, posting_with, posting_without
from node.state.roots import StateUpdate, encode_account, slot_key
from node.types import Hash32


@dataclass(frozen=True)
class BlockRecord:
    """A block to be stored. header, body and receipts are RLP, the rest is opaque.

    extra: for instance the sequencer's signature. log_keys: the addresses and topics of all logs.
    """

    number: int
    hash: Hash32
    header: bytes
    body: bytes
    receipts: bytes
    witness: bytes = b""
    extra: bytes = b""
    tx_hashes: tuple[Hash32, ...] = ()
    log_keys: Collection[bytes] = ()


def state_writes(db: plyvel.DB, update: StateUpdate) -> dict[bytes, bytes]:
    """Key -> new value (b"": gone) of everything in the state that the update touches."""
    changes = update.changes
    writes: dict[bytes, bytes] = {}
    for address in changes.wiped:
        for prefix in (slots_prefix(address), nodes_prefix(keccak256(address))):
            with db.iterator(prefix=prefix, include_value=False) as keys:
                writes.update(dict.fromkeys(keys, b""))
    for address, slots in changes.storage.items():
        prefix = slots_prefix(address)
        for slot, value in slots.items():
            writes[prefix + slot_key(slot)] = int_to_bytes(value)
    for address, account in changes.accounts.items():
        writes[account_key(address)] = encode_account(account) if account is not None else b""
    for (owner, path), data in update.nodes.items():
        writes[node_key(owner, path)] = data or b""
    return writes


def put_state(
    read: Callable[[bytes], bytes],
    batch: plyvel.WriteBatch,
    number: int,
    writes: dict[bytes, bytes],
) -> tuple[bytes, ...]:
    """Adds state writes and their reverse diffs; returns the keys that really change.

    read: the stored value of a key, b"" if none.
    """
    changed = []
    for key, value in writes.items():
        old = read(key)
        if old == value:
            continue
        changed.append(key)
        batch.put(number_key(DIFF + key, number), old)
        put_or_delete(batch, key, value)
    return tuple(changed)


def put_first_state(batch: plyvel.WriteBatch, writes: dict[bytes, bytes]) -> None:
    """Adds the state of a database's first block, which nothing can go back behind."""
    for key, value in writes.items():
        if value:
            batch.put(key, value)


def put_codes(batch: plyvel.WriteBatch, update: StateUpdate) -> None:
    """Adds new codes. They are found by hash and outlive an unwinding."""
    for code_hash, code in update.changes.codes.items():
        batch.put(CODE + code_hash, code)


def put_indices(
    db: plyvel.DB, batch: plyvel.WriteBatch, record: BlockRecord, entry: BlockEntry
) -> None:
    """Adds the block's entry, its hash, its transactions and its log keys."""
    number = record.number.to_bytes(8, "big")
    batch.put(BLOCK + number, entry.encode())
    batch.put(BLOCK_HASH + record.hash, number)
    for index, tx_hash in enumerate(record.tx_hashes):
        batch.put(TRANSACTION + tx_hash, number + index.to_bytes(4, "big"))
    put_log_keys(db, batch, record.number, record.log_keys)


def put_log_keys(
    db: plyvel.DB, batch: plyvel.WriteBatch, number: int, keys: Iterable[bytes]
) -> None:
    """Adds a block to the log index."""
    section, offset = divmod(number, SECTION_BLOCKS)
    for key in keys:
        posting_key = log_key(key, section)
        batch.put(posting_key, posting_with(db.get(posting_key, b""), offset))


def remove_block(
    db: plyvel.DB, batch: plyvel.WriteBatch, number: int, block_hash: Hash32, undo: Undo
) -> None:
    """Everything that takes the newest block off again."""
    for key in undo.state_keys:
        diff_key = number_key(DIFF + key, number)
        put_or_delete(batch, key, db.get(diff_key, b"", verify_checksums=True))
        batch.delete(diff_key)
    for tx_hash in undo.tx_hashes:
        batch.delete(TRANSACTION + tx_hash)
    section, offset = divmod(number, SECTION_BLOCKS)
    for key in undo.log_keys:
        posting_key = log_key(key, section)
        put_or_delete(batch, posting_key, posting_without(db.get(posting_key, b""), offset))
    batch.delete(BLOCK_HASH + block_hash)
    batch.delete(number_key(BLOCK, number))
    batch.delete(number_key(UNDO, number))


def forget_diffs(batch: plyvel.WriteBatch, number: int, undo: Undo) -> None:
    """Drops a block's reverse diffs: the state before it can no longer be read."""
    for key in undo.state_keys:
        batch.delete(number_key(DIFF + key, number))
    batch.delete(number_key(UNDO, number))


def log_key(key: bytes, section: int) -> bytes:
    """Where the posting of an address or topic for one section is stored."""
    return b"".join((LOG, bytes((len(key),)), key, section.to_bytes(4, "big")))


def put_or_delete(batch: plyvel.WriteBatch, key: bytes, value: bytes) -> None:
    """Stores a value, or removes the key where it is empty."""
    if value:
        batch.put(key, value)
    else:
        batch.delete(key)
