"""Mutation: what a trace could hold instead without anybody noticing.

Give it a machine, a valid trace and its public values: `free_cells` reports every cell whose change
breaks no equation and no bus; `idle_equations` reports every equation without which no change
would pass that was refused before.

A lookup that is in its table breaks nothing, whatever it was before: a dishonest prover raises the
table's multiplicity. Only one that no row of the table answers is noticed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from operator import add, mul, sub

import numpy as np

from node.recursion.air.check import cells_of, evaluate, unbalanced, violations
from node.recursion.air.expr import column, walk
from node.recursion.field import P

DELTAS = (1, 2, P - 1, 2**16)
AT_ONCE = 256
"""Mutants of a row evaluated together: what a wide chip's values may take of memory."""

_OPERATIONS = {"add": add, "sub": sub, "mul": mul}
_known = {}


@dataclass(frozen=True)
class Mutant:
    """A cell of a slot's table and the value put there."""

    slot: int
    row: int
    column: str
    value: int


def assert_valid(machine, tables, public):
    """The starting point must be a valid trace."""
    for slot, table in zip(machine.slots, tables, strict=True):
        if table is not None:
            assert violations(slot.circuit, table) == []
    instances = {}
    for slot, table in zip(machine.slots, tables, strict=True):
        if table is not None:
            instances.setdefault(slot.circuit, []).append(table)
    assert unbalanced(instances, machine.boundary, public) == {}


def fixed_tables(machine):
    """{bus: {tuple: row}} of every bus that is provided, and only with tuples nobody can choose."""
    found, open_buses = {}, set()
    for circuit in machine.circuits:
        committed = {c.name for c in circuit.of_kind("committed")}
        for message in circuit.messages:
            if message.provided:
                columns = {str(x.value) for x in walk(message.fields) if x.op == "column"}
                if columns & committed:
                    open_buses.add(message.bus.name)
                else:
                    table = _fixed_tuples(circuit, message)
                    found[message.bus.name] = found.get(message.bus.name, {}) | table
    return {name: rows for name, rows in found.items() if name not in open_buses}


def _fixed_tuples(circuit, message):
    """Kept between machines: most of the work is the same for all programs of a virtual machine."""
    key = circuit.columns, circuit.preprocess, circuit.max_log_height, message.fields
    if key not in _known:
        size = 1 << circuit.max_log_height
        fields = _evaluate(message.fields, circuit.fixed_columns(), size)
        _known[key] = {values: row for row, values in enumerate(zip(*fields.tolist(), strict=True))}
    return _known[key]


def mutants(machine, tables, rows=None, deltas=DELTAS):
    """Every mutant, the equations it breaks, and whether a bus notices.

    rows: row numbers, by slot if they are a mapping; all if None.
    """
    fixed = fixed_tables(machine)
    for number, (slot, table) in enumerate(zip(machine.slots, tables, strict=True)):
        if table is None:
            continue
        chosen = rows.get(number, ()) if isinstance(rows, Mapping) else rows
        within = range(len(table)) if chosen is None else [r for r in chosen if r < len(table)]
        for begin in range(0, len(within), AT_ONCE):
            part = _Rows(slot.circuit, table, within[begin : begin + AT_ONCE], fixed)
            for cell in slot.circuit.of_kind("committed"):
                yield from part.mutants(number, cell.name, deltas)


