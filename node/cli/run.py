"""`strikefold run`: a node on a data directory."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.cli.serve import read_genesis, serve
from node.config import load
from node.errors import ConfigError
from node.evm.genesis import Genesis
from node.log import get_logger
from node.rollup.service import Node

_log = get_logger("cli")


def run(
    datadir: Annotated[Path | None, typer.Option(help="Where the chain is kept.")] = None,
    genesis: Annotated[
        Path | None, typer.Option(help="Genesis file in geth's format; default: the datadir's.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0: any free one.")] = None,
    block_time: Annotated[
        float | None, typer.Option(help="Seconds between blocks; 0: only on demand.")
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help="What executes: native (default) or python.")
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", help="TOML file to read.")] = None,
) -> None:
    """Run a node on a data directory, making blocks if it is the sequencer."""
    settings = load(
        config,
        {
            "engine": engine,
            "rpc.host": host,
            "rpc.port": port,
            "sequencer.block_time_s": block_time,
            "state.datadir": None if datadir is None else str(datadir),
            "genesis": None if genesis is None else str(genesis),
        },
    )
    directory = Path(settings.state.datadir).expanduser()
    file = Path(settings.genesis).expanduser() if settings.genesis else directory / "genesis.json"
    if not settings.genesis and not file.exists():
        raise ConfigError(
            f"no genesis: {file} does not exist; give --genesis FILE, "
            "or start a local chain with `strikefold devnet`"
        )
    serve(settings, Genesis.from_json(read_genesis(file)), prepare=_warn, announce=_announce)


def _warn(node: Node) -> None:
    sequencer = node.config.sequencer
    if sequencer.enabled and not sequencer.key_file:
        _log.warning("heads are signed with the development key; set sequencer.key_file")


def _announce(node: Node, url: str) -> None:
    head = node.chain.head
    typer.echo(f"Chain ID {node.chain.config.chain_id}, head {head.number} 0x{head.hash.hex()}")
    typer.echo(f"Listening on {url.removeprefix('http://')}")
