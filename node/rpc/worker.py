"""The process that executes heavy calls, one at a time: `python -m node.rpc.worker FD`.

Speaks pickled tuples over the socket FD, whose other end only the node that started it holds:
    node -> worker: ("setup", Setup) once, answered by ("ready",)
    node -> worker: ("call", name, params, Situation)
    worker -> node: ("get", operation, arguments)
    node -> worker: ("value", x) or ("error", class, text)
    worker -> node: ("done", result as JSON) or ("failed", code, message, data)
It ends when the socket closes.
"""

from __future__ import annotations

import resource
import signal
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final

from node import errors, log
from node.config import RpcConfig
from node.evm.chain_config import ChainConfig
from node.evm.engines import engine_named
from node.rpc.backend import ReadContext
from node.rpc.errors import RpcError, timed_out
from node.rpc.heavy import run_heavy
from node.rpc.remote import RemoteChain
from node.types import Hash32


@dataclass(frozen=True)
class Setup:
    """What a worker needs to know once. engine: its name."""

    engine: str
    chain_config: ChainConfig
    genesis_hash: Hash32
    rpc: RpcConfig


MEMORY_BYTES: Final = 2 * 2**30
"""Address space of a worker: a trace that wants more fails alone, and not the machine."""


class TimeIsUp(BaseException):
    """A call's time is over. Not an Exception: what catches those must not catch this."""


class Conversation:
    """This end of the socket, and the clock of the call being answered.

    The alarm ends whatever Python code it finds, but never an exchange half done: then it waits for
    the end of that. Native code that does not return is the node's to end, by killing us.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._exchanging = False
        self._is_up = False
        signal.signal(signal.SIGALRM, self._alarm)

    def _alarm(self, *_: object) -> None:
        self._is_up = True
        if not self._exchanging:
            raise TimeIsUp

    def ask(self, operation: str, *arguments: object) -> Any:  # noqa: ANN401
        """One question to the node. Raises StrikefoldError, TimeIsUp."""
        self._exchanging = True
        try:
            self._connection.send(("get", operation, arguments))
            kind, *reply = self._connection.recv()
        finally:
            self._exchanging = False
        if self._is_up:
            raise TimeIsUp
        if kind == "value":
            return reply[0]
        raise getattr(errors, reply[0], errors.StrikefoldError)(reply[1])

    def answer(self, context: ReadContext, name: str, params: object) -> tuple[object, ...]:
        """The outcome of one call, as it is sent."""
        self._is_up = False
        try:
            signal.setitimer(signal.ITIMER_REAL, context.config.evm_timeout_s)
            try:
                return "done", run_heavy(context, name, params)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except TimeIsUp:
            error = timed_out(name)
        except RpcError as caught:
            error = caught
        return "failed", error.code, error.message, error.data


def serve(connection: Connection) -> None:
    """Answers calls until the other end closes."""
    conversation = Conversation(connection)
    try:
        _, setup = connection.recv()
        chain = RemoteChain(conversation.ask, setup.chain_config, setup.genesis_hash)
        context = ReadContext(chain, engine_named(setup.engine), setup.rpc)
        connection.send(("ready",))
        while True:
            _, name, params, situation = connection.recv()
            chain.move_to(situation)
            connection.send(conversation.answer(context, name, params))
    except (EOFError, ConnectionError):
        return


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    log.configure("warning")
    serve(Connection(int(sys.argv[1])))
