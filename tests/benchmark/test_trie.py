"""The batched trie update against py-trie's HexaryTrie, on the same batches in one run.

`pytest tests/benchmark/test_trie.py --benchmark-enable` prints the time of a batch, root included;
the updates a second of both and their ratio are in the log and in the extra columns of the JSON.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable

import pytest
from trie import HexaryTrie

from node.crypto import EMPTY_TRIE_ROOT, keccak256
from node.state.trie import update_trie
from node.types import Hash32

Writes = dict[bytes, bytes]
VALUE_BYTES = 70
"""About an account without code."""


class Nodes:
    """A trie in a dictionary by path."""

    def __init__(self) -> None:
        self.root: Hash32 = EMPTY_TRIE_ROOT
        self.nodes: dict[bytes, bytes | None] = {}

    def node(self, owner: bytes, path: bytes, node_hash: Hash32) -> bytes:
        data = self.nodes[path]
        assert data is not None
        return data

    def write(self, writes: Writes) -> None:
        update = update_trie(self, b"", self.root, writes)
        self.nodes.update(update.nodes)
        self.root = update.root


def seconds(action: Callable[[Writes], None], batches: list[Writes]) -> float:
    """The best processor time of one batch."""
    times = []
    for batch in batches:
        start = time.process_time()
        action(batch)
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize(
    ("size", "count"), [(2_000, 200), (10_000, 100), (10_000, 1_000), (100_000, 1_000)]
)
def test_updates_with_root(benchmark, size: int, count: int) -> None:
    if benchmark.disabled and size > 2_000:
        pytest.skip("a check of the benchmark itself: one size is enough")
    rng = random.Random(size)
    keys = [keccak256(b"%d" % number) for number in range(size)]

    def batch() -> Writes:
        return {key: rng.randbytes(VALUE_BYTES) for key in rng.sample(keys, count)}

    ours, theirs = Nodes(), HexaryTrie({})
    first = {key: rng.randbytes(VALUE_BYTES) for key in keys}
    ours.write(first)

    def write_one_by_one(writes: Writes) -> None:
        for key, value in writes.items():
            theirs[key] = value

    write_one_by_one(first)
    batches = [batch() for _ in range(3)]
    hexary_s = seconds(write_one_by_one, batches)
    ours_s = seconds(ours.write, batches)
    assert ours.root == theirs.root_hash
    rates = {"updates/s": count / ours_s, "HexaryTrie/s": count / hexary_s}
    benchmark.extra_info.update(rates, ratio=hexary_s / ours_s)
    logging.getLogger(__name__).info("%s of %s: %s", count, size, benchmark.extra_info)
    benchmark.pedantic(ours.write, setup=lambda: ((batch(),), {}), rounds=20)
