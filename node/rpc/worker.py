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

import signal
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from node import errors, log
from node.config import RpcConfig
from node.evm.chain_config import ChainConfig
from node.rpc.backend import ReadContext
from node.rpc.engines import engine_named
from node.rpc.errors import RpcError
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


def serve(connection: Connection) -> None:
    """Answers calls until the other end closes."""

    def ask(operation: str, *arguments: object) -> Any:  # noqa: ANN401
        connection.send(("get", operation, arguments))
        kind, *reply = connection.recv()
        if kind == "value":
            return reply[0]
        raise getattr(errors, reply[0], errors.StrikefoldError)(reply[1])

    try:
        _, setup = connection.recv()
        chain = RemoteChain(ask, setup.chain_config, setup.genesis_hash)
        context = ReadContext(chain, engine_named(setup.engine), setup.rpc)
        connection.send(("ready",))
        while True:
            _, name, params, situation = connection.recv()
            chain.move_to(situation)
            connection.send(_outcome(context, name, params))
    except (EOFError, ConnectionError):
        return


def _outcome(context: ReadContext, name: str, params: object) -> tuple[object, ...]:
    try:
        return "done", run_heavy(context, name, params)
    except RpcError as error:
        return "failed", error.code, error.message, error.data


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log.configure("warning")
    serve(Connection(int(sys.argv[1])))
