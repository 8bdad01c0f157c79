"""Fixtures: a funded ledger, a clock, and pools on them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from node.config import PoolConfig
from node.rollup.mempool import Mempool
from node.rollup.service import Node
from tests.unit.rollup.ledger import ADDRESSES, CHAIN_ID, Clock, Ledger, head
from tests.unit.rollup.nodes import open_node

MakePool = Callable[..., Mempool]


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger()
    for address in ADDRESSES:
        ledger.fund(address)
    return ledger


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_pool(ledger: Ledger, clock: Clock) -> MakePool:
    def make(journal: Any = None, on_pending: Any = lambda _: None, **limits: Any) -> Mempool:
        return Mempool(
            PoolConfig(**limits),
            CHAIN_ID,
            head(ledger),
            clock=clock,
            journal=journal,
            on_pending=on_pending,
        )

    return make


@pytest.fixture
def pool(make_pool: MakePool) -> Mempool:
    return make_pool()


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    """A started node that makes blocks on demand."""
    node = open_node(tmp_path / "node")
    await node.start()
    yield node
    await node.stop()
