"""The order in which a block takes transactions: best tip first, nonces in order."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

from node.rollup.nonce_list import PoolEntry


class Candidates:
    """A copy of the executable transactions, best first; equal tips in order of arrival.

    Only the front of each account's run competes, so a cheap transaction holds back the ones
    above it. A transaction that cannot pay the base fee ends its account's run.
    """

    def __init__(
        self, runs: Iterable[Sequence[PoolEntry]], base_fee: int, min_tip: int = 0
    ) -> None:
        """runs: each account's transactions in nonce order. base_fee, min_tip: wei per gas."""
        self._base_fee = base_fee
        self._min_tip = min_tip
        self._heap: list[tuple[int, int, int, Sequence[PoolEntry]]] = []
        for run in runs:
            if run:
                self._enter(run, 0)
        heapq.heapify(self._heap)

    def peek(self) -> PoolEntry | None:
        """The best transaction, or None when no payable one is left."""
        if not self._heap:
            return None
        _, _, index, run = self._heap[0]
        return run[index]

    def shift(self) -> None:
        """The best one was included: its account's next competes."""
        _, _, index, run = heapq.heappop(self._heap)
        if index + 1 < len(run):
            item = self._item(run, index + 1)
            if item is not None:
                heapq.heappush(self._heap, item)

    def pop(self) -> None:
        """The best one does not go into this block, and so nothing else of its account."""
        heapq.heappop(self._heap)

    def _enter(self, run: Sequence[PoolEntry], index: int) -> None:
        item = self._item(run, index)
        if item is not None:
            self._heap.append(item)

    def _item(
        self, run: Sequence[PoolEntry], index: int
    ) -> tuple[int, int, int, Sequence[PoolEntry]] | None:
        entry = run[index]
        tip = entry.tip(self._base_fee)
        if tip < self._min_tip:
            return None
        return -tip, entry.arrival, index, run
