"""Which transactions go when a part of the pool is over its limit. Nothing here changes the pool.

Source: go-ethereum core/txpool/legacypool, truncatePending and truncateQueue.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from node.rollup.nonce_list import NonceList, PoolEntry
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
