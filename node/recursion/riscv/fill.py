"""The tables of a segment, filled by the compiled core: equal to `trace.tables`, and fast.

What tables are asked for is counted from the chips' messages, so no chip needs code for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

import numpy as np

from node.recursion.air.check import Table
from node.recursion.air.chip import Bus, Circuit, Message
from node.recursion.air.expr import lift
from node.recursion.air.graph import serialise
from node.recursion.air.machine import Machine
from node.recursion.field import P
from node.recursion.riscv.buses import BYTES, PROGRAM, RANGE, XOR
from node.recursion.riscv.events import Words
from node.recursion.riscv.native import Segment
from node.recursion.riscv.trace import parts, place

LOOKUPS: Final = (RANGE, BYTES, XOR, PROGRAM)
"""Buses that tables provide, in the order of the counts."""


def fill_tables(machine: Machine, segment: Segment, base: int) -> list[Table | None]:
    """The tables of a segment, one a slot; each is stored column by column.

    base: the address of the program's first instruction.
    """
    names = [c.name for c in machine.circuits if not any(m.provided for m in c.messages)]
    filled = {
        name: [segment.fill(name, *part).T for part in parts(machine, name, segment.rows(name))]
        for name in names
    }
    filled |= _count(machine, segment, filled, base)
    return place(machine, filled)


def _count(
    machine: Machine, segment: Segment, filled: Mapping[str, Sequence[Table]], base: int
) -> dict[str, list[Table]]:
    """The tables of the chips that provide lookups: how often each row is asked for."""
    providers = {m.bus: c for c in machine.circuits for m in c.messages if m.provided}
    counts = [np.zeros(1 << providers[bus].max_log_height, np.uint32) for bus in LOOKUPS]
    for circuit in machine.circuits:
        for table in filled.get(circuit.name, []):
            segment.count(lookup_graph(circuit, base), table.T, counts)
    found: dict[str, list[Words]] = {}
    for bus, column in zip(LOOKUPS, counts, strict=True):
        found.setdefault(providers[bus].name, []).append(column)
    return {name: [np.stack(columns).T] for name, columns in found.items()}


@cache
def lookup_graph(circuit: Circuit, base: int) -> Words:
    """The lookups of a chip as a graph: each message's one field is the row that it asks for."""
    messages = [
        replace(m, fields=(lift(_row(m, base)),)) for m in circuit.messages if m.bus in LOOKUPS
    ]
    ids = {bus: number for number, bus in enumerate(LOOKUPS)}
    return np.frombuffer(serialise(circuit.columns, (), messages, ids), np.uint32)


def _row(message: Message, base: int) -> Any:  # noqa: ANN401  # a symbol
    """Where the table has the tuple."""
    bus: Bus = message.bus
    if bus is RANGE:
        value, bits = message.fields
        return value + 2 ** int(bits.value)
    if bus is PROGRAM:
        return (message.fields[0] - base) * pow(4, -1, P)
    return message.fields[0] + 256 * message.fields[1]
