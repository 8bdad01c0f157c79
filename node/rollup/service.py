"""The node: one chain, its mempool and its sequencer, started and stopped together.

    node = Node(config, genesis, engine)      # opens the data directory
    await node.start()
    async for change in node.heads.subscribe(): ...
    await node.stop()

Everything but `pending` runs on the event loop's thread and returns at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from node.config import NodeConfig
from node.errors import InvalidGenesis, StrikefoldError
from node.evm.chain import Chain
from node.evm.engine import Engine
from node.evm.genesis import Genesis
from node.evm.transactions import Transaction, decode_transaction
from node.log import get_logger
from node.rollup.block_clock import BlockClock
from node.rollup.building import AnchorSource, NoAnchor
from node.rollup.datadir import DataDir
from node.rollup.fates import Fate, Status
from node.rollup.journal import Journal
from node.rollup.mempool import Mempool
from node.rollup.pending import PendingBlock, PendingView
from node.rollup.proving.store import ProofStore
from node.rollup.recheck import DisputedBlock, Recheck
from node.rollup.sealing import load_key
from node.rollup.sequencer import HeadChange, Sequencer, pool_head
from node.rollup.streams import Broadcast
from node.state.db import StateDB
from node.types import Hash32

_CHAIN_ID_KEY: Final = b"chain id"
_EXPIRY_INTERVAL_S: Final = 60.0

_log = get_logger("node")


@dataclass(frozen=True)
class Health:
    """Whether the node does its work. problem: why not; empty if it does.

    disagreement: why blocks may be neither proved nor posted, though the chain goes on; None if
    they may.
    """

    problem: str
    head: int
    head_age_s: float
    pending: int
    queued: int
    disagreement: DisputedBlock | None

    @property
    def ok(self) -> bool:
        """Whether there is no problem."""
        return not self.problem


class Node:
    """A running chain. Reads go to `chain` and `pool`; transactions come in by `submit`."""

    def __init__(
        self,
        config: NodeConfig,
        genesis: Genesis,
        engine: Engine,
        *,
        anchors: AnchorSource | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Opens everything; nothing runs before `start`.

        anchors: the L1's messages; None: a chain without an L1. clock: Unix seconds. Raises
        ConfigError (bad value, directory in use), InvalidGenesis (another chain's database),
        StorageError, CorruptData.
        """
        secret = load_key(config.sequencer)
        self.config = config
        self.heads: Broadcast[HeadChange] = Broadcast()
        self.transactions: Broadcast[Transaction] = Broadcast()
        self.block_clock = BlockClock(clock)
        self._clock = clock
        self._tasks: list[asyncio.Task[None]] = []
        with ExitStack() as resources:
            self._open(resources, config, genesis, engine, secret, anchors or NoAnchor())
            self._resources = resources.pop_all()

    def _open(
        self,
        resources: ExitStack,
        config: NodeConfig,
        genesis: Genesis,
        engine: Engine,
        secret: bytes,
        anchors: AnchorSource,
    ) -> None:
        datadir = DataDir(Path(config.state.datadir).expanduser())
        resources.callback(datadir.release)
        self.proofs = ProofStore(datadir.proofs)
        state = config.state
        database = StateDB.open(datadir.chain, archive=state.archive, window=state.history_blocks)
        resources.callback(database.close)
        executor = ThreadPoolExecutor(1, thread_name_prefix="builder")
        resources.callback(executor.shutdown)
        self.chain = Chain(database, genesis, engine)
        _check_chain_id(database, genesis.config.chain_id)
        self.pool = self._open_pool(resources, config, datadir.journal)
        self.recheck = Recheck(genesis.config, datadir.disagreement)
        head = self.chain.head.number
        if head:  # the node may have ended before it was checked
            self.recheck.check(self.chain.block(head), self.chain.witness(head))
        self.sequencer = Sequencer(
            self.chain,
            self.pool,
            config.sequencer,
            secret,
            anchors=anchors,
            block_clock=self.block_clock,
            executor=executor,
            recheck=self.recheck,
            on_head=self._head_moved,
        )
        self.pending_view = PendingView(
            self.chain,
            self.pool,
            self.sequencer.template,
            anchors,
            block_clock=self.block_clock,
            executor=executor,
        )

    def _open_pool(self, resources: ExitStack, config: NodeConfig, file: Path) -> Mempool:
        journal = Journal(file) if config.pool.journal else None
        if journal is not None:
            resources.callback(journal.close)
        return Mempool(
            config.pool,
            self.chain.config.chain_id,
            pool_head(self.chain, config.sequencer.gas_limit),
            zk_gas_limit=config.sequencer.zk_gas_limit,
            clock=self._clock,
            journal=journal,
            on_pending=self._became_pending,
        )

    # Life

    async def start(self) -> None:
        """Takes back the journaled transactions, and starts making blocks if configured so."""
        restored = self.pool.restore()
        if restored:
            _log.info("transactions restored from the journal", count=restored)
        if self.config.sequencer.enabled:
            self._tasks.append(asyncio.create_task(self.sequencer.run(), name="sequencer"))
        self._tasks.append(asyncio.create_task(self._expire(), name="pool-expiry"))

    async def stop(self) -> None:
        """Stops making blocks, waits for the one being stored, and closes the files."""
        await self.sequencer.finish()
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()
        self.pool.close()
        self.heads.close()
        self.transactions.close()
        await asyncio.to_thread(self._resources.close)

    def health(self) -> Health:
        """How the node is doing, now."""
        problem = self.sequencer.fault
        for task in self._tasks:
            if task.done() and not task.cancelled() and task.exception() is not None:
                problem = f"{task.get_name()} failed: {task.exception()!r}"
        head = self.chain.head
        pending, queued = self.pool.status()
        age = self._clock() + self.block_clock.offset - head.timestamp
        return Health(problem, head.number, age, pending, queued, self.recheck.disagreement)

    async def _expire(self) -> None:
        while True:
            await asyncio.sleep(_EXPIRY_INTERVAL_S)
            self.pool.expire()

    # Transactions

    def submit(self, raw: bytes) -> Hash32:
        """Takes a signed transaction into the pool; returns its hash.

        Raises InvalidTransaction in geth's words, Unavailable if no block will ever take it
        because sequencing has stopped.
        """
        return self.submit_transaction(decode_transaction(raw))

    def submit_transaction(self, tx: Transaction) -> Hash32:
        """Like `submit`, for a transaction that was decoded already."""
        self.sequencer.require_running()
        return self.pool.add_transaction(tx)

    def fate(self, tx_hash: Hash32) -> Fate | None:
        """What became of a transaction; None if this node has never seen it, or forgot."""
        location = self.chain.find_transaction(tx_hash)
        if location is not None:
            number, _ = location
            return Fate(Status.INCLUDED, f"in block {number}", self.chain.header(number).timestamp)
        return self.pool.fate(tx_hash)

    async def pending(self) -> PendingBlock:
        """The pending block: the next one, as it would be sealed now."""
        try:
            return await self.pending_view.current()
        except StrikefoldError:
            self.pending_view.reset()
            raise

    async def unwind(self, number: int, *, keep_transactions: bool = True) -> HeadChange:
        """Takes back every block after `number`; their transactions return to the pool if kept.

        Raises HistoryPruned where the way back is no longer stored, StorageError.
        """
        return await self.sequencer.unwind(number, reinject=keep_transactions)

    # Events

    def _became_pending(self, tx: Transaction) -> None:
        self.transactions.publish(tx)
        self.sequencer.transaction_arrived()

    def _head_moved(self, change: HeadChange) -> None:
        self.pending_view.reset()
        self.heads.publish(change)


def _check_chain_id(database: StateDB, chain_id: int) -> None:
    """The genesis hash does not cover the chain id, so the database remembers it."""
    stored = database.metadata(_CHAIN_ID_KEY)
    if stored is None:
        database.put_metadata(_CHAIN_ID_KEY, chain_id.to_bytes(8, "big"))
    elif int.from_bytes(stored, "big") != chain_id:
        raise InvalidGenesis(
            f"the database holds a chain with id {int.from_bytes(stored, 'big')}, but the genesis "
            f"file says {chain_id}; use the other file or another data directory"
        )
