"""Where a run's cycles and cells go: by function, by chip, by call."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from node.recursion.air.machine import Machine
from node.recursion.riscv.events import Numbers
from node.recursion.riscv.machine import split
from node.recursion.riscv.program import Program
from node.recursion.riscv.trace import Recorded, event_counts

UNNAMED = "(no symbol)"


@dataclass
class Profile:
    """Sums over segments. cells: of padded tables; messages: those of all rows, padding too."""

    cycles: Counter[str] = field(default_factory=Counter)
    """By function."""
    instructions: Counter[str] = field(default_factory=Counter)
    """By family."""
    calls: Counter[str] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)
    """By chip."""
    messages: Counter[str] = field(default_factory=Counter)
    segments: int = 0

    def add(self, program: Program, machine: Machine, recorded: Recorded) -> None:
        """Counts one more segment."""
        self.segments += 1
        self.cycles.update(cycles_by_function(program, recorded))
        self.instructions.update({name: len(e) for name, e in recorded.steps.items() if len(e)})
        self.instructions["ecall"] += len(recorded.calls["ecall"])
        others = {name: len(e) for name, e in recorded.calls.items() if len(e)}
        self.calls.update({name: count for name, count in others.items() if name != "ecall"})
        for name, rows in table_rows(machine, recorded).items():
            circuit = next(c for c in machine.circuits if c.name == name)
            self.cells[name] += rows * len(circuit.of_kind("committed"))
            self.messages[name] += rows * len(circuit.messages)


def table_rows(machine: Machine, recorded: Recorded) -> dict[str, int]:
    """By chip, the rows of its tables, padding included."""
    counts = event_counts(recorded)
    rows = {}
    for circuit in machine.circuits:
        if circuit.is_fixed:
            rows[circuit.name] = 1 << circuit.max_log_height
        else:
            instances = sum(s.circuit is circuit for s in machine.slots)
            heights = split(counts[circuit.name], instances)
            rows[circuit.name] = sum(1 << height for height in heights)
    return rows


def _counters(program: Program, recorded: Recorded) -> Numbers:
    """How often each instruction of the program ran."""
    counters = np.zeros(len(program.instructions), np.int64)
    for events in (*recorded.steps.values(), recorded.calls["ecall"]):
        np.add.at(counters, (events[:, 1] - program.base) // 4, 1)
    return counters


def cycles_by_function(program: Program, recorded: Recorded) -> Counter[str]:
    """The segment's instructions by function; those of none under `UNNAMED`."""
    counters = _counters(program, recorded)
    found: Counter[str] = Counter()
    for function in program.functions:
        begin = (function.address - program.base) // 4
        count = int(counters[begin : begin + -(-function.size // 4)].sum())
        if count:
            found[function.name] += count
    rest = int(counters.sum()) - found.total()
    if rest:
        found[UNNAMED] = rest
    return found
