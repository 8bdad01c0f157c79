"""What became of transactions that left the pool, so that "accepted, then gone" has an answer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from node.types import Hash32

_KEPT: Final = 20_000


class Status(StrEnum):
    """Where a transaction is."""

    PENDING = "pending"
    QUEUED = "queued"
    INCLUDED = "included"
    REPLACED = "replaced"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Fate:
    """A transaction's status. reason: for people, may be empty. when: Unix seconds."""

    status: Status
    reason: str
    when: float


class Fates:
    """The latest fates; the oldest are forgotten."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._fates: OrderedDict[Hash32, Fate] = OrderedDict()

    def record(self, tx_hash: Hash32, status: Status, reason: str = "") -> None:
        """Notes what just happened to a transaction."""
        self._fates[tx_hash] = Fate(status, reason, self._clock())
        self._fates.move_to_end(tx_hash)
        if len(self._fates) > _KEPT:
            self._fates.popitem(last=False)

    def forget(self, tx_hash: Hash32) -> None:
        """The transaction is pooled again."""
        self._fates.pop(tx_hash, None)

    def get(self, tx_hash: Hash32) -> Fate | None:
        """What was noted last."""
        return self._fates.get(tx_hash)
