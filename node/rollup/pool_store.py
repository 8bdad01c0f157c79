"""Where the mempool keeps its transactions, and the invariants of that.

Every transaction is in the table and in exactly one list of its account: executable ("pending",
nonces without a gap) or waiting ("queued"). No policy here: who may come in and who must go is the
mempool's.
"""

from __future__ import annotations

from collections.abc import Callable

from node.evm.transactions import Transaction
from node.rollup.nonce_list import NonceList, PoolEntry
from node.types import Address, Hash32

_NOTHING = NonceList()


class PoolStore:
    """The table of transactions and the lists by account."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """clock: seconds; an account's last sign of life is kept by it."""
        self._clock = clock
        self.entries: dict[Hash32, PoolEntry] = {}
        self.pending: dict[Address, NonceList] = {}
        self.queued: dict[Address, NonceList] = {}
        self.beats: dict[Address, float] = {}
        """When each account with queued transactions last showed life."""
        self.pending_count = 0
        self.slots = 0
        self.version = 0
        """Grows with every change."""
        self._authorities: dict[Address, set[Hash32]] = {}

    @property
    def queued_count(self) -> int:
        """How many transactions wait."""
        return len(self.entries) - self.pending_count

    def pending_of(self, sender: Address) -> NonceList:
        """An account's executable transactions (not to be changed)."""
        return self.pending.get(sender, _NOTHING)

    def queued_of(self, sender: Address) -> NonceList:
        """An account's waiting transactions (not to be changed)."""
        return self.queued.get(sender, _NOTHING)

    def is_pending(self, entry: PoolEntry) -> bool:
        """Whether this transaction is executable."""
        return self.pending_of(entry.sender).get(entry.nonce) is entry

    def has_authority(self, address: Address) -> bool:
        """Whether a pooled transaction carries this account's EIP-7702 authorization."""
        return address in self._authorities

    def from_the_top(self, sender: Address) -> list[PoolEntry]:
        """An account's transactions, highest nonce first."""
        entries = [*self.pending_of(sender), *self.queued_of(sender)]
        return sorted(entries, key=lambda entry: -entry.nonce)

    def enqueue(self, entry: PoolEntry) -> None:
        """Adds a transaction to the waiting ones; its nonce must be free."""
        self._register(entry)
        self._wait(entry)

    def replace(self, old: PoolEntry, new: PoolEntry) -> None:
        """Puts one transaction in the place of another with its sender and nonce."""
        self._unregister(old)
        self._register(new)
        lists = self.pending if self.is_pending(old) else self.queued
        lists[new.sender].put(new)
        self.touch(new.sender)

    def promote(self, sender: Address, next_nonce: int) -> list[PoolEntry]:
        """Makes the waiting run that starts at `next_nonce` executable; returns it."""
        ready = self.queued_of(sender).take_ready(next_nonce)
        if ready:
            pending = self.pending.setdefault(sender, NonceList())
            for entry in ready:
                pending.put(entry)
            self.pending_count += len(ready)
            self.version += 1
            self.touch(sender)
            self._forget_empty(sender)
        return ready

    def demote_from(self, sender: Address, nonce: int) -> None:
        """Executable transactions from this nonce on wait again."""
        gone = self.pending_of(sender).take_from(nonce)
        self.pending_count -= len(gone)
        self.version += len(gone)
        for entry in gone:
            self._wait(entry)
        self._forget_empty(sender)

    def remove(self, entry: PoolEntry) -> None:
        """Takes a transaction out. Executable ones above it wait again."""
        if self.is_pending(entry):
            self.demote_from(entry.sender, entry.nonce)
        self.queued[entry.sender].remove(entry.nonce)
        self._unregister(entry)
        self._forget_empty(entry.sender)

    def remove_below(self, sender: Address, nonce: int) -> list[PoolEntry]:
        """Takes out what this account has below a nonce; what is above stays as it is."""
        stale = self.pending_of(sender).take_below(nonce)
        self.pending_count -= len(stale)
        stale += self.queued_of(sender).take_below(nonce)
        for entry in stale:
            self._unregister(entry)
        self._forget_empty(sender)
        return stale

    def touch(self, sender: Address) -> None:
        """The account showed life: its queued transactions get more time."""
        if sender in self.beats:
            self.beats[sender] = self._clock()

    def _wait(self, entry: PoolEntry) -> None:
        self.queued.setdefault(entry.sender, NonceList()).put(entry)
        self.beats.setdefault(entry.sender, self._clock())

    def _register(self, entry: PoolEntry) -> None:
        self.entries[entry.hash] = entry
        self.slots += entry.slots
        self.version += 1
        for authority in authorities(entry.tx):
            self._authorities.setdefault(authority, set()).add(entry.hash)

    def _unregister(self, entry: PoolEntry) -> None:
        del self.entries[entry.hash]
        self.slots -= entry.slots
        self.version += 1
        for authority in authorities(entry.tx):
            self._authorities[authority].discard(entry.hash)
            if not self._authorities[authority]:
                del self._authorities[authority]

    def _forget_empty(self, sender: Address) -> None:
        if sender in self.pending and not self.pending[sender]:
            del self.pending[sender]
        if sender in self.queued and not self.queued[sender]:
            del self.queued[sender]
            del self.beats[sender]


def authorities(tx: Transaction) -> set[Address]:
    """The accounts whose valid authorizations a transaction carries (EIP-7702)."""
    found = (authorization.authority for authorization in tx.authorizations)
    return {address for address in found if address is not None}
