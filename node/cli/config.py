"""`strikefold config`: the configuration as the node would see it, as TOML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Annotated

import orjson
import typer

from node.config import NodeConfig, load


def config(
    file: Annotated[Path | None, typer.Option("--config", help="TOML file to read.")] = None,
) -> None:
    """Print the configuration from defaults, file and environment, as TOML."""
    typer.echo("\n".join(to_toml(load(file))))


def to_toml(settings: NodeConfig) -> Iterator[str]:
    """Lines of the TOML file that means these settings."""
    groups = [(f.name, getattr(settings, f.name)) for f in fields(settings)]
    yield from (_line(name, value) for name, value in groups if not is_dataclass(value))
    for name, group in groups:
        if is_dataclass(group):
            yield f"\n[{name}]"
            yield from (_line(f.name, getattr(group, f.name)) for f in fields(group))


def _line(name: str, value: object) -> str:
    """One key; JSON and TOML agree on strings, numbers, booleans and lists."""
    return f"{name} = {orjson.dumps(value).decode()}"
