"""From recorded events to tables: the reference, which the compiled fillers equal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from node.recursion.air.check import Table, cells_of, evaluate, modulo
from node.recursion.air.chip import Bus, Circuit
from node.recursion.air.machine import Machine
from node.recursion.chips.poseidon2 import Poseidon2
from node.recursion.poseidon2 import DIGEST
from node.recursion.riscv.buses import BYTES, PROGRAM, RANGE, XOR
from node.recursion.riscv.chips.ecall import End
from node.recursion.riscv.chips.memory import WORDS, Leaf, Node
from node.recursion.riscv.events import Numbers, Steps, Words, empty_table, limbs, row_of
from node.recursion.riscv.isa import Instructions
from node.recursion.riscv.machine import CALLS, FAMILIES, ROUNDS, Public, split


@dataclass(frozen=True)
class Recorded:
    """What happened in a segment, as docs/zkvm.md lays the arrays out.

    steps: by family; calls: by name. leaves, nodes: of the memory tree. end_time: of the last
    state.
    """

    public: Public
    end_time: int
    steps: Mapping[str, Words]
    calls: Mapping[str, Words]
    leaves: Words
    nodes: Words


def event_counts(recorded: Recorded) -> dict[str, int]:
    """By chip, how many rows its events take, before padding."""
    counts = {chip.__name__: len(recorded.steps[name]) for name, chip in FAMILIES.items()}
    counts |= {chip.__name__: len(recorded.calls[name]) for name, chip in CALLS.items()}
    counts |= {x.chip.__name__: x.rows * len(recorded.calls[x.call]) for x in ROUNDS}
    leaves, nodes = len(recorded.leaves), len(recorded.nodes)
    return counts | {"End": 1, "Leaf": leaves, "Node": nodes, "Poseidon2": 2 * (leaves + nodes)}


def tables(
    machine: Machine, recorded: Recorded, instructions: Instructions, base: int
) -> list[Table | None]:
    """The tables of a segment, one a slot. base: the address of the first instruction."""
    filled = fill_chips(machine, recorded, instructions, base)
    counts = _lookups(machine, filled, base)
    for circuit in machine.circuits:
        if circuit.name in counts:
            filled[circuit.name] = [counts[circuit.name].T.astype(np.uint32)]
    return place(machine, filled)


def place(machine: Machine, filled: Mapping[str, Sequence[Table]]) -> list[Table | None]:
    """The tables of each chip, by name, as the tables of the slots."""
    instances = {name: iter(parts) for name, parts in filled.items()}
    return [next(instances[slot.circuit.name], None) for slot in machine.slots]


def fill_chips(
    machine: Machine, recorded: Recorded, instructions: Instructions, base: int
) -> dict[str, list[Table]]:
    """The tables of every chip that records something, by name: not those that are looked up."""
    filled: dict[str, list[Table]] = {}
    for name, chip in FAMILIES.items():
        steps = Steps.of(recorded.steps[name], instructions, base)
        filled[chip.__name__] = fill_instances(machine, chip, steps)
    for name, chip in CALLS.items():
        filled[chip.__name__] = fill_instances(machine, chip, recorded.calls[name])
    for x in ROUNDS:
        filled[x.chip.__name__] = fill_instances(machine, x.chip, x.events(recorded.calls[x.call]))
    filled["End"] = fill_instances(machine, End, _end(recorded))
    filled["Leaf"] = fill_instances(machine, Leaf, recorded.leaves)
    filled["Node"] = fill_instances(machine, Node, recorded.nodes)
    filled["Poseidon2"] = _compressions(machine, recorded)
    return filled


def _end(recorded: Recorded) -> Words:
    public = recorded.public
    words = [recorded.end_time, public.last_pc, public.halted, public.exit_code, *public.output]
    return np.array([words], np.uint32)


def parts(machine: Machine, chip: str, rows: int) -> Iterator[tuple[int, int, int]]:
    """(first row, end, log-height) of each instance of a chip with so many rows."""
    begin = 0
    for log_height in split(rows, sum(s.circuit.name == chip for s in machine.slots)):
        end = min(rows, begin + (1 << log_height))
        yield begin, end, log_height
        begin = end


def fill_instances(machine: Machine, chip: Any, events: Steps | Words) -> list[Table]:  # noqa: ANN401  # a chip with fill
    """The tables of a chip for its events, instance by instance."""
    found = []
    for begin, end, log_height in parts(machine, chip.__name__, len(events)):
        table = empty_table(chip, log_height)
        part: Steps | Numbers
        if isinstance(events, Steps):
            part = events.take(begin, end)
        else:
            part = events[begin:end].T.astype(np.int64)
        row_of(chip, table, end - begin).fill(part)
        found.append(table)
    return found


def _compressions(machine: Machine, recorded: Recorded) -> list[Table]:
    """Every hash that leaves and nodes ask for, a row each."""
    inputs = np.concatenate([*_leaf_inputs(recorded.leaves), *_node_inputs(recorded.nodes)])
    rows = inputs.tolist()
    return [
        Poseidon2.fill(rows[begin:end], log_height)
        for begin, end, log_height in parts(machine, "Poseidon2", len(rows))
    ]


def _leaf_inputs(leaves: Words) -> Iterator[Words]:
    for first in (1, 1 + WORDS):
        words = leaves[:, first : first + WORDS]
        yield np.stack(limbs(words), axis=2).reshape(len(leaves), 2 * WORDS)


def _node_inputs(nodes: Words) -> Iterator[Words]:
    """Before: left and right; after: left and right."""
    left_before, left_after, right_before, right_after = (
        nodes[:, 4 + i * DIGEST : 4 + (i + 1) * DIGEST] for i in range(4)
    )
    yield np.hstack([left_before, right_before])
    yield np.hstack([left_after, right_after])


_LOOKUPS: Final = (RANGE, BYTES, XOR, PROGRAM)


def _lookups(
    machine: Machine, filled: Mapping[str, Sequence[Table]], base: int
) -> dict[str, Numbers]:
    """By table chip, how often each row is asked for: shape (columns, rows)."""
    providers = {m.bus: c for c in machine.circuits for m in c.messages if m.provided}
    counts = {bus: np.zeros(1 << providers[bus].max_log_height, np.int64) for bus in _LOOKUPS}
    circuits = {c.name: c for c in machine.circuits}
    for name, parts in filled.items():
        for table in parts:
            _count(circuits[name], table, counts, base)
    found: dict[str, list[Numbers]] = {}
    for bus in _LOOKUPS:
        found.setdefault(providers[bus].name, []).append(counts[bus])
    return {name: np.stack(columns) for name, columns in found.items()}


def _count(circuit: Circuit, table: Table, counts: Mapping[Bus, Numbers], base: int) -> None:
    cells = cells_of(circuit, table)
    for message in circuit.messages:
        if message.bus not in counts or message.provided:
            continue
        times, *fields = evaluate((message.times, *message.fields), cells, modulo)
        times = np.broadcast_to(times, len(table))
        asked = times != 0
        rows = _row(message.bus, [np.broadcast_to(f, len(table))[asked] for f in fields], base)
        np.add.at(counts[message.bus], rows, times[asked])


def _row(bus: Bus, fields: Sequence[Numbers], base: int) -> Numbers:
    """Where a table has a tuple."""
    if bus is RANGE:
        value, bits = fields
        return (1 << bits) + value
    if bus is PROGRAM:
        return (fields[0] - base) // 4
    return fields[0] + 256 * fields[1]
