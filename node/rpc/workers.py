"""Where heavy calls run: worker processes, each fed by a thread that reads the chain for it.

A worker ends a call that outlives its time; if it cannot, it is killed. A call that kills the
worker is answered with an internal error. A new worker takes the place of a dead one. One worker
more than configured is kept for calls whose time is short by nature (blocks, receipts), so that
slow ones never hold them up.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Final

from node.errors import StrikefoldError
from node.log import get_logger
from node.rpc.backend import ReadContext
from node.rpc.errors import RpcError, internal_error, request_timed_out, timed_out
from node.rpc.heavy import run_heavy
from node.rpc.local import LocalChain
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
_GRACE_S: Final = 1.0
"""On top of the time limit, before a worker that does not end a call itself is killed."""


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

    def __init__(self, chain: LocalChain, setup: Setup) -> None:
        self._chain = chain
        self._setup = setup
        count = setup.rpc.workers + 1
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="rpc-worker")
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        self._slow = asyncio.Semaphore(setup.rpc.workers)
        self._stopped = False
        self._workers = [_Worker(chain, setup) for _ in range(count)]
        self._starting = {asyncio.ensure_future(self._welcome(worker)) for worker in self._workers}

    async def run(self, name: str, params: object, deadline: float) -> bytes:
        """See HeavyRunner."""
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                quick = name.startswith(_QUICK_PREFIXES)
                if not quick:
                    await self._slow.acquire()
                try:
                    worker = await self._idle.get()
                except BaseException:
                    if not quick:
                        self._slow.release()
                    raise
        except TimeoutError as error:
            raise request_timed_out() from error
        loop = asyncio.get_running_loop()
        call = loop.run_in_executor(self._threads, worker.call, name, params)
        call.add_done_callback(lambda _: self._give_back(worker, quick=quick))
        return await asyncio.shield(call)

    def _give_back(self, worker: _Worker, *, quick: bool) -> None:
        if not quick:
            self._slow.release()
        if worker.ready:
            self._idle.put_nowait(worker)
        elif not self._stopped:
            task = asyncio.ensure_future(self._welcome(worker))
            self._starting.add(task)
            task.add_done_callback(self._starting.discard)

    async def _welcome(self, worker: _Worker) -> None:
        """Lets a worker take calls once its process has started."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, worker.await_ready)
        self._idle.put_nowait(worker)

    async def stop(self) -> None:
        """Ends the processes."""
        self._stopped = True
        for worker in self._workers:
            worker.close()
        await asyncio.gather(*self._starting, return_exceptions=True)
        await asyncio.to_thread(self._threads.shutdown)
        for worker in self._workers:
            worker.release()


class _Worker:
    """One process and this end of its socket. Used by one thread at a time."""

    def __init__(self, chain: LocalChain, setup: Setup) -> None:
        self._chain = chain
        self._setup = setup
        self._closed = False
        self._lock = threading.Lock()
        self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # our own module, no shell
                [sys.executable, "-m", "node.rpc.worker", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
            )
        self._connection = Connection(ours.detach())
        self._connection.send(("setup", self._setup))
        self.ready = False

    def close(self) -> None:
        """Ends the process for good; a call that waits for it fails. Any thread."""
        with self._lock:
            self._closed = True
            self._process.kill()

    def release(self) -> None:
        """Closes this end of the socket, once no thread uses it any more."""
        self._process.wait()
        self._connection.close()

    def call(self, name: str, params: object) -> bytes:
        """Runs one call to its end. Raises RpcError."""
        try:
            if self._process.poll() is not None:
                self._replace(name, "worker had died")
            self.await_ready()
            self._connection.send(("call", name, params, self._chain.situation()))
            return self._attend(name)
        except (EOFError, OSError) as error:
            self._replace(name, "worker died")
            raise internal_error() from error

    def await_ready(self) -> None:
        """Waits until the process can take calls; starts others while it dies before."""
        while not (self.ready or self._closed):
            try:
                if not self._connection.poll(_START_S):
                    raise EOFError
                self._connection.recv()
                self.ready = True
            except (EOFError, OSError):
                self._replace("start", "worker did not start")

    def _attend(self, name: str) -> bytes:
        """Answers the worker's questions until it has the result, or its time is over."""
        deadline = time.monotonic() + self._setup.rpc.evm_timeout_s + _GRACE_S
        while self._connection.poll(max(0.0, deadline - time.monotonic())):
            kind, *body = self._connection.recv()
            if kind == "done":
                result: bytes = body[0]
                return result
            if kind == "failed":
                raise RpcError(*body)
            self._connection.send(self._answer(*body))
        self._replace(name, "call exceeded its time")
        raise timed_out(name)

    def _answer(self, operation: str, arguments: tuple[object, ...]) -> tuple[object, ...]:
        try:
            return "value", answer(self._chain, operation, arguments)
        except StrikefoldError as error:
            return "error", type(error).__name__, str(error)

    def _replace(self, name: str, reason: str) -> None:
        self._process.kill()
        self._process.wait()
        self._connection.close()
        with self._lock:
            if not self._closed:
                _LOG.warning("worker replaced", reason=reason, method=name)
                self._start()
