"""Points and equality polynomials on the hypercube. Points list the most significant bit first."""

from __future__ import annotations

from collections.abc import Sequence

from node.recursion.arithmetic import Ext, Felt
from node.recursion.layout import Block


def eq(x: Ext | Felt, y: Ext | Felt) -> Ext:
    """The multilinear extension of [x = y] on one bit: 1 - x - y + 2xy."""
    product = x * y
    return product + product - x - y + 1


def eq_table(point: Sequence[Ext]) -> list[Ext]:
    """Values eq(point, b) for every b of the cube, in the order of their numbers."""
    table: list[Ext] = [1]
    for coordinate in point:
        table = [
            part for value in table for part in (value - coordinate * value, coordinate * value)
        ]
    return table


def evaluate_powers(x: Ext | Felt, variables: int) -> list[Ext]:
    """The point (x^(2^(variables-1)), ..., x^2, x) where a codeword's entry evaluates."""
    point = []
    for _ in range(variables):
        point.append(x)
        x = x * x
    return point[::-1]


def interpolate(low: Ext, high: Ext, x: Ext) -> Ext:
    """The line through (0, low) and (1, high)."""
    return low + x * (high - low)


def horner(coefficients: Sequence[Ext], x: Ext) -> Ext:
    """A polynomial, constant coefficient first."""
    result = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        result = result * x + coefficient
    return result


def select(condition: Felt, yes: Ext, no: Ext) -> Ext:
    """Picks `yes` where the condition is 1, `no` where it is 0."""
    return condition * (yes - no) + no


def inner_product(left: Sequence[Ext], right: Sequence[Ext]) -> Ext:
    """The sum of products of entries."""
    total: Ext = 0
    for a, b in zip(left, right, strict=True):
        total = total + a * b
    return total


class PrefixWeights:
    """For blocks of addresses: eq(prefix of the block's addresses, leading coordinates of a point).

    Blocks that lie side by side share most of their prefix, and so most of the product.
    """

    def __init__(self, point: Sequence[Ext]) -> None:
        self._point = point
        self._known: dict[tuple[int, int], Ext] = {(0, 0): 1}
        """(bits, prefix) -> weight."""

    def of(self, block: Block) -> Ext:
        """The weight of one block."""
        return self._weight(len(self._point) - block.log_size, block.offset >> block.log_size)

    def _weight(self, bits: int, prefix: int) -> Ext:
        found = self._known.get((bits, prefix))
        if found is None:
            above, last = self._weight(bits - 1, prefix >> 1), self._point[bits - 1]
            found = above * last if prefix & 1 else above - above * last
            self._known[bits, prefix] = found
        return found
