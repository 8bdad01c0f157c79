"""The two-to-one compression of Poseidon2, one a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from node.recursion.air.check import Table
from node.recursion.air.chip import Array, Bit, Bus, Cell, Chip, Constraints, Messages, is_bit
from node.recursion.field import P
from node.recursion.poseidon2 import (
    DIGEST,
    FULL_CONSTANTS,
    FULL_ROUNDS,
    PARTIAL_CONSTANTS,
    PARTIAL_ROUNDS,
    WIDTH,
    external_layer,
    internal_layer,
)

HASH: Final = Bus("hash", arity=WIDTH + DIGEST)
"""(left, right, parent), eight elements each."""


class Poseidon2(Chip):
    """parent = P(left, right)[:8] + left, for the permutation P.

    Assumes: nothing. Ensures: on real rows the tuple received is a compression.
    """

    state = Array(WIDTH)
    full = Array(FULL_ROUNDS * WIDTH)
    """After each full round's cubes."""
    partial = Array(PARTIAL_ROUNDS)
    """After each partial round's cube."""
    is_real = Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)
        yield from permutation(self.state, self.full, self.partial, self.is_real)

    def interact(self) -> Messages:
        left = self.state[:DIGEST]
        parent = tuple(x + y for x, y in zip(permuted(self.full)[:DIGEST], left, strict=True))
        yield HASH.receive(self.state, parent, times=self.is_real)

    @staticmethod
    def fill(inputs: Sequence[Sequence[int]], log_height: int) -> Table:
        """The table of these (left, right) inputs, sixteen elements each."""
        table = np.zeros((1 << log_height, Poseidon2.width), np.uint32)
        for row, state in zip(table, inputs, strict=False):
            row[:] = [*state, *cubes(state), 1]
        return table


def permutation(
    inputs: Sequence[Cell], full: Sequence[Cell], partial: Sequence[Cell], is_real: Cell
) -> Constraints:
    """Requires of a permutation's cubes that they be those of its inputs."""
    state = external_layer(inputs)
    for number, constants in enumerate(FULL_CONSTANTS):
        if number == FULL_ROUNDS // 2:
            for constant, cube in zip(PARTIAL_CONSTANTS, partial, strict=True):
                # constants times is_real: the all-zero row is valid padding
                yield cube == power3(state[0] + constant * is_real)
                state = internal_layer([cube, *state[1:]])
        cubes = full[number * WIDTH : (number + 1) * WIDTH]
        for x, constant, cube in zip(state, constants, cubes, strict=True):
            yield cube == power3(x + constant * is_real)
        state = external_layer(cubes)


def permuted(full: Sequence[Cell]) -> list[Cell]:
    """The outputs of a permutation whose full rounds' cubes are these."""
    return external_layer(full[-WIDTH:])


def power3(x: Any) -> Any:  # noqa: ANN401  # a symbol or a number
    """The S-box."""
    return x * x * x


def cubes(inputs: Sequence[Any]) -> list[Any]:
    """All cubes of one permutation: the full rounds', then the partial rounds'.

    inputs: numbers below p, or arrays (int64) of them.
    """
    full: list[Any] = []
    partial: list[Any] = []
    state = [x % P for x in external_layer(inputs)]
    for number, constants in enumerate(FULL_CONSTANTS):
        if number == FULL_ROUNDS // 2:
            for constant in PARTIAL_CONSTANTS:
                partial.append(_cube(state[0] + constant))
                state = [x % P for x in internal_layer([partial[-1], *state[1:]])]
        full += [_cube(x + c) for x, c in zip(state, constants, strict=True)]
        state = [x % P for x in external_layer(full[-WIDTH:])]
    return full + partial


def _cube(x: Any) -> Any:  # noqa: ANN401
    """The S-box, reduced; no product reaches 2^63."""
    x = x % P
    return x * x % P * x % P
