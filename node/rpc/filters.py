"""Filters that clients poll: what happened since they asked last; five idle minutes end them.

A log filter and a block filter remember a block number and hash, and look at the chain when polled;
nothing is queued for them. A transaction filter collects hashes as they arrive.
"""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from node.rpc.errors import RpcError, server_error
from node.rpc.params import FilterQuery
from node.types import Hash32

IDLE_S: Final = 300.0
MAX_FILTERS: Final = 10_000
MAX_HASHES: Final = 20_000
"""Per transaction filter; the oldest go first."""


@dataclass
class Filter:
    """One installed filter. query: None unless it is for logs. next_block: where it continues."""

    query: FilterQuery | None
    next_block: int
    used_at: float
    hashes: deque[Hash32] | None = None
    """Transactions that arrived, for a transaction filter."""


def _no_filter() -> RpcError:
    return server_error("filter not found")


@dataclass
class Filters:
    """All installed filters. clock: seconds."""

    clock: Callable[[], float] = time.monotonic
    _by_id: dict[str, Filter] = field(default_factory=dict)

    def install(
        self, next_block: int, query: FilterQuery | None = None, *, transactions: bool = False
    ) -> str:
        """Adds a filter; returns its id."""
        self._expire()
        if len(self._by_id) >= MAX_FILTERS:
            raise server_error(f"too many filters installed (at most {MAX_FILTERS})")
        identity = hex(secrets.randbits(127) | 1 << 127)
        hashes: deque[Hash32] | None = deque(maxlen=MAX_HASHES) if transactions else None
        self._by_id[identity] = Filter(query, next_block, self.clock(), hashes)
        return identity

    def get(self, identity: str) -> Filter:
        """An installed filter, which counts as using it. Raises RpcError."""
        self._expire()
        found = self._by_id.get(identity)
        if found is None:
            raise _no_filter()
        found.used_at = self.clock()
        return found

    def uninstall(self, identity: str) -> bool:
        """Removes a filter; whether there was one."""
        self._expire()
        return self._by_id.pop(identity, None) is not None

    def transaction_arrived(self, tx_hash: Hash32) -> None:
        """Tells the transaction filters."""
        for entry in self._by_id.values():
            if entry.hashes is not None:
                entry.hashes.append(tx_hash)

    def _expire(self) -> None:
        oldest = self.clock() - IDLE_S
        expired = [key for key, entry in self._by_id.items() if entry.used_at < oldest]
        for key in expired:
            del self._by_id[key]
