"""A chip: named columns, equations on a row, messages a row puts on buses.

`constrain` and `interact` only use + - * / and ==. They are run once, on symbols: that traces the
chip into a `Circuit`, which every other reader reads. Rows never see their neighbours: order is
carried by buses.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from node.recursion.air.expr import Equation, Expr, column, lift, walk
from node.recursion.field import P

Kind: TypeAlias = Literal["committed", "preprocessed", "formula"]
KINDS: Final[tuple[Kind, ...]] = ("committed", "preprocessed", "formula")

Cell: TypeAlias = Any
"""A symbol (`Expr`), or a constant."""
Constraints: TypeAlias = Iterator[Any]
Messages: TypeAlias = Iterator["Message"]


class Column:
    """Declares `width` cells of a row: `c = Word()` inside a chip."""

    width = 1
    kind: Kind = "committed"
    at: int

    def __init__(self, *, preprocessed: bool = False) -> None:
        if preprocessed:
            self.kind = "preprocessed"

    def __get__(self, row: Columns | None, owner: type[Columns]) -> Any:
        if row is None:
            return self
        cells = row.cells[self.at : self.at + self.width]
        return cells[0] if self.width == 1 else tuple(cells)

    def names(self, name: str) -> list[str]:
        """The name of each cell."""
        return [name] if self.width == 1 else [f"{name}[{i}]" for i in range(self.width)]

    def declare(self, name: str) -> list[ColumnInfo]:
        """What a reader of the circuit knows of each cell."""
        return [ColumnInfo(cell, self.kind) for cell in self.names(name)]


class Felt(Column):
    """Any field element."""


class Bit(Column):
    """0 or 1, once the chip says so (`is_bit`): declaring it constrains nothing."""


class Word(Column):
    """32 bits: two 16-bit limbs, least significant first; whoever writes it checks the range."""

    width = 2


class Array(Column):
    """`width` field elements."""

    def __init__(self, width: int, *, preprocessed: bool = False) -> None:
        super().__init__(preprocessed=preprocessed)
        self.width = width


class Formula(Column):
    """A column nobody commits: a multilinear function of the bits of the row's index.

    of: takes the bits, least significant first. The verifier evaluates it itself.
    """

    kind: Kind = "formula"

    def __init__(self, of: Callable[[Sequence[Any]], Any]) -> None:
        super().__init__()
        self.of = of

    def declare(self, name: str) -> list[ColumnInfo]:
        """What a reader of the circuit knows of each cell."""
        return [ColumnInfo(name, self.kind, self.of)]


def row_index(bits: Sequence[Any]) -> Any:
    """The index of the row itself: the formula of a range table."""
    return sum((2**i * bit for i, bit in enumerate(bits[1:], 1)), bits[0])


@dataclass(frozen=True)
class ColumnInfo:
    """One cell of a row, as readers of a circuit see it."""

    name: str
    kind: Kind
    formula: Callable[[Sequence[Any]], Any] | None = None


class Columns:
    """A named group of cells, laid out in the order they are declared."""

    layout: ClassVar[dict[str, Column]] = {}
    width: ClassVar[int] = 0

    def __init_subclass__(cls) -> None:
        cls.layout, cls.width = {}, 0
        for name, kind in vars(cls).items():
            if isinstance(kind, Column):
                kind.at, cls.layout[name] = cls.width, kind
                cls.width += kind.width

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.cells = cells

    @classmethod
    def declare(cls, prefix: str = "") -> list[ColumnInfo]:
        """Every cell, in order."""
        return [info for name, kind in cls.layout.items() for info in kind.declare(prefix + name)]


class Group(Column):
    """Columns that travel together: `port = Group(MemoryPort)`."""

    def __init__(self, columns: type[Columns]) -> None:
        super().__init__()
        self.columns, self.width = columns, columns.width

    def __get__(self, row: Columns | None, owner: type[Columns]) -> Any:
        return self if row is None else self.columns(row.cells[self.at : self.at + self.width])

    def declare(self, name: str) -> list[ColumnInfo]:
        """What a reader of the circuit knows of each cell."""
        return self.columns.declare(f"{name}.")


class Groups(Column):
    """Several groups of one kind: `ports = Groups(MemoryPort, 8)` is a tuple of eight."""

    def __init__(self, columns: type[Columns], count: int) -> None:
        super().__init__()
        self.columns, self.count, self.width = columns, count, count * columns.width

    def __get__(self, row: Columns | None, owner: type[Columns]) -> Any:
        if row is None:
            return self
        starts = range(self.at, self.at + self.width, self.columns.width)
        return tuple(self.columns(row.cells[i : i + self.columns.width]) for i in starts)

    def declare(self, name: str) -> list[ColumnInfo]:
        """What a reader of the circuit knows of each cell."""
        return [cell for i in range(self.count) for cell in self.columns.declare(f"{name}[{i}].")]


@dataclass(frozen=True)
class Bus:
    """A multiset that must balance: the times of every distinct tuple of fields sum to zero.

    Ids are unique in a machine, and part of every fingerprint.
    """

    name: str
    arity: int

    def send(self, *fields: Cell, times: Cell) -> Message:
        """Adds a tuple of cells (or tuples of cells); times must have a bound (`bounds.py`)."""
        return Message(self, self._flat(fields), times)

    def receive(self, *fields: Cell, times: Cell) -> Message:
        """Takes a tuple."""
        return Message(self, self._flat(fields), 0 - times)

    def provide(self, *fields: Cell, times: Cell) -> Message:
        """A table's side of a lookup: takes the tuple any number of times.

        Sound only where the chip's equations or kinds of column say what the tuple may be; then
        `times` needs no bound, because a tuple outside the table has no provider to cancel it.
        """
        return Message(self, self._flat(fields), 0 - times, provided=True)

    def _flat(self, fields: Sequence[Cell]) -> tuple[Cell, ...]:
        flat = tuple(x for f in fields for x in (f if isinstance(f, tuple) else (f,)))
        if len(flat) != self.arity:
            raise TypeError(f"bus {self.name} carries {self.arity} fields, got {len(flat)}")
        return flat


@dataclass(frozen=True)
class Message:
    """One tuple a row adds to (times > 0) or takes from (times < 0) a bus."""

    bus: Bus
    fields: tuple[Cell, ...]
    times: Cell
    provided: bool = False


class Chip(Columns):
    """One table of a machine. The all-zero row must be valid and send nothing: it is the padding.

    min_log_height, max_log_height: limits the verifier enforces; equal ones fix the height, as
    preprocessed and formula columns need.
    """

    min_log_height: ClassVar[int] = 0
    max_log_height: ClassVar[int] = 22

    def constrain(self) -> Constraints:
        """Equations that hold on every row."""
        yield from ()

    def interact(self) -> Messages:
        """Messages every row puts on the buses."""
        yield from ()

    @classmethod
    def preprocess(cls) -> npt.NDArray[np.uint32]:
        """The preprocessed cells, shape (2^max_log_height, preprocessed columns)."""
        return np.zeros((2**cls.max_log_height, 0), np.uint32)


@dataclass(frozen=True)
class TracedEquation:
    """An equation and where it was written (`file.py:line`)."""

    polynomial: Expr
    source: str


@dataclass(frozen=True, eq=False)
class Circuit:
    """The symbolic form of a chip: what every other reader reads.

    columns: committed first, then preprocessed, then formulas. names: what the author called
    intermediate values, for people.
    """

    name: str
    doc: str
    columns: tuple[ColumnInfo, ...]
    equations: tuple[TracedEquation, ...]
    messages: tuple[Message, ...]
    names: dict[Expr, str]
    min_log_height: int
    max_log_height: int
    preprocess: Callable[[], npt.NDArray[np.uint32]]

    @property
    def degree(self) -> int:
        """The highest degree of an equation or of a message's parts, at least 1."""
        return max((x.degree for x in self.roots), default=1) or 1

    @cached_property
    def roots(self) -> tuple[Expr, ...]:
        """The equations' polynomials, then each message's multiplicity and fields."""
        equations = [e.polynomial for e in self.equations]
        return (*equations, *(x for m in self.messages for x in (m.times, *m.fields)))

    @cached_property
    def nodes(self) -> tuple[Expr, ...]:
        """All that the roots are made of, in the order of `walk`."""
        return tuple(walk(self.roots))

    def of_kind(self, kind: Kind) -> tuple[ColumnInfo, ...]:
        """The columns of one kind, in order."""
        return tuple(c for c in self.columns if c.kind == kind)

    @property
    def is_fixed(self) -> bool:
        """Whether the height is not the prover's choice."""
        return self.min_log_height == self.max_log_height

    def fixed_columns(self) -> dict[str, npt.NDArray[np.uint32]]:
        """Preprocessed and formula columns of a chip of fixed height, by name, over its rows."""
        preprocessed = self.of_kind("preprocessed")
        cells = self.preprocess() if preprocessed else np.zeros((0, 0), np.uint32)
        columns = {c.name: cells[:, i] for i, c in enumerate(preprocessed)}
        formulas = self.of_kind("formula")
        index = np.arange(2**self.max_log_height if formulas else 0, dtype=np.int64)
        bits = [(index >> i) & 1 for i in range(self.max_log_height)]
        for info in formulas:
            if info.formula is not None:
                columns[info.name] = (info.formula(bits) % P).astype(np.uint32)
        return columns


