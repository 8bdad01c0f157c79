"""`strikefold security`: every step of a proof, its bits and its parameters."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from node.errors import ConfigError
from node.recursion.riscv.prover import SEGMENT_LOG_CELLS
from node.recursion.security import (
    PRESETS,
    STANDARD,
    Preset,
    Shape,
    security_bits,
    steps,
    whir_parameters,
)


def security(
    preset: Annotated[str, typer.Option(help="standard, fast or toy.")] = STANDARD.name,
    log_cells: Annotated[
        int, typer.Option(help="log2 of the cells of a segment.")
    ] = SEGMENT_LOG_CELLS,
    messages: Annotated[int, typer.Option(help="log2 of the bus messages.")] = SEGMENT_LOG_CELLS,
    columns: Annotated[int, typer.Option(help="Columns opened, over all chips.")] = 1_000,
    equations: Annotated[int, typer.Option(help="Most equations of a chip.")] = 500,
    degree: Annotated[int, typer.Option(help="Highest degree of an equation.")] = 3,
) -> None:
    """Print the proven security of a proof, step by step, and the parameters it follows from."""
    if preset not in PRESETS:
        raise ConfigError(f"preset {preset!r}: expected one of {', '.join(PRESETS)}")
    chosen = PRESETS[preset]
    shape = Shape(
        variables=log_cells, log_messages=messages, log_height=log_cells - 4, arity=24,
        equations=equations, slots=40, openings=columns, degree=degree,
    )  # fmt: skip
    console = Console()
    console.print(_step_table(chosen, shape))
    console.print(_oracle_table(chosen, shape))
    console.print(
        f"{security_bits(chosen, shape):.1f} bits proven (target {chosen.bits}), "
        f"for 2^{log_cells} cells and 2^{messages} messages"
    )


def _step_table(preset: Preset, shape: Shape) -> Table:
    table = Table("step", "bits", "of it grinding", title=f"Preset {preset.name}", box=None)
    for step in steps(preset, shape):
        table.add_row(step.name, f"{step.bits:.1f}", str(step.grinding or ""))
    return table


def _oracle_table(preset: Preset, shape: Shape) -> Table:
    table = Table(
        "oracle", "variables", "rate", "fold", "m", "out-of-domain", "queries",
        title="Opening", box=None,
    )  # fmt: skip
    parameters = whir_parameters(preset, shape.variables)
    for number, o in enumerate(parameters.oracles):
        row = (number, o.variables, f"1/{2**o.log_inv_rate}", o.fold, o.proximity)
        table.add_row(*map(str, (*row, o.ood_samples, o.queries)))
    table.add_row("in clear", str(parameters.final_variables))
    return table
