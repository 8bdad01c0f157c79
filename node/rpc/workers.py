"""Where heavy calls run: worker processes, whose questions about the chain are answered here.

A worker ends a call that outlives its time; if it cannot, it is killed. A call that kills the
worker is answered with an internal error. A new worker takes the place of a dead one. One worker
more than configured is kept for calls whose time is short by nature (blocks, receipts), so that
slow ones never hold them up. Everything runs on the event loop; no answer takes longer than a few
reads of the database.
"""

from __future__ import annotations

import asyncio
import pickle
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from node.errors import StrikefoldError
from node.log import get_logger
from node.rpc.backend import PENDING, PendingBlock, ReadContext
from node.rpc.errors import RpcError, internal_error, request_timed_out, timed_out
from node.rpc.heavy import run_heavy
from node.rpc.local import LocalChain, Pending
from node.rpc.remote import answer
from node.rpc.worker import Setup

_LOG = get_logger("rpc")
_QUICK_PREFIXES: Final = (
    "eth_getBlock",
    "eth_getTransaction",
    "eth_getHeader",
    "eth_getRaw",
    "eth_getUncle",
    "debug_getRaw",
    "internal_receipt",
)
"""Methods that read a block or two, and execute nothing."""
_START_S: Final = 60.0
_RETRY_S: Final = 1.0
_GRACE_S: Final = 1.0
"""On top of the time limit, before a worker that does not end a call itself is killed."""
_LENGTH: Final = struct.Struct("!i")
"""Before every message, as multiprocessing.connection has it at the other end."""

AskPending = Callable[[], Awaitable[Pending | None]]


class ThreadRunner:
    """Heavy calls on threads of this process, for tests; threads cannot be killed."""

    def __init__(self, context: ReadContext) -> None:
        self._context = context

    async def run(self, name: str, params: object, deadline: float) -> bytes:
        """See HeavyRunner."""
        limit = min(self._context.config.evm_timeout_s, deadline - time.monotonic())
        try:
            async with asyncio.timeout(limit):
                return await asyncio.to_thread(run_heavy, self._context, name, params)
        except TimeoutError as error:
            raise timed_out(name) from error

    async def stop(self) -> None:
        """Nothing to stop."""


