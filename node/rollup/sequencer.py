"""The sequencer: when blocks are made, and that each is sealed, signed and stored whole.

A block every `block_time_s` seconds, or as soon as a transaction arrives (instamine), or only on
demand. Building and storing run on one thread of their own, so the event loop keeps answering.
If the disk refuses a block, sequencing stops with the reason and the chain stays as it was.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from node.config import SequencerConfig
from node.crypto import address_of
from node.errors import ConfigError, StrikefoldError, Unavailable
from node.evm.block import Block, Header, Receipt
from node.evm.chain import Chain
from node.evm.execution import ExecutedBlock
from node.evm.fees import next_base_fee, next_gas_limit
from node.log import get_logger
from node.rollup.block_clock import BlockClock
from node.rollup.building import AnchorSource, BlockTemplate, EngineFailure, Filling, fill
from node.rollup.candidates import Candidates
from node.rollup.mempool import Mempool, PoolHead
from node.rollup.recheck import Recheck
from node.rollup.sealing import sign_head
from node.types import Hash32

_MIN_BLOCK_TIME_S: Final = 1.0
"""Timestamps are whole seconds and must grow."""
_BUILD_SHARE: Final = 0.75
"""Part of the block time that executing transactions may take; the rest is for sealing."""
_MIN_BUILD_S: Final = 1.0
_ON_DEMAND_BUILD_S: Final = 25.0

_log = get_logger("sequencer")


@dataclass(frozen=True)
class HeadChange:
    """The head moved. removed: unwound blocks, newest first; added: new ones, oldest first."""

    header: Header
    added: tuple[tuple[Block, tuple[Receipt, ...]], ...] = ()
    removed: tuple[tuple[Block, tuple[Receipt, ...]], ...] = ()


def pool_head(chain: Chain, gas_limit: int) -> PoolHead:
    """What the pool builds on after the chain's head. gas_limit: the sequencer's target."""
    head = chain.head
    fork = chain.config.fork_at(head.number + 1, head.timestamp + 1)
    base_fee = next_base_fee(chain.config, head, head.timestamp + 1) or 0
    return PoolHead(fork, next_gas_limit(head.gas_limit, gas_limit), base_fee, chain.state())


class Sequencer:
    """Makes blocks on one chain from one pool."""

    def __init__(
        self,
        chain: Chain,
        pool: Mempool,
        config: SequencerConfig,
        secret: bytes,
        *,
        anchors: AnchorSource,
        block_clock: BlockClock,
        executor: Executor,
        recheck: Recheck,
        on_head: Callable[[HeadChange], None],
    ) -> None:
        """secret: the sealing key. executor: one thread, shared with the pending view.

        on_head: called on the event loop after each block. Raises ConfigError.
        """
        if config.block_time_s and config.block_time_s < _MIN_BLOCK_TIME_S:
            raise ConfigError(
                f"sequencer.block_time_s = {config.block_time_s}: expected 0 (on demand) or at "
                f"least {_MIN_BLOCK_TIME_S}, since timestamps are whole seconds"
            )
        self._chain = chain
        self._pool = pool
        self._secret = secret
        self.address = address_of(secret)
        """Who signs the heads."""
        self.template = BlockTemplate.from_config(config)
        self._anchors = anchors
        self._block_clock = block_clock
        self._executor = executor
        self._recheck = recheck
        self._on_head = on_head
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self.block_time_s = config.block_time_s
        self.instamine = config.instamine
        self._finishing = False
        self._metered: dict[Hash32, int] = {}
        self.fault = ""
        """Why sequencing stopped; empty while it runs."""

    # When

    def transaction_arrived(self) -> None:
        """A transaction became executable."""
        if self.instamine:
            self._wake.set()

    def set_mode(self, *, block_time_s: float | None = None, instamine: bool | None = None) -> None:
        """Changes when blocks are made, from now on. block_time_s 0: not by the clock."""
        if block_time_s is not None:
            self.block_time_s = block_time_s and max(block_time_s, _MIN_BLOCK_TIME_S)
        if instamine is not None:
            self.instamine = instamine
        self._wake.set()

    async def finish(self) -> None:
        """Ends sequencing. A block in the making takes no more transactions and is completed."""
        self._finishing = True
        async with self._lock:
            self._wake.set()

    async def run(self) -> None:
        """Makes blocks until cancelled, or until sealing fails (then `fault` says why)."""
        slot = time.monotonic() + self.block_time_s
        while not self.fault and not self._finishing:
            if await self._slept_until(slot):
                await self._attempt()
                slot = max(slot + self.block_time_s, time.monotonic())
                continue
            self._wake.clear()
            if self.instamine and self._pool.candidates().peek() is not None:
                await self._attempt()
                self._wake.set()
            slot = time.monotonic() + self.block_time_s

    async def _slept_until(self, slot: float) -> bool:
        """Whether a slot's time came; False: something woke us."""
        by_clock = self.block_time_s > 0 and not self.instamine
        timeout = max(slot - time.monotonic(), 0) if by_clock else None
        try:
            await asyncio.wait_for(self._wake.wait(), timeout)
        except TimeoutError:
            return True
        return False

    async def _attempt(self) -> None:
        try:
            await self.seal()
        except Unavailable as error:
            _log.error("sequencing stopped", reason=str(error))

    # What

    async def seal(self, timestamp: int | None = None) -> Header:
        """Makes one block now. timestamp: its own, Unix seconds; None: the clock's.

        Raises InvalidInput where the timestamp is not after the parent's, Unavailable where
        sequencing has stopped; nothing of the block is applied then.
        """
        async with self._lock:
            self.require_running()
            parent = self._chain.head
            if timestamp is not None:
                self._block_clock.set_next(timestamp, parent.timestamp)
            chosen = self._block_clock.peek(parent.timestamp)
            try:
                executed = await self._build_and_store(parent, chosen)
                self._block_clock.consume(chosen)
                self._advance(executed)
            except Exception as error:
                self.fault = f"block {parent.number + 1} could not be sealed: {error}"
                if not isinstance(error, StrikefoldError):
                    _log.exception("defect while sealing", number=parent.number + 1)
                raise Unavailable(f"the sequencer has stopped: {self.fault}") from error
            return executed.block.header

    async def unwind(self, number: int, *, reinject: bool = True) -> HeadChange:
        """Takes back the blocks after `number`, between blocks of our own.

        reinject: whether their transactions return to the pool. Raises what the chain raises;
        the pool and the listeners then know of the blocks that were taken back before it did.
        """
        async with self._lock:
            loop = asyncio.get_running_loop()
            above = await loop.run_in_executor(self._executor, self._blocks_after, number)
            try:
                await loop.run_in_executor(self._executor, self._chain.unwind, number)
            finally:
                head = self._chain.head
                removed = tuple(pair for pair in above if pair[0].header.number > head.number)
                event = HeadChange(head, removed=removed)
                blocks = [block for block, _ in reversed(removed)] if reinject else []
                self._pool.reset(
                    pool_head(self._chain, self.template.gas_limit),
                    reinjected=[tx for block in blocks for tx in block.transactions],
                )
                self._on_head(event)
            return event

    def _blocks_after(self, number: int) -> list[tuple[Block, tuple[Receipt, ...]]]:
        """Newest first."""
        numbers = range(self._chain.head.number, number, -1)
        return [(self._chain.block(n), self._chain.receipts(n)) for n in numbers]

    def require_running(self) -> None:
        """Raises Unavailable with the reason if sequencing has stopped."""
        if self._finishing:
            raise Unavailable("the node is stopping")
        if self.fault:
            raise Unavailable(f"the sequencer has stopped: {self.fault}")

    async def _build_and_store(self, parent: Header, timestamp: int) -> ExecutedBlock:
        loop = asyncio.get_running_loop()
        while True:
            candidates = self._pool.candidates()
            try:
                executed, filling = await loop.run_in_executor(
                    self._executor, self._build, parent, timestamp, candidates
                )
            except EngineFailure as error:
                self._pool.drop(error.tx_hash, str(error))
                continue
            for tx_hash, refusal in filling.rejected.items():
                self._pool.refuse(tx_hash, refusal)
            return executed

    def _build(
        self, parent: Header, timestamp: int, candidates: Candidates
    ) -> tuple[ExecutedBlock, Filling]:
        """On the builder's thread: fills, seals, signs, stores and rechecks one block."""
        anchor = self._anchors.anchor(parent)
        builder = self._chain.builder(self.template.attributes(parent, timestamp, anchor))
        deadline = time.monotonic() + self._build_seconds()
        filling = fill(
            builder,
            candidates,
            deadline,
            metered=self._metered,
            stopped=lambda: self._finishing,
        )
        executed = builder.seal()
        header = executed.block.header
        self._chain.append(executed, sign_head(self._secret, self._chain.config.chain_id, header))
        self._recheck.check(executed.block, executed.witness)
        return executed, filling

    def _build_seconds(self) -> float:
        if self.instamine or not self.block_time_s:
            return _ON_DEMAND_BUILD_S
        return max(self.block_time_s * _BUILD_SHARE, _MIN_BUILD_S)

    def _advance(self, executed: ExecutedBlock) -> None:
        """The pool and the listeners follow the new head."""
        block = executed.block
        self._pool.reset(
            pool_head(self._chain, self.template.gas_limit),
            changed=executed.update.changes.accounts.keys(),
            included=[tx.hash for tx in block.transactions],
        )
        self._metered = {it: n for it, n in self._metered.items() if it in self._pool}
        self._on_head(HeadChange(block.header, added=((block, executed.receipts),)))
        _log.info(
            "sealed",
            number=block.header.number,
            txs=len(block.transactions),
            gas=block.header.gas_used,
            hash=f"0x{block.header.hash.hex()[:12]}",
        )
