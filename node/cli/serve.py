"""Running a node until somebody says stop: what `devnet` and `run` share."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop

from node.config import NodeConfig
from node.errors import InvalidGenesis, Unavailable
from node.evm.engines import engine_named
from node.evm.genesis import Genesis
from node.log import configure, get_logger
from node.rollup.service import Node
from node.rpc.server import Server

_log = get_logger("cli")


def serve(
    config: NodeConfig,
    genesis: Genesis,
    *,
    prepare: Callable[[Node], None] = lambda _: None,
    announce: Callable[[Node, str], None],
) -> None:
    """Runs node and server until SIGTERM or SIGINT.

    prepare: called before the node starts. announce: called with the server's address once it
    answers. Raises what opening the node raises; Unavailable at the end if sequencing had stopped.
    """
    configure(config.log_level, json=config.log_json)
    uvloop.run(_serve(config, genesis, prepare, announce))


async def _serve(
    config: NodeConfig,
    genesis: Genesis,
    prepare: Callable[[Node], None],
    announce: Callable[[Node, str], None],
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    node = Node(config, genesis, engine_named(config.engine))
    server = Server(node, config.rpc)
    try:
        prepare(node)
        await node.start()
        await server.start()
        announce(node, server.url)
        await stop.wait()
        _log.info("stopping")
    finally:
        await server.stop()
        await node.stop()
    problem = node.health().problem
    if problem:
        raise Unavailable(problem)


def read_genesis(path: Path) -> dict[str, Any]:
    """A geth-format genesis file as JSON. Raises InvalidGenesis."""
    try:
        genesis = json.loads(path.read_bytes())
    except OSError as error:
        raise InvalidGenesis(f"cannot read the genesis file {path}: {error}") from error
    except ValueError as error:
        raise InvalidGenesis(f"the genesis file {path} is not JSON: {error}") from error
    if not isinstance(genesis, dict):
        raise InvalidGenesis(f"the genesis file {path} does not hold a JSON object")
    return genesis
