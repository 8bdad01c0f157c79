"""Polynomials over the cells of one row: the one data type every chip is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NoReturn, TypeAlias

from node.recursion.field import P

Op: TypeAlias = Literal["const", "column", "add", "sub", "mul"]


@dataclass(frozen=True, eq=False)
class Expr:
    """A node of a polynomial. Equal polynomials built twice the same way are one object."""

    op: Op
    args: tuple[Expr, ...] = ()
    value: int | str = 0
    """The constant, canonical, or the column's name."""

    degree: int = 0
    """Total degree in the cells."""

    def __add__(self, other: Expr | int) -> Expr:
        return _build("add", self, lift(other))

    def __radd__(self, other: int) -> Expr:
        return lift(other) + self

    def __sub__(self, other: Expr | int) -> Expr:
        return _build("sub", self, lift(other))

    def __rsub__(self, other: int) -> Expr:
        return lift(other) - self

    def __neg__(self) -> Expr:
        return lift(0) - self

    def __mul__(self, other: Expr | int) -> Expr:
        return _build("mul", self, lift(other))

    def __rmul__(self, other: int) -> Expr:
        return lift(other) * self

    def __truediv__(self, other: int) -> Expr:
        return self * pow(other, -1, P)

    def __eq__(self, other: object) -> Equation:  # type: ignore[override]  # == builds
        if not isinstance(other, Expr | int):
            raise TypeError(f"cannot equate an expression with {type(other).__name__}")
        return Equation(self - other)

    __hash__ = object.__hash__

    def __bool__(self) -> NoReturn:
        raise TypeError("an Expr has no truth value: constraints are data, not control flow")


@dataclass(frozen=True)
class Equation:
    """`polynomial == 0`."""

    polynomial: Expr

    def __bool__(self) -> NoReturn:
        raise TypeError("an Equation has no truth value: yield it, do not branch on it")


_interned: dict[tuple[object, ...], Expr] = {}


def _intern(op: Op, args: tuple[Expr, ...] = (), value: int | str = 0) -> Expr:
    key = (op, *map(id, args), value)
    known = _interned.get(key)
    if known is None:
        known = _interned[key] = Expr(op, args, value, _degree(op, args))
    return known


def _degree(op: Op, args: tuple[Expr, ...]) -> int:
    match op:
        case "const":
            return 0
        case "column":
            return 1
        case "mul":
            return args[0].degree + args[1].degree
        case "add" | "sub":
            return max(args[0].degree, args[1].degree)


def _build(op: Op, x: Expr, y: Expr) -> Expr:
    """Applies `op`; constants are folded, neutral elements dropped, nothing else simplified."""
    match op, constant(x), constant(y):
        case _, int(a), int(b):
            return lift(a + b if op == "add" else a - b if op == "sub" else a * b)
        case ("add" | "sub", _, 0) | ("mul", _, 1):
            return x
        case ("add", 0, _) | ("mul", 1, _):
            return y
        case ("mul", 0, _) | ("mul", _, 0):
            return lift(0)
        case _:
            return _intern(op, (x, y))


def constant(x: Expr) -> int | None:
    """The value of a constant, None for anything else."""
    return int(x.value) if x.op == "const" else None


def lift(value: Expr | int) -> Expr:
    """An int becomes a field constant; an Expr is returned unchanged."""
    return value if isinstance(value, Expr) else _intern("const", value=value % P)


def column(name: str) -> Expr:
    """The cell called `name` of the current row."""
    return _intern("column", value=name)


def walk(roots: Iterable[Expr]) -> Iterator[Expr]:
    """Every node below the roots once, arguments before their users, in a fixed order."""
    seen: set[int] = set()
    for root in roots:
        todo = [(root, False)]
        while todo:
            node, ready = todo.pop()
            if ready:
                yield node
            elif id(node) not in seen:
                seen.add(id(node))
                todo.append((node, True))
                todo += [(argument, False) for argument in reversed(node.args)]