class WorkerPool:
    """Heavy calls on `rpc.workers` processes and one for quick ones."""

    def __init__(self, chain: LocalChain, setup: Setup, pending: AskPending) -> None:
        """Starts the processes; calls wait until one is up. pending: the block being built."""
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        self._slow = asyncio.Semaphore(setup.rpc.workers)
        self._stopping = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self.workers = [Worker(chain, setup, pending) for _ in range(setup.rpc.workers + 1)]
        for worker in self.workers:
            self._track(asyncio.create_task(self._welcome(worker)))

    @property
    def idle(self) -> int:
        """How many workers wait for a call."""
        return self._idle.qsize()

    def _track(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def run(self, name: str, params: object, deadline: float) -> bytes:
        """See HeavyRunner."""
        quick = name.startswith(_QUICK_PREFIXES)
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                worker = await self._acquire(quick=quick)
        except TimeoutError as error:
            raise request_timed_out() from error
        call = asyncio.create_task(worker.call(name, params))
        self._track(call)
        call.add_done_callback(lambda _: self._give_back(worker, quick=quick))
        return await asyncio.shield(call)

    async def _acquire(self, *, quick: bool) -> Worker:
        if not quick:
            await self._slow.acquire()
        try:
            return await self._idle.get()
        except BaseException:
            if not quick:
                self._slow.release()
            raise

    def _give_back(self, worker: Worker, *, quick: bool) -> None:
        if not quick:
            self._slow.release()
        if worker.ready:
            self._idle.put_nowait(worker)
        elif not self._stopping.is_set():
            self._track(asyncio.create_task(self._welcome(worker)))

    async def _welcome(self, worker: Worker) -> None:
        """Lets a worker take calls once its process has started."""
        while not self._stopping.is_set():
            try:
                await worker.start()
            except (TimeoutError, EOFError, OSError) as error:
                await worker.end()
                if self._stopping.is_set():
                    return
                _LOG.error("worker did not start", error=repr(error))
                await asyncio.sleep(_RETRY_S)
            else:
                self._idle.put_nowait(worker)
                return

    async def stop(self) -> None:
        """Ends the processes; calls that still run are answered with an internal error."""
        self._stopping.set()
        for worker in self.workers:
            await worker.end()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Worker:
    """One process and this end of its socket; one call at a time."""

    def __init__(self, chain: LocalChain, setup: Setup, pending: AskPending) -> None:
        self._chain = chain
        self._setup = setup
        self._pending = pending
        self.ready = False
        """Whether a call would find the process waiting for it."""
        self.process: subprocess.Popen[bytes] | None = None
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter | None = None

    async def start(self) -> None:
        """Starts the process. Raises TimeoutError, EOFError or OSError if it does not come up."""
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603  # our own module, no shell
                [sys.executable, "-P", "-m", "node.rpc.worker", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                process_group=0,  # Ctrl-C reaches the node alone, which then ends its workers
            )
        self._reader, self._writer = await asyncio.open_connection(sock=ours)
        async with asyncio.timeout(_START_S):
            self._send("setup", self._setup)
            await self._receive()
        self.ready = True

    async def end(self) -> None:
        """Ends the process."""
        self.ready = False
        process, self.process = self.process, None
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
        if process is not None:
            process.kill()
            await asyncio.to_thread(process.wait)

    def _send(self, *message: object) -> None:
        if self._writer is None:
            raise EOFError("the worker has ended")
        body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        self._writer.write(_LENGTH.pack(len(body)) + body)

    async def _receive(self) -> Any:  # noqa: ANN401
        """The next message. Raises EOFError where the process is gone."""
        (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
        return pickle.loads(await self._reader.readexactly(length))  # noqa: S301  # our own process

    async def call(self, name: str, params: object) -> bytes:
        """Runs one call to its end. Raises RpcError."""
        try:
            if self.process is None or self.process.poll() is not None:
                await self._replace(name, "worker had died")
            async with asyncio.timeout(self._setup.rpc.evm_timeout_s + _GRACE_S):
                self._send("call", name, params, self._chain.situation())
                return await self._attend()
        except TimeoutError as error:
            _LOG.warning("worker killed", reason="call exceeded its time", method=name)
            await self.end()
            raise timed_out(name) from error
        except (EOFError, OSError) as error:
            _LOG.warning("worker lost", method=name)
            await self.end()
            raise internal_error() from error

    async def _replace(self, name: str, reason: str) -> None:
        _LOG.warning("worker replaced", reason=reason, method=name)
        await self.end()
        await self.start()

    async def _attend(self) -> bytes:
        """Answers the process's questions until it has the result. Raises RpcError."""
        while True:
            kind, *body = await self._receive()
            if kind == "done":
                result: bytes = body[0]
                return result
            if kind == "failed":
                raise RpcError(*body)
            self._send(*await self._answer(*body))

    async def _answer(self, operation: str, arguments: tuple[Any, ...]) -> tuple[object, ...]:
        try:
            chain: LocalChain | PendingReads = self._chain
            if operation == "pending" or arguments[:1] == (PENDING,):
                chain = PendingReads(await self._pending(), self._chain)
            return "value", answer(chain, operation, arguments)
        except StrikefoldError as error:
            return "error", type(error).__name__, str(error)


class PendingReads:
    """The part of a ChainReader that is about the block being built, which was asked for before."""

    def __init__(self, pending: Pending | None, chain: LocalChain) -> None:
        self._pending = pending
        self._chain = chain

    def pending(self) -> PendingBlock | None:
        """See ChainReader."""
        found = self._pending
        return None if found is None else PendingBlock(found.block, found.receipts)

    def state(self, _: int) -> Any:  # noqa: ANN401
        """See ChainReader; the newest state where no block is being built."""
        if self._pending is None:
            return self._chain.state(self._chain.heads.latest.number)
        return self._pending.state
