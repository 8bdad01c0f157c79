"""What follows from a circuit alone: ranges of expressions and bounds of multiplicities.

LogUp sums multiplicities modulo p, so a forged total of exactly p would be invisible. The verifier
therefore adds up, for each bus, rows times the largest |times| a message can have, and requires
less than p (Haboeck, eprint 2022/1530; checklist line B1). The bounds come from here.
"""

from __future__ import annotations

from typing import NamedTuple

from node.recursion.air.chip import Bus, Circuit
from node.recursion.air.expr import Expr, walk
from node.recursion.field import P


class Range(NamedTuple):
    """All integers an expression can be, before reduction modulo p."""

    low: int
    high: int


def bits_of(circuit: Circuit) -> set[Expr]:
    """Expressions x for which an equation x * (x - 1) == 0 (either way round) stands."""
    bits = set()
    for polynomial in (e.polynomial for e in circuit.equations):
        if polynomial.op == "mul":
            for x, y in (polynomial.args, polynomial.args[::-1]):
                if y is (x - 1):
                    bits.add(x)
    return bits


def ranges(circuit: Circuit) -> dict[Expr, Range]:
    """The range of every expression in the circuit's messages that has one below p."""
    bits = bits_of(circuit)
    found: dict[Expr, Range] = {}
    for x in walk(m.times for m in circuit.messages):
        parts = [found.get(a) for a in x.args]
        if x in bits:
            found[x] = Range(0, 1)
        elif x.op == "const":
            value = int(x.value)
            value -= P if value > P // 2 else 0
            found[x] = Range(value, value)
        elif len(parts) == 2 and parts[0] is not None and parts[1] is not None:
            result = _combine(x, parts[0], parts[1])
            if max(-result.low, result.high) < P:
                found[x] = result
    return found


def _combine(x: Expr, a: Range, b: Range) -> Range:
    if x.op == "add":
        return Range(a.low + b.low, a.high + b.high)
    if x.op == "sub":
        return Range(a.low - b.high, a.high - b.low)
    corners = [i * j for i in a for j in b]
    return Range(min(corners), max(corners))


def multiplicity_bounds(circuit: Circuit) -> dict[Bus, int]:
    """For each bus, the sum of |times| over one row's messages, tables' own sides excepted.

    Raises TypeError for a message whose times has no bound.
    """
    known = ranges(circuit)
    totals: dict[Bus, int] = {}
    for message in circuit.messages:
        bound = known.get(message.times)
        if message.provided:
            bound = Range(0, 0)
        if bound is None:
            raise TypeError(
                f"{circuit.name}: a message on bus {message.bus.name} has no bounded multiplicity; "
                "make it of bits that an equation x * (x - 1) == 0 constrains"
            )
        totals[message.bus] = totals.get(message.bus, 0) + max(-bound.low, bound.high)
    return totals
