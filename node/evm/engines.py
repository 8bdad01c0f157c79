"""The engines that configuration can name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.errors import ConfigError
from node.evm.engine import Engine
from node.evm.native_engine import native_engine
from node.evm.python_engine import python_engine

ENGINES: Final[Mapping[str, Engine]] = {e.name: e for e in (native_engine, python_engine)}


def engine_named(name: str) -> Engine:
    """An engine of this name. Raises ConfigError."""
    if name not in ENGINES:
        raise ConfigError(f"engine = {name!r}: expected one of {', '.join(ENGINES)}")
    return ENGINES[name]
