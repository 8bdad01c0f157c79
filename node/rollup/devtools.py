"""What developers do to their chain and nobody does to a real one: time, mining, snapshots.

The behaviour of anvil's and hardhat's evm_* methods, which test suites of contracts call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from node.errors import InvalidInput
from node.evm.block import Header
from node.evm.transactions import Transaction
from node.rollup.service import Node
from node.types import Hash32

_MAX_BLOCKS: Final = 100_000


@dataclass(frozen=True)
class _Snapshot:
    """Where the chain stood. offset: of block time, seconds; pooled: in order of arrival."""

    number: int
    block_hash: Hash32
    offset: int
    pooled: tuple[Transaction, ...]


class DevTools:
    """A developer's grip on a node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._snapshots: dict[int, _Snapshot] = {}
        self._next_snapshot = 1

    # Blocks

    async def mine(
        self, blocks: int = 1, *, interval_s: int = 1, timestamp: int | None = None
    ) -> Header:
        """Seals blocks now; returns the last. interval_s: between their timestamps.

        timestamp: of the first, Unix seconds. Raises InvalidInput, Unavailable.
        """
        if not 1 <= blocks <= _MAX_BLOCKS:
            raise InvalidInput(f"cannot mine {blocks} blocks: expected 1 to {_MAX_BLOCKS}")
        header = await self._node.sequencer.seal(timestamp)
        for _ in range(blocks - 1):
            chosen = header.timestamp + interval_s if interval_s > 1 else None
            header = await self._node.sequencer.seal(chosen)
        return header

    @property
    def automine(self) -> bool:
        """Whether every transaction gets a block at once."""
        return self._node.sequencer.instamine

    def set_automine(self, *, enabled: bool) -> None:
        """Whether every transaction gets a block at once."""
        self._node.sequencer.set_mode(instamine=enabled)

    @property
    def interval_s(self) -> int | None:
        """Whole seconds between blocks; None: none by the clock."""
        sequencer = self._node.sequencer
        by_clock = sequencer.block_time_s > 0 and not sequencer.instamine
        return int(sequencer.block_time_s) if by_clock else None

    def set_interval(self, seconds: float) -> None:
        """A block every so many seconds; 0: none by the clock."""
        if seconds < 0:
            raise InvalidInput(f"interval of {seconds} seconds: expected 0 or more")
        self._node.sequencer.set_mode(block_time_s=seconds, instamine=False)

    def drop_transaction(self, tx_hash: Hash32) -> bool:
        """Takes a transaction out of the pool; False if it is not there."""
        present = tx_hash in self._node.pool
        self._node.pool.drop(tx_hash, "dropped by the developer")
        return present

    # Time

    def increase_time(self, seconds: int) -> int:
        """Moves block time forward; returns how far it is ahead of the wall clock by now."""
        self._node.pending_view.reset()
        return self._node.block_clock.increase(seconds)

    def set_next_timestamp(self, timestamp: int) -> None:
        """The next block's timestamp, from which time goes on. Raises InvalidInput."""
        self._node.pending_view.reset()
        self._node.block_clock.set_next(timestamp, self._node.chain.head.timestamp)

    # Snapshots

    def snapshot(self) -> int:
        """Remembers chain, pool and time; returns the snapshot's number."""
        head = self._node.chain.head
        self._snapshots[self._next_snapshot] = _Snapshot(
            head.number, head.hash, self._node.block_clock.offset, self._node.pool.by_arrival()
        )
        self._next_snapshot += 1
        return self._next_snapshot - 1

    async def revert(self, snapshot: int) -> bool:
        """Goes back to a snapshot, which it and all later ones do not survive.

        False if there is no such snapshot. Raises HistoryPruned where the way back is gone.
        """
        wanted = self._snapshots.get(snapshot)
        if wanted is None:
            return False
        chain = self._node.chain
        if (
            wanted.number > chain.head.number
            or chain.header(wanted.number).hash != wanted.block_hash
        ):
            raise InvalidInput(f"snapshot {snapshot} is of a block that is no longer in the chain")
        await self._node.unwind(wanted.number, keep_transactions=False)
        self._snapshots = {n: s for n, s in self._snapshots.items() if n < snapshot}
        self._node.block_clock.restore(wanted.offset)
        self._node.pool.clear()
        self._node.pool.put_back(wanted.pooled)
        return True
