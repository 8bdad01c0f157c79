"""A search for rows that a chip accepts and should not: cells changed until everything holds.

Given a valid row, it changes one cell, then repairs whatever that breaks by solving equations,
lookups and messages for other cells, a few levels deep. What others see of the row (its messages)
stays as it was, but for the fields that `loose` lets go.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from node.recursion.air.expr import walk
from node.recursion.field import P

LOOKUPS = ("range", "bytes", "xor")
DELTAS = [x for i in (0, 1, 2, 8, 15, 16) for x in (2**i, -(2**i))]
VALUES = (0, 1, 2, P - 1)
FEW = 64
"""Accepted values of a field that are all tried."""


@dataclass(frozen=True)
class Part:
    """A polynomial of a chip: its columns and its value on a row."""

    columns: tuple[int, ...]
    at: Callable[[list[int]], int]

    def reads(self, changed):
        """Whether it depends on one of these columns."""
        return not changed.isdisjoint(self.columns)


@dataclass(frozen=True)
class Sent:
    """A message: bus, whether it is taken (times < 0), times and fields."""

    bus: str
    taken: bool
    times: Part
    fields: tuple[Part, ...]

    def reads(self, changed):
        """Whether it depends on one of these columns."""
        return any(part.reads(changed) for part in (self.times, *self.fields))


@cache
def _part(expression, names):
    lines, terms, columns = [], {}, []
    for number, x in enumerate(walk([expression])):
        if x.op == "const":
            terms[x] = str(x.value)
        elif x.op == "column":
            columns.append(names.index(x.value))
            terms[x] = f"c[{columns[-1]}]"
        else:
            sign = {"add": "+", "sub": "-", "mul": "*"}[x.op]
            left, right = (terms[y] for y in x.args)
            lines.append(f" t{number} = ({left} {sign} {right}) % {P}")
            terms[x] = f"t{number}"
    scope = {}
    exec("\n".join(["def at(c):", *lines, f" return {terms[expression]} % {P}"]), scope)
    return Part(tuple(sorted(columns)), scope["at"])


class Search:
    """One chip, ready to be searched.

    loose: by (bus, taken, field), what others would accept there instead, given the old value.
    """

    def __init__(self, circuit, fixed, loose=None):
        self.names = tuple(c.name for c in circuit.of_kind("committed"))
        self.equations = [_part(e.polynomial, self.names) for e in circuit.equations]
        self.sent = [
            Sent(
                m.bus.name,
                m.times.op == "sub",
                _part(m.times, self.names),
                tuple(_part(f, self.names) for f in m.fields),
            )
            for m in circuit.messages
        ]
        self.fixed, self.loose = fixed, loose or {}

    def forge(self, row, dropped=None, *, wide=False, depth=5, tries=100):
        """A row that satisfies all but the dropped equation; None if none was found.

        With `dropped`, that equation must fail; without, some message must differ. wide: begin with
        any cell, not only with those of the equation.
        """
        self.dropped = dropped
        self.seen = [(s.times.at(row), [f.at(row) for f in s.fields]) for s in self.sent]
        everything = wide or dropped is None
        for column in range(len(row)) if everything else self.equations[dropped].columns:
            for value in dict.fromkeys(self._moves(row, column)):
                if value != row[column]:
                    self.left = tries
                    cells = list(row)
                    cells[column] = value
                    found = self._repair(cells, {column}, depth)
                    if found is not None:
                        return found
        return None

    def _moves(self, row, column):
        """What to try first: near values, and those that take a field to another accepted value."""
        yield from ((row[column] + d) % P for d in DELTAS)
        yield from VALUES
        for sent, (times, fields) in zip(self.sent, self.seen, strict=True):
            for place, (part, old) in enumerate(zip(sent.fields, fields, strict=True)):
                if column in part.columns and times:
                    if sent.bus in LOOKUPS:
                        accepted = ((old + d) % P for d in (1, -1, 128, -128))
                    else:
                        accepted = self._accepted(sent, place, old)
                    yield from _solutions(part, row, column, tuple(accepted))

    def _accepted(self, sent, place, old):
        """The values others accept in a field besides the old one, if they are few."""
        accepted = self.loose.get((sent.bus, sent.taken, place), lambda _: ())(old)
        return accepted if len(accepted) <= FEW else ()

    def _repair(self, cells, changed, depth):
        self.left -= 1
        broken = self._broken(cells, changed)
        if not broken:
            return cells if self._succeeds(cells, changed) else None
        if not depth or self.left < 0 or len(broken) > 3 * depth:
            return None
        part, targets = min(broken, key=lambda b: len(set(b[0].columns) - changed))
        for column in part.columns:
            if column in changed:
                continue
            for value in _solutions(part, cells, column, targets):
                if value != cells[column]:
                    repaired = list(cells)
                    repaired[column] = value
                    found = self._repair(repaired, changed | {column}, depth - 1)
                    if found is not None:
                        return found
        return None

    def _succeeds(self, cells, changed):
        if self.dropped is not None:
            return self.equations[self.dropped].at(cells) != 0
        return any(
            [f.at(cells) for f in sent.fields] != before
            for sent, (_, before) in zip(self.sent, self.seen, strict=True)
            if sent.bus not in LOOKUPS and sent.reads(changed)
        )

    def _broken(self, cells, changed):
        """(part, values it may take) of everything that does not hold, now that cells changed."""
        found = [
            (e, (0,))
            for i, e in enumerate(self.equations)
            if i != self.dropped and e.reads(changed) and e.at(cells)
        ]
        for sent, (times, fields) in zip(self.sent, self.seen, strict=True):
            if not sent.reads(changed):
                continue
            now = sent.times.at(cells)
            if sent.bus in LOOKUPS:
                if now:
                    found += self._unanswered(sent, cells)
                continue
            if now != times:
                found.append((sent.times, (times,)))
            elif now:
                found += self._noticed(sent, fields, cells)
        return found

    def _unanswered(self, sent, cells):
        values = tuple(f.at(cells) for f in sent.fields)
        if values in self.fixed[sent.bus]:
            return []
        if sent.bus == "xor" and max(values) < 256:
            x, y, both = values
            wanted = (y ^ both, x ^ both, x ^ y)
            return [(f, (w,)) for f, w in zip(sent.fields, wanted, strict=True) if f.columns]
        size = 1 << (values[1] if sent.bus == "range" else 8)
        fields = sent.fields[:1] if sent.bus == "range" else sent.fields
        return [
            (f, tuple(dict.fromkeys((v % size, -(P - v) % size, 0))))
            for f, v in zip(fields, values, strict=False)
            if v >= size
        ]

    def _noticed(self, sent, fields, cells):
        found = []
        for place, (part, old) in enumerate(zip(sent.fields, fields, strict=True)):
            value = part.at(cells)
            accepted = self.loose.get((sent.bus, sent.taken, place), lambda _: ())(old)
            if value != old and value not in accepted:
                found.append((part, (old, *self._accepted(sent, place, old))))
        return found


def _solutions(part, cells, column, targets):
    """Values of a cell that give a polynomial of degree 1 or 2 in it one of the target values."""
    trial, at = list(cells), []
    for x in (0, 1, 2, 3):
        trial[column] = x
        at.append(part.at(trial))
    square = (at[2] - 2 * at[1] + at[0]) * pow(2, -1, P) % P
    slope = (at[1] - at[0] - square) % P
    if (at[0] + 3 * slope + 9 * square - at[3]) % P:
        return []
    found = []
    for target in targets:
        constant = (at[0] - target) % P
        if square:
            root = _square_root((slope * slope - 4 * square * constant) % P)
            if root is not None:
                half = pow(2 * square, -1, P)
                found += [(-slope + root) * half % P, (-slope - root) * half % P]
        elif slope:
            found.append(-constant * pow(slope, -1, P) % P)
    return found


@cache
def _square_root(x):
    """Tonelli and Shanks: p - 1 = 127 * 2^24; 3 is no square."""
    if x == 0:
        return 0
    if pow(x, (P - 1) // 2, P) != 1:
        return None
    order, z = 24, pow(3, 127, P)
    root, rest = pow(x, 64, P), pow(x, 127, P)
    while rest != 1:
        power, least = rest, 0
        while power != 1:
            power, least = power * power % P, least + 1
        step = pow(z, 1 << (order - least - 1), P)
        order, z = least, step * step % P
        root, rest = root * step % P, rest * z % P
    return root
