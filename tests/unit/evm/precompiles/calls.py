"""How the tests call precompiles: by number, in a fork. Under Osaka's rules the C++ core agrees."""

from __future__ import annotations

import pytest

from node.evm import _core
from node.evm.forks import Fork
from node.evm.precompiles import PRECOMPILES, Precompile, PrecompileFailure


def precompile(number: int, fork: Fork = Fork.OSAKA) -> Precompile:
    return PRECOMPILES[fork][number.to_bytes(20, "big")]


def run(number: int, data: bytes, fork: Fork = Fork.OSAKA) -> bytes:
    output = precompile(number, fork).run(data)
    if fork is Fork.OSAKA:
        assert core(number, data) == output
    return output


def core(number: int, data: bytes) -> bytes | None:
    """What the C++ core answers under Osaka's rules, None where the call fails."""
    return _core.run_precompile(number, data)[1]


def gas(number: int, data: bytes, fork: Fork = Fork.OSAKA) -> int:
    return precompile(number, fork).gas(data)


def fails(number: int, data: bytes, message: str, fork: Fork = Fork.OSAKA) -> None:
    with pytest.raises(PrecompileFailure, match=message):
        precompile(number, fork).run(data)
    if fork is Fork.OSAKA:
        assert core(number, data) is None


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")
