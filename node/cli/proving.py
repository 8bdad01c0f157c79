"""What the commands that prove have in common: progress, files, tables."""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from node.errors import ConfigError, InvalidInput
from node.recursion.air.machine import Machine
from node.recursion.riscv.machine import call_cost
from node.recursion.riscv.profile import Profile
from node.recursion.riscv.proof import SegmentProof
from node.recursion.riscv.prover import Run
from node.recursion.security import FAST, STANDARD, Preset

LogCells = Annotated[
    int, typer.Option("--log-cells", help="log2 of the cells of a segment: more need more memory.")
]
PresetName = Annotated[str, typer.Option("--preset", help="standard (124 bits) or fast (100).")]

_PRESETS: Final = {preset.name: preset for preset in (STANDARD, FAST)}


def preset_named(name: str) -> Preset:
    """The preset with this name. Raises ConfigError."""
    if name not in _PRESETS:
        raise ConfigError(f"preset {name!r}: expected one of {', '.join(_PRESETS)}")
    return _PRESETS[name]


@contextmanager
def proving(run: Run) -> Iterator[Callable[[SegmentProof], None]]:
    """Shows how far the proof of a run is, told of each segment; then what it took."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
    )  # fmt: skip
    segments = len(run.checkpoints)
    started = time.perf_counter()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("segments proved", total=segments)
        yield lambda _: progress.advance(task)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    typer.echo(
        f"{run.cycles:,} instructions in {segments} segments proved in {seconds:.1f} s "
        f"({run.cycles / seconds / 1e3:.1f} kHz), peak memory {peak:.2f} GiB"
    )


def read(path: Path) -> bytes:
    """A file's bytes. Raises InvalidInput."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}") from error


def write(path: Path, data: bytes) -> None:
    """Writes a file. Raises InvalidInput."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise InvalidInput(f"cannot write {path}: {error.strerror}") from error


def print_profile(found: Profile, machine: Machine, functions: int) -> None:
    """Prints where a run's cycles and cells go. functions: how many to list."""
    console = Console()
    console.print(_shares("function", "instructions", found.cycles, functions))
    console.print(_shares("family", "instructions", found.instructions))
    console.print(_cell_table(found))
    if found.calls:
        console.print(_call_table(found, machine))
    cycles, cells, messages = (
        counts.total() for counts in (found.instructions, found.cells, found.messages)
    )
    console.print(
        f"{cycles:,} instructions in {found.segments} segments: {cells:,} cells and "
        f"{messages:,} messages, {cells / cycles:.1f} and {messages / cycles:.1f} an instruction"
    )


def _shares(what: str, of: str, counts: Counter[str], most: int = 100) -> Table:
    table = Table(what, of, "share", box=None)
    for name, count in counts.most_common(most):
        table.add_row(name, f"{count:,}", f"{count / counts.total():.1%}")
    return table


def _cell_table(found: Profile) -> Table:
    table = Table("chip", "cells", "share", "messages", box=None)
    for name, cells in found.cells.most_common():
        if cells:
            share = f"{cells / found.cells.total():.1%}"
            table.add_row(name, f"{cells:,}", share, f"{found.messages[name]:,}")
    return table


def _call_table(found: Profile, machine: Machine) -> Table:
    table = Table("call", "times", "cells each", "messages each", box=None)
    for name, count in found.calls.most_common():
        cells, messages = call_cost(machine, name)
        table.add_row(name, f"{count:,}", f"{cells:,}", f"{messages:,}")
    return table
