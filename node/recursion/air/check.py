"""Checks a trace on numbers: what to run when a proof fails, and what tests run.

A table is an array of shape (rows, committed columns) of field elements; preprocessed cells come
from the chip, formula cells from the row's index. Everything is evaluated column by column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import add, mul, sub
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from node.recursion.air.chip import Circuit, Message
from node.recursion.air.expr import Expr, walk
from node.recursion.field import P

Table: TypeAlias = "npt.NDArray[np.uint32]"
Values: TypeAlias = "npt.NDArray[np.int64]"
Leftover: TypeAlias = "dict[tuple[str, tuple[int, ...]], int]"
"""(bus, fields) -> how many times too often it was sent (or, negative, received)."""

_OPERATIONS: Final[dict[str, Callable[[Any, Any], Any]]] = {"add": add, "sub": sub, "mul": mul}


@dataclass(frozen=True)
class Violation:
    """An equation that fails on a row. number: its place in the chip's `constrain`."""

    chip: str
    row: int
    number: int
    source: str

    def __str__(self) -> str:
        return f"{self.chip} row {self.row}: equation {self.number} fails ({self.source})"


def evaluate(
    roots: Iterable[Expr],
    cells: Mapping[str, Any],
    reduce: Callable[[Any], Any] = lambda x: x,
    *,
    nodes: Iterable[Expr] | None = None,
) -> list[Any]:
    """The values of expressions where columns have these values: symbols, numbers or arrays.

    reduce: applied to every result of an operation. nodes: of the roots, where they are at hand.
    """
    roots = list(roots)
    values: dict[Expr, Any] = {}
    for node in walk(roots) if nodes is None else nodes:
        if node.op == "const":
            values[node] = int(node.value)
        elif node.op == "column":
            values[node] = cells[str(node.value)]
        else:
            a, b = (values[x] for x in node.args)
            values[node] = reduce(_OPERATIONS[node.op](a, b))
    return [values[x] for x in roots]


def modulo(values: Any) -> Any:
    """What is left of numbers modulo p."""
    return values % P


def cells_of(circuit: Circuit, table: Table) -> dict[str, Values]:
    """Every column of a table, by name, as an array over its rows."""
    rows = len(table)
    committed = circuit.of_kind("committed")
    if table.ndim != 2 or table.shape[1] != len(committed):
        raise ValueError(f"{circuit.name}: {table.shape} table, expected {len(committed)} columns")
    cells = {c.name: table[:, i].astype(np.int64) for i, c in enumerate(committed)}
    fixed = circuit.fixed_columns()
    cells |= {name: values.astype(np.int64) for name, values in fixed.items()}
    return {name: values[:rows] for name, values in cells.items()}


def violations(circuit: Circuit, table: Table) -> list[Violation]:
    """Every equation that fails on some row, by equation, then row."""
    residues = evaluate((e.polynomial for e in circuit.equations), cells_of(circuit, table), modulo)
    return [
        Violation(circuit.name, int(row), number, equation.source)
        for number, (equation, residue) in enumerate(zip(circuit.equations, residues, strict=True))
        for row in np.flatnonzero(np.broadcast_to(residue, len(table)))
    ]


def unbalanced(
    tables: Mapping[Circuit, Sequence[Table]],
    boundary: Sequence[Message] = (),
    public: Sequence[int] = (),
) -> Leftover:
    """Tuples whose times do not cancel."""
    totals: Counter[tuple[str, tuple[int, ...]]] = Counter()
    values = {f"public[{i}]": np.array([value]) for i, value in enumerate(public)}
    _count(totals, boundary, values, 1)
    for circuit, instances in tables.items():
        for table in instances:
            _count(totals, circuit.messages, cells_of(circuit, table), len(table))
    left = {key: times % P for key, times in totals.items() if times % P}
    return {key: times if times <= P // 2 else times - P for key, times in left.items()}


def _count(
    totals: Counter[tuple[str, tuple[int, ...]]],
    messages: Sequence[Message],
    cells: Mapping[str, Values],
    rows: int,
) -> None:
    roots = [part for m in messages for part in (m.times, *m.fields)]
    parts = iter(evaluate(roots, cells, modulo))  # together: messages share what they compute
    for message in messages:
        columns = [np.broadcast_to(next(parts), rows) for _ in range(1 + len(message.fields))]
        for count, *values in zip(*(column.tolist() for column in columns), strict=True):
            if count:
                totals[message.bus.name, tuple(values)] += count
