"""How the tests call precompiles: by number, in a fork."""

from __future__ import annotations

import pytest

from node.evm.forks import Fork
from node.evm.precompiles import PRECOMPILES, Precompile, PrecompileFailure


def precompile(number: int, fork: Fork = Fork.OSAKA) -> Precompile:
    return PRECOMPILES[fork][number.to_bytes(20, "big")]


def run(number: int, data: bytes, fork: Fork = Fork.OSAKA) -> bytes:
    return precompile(number, fork).run(data)


def gas(number: int, data: bytes, fork: Fork = Fork.OSAKA) -> int:
    return precompile(number, fork).gas(data)


def fails(number: int, data: bytes, message: str, fork: Fork = Fork.OSAKA) -> None:
    with pytest.raises(PrecompileFailure, match=message):
        run(number, data, fork)


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")
