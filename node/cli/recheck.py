"""`strikefold recheck`: a block that two executions disagreed on, executed again by both."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.errors import InvalidInput
from node.evm.importer import execute_on_witness, parse_block
from node.evm.python_engine import python_engine
from node.rollup.recheck import Reproduction, difference, read_reproduction


def recheck(
    file: Annotated[Path, typer.Argument(help="disagreement.json of a data directory.")],
) -> None:
    """Execute a saved disagreement again, by the core and in Python, from its witness alone."""
    reproduction = read_reproduction(file)
    header = parse_block(reproduction.block).header
    header = parse_block(reproduction.block).header
    core, python = difference(header, reproduction.verdict()), _in_python(reproduction)
    typer.echo(f"block {header.number} 0x{header.hash.hex()}")
    typer.echo(f"core:   {core or 'valid'}")
    typer.echo(f"python: {python or 'valid'}")
    if core or python:
        raise InvalidInput("the block is not what executing it gives")


def _in_python(reproduction: Reproduction) -> str:
    """What the Python engine finds wrong with the block; empty if nothing."""
    block = parse_block(reproduction.block)
    try:
        execute_on_witness(python_engine, reproduction.config, block, reproduction.witness)
    except InvalidInput as error:
        return str(error)
    return ""
