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

import numpy as np

from node.recursion.air.check import cells_of, evaluate, unbalanced, violations
from node.recursion.air.expr import walk
from node.recursion.field import P

DELTAS = (1, 2, P - 1, 2**16)
AT_ONCE = 256
"""Mutants of a row evaluated together: what a wide chip's values may take of memory."""

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
        circuit = slot.circuit
        columns = cells_of(circuit, table)
        names = [c.name for c in circuit.of_kind("committed")]
        changes = [(name, delta) for name in names for delta in deltas]
        chosen = rows.get(number, ()) if isinstance(rows, Mapping) else rows
        for row in range(len(table)) if chosen is None else [r for r in chosen if r < len(table)]:
            for begin in range(0, len(changes), AT_ONCE):
                part = changes[begin : begin + AT_ONCE]
                yield from _of_row(number, circuit, columns, row, part, fixed)


def _of_row(number, circuit, columns, row, changes, fixed):
    cells = mutated(columns, row, changes)
    broken = _broken(circuit, cells, len(changes) + 1)
    sent = _messages(circuit, cells, len(changes) + 1, fixed)
    for i, (name, _) in enumerate(changes, 1):
        mutant = Mutant(number, row, name, int(cells[name][i]))
        yield mutant, np.flatnonzero(broken[:, i]).tolist(), sent[i] != sent[0]


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


def _messages(circuit, cells, size, fixed):
    """By entry, the multiset of what the row sends; a lookup that its table answers is left out."""
    totals = [Counter() for _ in range(size)]
    for message in circuit.messages:
        times, *fields = _evaluate((message.times, *message.fields), cells, size).tolist()
        answered = () if message.provided else fixed.get(message.bus.name, ())
        for i, (count, *values) in enumerate(zip(times, *fields, strict=True)):
            if tuple(values) not in answered:
                totals[i][message.bus.name, tuple(values)] += count
    return [{k: v % P for k, v in total.items() if v % P} for total in totals]
