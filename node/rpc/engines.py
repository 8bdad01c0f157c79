"""The engines a worker can be told to use, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from node.errors import ConfigError
from node.evm.engine import Engine
from node.evm.python_engine import PythonEngine

ENGINES: Final[Mapping[str, Callable[[], Engine]]] = {PythonEngine.name: PythonEngine}


def engine_named(name: str) -> Engine:
    """An engine of this name. Raises ConfigError."""
    if name not in ENGINES:
        raise ConfigError(f"engine {name!r} is not known; known: {', '.join(ENGINES)}")
    return ENGINES[name]()
