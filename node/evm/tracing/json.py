"""Values as geth's tracers write them in JSON."""

from __future__ import annotations

from typing import Any, TypeAlias

Json: TypeAlias = Any
"""What a tracer results in: dicts, lists, strings, numbers, booleans and orjson.Fragment."""


def quantity(value: int) -> str:
    """Hex without leading zeros."""
    return hex(value)


def data(value: bytes | bytearray) -> str:
    """Hex of every byte."""
    return "0x" + value.hex()


def word(value: int) -> str:
    """Hex of 32 bytes."""
    return f"0x{value:064x}"
