"""Fields of geth's JSON (genesis files, fixtures): hex, and numbers where geth allows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from node.errors import InvalidGenesis
from node.types import Address


def read_quantity(value: object, name: str, max_bytes: int = 32) -> int:
    """An unsigned integer: JSON number, "0x" hex or decimal digits. Raises InvalidGenesis."""
    try:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError
        number = int(value, 0) if isinstance(value, str) else value
    except ValueError:
        raise InvalidGenesis(f"{name}: expected a number, got {value!r}") from None
    if not 0 <= number < 256**max_bytes:
        raise InvalidGenesis(f"{name}: {number} does not fit {8 * max_bytes} unsigned bits")
    return number


def read_bytes(value: object, name: str, length: int | None = None) -> bytes:
    """Bytes from hex with or without "0x", `length` of them if given. Raises InvalidGenesis."""
    try:
        if not isinstance(value, str):
            raise ValueError
        data = bytes.fromhex(value.removeprefix("0x"))
    except ValueError:
        raise InvalidGenesis(f"{name}: expected hex, got {value!r}") from None
    if length is not None and len(data) != length:
        raise InvalidGenesis(f"{name}: expected {length} bytes, got {len(data)}")
    return data


def read_object(value: object, name: str) -> Mapping[str, Any]:
    """A JSON object; null is an empty one. Raises InvalidGenesis."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidGenesis(f"{name}: expected an object, got {value!r}")
    return value


def read_address(value: object, name: str) -> Address:
    """A 20-byte address. Raises InvalidGenesis."""
    return read_bytes(value, name, 20)


def read_word(value: object, name: str) -> int:
    """A 32-byte word from hex, padded on the left, as geth reads storage. Raises InvalidGenesis."""
    if not isinstance(value, str):
        raise InvalidGenesis(f"{name}: expected hex, got {value!r}")
    digits = value.removeprefix("0x")
    data = read_bytes(digits.rjust(len(digits) + len(digits) % 2, "0"), name)
    if len(data) > 32:
        raise InvalidGenesis(f"{name}: {len(data)} bytes do not fit a 32-byte word")
    return int.from_bytes(data, "big")
