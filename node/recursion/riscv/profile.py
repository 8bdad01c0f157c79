"""Where a run's cycles and cells go: by function, by chip, by call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np

from node.recursion.air.machine import Machine
from node.recursion.riscv.events import Numbers, Words
from node.recursion.riscv.machine import CALLS, FAMILIES, ROUNDS, split
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


@dataclass
class Span:
    """What ran from one marked instruction to the next. cells: of its rows, without padding.

    mark: the address of the instruction it starts with; None before the first.
    """

    mark: int | None
    cycles: int = 0
    cells: int = 0


class Spans:
    """Splits a run where marked instructions are executed, and counts what lies between.

    What belongs to no instruction (memory trees, tables, padding) is nowhere counted.
    """

    def __init__(self, machine: Machine, marks: Collection[int]) -> None:
        """marks: addresses of instructions."""
        columns = {c.name: len(c.of_kind("committed")) for c in machine.circuits}
        self._marks = np.array(sorted(marks), np.int64)
        self._steps = {name: columns[chip.__name__] for name, chip in FAMILIES.items()}
        self._calls = {name: columns[chip.__name__] for name, chip in CALLS.items()}
        for rounds in ROUNDS:
            self._calls[rounds.call] += rounds.rows * columns[rounds.chip.__name__]
        self.spans = [Span(None)]

    def add(self, recorded: Recorded) -> None:
        """Counts the next segment."""
        hits = [
            events[np.isin(events[:, 1], self._marks)][:, :2] for events in recorded.steps.values()
        ]
        times, marks = np.array(sorted(map(tuple, np.concatenate(hits))), np.int64).reshape(-1, 2).T
        first = len(self.spans) - 1
        self.spans += [Span(int(mark)) for mark in marks]
        for name, cells in self._steps.items():
            self._count(recorded.steps[name], times, first, 1, cells)
        for name, cells in self._calls.items():
            self._count(recorded.calls[name], times, first, int(name == "ecall"), cells)

    def _count(self, events: Words, times: Numbers, first: int, cycles: int, cells: int) -> None:
        """Gives events, by their times, to the segment's spans; `first` is the one it starts in."""
        places = np.searchsorted(times, events[:, 0], side="right")
        for place, count in enumerate(np.bincount(places, minlength=1)):
            self.spans[first + place].cycles += cycles * int(count)
            self.spans[first + place].cells += cells * int(count)
