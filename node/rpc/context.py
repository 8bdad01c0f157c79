"""What light methods run against: everything a heavy one sees, the pool, filters, workers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from node.config import RpcConfig
from node.evm.transactions import Transaction
from node.rollup.devtools import DevTools
from node.rollup.service import Node
from node.rpc import blocks
from node.rpc.backend import PoolReader
from node.rpc.dispatch import HeavyRunner
from node.rpc.filters import Filters
from node.rpc.local import LocalChain
from node.rpc.params import BlockRef
from node.state.account import StateReader
from node.types import Hash32

_ANSWER_TIME_S: Final = 30.0


@dataclass(frozen=True)
class Context:
    """The node as methods see it. submit: takes a transaction into the pool."""

    chain: LocalChain
    pool: PoolReader
    config: RpcConfig
    heavy: HeavyRunner
    filters: Filters
    submit: Callable[[Transaction], Hash32]
    client_version: str
    namespaces: tuple[str, ...]
    state_window: int | None
    """Blocks whose state is kept; None: all."""
    dev: DevTools | None = None
    """What the evm_* methods work with."""
    node: Node | None = None
    """What the rr_* methods ask."""

    async def run_heavy(self, name: str, params: list[Any]) -> Any:  # noqa: ANN401
        """The result of a heavy method as an orjson.Fragment: JSON that is ready to be sent."""
        deadline = time.monotonic() + _ANSWER_TIME_S
        return orjson.Fragment(await self.heavy.run(name, params, deadline))

    async def state_at(self, block: BlockRef) -> StateReader:
        """The state after a block. Raises "header not found", HistoryPruned.

        The block being built is asked for on a thread: it is made on this event loop.
        """
        if block.is_pending:
            return await asyncio.to_thread(blocks.state_at, self.chain, block)
        return blocks.state_at(self.chain, block)