class _Rows:
    """Rows of a chip with every value on them; a change computes anew what reads the cell."""

    def __init__(self, circuit, table, rows, fixed):
        self.rows, self.fixed, self.messages = rows, fixed, circuit.messages
        equations = [e.polynomial for e in circuit.equations]
        sent = [(m.times, *m.fields) for m in circuit.messages]
        parts = [part for message in sent for part in message]
        cells = [column(c.name) for c in circuit.columns]
        self.values = self._evaluate((*equations, *parts, *cells), cells_of(circuit, table))
        self.readers = _readers(self.values)
        self.equations = _places(enumerate(equations))
        self.parts = _places(
            ((i, k), part) for i, message in enumerate(sent) for k, part in enumerate(message)
        )
        failing = np.array([self.values[e] for e in equations]).reshape(-1, len(rows))
        self.broken = [set(np.flatnonzero(failing[:, row]).tolist()) for row in range(len(rows))]
        self.sent = [
            np.stack([self.values[part] for part in message], axis=1).tolist() for message in sent
        ]

    def _evaluate(self, roots, cells):
        values = {}
        for node in walk(roots):
            if node.op == "const":
                values[node] = np.full(len(self.rows), int(node.value))
            elif node.op == "column":
                values[node] = cells[str(node.value)][self.rows]
            else:
                values[node] = _OPERATIONS[node.op](*(values[x] for x in node.args)) % P
        return values

    def mutants(self, slot, name, deltas):
        """Those of one column."""
        cell = column(name)
        changed = {cell: (self.values[cell] + np.array(deltas)[:, None]) % P}
        for node in self.readers[cell]:
            parts = (changed.get(x, self.values[x]) for x in node.args)
            changed[node] = _OPERATIONS[node.op](*parts) % P
        checked = [(i, x != 0) for node, x in changed.items() for i in self.equations.get(node, ())]
        moved = {}
        for node, values in changed.items():
            for message, part in self.parts.get(node, ()):
                moved.setdefault(message, []).append((part, values.tolist()))
        for row, delta in np.ndindex(len(self.rows), len(deltas)):
            broken = self.broken[row].difference(i for i, _ in checked)
            broken |= {i for i, fails in checked if fails[delta, row]}
            mutant = Mutant(slot, self.rows[row], name, int(changed[cell][delta, row]))
            yield mutant, sorted(broken), self._noticed(moved, delta, row)

    def _noticed(self, moved, delta, row):
        """Whether messages with moved parts no longer say together what they said before."""
        total = Counter()
        for number, parts in moved.items():
            message = self.messages[number]
            answered = () if message.provided else self.fixed.get(message.bus.name, ())
            before = self.sent[number][row]
            after = list(before)
            for part, values in parts:
                after[part] = values[delta][row]
            for sign, (times, *fields) in ((1, after), (-1, before)):
                if tuple(fields) not in answered:
                    total[message.bus.name, tuple(fields)] += sign * times
        return any(times % P for times in total.values())


def _places(numbered):
    """By node, the numbers it stands under."""
    found = {}
    for number, node in numbered:
        found.setdefault(node, []).append(number)
    return found


def _readers(nodes):
    """By column, the nodes that depend on it, arguments first."""
    below, found = {}, {}
    for node in nodes:
        if node.op == "column":
            below[node] = {node}
            found[node] = []
        else:
            below[node] = set().union(*(below[x] for x in node.args))
            for cell in below[node]:
                found[cell].append(node)
    return found


def mutated(columns, row, changes):
    """The row's cells as arrays: the valid row first, then one entry a change."""
    size = len(changes) + 1
    cells = {name: np.full(size, values[row], np.int64) for name, values in columns.items()}
    for i, (name, delta) in enumerate(changes, 1):
        cells[name][i] = (cells[name][i] + delta) % P
    return cells


def free_cells(machine, tables, public, rows=None, deltas=DELTAS):
    """Mutants that break nothing: each is a hole, or a cell nobody cares about."""
    assert_valid(machine, tables, public)
    found = mutants(machine, tables, rows, deltas)
    return [mutant for mutant, broken, noticed in found if not broken and not noticed]


def idle_equations(machine, tables, public, rows=None, witnesses=()):
    """(chip, number) of every equation that no mutant, and no stored witness, needs.

    An equation is needed if some mutant breaks only it and leaves the buses balanced. witnesses:
    bad traces for equations that take more than one cell: (tables, public), each breaking exactly
    one equation with balanced buses.
    """
    assert_valid(machine, tables, public)
    needed: set[tuple[str, int]] = set()
    for mutant, broken, noticed in mutants(machine, tables, rows):
        if len(broken) == 1 and not noticed:
            needed.add((machine.slots[mutant.slot].circuit.name, *broken))
    for bad, bad_public in witnesses:
        found = [
            (v.chip, v.number)
            for slot, table in zip(machine.slots, bad, strict=True)
            if table is not None
            for v in violations(slot.circuit, table)
        ]
        instances = {}
        for slot, table in zip(machine.slots, bad, strict=True):
            if table is not None:
                instances.setdefault(slot.circuit, []).append(table)
        assert not unbalanced(instances, machine.boundary, bad_public)
        assert len(set(found)) == 1, found
        needed |= set(found)
    every = {(c.name, i) for c in machine.circuits for i in range(len(c.equations))}
    return sorted(every - needed)


def needed_by(circuit, table):
    """The equations that some row of a table breaks alone: each row is a bad witness.

    For chips whose messages any world can meet, so that no bus objects to what the row says.
    """
    needed = set()
    for begin in range(0, len(table), AT_ONCE):
        part = table[begin : begin + AT_ONCE]
        broken = _broken(circuit, cells_of(circuit, part), len(part))
        alone = np.flatnonzero((broken != 0).sum(axis=0) == 1)
        needed |= set(np.argmax(broken[:, alone] != 0, axis=0).tolist())
    return needed


def _evaluate(roots, cells, size):
    values = evaluate(roots, cells, lambda x: x % P)
    return np.array([np.broadcast_to(value, size) for value in values]).reshape(-1, size) % P


def _broken(circuit, cells, size):
    return _evaluate([e.polynomial for e in circuit.equations], cells, size)
