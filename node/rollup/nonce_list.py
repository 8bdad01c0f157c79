"""Pooled transactions and the list an account's transactions form by nonce."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from node.evm.transactions import Transaction
from node.types import Address, Hash32

SLOT_BYTES: Final = 32 * 1024
"""The pool counts space in slots of this size (geth, core/txpool/legacypool)."""


@dataclass(frozen=True, slots=True)
class PoolEntry:
    """A pooled transaction with what the pool asks about it again and again.

    cost: the most wei it can take from the sender. arrival: rank by arrival, from 0.
    """

    tx: Transaction
    hash: Hash32
    sender: Address
    cost: int
    slots: int
    arrival: int

    @property
    def nonce(self) -> int:
        """The transaction's nonce."""
        return self.tx.nonce

    def tip(self, base_fee: int) -> int:
        """Wei per gas that a block with this base fee pays its builder; negative: not payable."""
        tx = self.tx
        return min(tx.max_priority_fee_per_gas, tx.max_fee_per_gas - base_fee)


def pool_entry(tx: Transaction, arrival: int) -> PoolEntry:
    """The entry of a transaction. Raises InvalidTransaction if nobody signed it."""
    cost = tx.gas_limit * tx.max_fee_per_gas + tx.value
    slots = -(-len(tx.encoded) // SLOT_BYTES)
    return PoolEntry(tx, tx.hash, tx.sender, cost, slots, arrival)


class NonceList:
    """An account's transactions in nonce order, and their total cost in wei."""

    __slots__ = ("_entries", "_nonces", "total_cost")

    def __init__(self) -> None:
        self._entries: dict[int, PoolEntry] = {}
        self._nonces: list[int] = []
        self.total_cost = 0

    def __len__(self) -> int:
        return len(self._nonces)

    def __iter__(self) -> Iterator[PoolEntry]:
        return iter([self._entries[nonce] for nonce in self._nonces])

    def __contains__(self, nonce: int) -> bool:
        return nonce in self._entries

    @property
    def first_nonce(self) -> int:
        """The lowest nonce; the list must not be empty."""
        return self._nonces[0]

    @property
    def last_nonce(self) -> int:
        """The highest nonce; the list must not be empty."""
        return self._nonces[-1]

    def get(self, nonce: int) -> PoolEntry | None:
        """The transaction with this nonce."""
        return self._entries.get(nonce)

    def put(self, entry: PoolEntry) -> PoolEntry | None:
        """Inserts; returns the transaction whose nonce it takes."""
        old = self._entries.get(entry.nonce)
        if old is None:
            insort(self._nonces, entry.nonce)
        else:
            self.total_cost -= old.cost
        self._entries[entry.nonce] = entry
        self.total_cost += entry.cost
        return old

    def remove(self, nonce: int) -> PoolEntry | None:
        """Takes one transaction out; those after it stay."""
        if nonce not in self._entries:
            return None
        del self._nonces[bisect_left(self._nonces, nonce)]
        return self._forget(nonce)

    def take_below(self, nonce: int) -> list[PoolEntry]:
        """Takes out every transaction with a lower nonce."""
        end = bisect_left(self._nonces, nonce)
        gone, self._nonces = self._nonces[:end], self._nonces[end:]
        return [self._forget(n) for n in gone]

    def take_from(self, nonce: int) -> list[PoolEntry]:
        """Takes out every transaction with this nonce or a higher one."""
        start = bisect_left(self._nonces, nonce)
        gone, self._nonces = self._nonces[start:], self._nonces[:start]
        return [self._forget(n) for n in gone]

    def take_ready(self, nonce: int) -> list[PoolEntry]:
        """Takes out the gapless run that starts at this nonce."""
        start = bisect_left(self._nonces, nonce)
        end = start
        while end < len(self._nonces) and self._nonces[end] == nonce + end - start:
            end += 1
        gone = self._nonces[start:end]
        del self._nonces[start:end]
        return [self._forget(n) for n in gone]

    def _forget(self, nonce: int) -> PoolEntry:
        entry = self._entries.pop(nonce)
        self.total_cost -= entry.cost
        return entry


def is_replacement(old: PoolEntry, new: PoolEntry, bump_percent: int) -> bool:
    """Whether `new` pays enough more than `old` to take its place: both fees, by the bump.

    Also strictly more, since the bump of a few wei rounds down to nothing.
    """
    pairs = (
        (old.tx.max_fee_per_gas, new.tx.max_fee_per_gas),
        (old.tx.max_priority_fee_per_gas, new.tx.max_priority_fee_per_gas),
    )
    return all(b > a and b >= a * (100 + bump_percent) // 100 for a, b in pairs)
