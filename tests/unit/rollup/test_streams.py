"""Streams: every event in order, and a slow reader learns that it lost its place."""

from __future__ import annotations

import asyncio

import pytest

from node.rollup.streams import Broadcast, SlowReader, Subscription


async def collect(reader: Subscription[int]) -> list[int]:
    return [event async for event in reader]


async def test_every_reader_gets_every_event_in_order() -> None:
    stream: Broadcast[int] = Broadcast()
    readers = [asyncio.create_task(collect(stream.subscribe())) for _ in range(3)]
    await asyncio.sleep(0)
    for event in range(100):
        stream.publish(event)
        if event % 7 == 0:
            await asyncio.sleep(0)
    stream.close()

    assert await asyncio.gather(*readers) == [list(range(100))] * 3


async def test_slow_reader_is_told_and_harms_nobody() -> None:
    stream: Broadcast[int] = Broadcast()
    slow, fast = stream.subscribe(backlog=3), stream.subscribe()
    for event in range(5):
        stream.publish(event)

    with pytest.raises(SlowReader, match="fell more than 3 events behind; subscribe again"):
        await anext(slow)
    stream.publish(5)
    stream.close()
    assert await collect(fast) == [0, 1, 2, 3, 4, 5]


async def test_closed_reader_reads_what_had_arrived() -> None:
    stream: Broadcast[int] = Broadcast()
    reader = stream.subscribe()
    stream.publish(1)
    reader.close()
    stream.publish(2)

    assert await collect(reader) == [1]


async def test_subscribing_to_a_closed_stream_ends_at_once() -> None:
    stream: Broadcast[int] = Broadcast()
    stream.close()

    assert await collect(stream.subscribe()) == []
