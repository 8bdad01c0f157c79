"""The stored state at the end of one block, for reading.

A view reads through a LevelDB snapshot, so it stays what it is while other threads append blocks.
The newest state is read directly; an older one from the reverse diffs: the value of a key at the
end of block n is what the first diff after n says it was before, or the current value if there is
none.
"""

from __future__ import annotations

from collections.abc import Iterator

import plyvel

from node.errors import CorruptData
from node.state.account import Account
from node.state.cache import StateCache
from node.state.layout import (
    ACCOUNT,
    CODE,
    DIFF,
    SLOT,
    account_key,
    after_prefix,
    node_key,
    number_key,
    slots_prefix,
)
from node.state.roots import decode_account, slot_key
from node.state.store import words
from node.types import Address, Hash32


class DbView:
    """A `StateView` of the database. Threads may share it."""

    def __init__(
        self,
        snapshot: plyvel.Snapshot,
        number: int,
        root: Hash32,
        *,
        past: bool,
        cache: StateCache,
        version: object | None,
    ) -> None:
        """Cache may be used while its version is `version` (None: not at all)."""
        self._snapshot = snapshot
        self._past = past
        self._cache = cache
        self._version = version
        self.number = number
        self.root = root

    def account(self, address: Address) -> Account | None:
        """See StateReader."""
        data = self._get(account_key(address))
        return decode_account(data) if data else None

    def storage(self, address: Address, slot: int) -> int:
        """See StateReader."""
        return int.from_bytes(self._get(slots_prefix(address) + slot_key(slot)), "big")

    def code(self, code_hash: Hash32) -> bytes:
        """See StateReader. Raises CorruptData where the code is missing."""
        code = self._current(CODE + code_hash)
        if not code:
            raise CorruptData(
                f"code 0x{code_hash.hex()} is missing from the database; run `strikefold db verify`"
            )
        return code

    def node(self, owner: bytes, path: bytes, node_hash: Hash32) -> bytes:
        """See NodeReader. Raises CorruptData where the node is missing."""
        data = self._get(node_key(owner, path))
        if not data:
            raise CorruptData(
                f"trie node 0x{node_hash.hex()} of block {self.number}"
                f" (trie {owner.hex() or 'of accounts'}, path {path.hex()!r}) is missing;"
                " run `strikefold db verify --repair`"
            )
        return data

    def accounts(self, start: bytes = b"") -> Iterator[tuple[Hash32, Account]]:
        """(keccak(address), account) of every account, in trie order from `start` on."""
        for key, value in self._scan(ACCOUNT, start):
            yield key, decode_account(value)

    def slots(self, account_hash: Hash32, start: bytes = b"") -> Iterator[tuple[Hash32, int]]:
        """(keccak(slot), value) of an account's non-zero slots, in trie order from `start` on.

        account_hash: keccak(address).
        """
        for key, value in self._scan(SLOT + account_hash, start):
            yield key, int.from_bytes(value, "big")

    def _get(self, key: bytes) -> bytes:
        """The value at the end of this view's block; b"" where there is none."""
        if self._past:
            old = self._before_change(key)
            if old is not None:
                return old
        return self._current(key)

    def _current(self, key: bytes) -> bytes:
        """The value in the snapshot, or in the cache while that is of the same state."""
        cache, version = self._cache, self._version
        if version is not None:
            cached = cache.get(key)
            if cache.version is not version:
                self._version = version = None
            elif cached is not None:
                return cached
        try:
            value = self._snapshot.get(key, b"", verify_checksums=True)
        except plyvel.Error as error:
            raise unreadable(error) from error
        if version is not None:
            cache.add(version, key, value)
        return value

    def _before_change(self, key: bytes) -> bytes | None:
        """What the first diff after this block says the value was; None if it never changed."""
        prefix = DIFF + key
        try:
            with self._snapshot.iterator(
                start=number_key(prefix, self.number + 1),
                stop=prefix + b"\xff" * 9,
                include_key=False,
                verify_checksums=True,
            ) as diffs:
                return next(diffs, None)
        except plyvel.Error as error:
            raise unreadable(error) from error

    def _scan(self, prefix: bytes, start: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Keys (without `prefix`) and values at the end of this view's block, sorted."""
        current = self._range(prefix + start, after_prefix(prefix))
        old = self._changed(prefix, start) if self._past else iter(())
        pending = next(old, None)
        for key, value in current:
            while pending is not None and pending[0] < key:
                if pending[1]:
                    yield pending[0][len(prefix) :], pending[1]
                pending = next(old, None)
            if pending is None or pending[0] != key:
                yield key[len(prefix) :], value
        while pending is not None:
            if pending[1]:
                yield pending[0][len(prefix) :], pending[1]
            pending = next(old, None)

    def _changed(self, prefix: bytes, start: bytes) -> Iterator[tuple[bytes, bytes]]:
        """(key, value at the end of this view's block) of the keys that changed after it."""
        last = b""
        first_change = self.number + 1
        for diff_key, old in self._range(DIFF + prefix + start, DIFF + after_prefix(prefix)):
            key, block = diff_key[1:-8], int.from_bytes(diff_key[-8:], "big")
            if key != last and block >= first_change:
                last = key
                yield key, old

    def _range(self, start: bytes, stop: bytes) -> Iterator[tuple[bytes, bytes]]:
        try:
            with self._snapshot.iterator(start=start, stop=stop, verify_checksums=True) as entries:
                yield from entries
        except plyvel.Error as error:
            raise unreadable(error) from error


def unreadable(error: plyvel.Error) -> CorruptData:
    """What to say where LevelDB cannot read what it wrote."""
    return CorruptData(f"LevelDB: {words(error)}; run `strikefold db verify --repair`")
