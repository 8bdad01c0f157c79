"""Which transactions go when a part of the pool is over its limit. Nothing here changes the pool.

Source: go-ethereum core/txpool/legacypool: truncatePending, truncateQueue, and add for a full pool.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from node.errors import InvalidTransaction, TxFault
from node.rollup.nonce_list import NonceList, PoolEntry
from node.rollup.pool_store import PoolStore
from node.rollup.price_index import PriceIndex
from node.types import Address


def spam_overflow(
    pending: Mapping[Address, NonceList], account_slots: int, limit: int
) -> list[PoolEntry]:
    """The highest nonces of the accounts with most executable transactions, down to `limit`.

    Accounts are levelled: the longest gives first. `account_slots` are everyone's to keep, so
    the total may stay above the limit.
    """
    excess = sum(map(len, pending.values())) - limit
    runs = [(-len(run), sender) for sender, run in pending.items() if len(run) > account_slots]
    heapq.heapify(runs)
    tails: dict[Address, list[PoolEntry]] = {}
    dropped = []
    while excess > 0 and runs:
        length, sender = runs[0]
        tail = tails.setdefault(sender, list(pending[sender]))
        dropped.append(tail.pop())
        excess -= 1
        if len(tail) > account_slots:
            heapq.heapreplace(runs, (length + 1, sender))
        else:
            heapq.heappop(runs)
    return dropped


def queue_overflow(
    queued: Mapping[Address, NonceList], beats: Mapping[Address, float], limit: int
) -> list[PoolEntry]:
    """Queued transactions of the accounts silent for longest, highest nonce first."""
    excess = sum(map(len, queued.values())) - limit
    dropped: list[PoolEntry] = []
    for sender in sorted(queued, key=lambda address: beats[address]):
        if len(dropped) >= excess:
            break
        dropped += list(queued[sender])[::-1]
    return dropped[: max(excess, 0)]


def cheapest_victims(
    store: PoolStore,
    prices: PriceIndex,
    entry: PoolEntry,
    replaced: PoolEntry | None,
    excess: int,
    *,
    gapped: bool,
) -> list[PoolEntry]:
    """What a full pool gives up for a newcomer: of the cheapest's account the highest nonces.

    excess: slots to free. gapped: whether the newcomer could not be executed yet. Raises
    InvalidTransaction where that would cost more than the newcomer is worth.
    """
    chosen: list[PoolEntry] = []
    ranked: list[PoolEntry] = []
    try:
        while excess > 0:
            cheapest = prices.pop_cheapest()
            if cheapest is None:
                raise InvalidTransaction(TxFault.POOL_FULL, "txpool is full")
            ranked.append(cheapest)
            for victim in store.from_the_top(cheapest.sender):
                if excess <= 0 or victim.nonce < cheapest.nonce:
                    break
                if victim not in chosen and victim is not replaced:
                    _check_victim(victim, entry, pending=store.is_pending(victim), gapped=gapped)
                    chosen.append(victim)
                    excess -= victim.slots
    finally:
        for other in ranked:
            prices.put(other)
    return chosen


def _check_victim(victim: PoolEntry, entry: PoolEntry, *, pending: bool, gapped: bool) -> None:
    if victim.sender == entry.sender and victim.nonce < entry.nonce:
        raise InvalidTransaction(TxFault.UNDERPRICED, "transaction underpriced")
    if pending and gapped:
        raise InvalidTransaction(
            TxFault.FUTURE_REPLACES_PENDING, "future transaction tries to replace pending"
        )
