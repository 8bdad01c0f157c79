"""`strikefold zk`: run, prove, verify and profile any RV32IM program."""

from __future__ import annotations

import resource
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from node.errors import ConfigError, InvalidInput
from node.recursion.air.machine import Machine
from node.recursion.riscv.elf import parse_elf
from node.recursion.riscv.machine import call_cost
from node.recursion.riscv.native import Executor
from node.recursion.riscv.profile import Profile
from node.recursion.riscv.proof import Keys, verify_run
from node.recursion.riscv.prover import (
    SEGMENT_LOG_CELLS,
    check_end,
    execute,
    prove_run,
)
from node.recursion.security import FAST, STANDARD, Preset

app = typer.Typer(
    name="zk", help="Run, prove, verify and profile RV32IM programs.", no_args_is_help=True
)

Elf = Annotated[Path, typer.Argument(help="The program: an ELF file for RV32IM.")]
Given = Annotated[
    Path | None, typer.Option("--input", help="File the program reads; default: none.")
]
Output = Annotated[Path | None, typer.Option("--output", help="File to write.")]
Limit = Annotated[int, typer.Option("--cycles", min=1, help="Most instructions it may take.")]
LogCells = Annotated[
    int, typer.Option("--log-cells", help="log2 of the cells of a segment: more need more memory.")
]
PresetName = Annotated[str, typer.Option("--preset", help="standard (124 bits) or fast (100).")]

_PRESETS: Final = {preset.name: preset for preset in (STANDARD, FAST)}
_CYCLES: Final = 2**36
_COLUMNS: Final = (
    TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
)  # fmt: skip


@app.command()
def run(elf: Elf, given: Given = None, output: Output = None, cycles: Limit = _CYCLES) -> None:
    """Run a program; print what it took and its output. Nothing is proved."""
    program = parse_elf(_read(elf))
    started = time.perf_counter()
    ended = Executor(program).execute(_read_input(given), cycle_limit=cycles)
    seconds = time.perf_counter() - started
    check_end(program, ended)
    typer.echo(
        f"halted after {ended.cycles:,} instructions, {ended.cycles / seconds / 1e6:.1f} MHz"
    )
    _say_output(ended.output)
    if output:
        _write(output, ended.output)


@app.command()
def prove(
    elf: Elf,
    output: Annotated[Path, typer.Option("--output", help="Where the proof goes.")],
    given: Given = None,
    preset: PresetName = STANDARD.name,
    cycles: Limit = _CYCLES,
    log_cells: LogCells = SEGMENT_LOG_CELLS,
) -> None:
    """Run a program and prove that it ran exactly so."""
    program = parse_elf(_read(elf))
    keys = Keys(program, _preset(preset))
    taken = execute(keys, _read_input(given), log_cells, cycles)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    started = time.perf_counter()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("segments proved", total=len(taken.checkpoints))
        proof = prove_run(keys, taken, lambda _: progress.advance(task))
    seconds = time.perf_counter() - started
    encoded = proof.encode()
    _write(output, encoded)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    speed = taken.cycles / seconds / 1e3
    typer.echo(
        f"{taken.cycles:,} instructions in {len(proof.segments)} segments proved in "
        f"{seconds:.1f} s ({speed:.1f} kHz), {len(encoded) / 1024:,.0f} KiB, "
        f"peak memory {peak:.2f} GiB"
    )
    _say_output(taken.output)


@app.command()
def verify(
    elf: Elf,
    proof: Annotated[Path, typer.Argument(help="A proof that `prove` wrote.")],
    output: Output = None,
) -> None:
    """Check a proof: the program, on some input, halts with exit code 0 and the output printed."""
    program = parse_elf(_read(elf))
    started = time.perf_counter()
    found = verify_run(program, _read(proof))
    typer.echo(f"the proof holds ({time.perf_counter() - started:.1f} s)")
    _say_output(found)
    if output:
        _write(output, found)


@app.command()
def profile(
    elf: Elf,
    given: Given = None,
    cycles: Limit = _CYCLES,
    log_cells: LogCells = SEGMENT_LOG_CELLS,
    functions: Annotated[int, typer.Option(min=1, help="How many functions to list.")] = 20,
) -> None:
    """Run a program and print where its instructions and the cells of its proof go."""
    program = parse_elf(_read(elf))
    keys = Keys(program, STANDARD)
    taken = execute(keys, _read_input(given), log_cells, cycles)
    found = Profile()
    for index in range(len(taken.checkpoints)):
        found.add(program, keys.machine, taken.record(index))
    console = Console()
    console.print(_shares("function", "instructions", found.cycles, functions))
    console.print(_shares("family", "instructions", found.instructions))
    console.print(_cell_table(found))
    if found.calls:
        console.print(_call_table(found, keys.machine))
    total = found.cells.total()
    console.print(
        f"{taken.cycles:,} instructions in {found.segments} segments: {total:,} cells and "
        f"{found.messages.total():,} messages, {total / taken.cycles:.1f} and "
        f"{found.messages.total() / taken.cycles:.1f} an instruction"
    )


def _preset(name: str) -> Preset:
    if name not in _PRESETS:
        raise ConfigError(f"preset {name!r}: expected one of {', '.join(_PRESETS)}")
    return _PRESETS[name]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}") from error


def _read_input(path: Path | None) -> bytes:
    return b"" if path is None else _read(path)


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise InvalidInput(f"cannot write {path}: {error.strerror}") from error


def _say_output(output: bytes) -> None:
    typer.echo(f"output 0x{output.hex()}")


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
