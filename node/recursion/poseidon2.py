"""Poseidon2 of width 16 over KoalaBear: permutation, two-to-one compression, leaf hash.

Sources: Poseidon2, eprint 2023/323; parameters (8 full and 20 partial rounds, x^3, internal
diagonal, Grain LFSR constants) as in Plonky3's koala-bear crate, checked against its known answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from node.recursion.field import P

WIDTH: Final = 16
RATE: Final = 8
DIGEST: Final = 8
FULL_ROUNDS: Final = 8
PARTIAL_ROUNDS: Final = 20
_FIELD_BITS: Final = 31


def _half(power: int) -> int:
    inverse: int = pow(2**power, -1, P)
    return inverse


DIAGONAL: Final[Sequence[int]] = tuple(
    d % P
    for d in (
        -2, 1, 2, _half(1), 3, 4, -_half(1), -3, -4, _half(8), _half(3), _half(24),
        -_half(8), -_half(3), -_half(4), -_half(24),
    )
)  # fmt: skip
"""The internal layer is 1 + diag(DIAGONAL), 1 the matrix of ones."""


def _grain_bits() -> Iterator[int]:
    """The Grain LFSR in self-shrinking mode (Poseidon, eprint 2019/458, appendix E)."""
    seed = [(1, 2), (0, 4), (_FIELD_BITS, 12), (WIDTH, 12), (FULL_ROUNDS, 10), (PARTIAL_ROUNDS, 10)]
    state = [(value >> i) & 1 for value, size in seed for i in range(size - 1, -1, -1)] + [1] * 30

    def step() -> int:
        bit = state[62] ^ state[51] ^ state[38] ^ state[23] ^ state[13] ^ state[0]
        state.pop(0)
        state.append(bit)
        return bit

    for _ in range(160):
        step()
    while True:
        keep, bit = step(), step()
        if keep:
            yield bit


def _round_constants() -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
    """(full round constants, partial round constants), in the order they are drawn."""
    bits = _grain_bits()

    def draw() -> int:
        while True:
            value = int("".join(str(next(bits)) for _ in range(_FIELD_BITS)), 2)
            if value < P:
                return value

    half = FULL_ROUNDS // 2
    first = [tuple(draw() for _ in range(WIDTH)) for _ in range(half)]
    partial = tuple(draw() for _ in range(PARTIAL_ROUNDS))
    last = [tuple(draw() for _ in range(WIDTH)) for _ in range(half)]
    return tuple(first + last), partial


FULL_CONSTANTS, PARTIAL_CONSTANTS = _round_constants()


def external_layer(state: Sequence[Any]) -> list[Any]:
    """The circulant circ(2 M4, M4, M4, M4), M4 = circ(2, 3, 1, 1)."""
    mixed = [x for i in range(0, WIDTH, 4) for x in _m4(state[i : i + 4])]
    sums = [mixed[i] + mixed[i + 4] + mixed[i + 8] + mixed[i + 12] for i in range(4)]
    return [x + sums[i % 4] for i, x in enumerate(mixed)]


def _m4(x: Sequence[Any]) -> list[Any]:
    total = x[0] + x[1] + x[2] + x[3]
    return [total + x[i] + x[(i + 1) % 4] * 2 for i in range(4)]


def internal_layer(state: Sequence[Any]) -> list[Any]:
    """Every element becomes the sum of all plus its diagonal multiple."""
    total = sum(state[1:], state[0])
    return [total + x * d for x, d in zip(state, DIAGONAL, strict=True)]


def permute(state: Sequence[int]) -> list[int]:
    """The permutation of 16 canonical elements."""
    state = [x % P for x in external_layer(state)]
    for number, constants in enumerate(FULL_CONSTANTS):
        if number == FULL_ROUNDS // 2:
            state = _partial_rounds(state)
        state = [(x + c) ** 3 % P for x, c in zip(state, constants, strict=True)]
        state = [x % P for x in external_layer(state)]
    return state


def _partial_rounds(state: list[int]) -> list[int]:
    for constant in PARTIAL_CONSTANTS:
        state[0] = (state[0] + constant) ** 3 % P
        state = [x % P for x in internal_layer(state)]
    return state
