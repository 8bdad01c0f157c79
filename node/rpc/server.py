"""The JSON-RPC server of a node: an HTTP listener, its workers, and its filters.

server = Server(node, config.rpc)
await server.start()        # server.url is where it listens
await server.stop()
"""

from __future__ import annotations

import asyncio
import platform
import sys
from contextlib import suppress

from aiohttp import web

from node import __version__
from node.config import RpcConfig
from node.errors import ConfigError, StrikefoldError
from node.evm.engines import engine_named
from node.log import get_logger
from node.rollup.devtools import DevTools
from node.rollup.service import Node
from node.rollup.streams import SlowReader
from node.rpc import methods
from node.rpc.backend import ReadContext
from node.rpc.context import Context
from node.rpc.dispatch import Dispatcher
from node.rpc.filters import Filters
from node.rpc.http import HttpGate
from node.rpc.local import LocalChain, Pending
from node.rpc.worker import Setup
from node.rpc.workers import ThreadRunner, WorkerPool

_LOG = get_logger("rpc")
_PENDING_TIMEOUT_S = 10.0
_KEEPALIVE_S = 120.0
CLIENT_VERSION = (
    f"strikefold/v{__version__}/{sys.platform}-{platform.machine()}"
    f"/python{sys.version_info.major}.{sys.version_info.minor}"
)


class Server:
    """Serves one node. `start` and `stop` belong to the event loop the node runs on."""

    def __init__(self, node: Node, config: RpcConfig) -> None:
        self._node = node
        self._config = config
        self._filters = Filters()
        self._runner: web.ServerRunner | None = None
        self._heavy: ThreadRunner | WorkerPool | None = None
        self._listener: asyncio.Task[None] | None = None
        self.port = config.port
        """Where it listens, once started."""

    @property
    def url(self) -> str:
        """What clients connect to."""
        host = f"[{self._config.host}]" if ":" in self._config.host else self._config.host
        return f"http://{host}:{self.port}"

    async def start(self) -> None:
        """Starts the workers and listens. Raises ConfigError where the address is taken."""
        loop = asyncio.get_running_loop()
        chain = LocalChain(self._node.chain, lambda: self._pending(loop))
        self._heavy = self._start_heavy(chain)
        dispatcher = self._dispatcher(chain, self._heavy)
        gate = HttpGate(
            dispatcher.handle,
            vhosts=self._config.vhosts,
            cors=self._config.cors,
            max_body_bytes=self._config.max_body_bytes,
        )
        self._listener = asyncio.create_task(self._follow_transactions(), name="rpc-filters")
        self._runner = web.ServerRunner(
            web.Server(gate, keepalive_timeout=_KEEPALIVE_S, access_log=None)
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._config.host, self._config.port)
        try:
            await site.start()
        except OSError as error:
            await self.stop()
            raise ConfigError(
                f"cannot listen on {self._config.host}:{self._config.port}: {error}; "
                "choose another rpc.port"
            ) from error
        self.port = self._runner.addresses[0][1]
        _LOG.info("listening", url=self.url, namespaces=",".join(self._config.namespaces))

    async def stop(self) -> None:
        """Closes the listener and ends the workers. Stopping again does nothing."""
        if self._listener is not None:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener
        if self._runner is not None:
            await self._runner.cleanup()
        heavy, self._heavy = self._heavy, None
        if heavy is not None:
            await heavy.stop()

    def _start_heavy(self, chain: LocalChain) -> ThreadRunner | WorkerPool:
        engine = self._node.chain.engine
        if self._config.workers == 0:
            return ThreadRunner(ReadContext(chain, engine, self._config))
        engine_named(engine.name)
        setup = Setup(engine.name, chain.config, chain.genesis_hash, self._config)
        return WorkerPool(chain, setup, self._ask_pending)

    def _dispatcher(self, chain: LocalChain, heavy: ThreadRunner | WorkerPool) -> Dispatcher:
        state = self._node.config.state
        context = Context(
            chain=chain,
            pool=self._node.pool,
            config=self._config,
            heavy=heavy,
            filters=self._filters,
            submit=self._node.submit_transaction,
            client_version=CLIENT_VERSION,
            namespaces=self._config.namespaces,
            state_window=None if state.archive else state.history_blocks,
            dev=DevTools(self._node),
            node=self._node,
        )
        return Dispatcher(
            methods.served(self._config.namespaces),
            context,
            heavy,
            max_batch_items=self._config.max_batch_items,
            max_response_bytes=self._config.max_response_bytes,
        )

    async def _ask_pending(self) -> Pending | None:
        """The block being built; None where none is or can be."""
        if not self._node.config.sequencer.enabled:
            return None
        try:
            return await self._node.pending()
        except StrikefoldError:
            return None

    def _pending(self, loop: asyncio.AbstractEventLoop) -> Pending | None:
        """The block being built, asked for from another thread than the loop's."""
        asked = asyncio.run_coroutine_threadsafe(self._ask_pending(), loop)
        try:
            return asked.result(_PENDING_TIMEOUT_S)
        except TimeoutError:
            return None

    async def _follow_transactions(self) -> None:
        """Feeds the filters for pending transactions."""
        while True:
            stream = self._node.transactions.subscribe()
            try:
                async for tx in stream:
                    self._filters.transaction_arrived(tx.hash)
            except SlowReader:
                continue
            return
