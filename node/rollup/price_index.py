"""Which pooled transaction is the cheapest: what a full pool gives up first.

Two heaps, as geth has them: "urgent" ranks by what the next block would pay, "floating" by the fee
cap, and four fifths of the transactions sit in the first. Where base fees swing, a transaction
that looks worst to the next block may be the best in an hour; it goes only if both say so.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from typing import Final

from node.rollup.nonce_list import PoolEntry
from node.types import Hash32

_URGENT_SHARE: Final = 4
_FLOATING_SHARE: Final = 1

Price = tuple[int, ...]
_HeapItem = tuple[Price, int, int, PoolEntry]


class PriceIndex:
    """The pool's transactions, cheapest first. Removed ones are noticed when they surface."""

    def __init__(
        self, entries: Iterable[PoolEntry], base_fee: int, alive: Callable[[Hash32], bool]
    ) -> None:
        """base_fee: of the next block. alive: whether the pool still holds a hash."""
        self._base_fee = base_fee
        self._alive = alive
        self._floating: list[_HeapItem] = []
        self._urgent = [self._item(entry, self._urgent_price(entry)) for entry in entries]
        heapq.heapify(self._urgent)
        self._balance()

    def put(self, entry: PoolEntry) -> None:
        """Starts ranking a transaction."""
        heapq.heappush(self._urgent, self._item(entry, self._urgent_price(entry)))

    def is_underpriced(self, entry: PoolEntry) -> bool:
        """Whether a newcomer pays no more than the cheapest in every heap that holds any."""
        self._clean(self._urgent)
        self._clean(self._floating)
        if not self._urgent and not self._floating:
            return False
        urgent = not self._urgent or self._urgent[0][0] >= self._urgent_price(entry)
        floating = not self._floating or self._floating[0][0] >= self._floating_price(entry)
        return urgent and floating

    def pop_cheapest(self) -> PoolEntry | None:
        """Takes the cheapest out of the ranking; None when nothing is left."""
        self._balance()
        self._clean(self._floating)
        if self._floating:
            return heapq.heappop(self._floating)[-1]
        self._clean(self._urgent)
        return heapq.heappop(self._urgent)[-1] if self._urgent else None

    def _balance(self) -> None:
        while len(self._urgent) * _FLOATING_SHARE > len(self._floating) * _URGENT_SHARE:
            entry = heapq.heappop(self._urgent)[-1]
            if self._alive(entry.hash):
                item = self._item(entry, self._floating_price(entry))
                heapq.heappush(self._floating, item)

    def _clean(self, heap: list[_HeapItem]) -> None:
        while heap and not self._alive(heap[0][-1].hash):
            heapq.heappop(heap)

    def _urgent_price(self, entry: PoolEntry) -> Price:
        return (entry.tip(self._base_fee), *self._floating_price(entry))

    def _floating_price(self, entry: PoolEntry) -> Price:
        return (entry.tx.max_fee_per_gas, entry.tx.max_priority_fee_per_gas)

    def _item(self, entry: PoolEntry, price: Price) -> _HeapItem:
        """Among equals the highest nonce goes first, then the latest to arrive."""
        return price, -entry.nonce, -entry.arrival, entry
