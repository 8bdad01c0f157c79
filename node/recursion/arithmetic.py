"""What the verifier computes with: elements, checks and hashes, behind one interface.

The verifier never branches on an element. It calls these few operations; `Native` performs them on
numbers and raises InvalidProof; a recorder (the recursion circuit) writes them down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

from node.errors import InvalidProof
from node.recursion.field import DEGREE, ONE, P
from node.recursion.field import Ext as NativeExt
from node.recursion.field import Felt as NativeFelt
from node.recursion.layout import Block
from node.recursion.poseidon2 import permute

Felt: TypeAlias = Any
"""An element of the base field, of whatever kind the arithmetic has; + - * with ints too."""
Ext: TypeAlias = Any
"""An element of the extension; + - * with base elements and ints too."""


class Arithmetic(Protocol):
    """The verifier's operations beyond + - *."""

    def felt(self, value: int) -> Felt:
        """A constant of the base field."""

    def ext(self, coefficients: Sequence[Felt]) -> Ext:
        """An extension element from its five coefficients."""

    def permute(self, state: Sequence[Felt]) -> list[Felt]:
        """Poseidon2 of 16 base elements."""

    def require_zero(self, value: Felt | Ext, reason: str) -> None:
        """Rejects the proof unless the value is zero."""

    def inverse(self, value: Ext, reason: str) -> Ext:
        """1 / value; rejects the proof if the value is zero."""

    def prefix_weights(self, blocks: Sequence[Block], point: Sequence[Ext]) -> list[Ext]:
        """The `multilinear.prefix_weight` of every block."""

    def low_bits(self, value: Felt, count: int) -> list[Felt]:
        """The low bits of the canonical value, least significant first.

        A circuit must show that the value decomposed is below p.
        """


class Native:
    """On numbers. permutation: another implementation of the same permutation may be given."""

    def __init__(self, permutation: Callable[[Sequence[int]], Sequence[int]] = permute) -> None:
        self._permutation = permutation
        self.hashes = 0
        """Permutations made so far."""

    def felt(self, value: int) -> NativeFelt:
        """A constant of the base field."""
        return NativeFelt(value % P)

    def ext(self, coefficients: Sequence[int]) -> NativeExt:
        """An extension element from its five coefficients."""
        assert len(coefficients) == DEGREE
        return NativeExt([int(c) for c in coefficients])

    def permute(self, state: Sequence[int]) -> list[NativeFelt]:
        """Poseidon2 of 16 base elements."""
        self.hashes += 1
        return [NativeFelt(x) for x in self._permutation(state)]

    def require_zero(self, value: NativeFelt | NativeExt, reason: str) -> None:
        """Raises InvalidProof unless the value is zero."""
        if value != 0:
            raise InvalidProof(reason)

    def inverse(self, value: NativeExt, reason: str) -> NativeExt:
        """1 / value. Raises InvalidProof for zero."""
        if value == 0:
            raise InvalidProof(reason)
        return value.inverse()

    def low_bits(self, value: int, count: int) -> list[NativeFelt]:
        """The low bits of the canonical value, least significant first."""
        return [NativeFelt((int(value) >> i) & 1) for i in range(count)]

    def prefix_weights(
        self, blocks: Sequence[Block], point: Sequence[NativeExt]
    ) -> list[NativeExt]:
        """The weight of every block.

        Blocks that lie side by side share most of their prefix, and so most of the product.
        """
        known: dict[tuple[int, int], NativeExt] = {(0, 0): ONE}

        def weight(bits: int, prefix: int) -> NativeExt:
            found = known.get((bits, prefix))
            if found is None:
                above, last = weight(bits - 1, prefix >> 1), point[bits - 1]
                found = above * last if prefix & 1 else above - above * last
                known[bits, prefix] = found
            return found

        return [weight(len(point) - b.log_size, b.offset >> b.log_size) for b in blocks]
