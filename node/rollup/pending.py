"""The pending block: the head's successor as it would be sealed now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from node.evm.block import Block, Header, Receipt
from node.evm.builder import BlockBuilder
from node.evm.chain import Chain
from node.evm.execution import ExecutedBlock
from node.evm.transactions import Transaction
from node.rollup.block_clock import BlockClock
from node.rollup.building import AnchorSource, BlockTemplate, EngineFailure, fill
from node.rollup.candidates import Candidates
from node.rollup.mempool import Mempool
from node.state.account import Account, StateChanges, StateReader
from node.types import Address, Hash32

_BUILD_S: Final = 0.5
"""Time to bring the pending block up to date; what does not fit comes with the next call."""
_FRESH_S: Final = 0.1
"""A pending block this young is served as it is, however many transactions have arrived."""


@dataclass(frozen=True)
class PendingBlock:
    """The block in the making. Its state root and hash are those it would have if sealed now."""

    executed: ExecutedBlock
    parent: Header
    parent_state: StateReader

    @property
    def block(self) -> Block:
        """The block."""
        return self.executed.block

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """Its receipts."""
        return self.executed.receipts

    @property
    def state(self) -> StateReader:
        """The state after it; valid while the parent is the head."""
        return OverlayState(self.parent_state, self.executed.update.changes)


class OverlayState:
    """A state with changes on top, nothing copied."""

    def __init__(self, below: StateReader, changes: StateChanges) -> None:
        self._below = below
        self._changes = changes

    def account(self, address: Address) -> Account | None:
        """The account, or None if it does not exist."""
        if address in self._changes.accounts:
            return self._changes.accounts[address]
        return self._below.account(address)

    def storage(self, address: Address, slot: int) -> int:
        """The value in a storage slot; 0 where nothing is stored."""
        value = self._changes.storage.get(address, {}).get(slot)
        if value is not None:
            return value
        return 0 if address in self._changes.wiped else self._below.storage(address, slot)

    def code(self, code_hash: Hash32) -> bytes:
        """The code with this hash."""
        code = self._changes.codes.get(code_hash)
        return self._below.code(code_hash) if code is None else code


class PendingView:
    """Keeps one builder open on the head and adds to it what arrives, when somebody looks."""

    def __init__(
        self,
        chain: Chain,
        pool: Mempool,
        template: BlockTemplate,
        anchors: AnchorSource,
        *,
        block_clock: BlockClock,
        executor: Executor,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """executor: the one builder thread; the chain does not grow while it works for us."""
        self._chain = chain
        self._pool = pool
        self._template = template
        self._anchors = anchors
        self._block_clock = block_clock
        self._executor = executor
        self._clock = clock
        self._lock = asyncio.Lock()
        self._builder: BlockBuilder | None = None
        self._included: dict[Hash32, Transaction] = {}
        self._metered: dict[Hash32, int] = {}
        self._current: PendingBlock | None = None
        self._seen_version = -1
        self._generation = 0
        self._built_at = 0.0

    def reset(self) -> None:
        """The head or the time moved: what was built is of no use. Called on the event loop."""
        self._generation += 1
        self._builder, self._current, self._included, self._metered = None, None, {}, {}

    async def current(self) -> PendingBlock:
        """The pending block, at most a moment old."""
        async with self._lock:
            if self._current is not None and self._is_fresh():
                return self._current
            if any(tx_hash not in self._pool for tx_hash in self._included):
                self.reset()
            while True:
                generation, self._seen_version = self._generation, self._pool.version
                built = await self._build()
                if generation == self._generation:
                    self._current, self._built_at = built, self._clock()
                    return built
                self.reset()

    async def _build(self) -> PendingBlock:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._executor, self._extend, self._pool.candidates())
        except EngineFailure as error:
            self._pool.drop(error.tx_hash, str(error))
            self._builder, self._included = None, {}
            return await self._build()

    def _is_fresh(self) -> bool:
        unchanged = self._seen_version == self._pool.version
        return unchanged or self._clock() - self._built_at < _FRESH_S

    def _extend(self, candidates: Candidates) -> PendingBlock:
        """On the builder's thread."""
        builder = self._builder
        if builder is None or builder.parent.hash != self._chain.head.hash:
            builder = self._open()
        deadline = self._clock() + _BUILD_S
        filling = fill(
            builder,
            candidates,
            deadline,
            metered=self._metered,
            skip=self._included.__contains__,
            clock=self._clock,
        )
        self._included |= {tx.hash: tx for tx in filling.added}
        return PendingBlock(builder.peek(), builder.parent, self._chain.state())

    def _open(self) -> BlockBuilder:
        parent = self._chain.head
        timestamp = self._block_clock.peek(parent.timestamp)
        anchor = self._anchors.anchor(parent)
        builder = self._chain.builder(self._template.attributes(parent, timestamp, anchor))
        self._builder, self._included = builder, {}
        return builder
