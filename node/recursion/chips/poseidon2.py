"""The two-to-one compression of Poseidon2, one a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from node.recursion.air.check import Table
from node.recursion.air.chip import Array, Bit, Bus, Chip, Constraints, Messages, is_bit
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
        state = external_layer(self.state)
        for number, constants in enumerate(FULL_CONSTANTS):
            if number == FULL_ROUNDS // 2:
                for constant, cube in zip(PARTIAL_CONSTANTS, self.partial, strict=True):
                    # constants times is_real: the all-zero row is valid padding
                    yield cube == power3(state[0] + constant * self.is_real)
                    state = internal_layer([cube, *state[1:]])
            cubes = self.full[number * WIDTH : (number + 1) * WIDTH]
            for x, constant, cube in zip(state, constants, cubes, strict=True):
                yield cube == power3(x + constant * self.is_real)
            state = external_layer(cubes)

    def interact(self) -> Messages:
        output = external_layer(self.full[-WIDTH:])
        left = self.state[:DIGEST]
        parent = tuple(x + y for x, y in zip(output[:DIGEST], left, strict=True))
        yield HASH.receive(self.state, parent, times=self.is_real)

    @staticmethod
    def fill(inputs: Sequence[Sequence[int]], log_height: int) -> Table:
        """The table of these (left, right) inputs, sixteen elements each."""
        table = np.zeros((1 << log_height, Poseidon2.width), np.uint32)
        for row, state in zip(table, inputs, strict=False):
            row[:] = [*state, *_cubes(state), 1]
        return table


def power3(x: Any) -> Any:  # noqa: ANN401  # a symbol or a number
    """The S-box."""
    return x * x * x


def _cubes(inputs: Sequence[int]) -> list[int]:
    """All cubes of one permutation: the full rounds', then the partial rounds'."""
    full: list[int] = []
    partial: list[int] = []
    state = [x % P for x in external_layer(inputs)]
    for number, constants in enumerate(FULL_CONSTANTS):
        if number == FULL_ROUNDS // 2:
            for constant in PARTIAL_CONSTANTS:
                partial.append(pow(state[0] + constant, 3, P))
                state = [x % P for x in internal_layer([partial[-1], *state[1:]])]
        cubes = [pow(x + c, 3, P) for x, c in zip(state, constants, strict=True)]
        full += cubes
        state = [x % P for x in external_layer(cubes)]
    return full + partial
