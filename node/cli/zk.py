"""`strikefold zk`: run, prove, verify and profile any RV32IM program."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Final

import typer

from node.cli.proving import (
    LogCells,
    PresetName,
    preset_named,
    print_profile,
    proving,
    read,
    write,
)
from node.recursion.riscv.elf import parse_elf
from node.recursion.riscv.native import Executor
from node.recursion.riscv.profile import Profile
from node.recursion.riscv.proof import Keys, verify_run
from node.recursion.riscv.prover import (
    SEGMENT_LOG_CELLS,
    check_end,
    execute,
    prove_run,
)
from node.recursion.security import STANDARD

app = typer.Typer(
    name="zk", help="Run, prove, verify and profile RV32IM programs.", no_args_is_help=True
)

Elf = Annotated[Path, typer.Argument(help="The program: an ELF file for RV32IM.")]
Given = Annotated[
    Path | None, typer.Option("--input", help="File the program reads; default: none.")
]
Output = Annotated[Path | None, typer.Option("--output", help="File to write.")]
Limit = Annotated[int, typer.Option("--cycles", min=1, help="Most instructions it may take.")]
_CYCLES: Final = 2**36


@app.command()
def run(elf: Elf, given: Given = None, output: Output = None, cycles: Limit = _CYCLES) -> None:
    """Run a program; print what it took and its output. Nothing is proved."""
    program = parse_elf(read(elf))
    started = time.perf_counter()
    ended = Executor(program).execute(_read_input(given), cycle_limit=cycles)
    seconds = time.perf_counter() - started
    check_end(program, ended)
    typer.echo(
        f"halted after {ended.cycles:,} instructions, {ended.cycles / seconds / 1e6:.1f} MHz"
    )
    _say_output(ended.output)
    if output:
        write(output, ended.output)


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
    program = parse_elf(read(elf))
    keys = Keys(program, preset_named(preset))
    taken = execute(keys, _read_input(given), log_cells, cycles)
    with proving(taken) as done:
        proof = prove_run(keys, taken, done).encode()
    write(output, proof)
    typer.echo(f"{len(proof) / 1024:,.0f} KiB written to {output}")
    _say_output(taken.output)


@app.command()
def verify(
    elf: Elf,
    proof: Annotated[Path, typer.Argument(help="A proof that `prove` wrote.")],
    output: Output = None,
) -> None:
    """Check a proof: the program, on some input, halts with exit code 0 and the output printed."""
    program = parse_elf(read(elf))
    started = time.perf_counter()
    found = verify_run(program, read(proof))
    typer.echo(f"the proof holds ({time.perf_counter() - started:.1f} s)")
    _say_output(found)
    if output:
        write(output, found)


@app.command()
def profile(
    elf: Elf,
    given: Given = None,
    cycles: Limit = _CYCLES,
    log_cells: LogCells = SEGMENT_LOG_CELLS,
    functions: Annotated[int, typer.Option(min=1, help="How many functions to list.")] = 20,
) -> None:
    """Run a program and print where its instructions and the cells of its proof go."""
    program = parse_elf(read(elf))
    keys = Keys(program, STANDARD)
    taken = execute(keys, _read_input(given), log_cells, cycles)
    found = Profile()
    for index in range(len(taken.checkpoints)):
        found.add(program, keys.machine, taken.record(index))
    print_profile(found, keys.machine, functions)


def _read_input(path: Path | None) -> bytes:
    return b"" if path is None else read(path)


def _say_output(output: bytes) -> None:
    typer.echo(f"output 0x{output.hex()}")
