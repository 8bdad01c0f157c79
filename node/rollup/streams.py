"""Events from one producer to any number of readers, each behind a queue of bounded length."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, Self, TypeVar

from node.errors import Unavailable

T = TypeVar("T")

DEFAULT_BACKLOG = 20_000
"""Events a reader may be behind by (geth buffers as many notifications)."""


class SlowReader(Unavailable):
    """A reader fell too far behind and lost its place; it has to start again."""


class Subscription(Generic[T]):
    """One reader's place in a stream. Iterate it; close it when done."""

    def __init__(self, stream: Broadcast[T], backlog: int) -> None:
        self._stream = stream
        self._backlog = backlog
        self._events: deque[T] = deque()
        self._wake = asyncio.Event()
        self._overflowed = False
        self._closed = False

    def offer(self, event: T) -> None:
        """Takes an event from the stream, or marks the reader as lost."""
        if len(self._events) >= self._backlog:
            self._overflowed = True
            self._events.clear()
        elif not self._overflowed:
            self._events.append(event)
        self._wake.set()

    def close(self) -> None:
        """Ends the iteration once what has already arrived is read."""
        self._stream.discard(self)
        self._closed = True
        self._wake.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        """The next event. Raises SlowReader after an overflow."""
        while not self._events:
            if self._overflowed:
                self.close()
                raise SlowReader(f"fell more than {self._backlog} events behind; subscribe again")
            if self._closed:
                raise StopAsyncIteration
            self._wake.clear()
            await self._wake.wait()
        return self._events.popleft()


class Broadcast(Generic[T]):
    """A stream: `publish` never waits, and a slow reader harms nobody but itself."""

    def __init__(self) -> None:
        self._readers: set[Subscription[T]] = set()
        self._closed = False

    def subscribe(self, backlog: int = DEFAULT_BACKLOG) -> Subscription[T]:
        """A reader of everything published from now on."""
        reader = Subscription(self, backlog)
        if self._closed:
            reader.close()
        else:
            self._readers.add(reader)
        return reader

    def publish(self, event: T) -> None:
        """Hands an event to every reader."""
        for reader in self._readers:
            reader.offer(event)

    def discard(self, reader: Subscription[T]) -> None:
        """Forgets a reader."""
        self._readers.discard(reader)

    def close(self) -> None:
        """Ends every reader's iteration; the node is stopping."""
        self._closed = True
        for reader in tuple(self._readers):
            reader.close()
