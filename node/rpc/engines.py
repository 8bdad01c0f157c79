"""The engines a worker can be told to use, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.errors import ConfigError
from node.evm.engine import Engine
from node.evm.python_engine import python_engine

ENGINES: Final[Mapping[str, Engine]] = {python_engine.name: python_engine}


def engine_named(name: str) -> Engine:
    """An engine of this name. Raises ConfigError."""
    if name not in ENGINES:
        raise ConfigError(f"engine {name!r} is not known; known: {', '.join(ENGINES)}")
    return ENGINES[name]
