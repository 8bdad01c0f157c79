"""The time that blocks carry: the wall clock's, or what a developer makes of it."""

from __future__ import annotations

from collections.abc import Callable

from node.errors import InvalidInput


class BlockClock:
    """Timestamps in Unix seconds, strictly increasing from block to block."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """clock: the wall clock, in Unix seconds."""
        self._clock = clock
        self._offset = 0
        self._next: int | None = None

    @property
    def offset(self) -> int:
        """Seconds that block time is ahead of the wall clock."""
        return self._offset

    def peek(self, parent: int) -> int:
        """The timestamp that the block after one at `parent` would get now."""
        if self._next is not None and self._next > parent:
            return self._next
        return max(parent + 1, int(self._clock()) + self._offset)

    def consume(self, sealed: int) -> None:
        """A block with this timestamp was sealed: a timestamp set for it is used up."""
        if self._next is not None:
            self._next = None
            self._offset = sealed - int(self._clock())

    def start_at(self, timestamp: int) -> None:
        """Lets block time pass from this moment on, at the wall clock's pace."""
        self._offset = timestamp - int(self._clock())

    def increase(self, seconds: int) -> int:
        """Moves block time forward; returns the total offset (evm_increaseTime)."""
        if seconds < 0:
            raise InvalidInput(f"cannot increase time by {seconds} seconds: it only moves forward")
        self._offset += seconds
        return self._offset

    def set_next(self, timestamp: int, parent: int) -> None:
        """The next block gets exactly this timestamp, and time goes on from there."""
        if timestamp <= parent:
            raise InvalidInput(
                f"Timestamp error: {timestamp} is lower than or equal to previous block's "
                f"timestamp {parent}"
            )
        self._next = timestamp

    def restore(self, offset: int) -> None:
        """Goes back to an earlier offset (a snapshot is restored)."""
        self._offset, self._next = offset, None
