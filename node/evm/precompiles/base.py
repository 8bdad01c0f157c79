"""What a precompiled contract is: a price and a function of its input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from node.errors import InvalidInput


class PrecompileFailure(InvalidInput):
    """The call fails: it returns nothing, reverts its value transfer and burns all its gas."""


@dataclass(frozen=True, slots=True)
class Precompile:
    """A precompiled contract under the rules of one fork.

    name: as EIP-7910 (`eth_config`) spells it.
    gas: the price of an input. It never fails, does no work beyond reading a few bytes, and may
        exceed 2**64: the caller compares before it runs.
    run: the output for an input whose price was paid; raises PrecompileFailure.
    """

    name: str
    gas: Callable[[bytes], int]
    run: Callable[[bytes], bytes]


def words(data: bytes) -> int:
    """The number of 32-byte words that data fills, rounded up."""
    return (len(data) + 31) >> 5


def constant(price: int) -> Callable[[bytes], int]:
    """A gas function for a price that no input changes."""
    return lambda _data: price
