"""State roots over random histories of changes, and the state in memory."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.codec import encode, int_to_bytes
from node.crypto import EMPTY_CODE_HASH, EMPTY_TRIE_ROOT, keccak256
from node.errors import CorruptData, InvalidEncoding, InvalidInput
from node.state.account import Account, StateChanges
from node.state.memory import MemoryState
from node.state.roots import (
    compute_update,
    decode_account,
    decode_slot,
    encode_account,
    encode_slot,
    slot_key,
)
from node.state.trie import trie_root
from node.types import Hash32

ADDRESSES = [bytes((n,)) * 20 for n in range(6)]


def independent_root(accounts: dict[bytes, Account], slots: dict[bytes, dict[int, int]]) -> Hash32:
    leaves = {}
    for address, account in accounts.items():
        storage = {
            slot_key(s): encode(int_to_bytes(v)) for s, v in slots.get(address, {}).items() if v
        }
        items = [
            int_to_bytes(account.nonce), int_to_bytes(account.balance),
            trie_root(storage), account.code_hash,
        ]  # fmt: skip
        leaves[keccak256(address)] = encode(items)
    return trie_root(leaves)


accounts = st.builds(
    Account,
    nonce=st.integers(0, 300),
    balance=st.integers(0, 2**256 - 1),
    storage_root=st.just(EMPTY_TRIE_ROOT),
    code_hash=st.sampled_from([EMPTY_CODE_HASH, bytes(32)]),
)
slot_writes = st.dictionaries(st.integers(0, 8), st.sampled_from([0, 1, 127, 128, 2**256 - 1]))
steps = st.dictionaries(
    st.sampled_from(ADDRESSES),
    st.tuples(st.one_of(st.none(), accounts), slot_writes, st.booleans()),
    max_size=5,
)


def apply_by_hand(step, accounts, slots) -> StateChanges:  # type: ignore[no-untyped-def]
    changes = StateChanges()
    for address, (account, writes, wipe) in step.items():
        changes.accounts[address] = account
        changes.storage[address] = writes
        if wipe:
            changes.wiped.add(address)
        if account is None:
            accounts.pop(address, None)
            slots.pop(address, None)
            continue
        accounts[address] = account
        kept = {} if wipe else slots.get(address, {})
        slots[address] = {s: v for s, v in {**kept, **writes}.items() if v}
    return changes


@settings(max_examples=200, deadline=None)
@given(st.lists(steps, max_size=6))
def test_roots_of_random_histories(history: list[dict]) -> None:  # type: ignore[type-arg]
    state, accounts, slots = MemoryState(), {}, {}
    for step in history:
        update = compute_update(state, apply_by_hand(step, accounts, slots))
        state.apply(update)
        assert state.root == update.root == independent_root(accounts, slots)
        assert state.accounts().keys() == accounts.keys()
        for address in ADDRESSES:
            assert state.slots(address) == slots.get(address, {})
            if address in accounts:
                assert state.account(address).balance == accounts[address].balance


def test_storage_alone_changes_the_account() -> None:
    state = MemoryState.of(StateChanges(accounts={ADDRESSES[1]: Account(balance=5)}))
    update = compute_update(state, StateChanges(storage={ADDRESSES[1]: {7: 9}}))
    account = update.changes.accounts[ADDRESSES[1]]
    assert account.balance == 5
    assert account.storage_root == trie_root({slot_key(7): b"\x09"})
    state.apply(update)
    assert state.storage(ADDRESSES[1], 7) == 9
    assert state.storage(ADDRESSES[1], 8) == state.storage(ADDRESSES[2], 7) == 0


def test_nothing_changes_nothing() -> None:
    state = MemoryState.of(StateChanges(accounts={ADDRESSES[1]: Account(balance=5)}))
    update = compute_update(state, StateChanges())
    assert (update.root, update.nodes) == (state.root, {})


def test_storage_under_no_account_is_refused() -> None:
    with pytest.raises(InvalidInput, match="an account that does not exist"):
        compute_update(MemoryState(), StateChanges(storage={ADDRESSES[1]: {1: 1}}))
    cleared = compute_update(MemoryState(), StateChanges(storage={ADDRESSES[1]: {1: 0}}))
    assert cleared.root == EMPTY_TRIE_ROOT
    MemoryState().apply(cleared)


def test_code_and_missing_data() -> None:
    code = b"\x60\x00"
    state = MemoryState.of(StateChanges(codes={keccak256(code): code}))
    assert state.code(keccak256(code)) == code
    with pytest.raises(CorruptData, match="no code with hash"):
        state.code(bytes(32))
    with pytest.raises(CorruptData, match="no trie node"):
        state.node(b"", b"\x01", bytes(32))


@given(accounts)
def test_accounts_round_trip(account: Account) -> None:
    data = encode_account(account)
    assert data == encode(
        [int_to_bytes(account.nonce), int_to_bytes(account.balance), *account[2:]]
    )
    assert decode_account(data) == account


@given(st.integers(0, 2**256 - 1))
def test_slots_round_trip(value: int) -> None:
    assert decode_slot(encode_slot(value)) == value


def test_malformed_accounts() -> None:
    with pytest.raises(InvalidEncoding, match="account of 42 bytes that is not the RLP"):
        decode_account(encode([b"", b"", b"short", EMPTY_CODE_HASH]))
