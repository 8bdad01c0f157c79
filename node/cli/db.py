"""`strikefold db`: check, repair and compact the database of a node that is not running."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from node.config import StateConfig, load
from node.errors import CorruptData, StorageError
from node.rollup.datadir import DataDir
from node.state.db import StateDB
from node.state.store import repair_store

app = typer.Typer(name="db", help="Check, repair and compact the database.", no_args_is_help=True)

Directory = Annotated[
    Path | None, typer.Option("--datadir", help="Data directory; default: the configuration's.")
]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="TOML file to read.")]


@app.command()
def verify(
    datadir: Directory = None,
    file: ConfigFile = None,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Go back to the last whole block; rebuild what can be."),
    ] = False,
) -> None:
    """Recompute the state root, compare every trie node, read every block, check every index."""
    with _opened(datadir, file, repair=repair) as db:
        faults = db.verify(repair=repair)
        for fault in faults:
            typer.echo(f"{fault.area}: {fault.message}")
        head = "empty" if db.head is None else f"head {db.head[0]} 0x{db.head[1].hex()}"
    if faults:
        advice = "restore a backup or synchronise anew" if repair else "run it with --repair"
        raise CorruptData(f"database has {len(faults)} faults; {advice}")
    typer.echo(f"database is whole: {head}")


@app.command()
def compact(datadir: Directory = None, file: ConfigFile = None) -> None:
    """Merge LevelDB's tables, which frees the space of deleted entries."""
    with _opened(datadir, file) as db:
        db.compact()
    typer.echo("database compacted")


@app.command()
def stats(datadir: Directory = None, file: ConfigFile = None) -> None:
    """Print the range of blocks and what takes how much space (approximately)."""
    with _opened(datadir, file) as db:
        for name, value in db.stats().items():
            typer.echo(f"{name:22}{value:>16,}")


@contextmanager
def _opened(datadir: Path | None, file: Path | None, *, repair: bool = False) -> Iterator[StateDB]:
    settings = load(file, {"state.datadir": datadir and str(datadir)}).state
    path = Path(settings.datadir).expanduser()
    if not path.is_dir():
        raise StorageError(f"no data directory {path}; name it with --datadir")
    directory = DataDir(path)
    try:
        db = _open(directory.chain, settings, repair=repair)
        try:
            yield db
        finally:
            db.close()
    finally:
        directory.release()


def _open(path: Path, settings: StateConfig, *, repair: bool) -> StateDB:
    if not path.is_dir():
        raise StorageError(f"no database {path}; name its data directory with --datadir")
    opening = partial(
        StateDB.open,
        path,
        archive=settings.archive,
        window=settings.history_blocks,
        damaged=True,
    )
    try:
        return opening()
    except CorruptData:
        if not repair:
            raise
    repair_store(path)
    return opening()
