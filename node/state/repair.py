"""Rebuilds what the database can derive from the rest of itself.

Every rebuilding may be interrupted and run again: what it writes does not depend on what it finds
under the keys that it writes.
"""

from __future__ import annotations

from collections.abc import Iterator

import plyvel

from node.crypto import EMPTY_TRIE_ROOT, keccak256
from node.errors import CorruptData
from node.state.history import History
from node.state.layout import (
    ACCOUNT,
    BLOCK_HASH,
    LOG,
    SLOT,
    STORAGE_NODE,
    TRANSACTION,
    node_key,
    nodes_prefix,
)
from node.state.nodes import EMPTY_ITEM, HASH_TAG, decode_node, key_of
from node.state.roots import ACCOUNT_TRIE, decode_account
from node.state.store import refused_writes
from node.state.streaming import trie_nodes
from node.state.verify import (
    Area,
    block_index,
    entries,
    flat_items,
    flat_value,
    storage_owners,
    trie_faults,
    trie_items,
)
from node.state.writes import put_log_keys
from node.types import Hash32

_BATCH_KEYS = 10_000


def rebuild_state(db: plyvel.DB, root: Hash32) -> None:
    """Mends flat state from tries and tries from flat state, each trie for itself.

    Raises CorruptData where a trie and the flat state below it are both damaged.
    """
    _rebuild(db, ACCOUNT_TRIE, root)
    owners = set()
    for owner, data in flat_items(db, ACCOUNT):
        owners.add(owner)
        _rebuild(db, owner, decode_account(data).storage_root)
    for prefix in (SLOT, STORAGE_NODE):
        for owner in [owner for owner in storage_owners(db, prefix) if owner not in owners]:
            _delete(db, prefix + owner)


def _rebuild(db: plyvel.DB, owner: bytes, root: Hash32) -> None:
    areas = {fault.area for fault in trie_faults(db, owner, root)}
    if Area.FLAT in areas:
        flat = SLOT + owner if owner else ACCOUNT
        for _ in _leaves(db, owner, root):  # raises before anything is touched
            pass
        _delete(db, flat)
        _write(db, ((flat + key, flat_value(owner, v)) for key, v in _leaves(db, owner, root)))
    if areas:
        _delete(db, nodes_prefix(owner))
        nodes = trie_nodes(trie_items(db, owner))
        _write(db, ((node_key(owner, path), data) for path, data in nodes))


def rebuild_indices(db: plyvel.DB, history: History) -> None:
    """Writes block, transaction and log indices anew from the history files."""
    for prefix in (BLOCK_HASH, TRANSACTION, LOG):
        _delete(db, prefix)
    for number, entry in entries(db):
        hashes, keys = block_index(history, entry)
        packed = number.to_bytes(8, "big")
        batch = db.write_batch(sync=False)
        batch.put(BLOCK_HASH + entry.hash, packed)
        for index, tx_hash in enumerate(hashes):
            batch.put(TRANSACTION + tx_hash, packed + index.to_bytes(4, "big"))
        put_log_keys(db, batch, number, keys)
        with refused_writes("the rebuilt indices"):
            batch.write()
    _write(db, iter(()))


def _leaves(db: plyvel.DB, owner: bytes, root: Hash32) -> Iterator[tuple[bytes, bytes]]:
    """(hashed key, RLP value) of a trie, every node of it checked against its hash."""
    if root == EMPTY_TRIE_ROOT:
        return
    pending = [(b"", HASH_TAG + root)]
    while pending:
        path, ref = pending.pop()
        node = decode_node(_checked_node(db, owner, path, ref))
        if isinstance(node, list):
            children = [(path + bytes((n,)), item) for n, item in enumerate(node[:16])]
            pending += [child for child in reversed(children) if child[1] != EMPTY_ITEM]
        elif node[2]:
            yield key_of(path + node[0]), node[1]
        else:
            pending.append((path + node[0], node[1]))


def _checked_node(db: plyvel.DB, owner: bytes, path: bytes, ref: bytes) -> bytes:
    if ref[0] >= 0xC0:
        return ref
    data = db.get(node_key(owner, path), b"")
    if keccak256(data) != ref[1:]:
        raise CorruptData(
            f"trie node at path {path.hex()!r} of {owner.hex() or 'the account trie'} is damaged,"
            " and so is the flat state: restore a backup or synchronise anew"
        )
    return data


def _delete(db: plyvel.DB, prefix: bytes) -> None:
    with db.iterator(prefix=prefix, include_value=False) as keys:
        _write(db, ((key, b"") for key in keys))


def _write(db: plyvel.DB, writes: Iterator[tuple[bytes, bytes]]) -> None:
    """Stores entries (b"": deletes them) in batches; on disk when it returns."""
    batch, count = db.write_batch(sync=True), 0
    with refused_writes("the rebuilt state"):
        for key, value in writes:
            if value:
                batch.put(key, value)
            else:
                batch.delete(key)
            count += 1
            if count % _BATCH_KEYS == 0:
                batch.write()
                batch = db.write_batch(sync=True)
        batch.write()
