"""State roots: the account trie and the storage tries below it, updated by one block's changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from node.codec import as_int, decode, int_to_bytes
from node.crypto import EMPTY_TRIE_ROOT, keccak256
from node.errors import InvalidEncoding, InvalidInput
from node.state.account import Account, StateChanges, StateReader
from node.state.trie import NodeReader, TrieUpdate, update_trie
from node.types import Address, Hash32

ACCOUNT_TRIE: Final = b""
"""The owner of the account trie's nodes; a storage trie's owner is keccak(address)."""

_ROOTS_BYTES: Final = 66
"""Two 32-byte strings and their headers, at the end of every account."""


class StateView(StateReader, NodeReader, Protocol):
    """The state at the end of some block, with its tries."""

    root: Hash32
    """The state root."""


@dataclass
class StateUpdate:
    """What one block does to the stored state.

    changes: complete: accounts with their storage roots, also those of which only the storage
    changed; every deleted account that had storage is in `wiped`, none is in `storage`.
    nodes: (owner, path) -> RLP, or None where no node is stored any more. The nodes of wiped
    storage tries are not listed: all of them go before `nodes` applies.
    """

    root: Hash32
    changes: StateChanges
    nodes: dict[tuple[bytes, bytes], bytes | None]


def encode_account(account: Account) -> bytes:
    """The RLP of an account, as the trie holds it."""
    nonce, balance, storage_root, code_hash = account
    head = _encode_int(nonce) + _encode_int(balance)
    tag = bytes((0xF8, len(head) + _ROOTS_BYTES))
    return b"".join((tag, head, b"\xa0", storage_root, b"\xa0", code_hash))


def decode_account(data: bytes) -> Account:
    """Inverse of `encode_account`. Raises InvalidEncoding."""
    try:
        nonce, position = _decode_int(data, 2)
        balance, position = _decode_int(data, position)
        account = Account(nonce, balance, data[position + 1 : position + 33], data[-32:])
        if encode_account(account) == data:
            return account
    except IndexError:
        pass
    raise InvalidEncoding(f"account of {len(data)} bytes that is not the RLP of one")


def _decode_int(data: bytes, position: int) -> tuple[int, int]:
    """(the integer at `position`, where the next item starts); canonical or not."""
    tag = data[position]
    if tag < 0x80:
        return tag, position + 1
    end = position + tag - 0x7F
    return int.from_bytes(data[position + 1 : end], "big"), end


def encode_slot(value: int) -> bytes:
    """The RLP of a slot's value, as the storage trie holds it; b"" (no entry) for 0."""
    return _encode_int(value) if value else b""


def decode_slot(data: bytes) -> int:
    """Inverse of `encode_slot`. Raises InvalidEncoding."""
    return as_int(decode(data), "storage value") if data else 0


def slot_key(slot: int) -> Hash32:
    """The key of a slot in its storage trie."""
    return keccak256(slot.to_bytes(32, "big"))


def _encode_int(value: int) -> bytes:
    if 0 < value < 128:
        return bytes((value,))
    data = int_to_bytes(value)
    return bytes((0x80 + len(data),)) + data


def compute_update(view: StateView, changes: StateChanges) -> StateUpdate:
    """The root after `changes` and everything that has to be stored; writes nothing.

    Raises what `view` raises on a missing node, and InvalidInput where storage is written under
    an account that does not exist.
    """
    accounts = dict(changes.accounts)
    wiped = set(changes.wiped)
    nodes: dict[tuple[bytes, bytes], bytes | None] = {}
    leaves: dict[bytes, bytes] = {}
    for address in accounts.keys() | changes.storage.keys() | wiped:
        old = view.account(address)
        old_root = EMPTY_TRIE_ROOT if old is None else old.storage_root
        account = accounts.get(address, old)
        owner = keccak256(address)
        if account is None:
            _refuse_orphans(address, changes, deleted=address in accounts)
            if old_root != EMPTY_TRIE_ROOT:
                wiped.add(address)
            leaves[owner] = b""
            continue
        start = EMPTY_TRIE_ROOT if address in wiped else old_root
        trie = _storage_update(view, owner, start, changes.storage.get(address))
        nodes.update({(owner, path): data for path, data in trie.nodes.items()})
        account = account._replace(storage_root=trie.root)
        accounts[address] = account
        leaves[owner] = encode_account(account)
    update = update_trie(view, ACCOUNT_TRIE, view.root, leaves)
    nodes.update({(ACCOUNT_TRIE, path): data for path, data in update.nodes.items()})
    storage = {a: slots for a, slots in changes.storage.items() if accounts.get(a) is not None}
    complete = StateChanges(accounts, storage, wiped, changes.codes)
    return StateUpdate(update.root, complete, nodes)


def _storage_update(
    view: StateView, owner: bytes, root: Hash32, slots: dict[int, int] | None
) -> TrieUpdate:
    if not slots:
        return TrieUpdate(root)
    updates = {slot_key(slot): encode_slot(value) for slot, value in slots.items()}
    return update_trie(view, owner, root, updates)


def _refuse_orphans(address: Address, changes: StateChanges, *, deleted: bool) -> None:
    """Storage under no account has no place in the state, unless a deletion drops it anyway."""
    if not deleted and any(changes.storage.get(address, {}).values()):
        raise InvalidInput(
            f"storage written under 0x{address.hex()}, an account that does not exist;"
            " set the account in the same changes"
        )