@lru_cache(maxsize=256)
def trace_chip(chip: type[Chip]) -> Circuit:
    """Runs the chip once, on symbols; machines share its circuit.

    Raises TypeError for a chip that breaks the language.
    """
    declared = chip.declare()
    if len({c.name for c in declared}) != len(declared):
        raise TypeError(f"{chip.__name__}: two columns have one name")
    fixed = chip.min_log_height == chip.max_log_height
    if not fixed and any(c.kind != "committed" for c in declared):
        raise TypeError(f"{chip.__name__}: preprocessed and formula columns need a fixed height")
    row = chip([column(c.name) for c in declared])
    names: dict[Expr, str] = {}
    return Circuit(
        name=chip.__name__,
        doc=inspect.cleandoc(chip.__doc__ or "").split("\n", maxsplit=1)[0],
        columns=tuple(c for kind in KINDS for c in declared if c.kind == kind),
        equations=tuple(_trace(row.constrain(), names)),
        messages=tuple(_lifted(m) for m in row.interact()),
        names=names,
        min_log_height=chip.min_log_height,
        max_log_height=chip.max_log_height,
        preprocess=chip.preprocess,
    )


def _lifted(message: Message) -> Message:
    fields = tuple(lift(f) for f in message.fields)
    return Message(message.bus, fields, lift(message.times), message.provided)


def _trace(steps: Any, names: dict[Expr, str]) -> Iterator[TracedEquation]:
    seen: dict[str, int] = {}
    for equation in steps:
        if not isinstance(equation, Equation):
            raise TypeError(f"constrain() yielded {equation!r}: expected an equation (==)")
        frame = _innermost(steps).gi_frame
        for name, value in frame.f_locals.items():
            if isinstance(value, Expr) and value.args and value not in names:
                count = seen[name] = seen.get(name, -1) + 1
                names[value] = f"{name}_{count}" if count else name
        source = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
        yield TracedEquation(equation.polynomial, source)


def _innermost(generator: Any) -> Any:
    """The generator suspended at a yield, through any `yield from`."""
    while inspect.isgenerator(generator.gi_yieldfrom):
        generator = generator.gi_yieldfrom
    return generator


def is_bit(x: Cell) -> Any:
    """Requires x to be 0 or 1."""
    return x * (x - 1) == 0
