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


def prefix_weight(block: Block, point: Sequence[Ext]) -> Ext:
    """The weight eq(prefix of the block's addresses, leading coordinates of the point)."""
    weight: Ext = 1
    bits, inner = block.prefix_bits(len(point)), block.inner(len(point))
    for bit, inside, coordinate in zip(bits, inner, point, strict=True):
        weight = weight * select(inside, 1, eq(coordinate, bit))
    return weight
