"""Forged runs of the RISC-V machine: recorded with lies, then patched row by row.

A prover may write anything into its tables. `Liar` records a run in which chosen accesses and
jumps are not what the program says and everything after follows from the lie; `Attempt.put`
changes cells; `Attempt.refused_by` says what objects once lookups are counted anew.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from node.recursion.air.check import cells_of, evaluate, violations
from node.recursion.air.chip import trace_chip
from node.recursion.chips.poseidon2 import Poseidon2
from node.recursion.field import P
from node.recursion.poseidon2 import WIDTH
from node.recursion.riscv.chips.memory import DEPTH
from node.recursion.riscv.chips.tables import program_chip
from node.recursion.riscv.isa import CODE_START, DATA_START
from node.recursion.riscv.machine import riscv_machine
from node.recursion.riscv.trace import fill_chips, place
from tests.riscv import recorder
from tests.riscv.random_program import Writer
from tests.soundness.mutation import fixed_tables

IMAGE = ((DATA_START, bytes(range(256)) * 2),)
STREAM = bytes(range(64))
OPERATION = 12
"""When the instruction after two SETs runs."""
_CLOCKS = ("at.time", "step.at.time", "call.time", "time")


@dataclass
class Liar(recorder.Machine):
    """Records what it is told to instead of what happens, and goes on from there.

    values, addresses: by the time of an access, what is written and where it goes; moved: how far
    from the truth; following: by the time of an instruction, the next pc.
    """

    values: dict = field(default_factory=dict)
    addresses: dict = field(default_factory=dict)
    moved: dict = field(default_factory=dict)
    following: dict = field(default_factory=dict)

    def access(self, address, tick, value=None):
        when = self.time + tick
        written = None if value is None else self.values.get(when, value)
        place = self.addresses.get(when, address) + self.moved.get(when, 0)
        return super().access(place, tick, written)

    def step(self):
        now = self.time
        super().step()
        self.pc = self.following.get(now, self.pc)


@dataclass
class Attempt:
    """A trace, to be changed. The prover's answers to lookups are counted when it is judged."""

    machine: object
    recorded: object
    tables: list
    instructions: object

    @property
    def public(self):
        return self.recorded.public.values()

    def find(self, chip, time=None, /, **cells):
        """(table, row) of a chip's row: at a time, or with these cells."""
        for slot, table in zip(self.machine.slots, self.tables, strict=True):
            if slot.circuit.name == chip and table is not None:
                columns = cells_of(slot.circuit, table)
                wanted = dict(cells)
                if time is not None:
                    wanted |= {next(c for c in _CLOCKS if c in columns): time}
                matching = [columns[name] == value for name, value in wanted.items()]
                rows = np.flatnonzero(np.all(matching, axis=0))
                if len(rows):
                    return table, int(rows[0])
        raise LookupError(f"{chip} has no row with {cells or time}")

    def names(self, chip):
        circuit = next(c for c in self.machine.circuits if c.name == chip)
        return [c.name for c in circuit.of_kind("committed")]

    def get(self, chip, time=None, /, **where):
        """A row's cells by name."""
        table, row = self.find(chip, time, **where)
        return dict(zip(self.names(chip), table[row].tolist(), strict=True))

    def put(self, chip, time=None, cells=(), /, **where):
        """Changes cells of a row; values modulo p."""
        table, row = self.find(chip, time, **where)
        names = self.names(chip)
        for name, value in dict(cells).items():
            table[row, names.index(name)] = value % P
        return self

    def claim(self, **public):
        """Changes public values."""
        self.recorded = replace(self.recorded, public=replace(self.recorded.public, **public))
        return self

    def compress(self, left, right):
        """A row more of the hash: these two and, returned, what it makes of them."""
        row = Poseidon2.fill([[x % P for x in (*left, *right)]], 0)
        slot = next(s for s in self.machine.slots if s.circuit.name == "Poseidon2")
        self.append("Poseidon2", dict(zip(self.names("Poseidon2"), row[0].tolist(), strict=True)))
        parent = slot.circuit.messages[0].fields[WIDTH:]
        digest = evaluate(parent, cells_of(slot.circuit, row), lambda x: x % P)
        return [int(x[0]) for x in digest]

    def propagate(self, level, index, digest):
        """A new digest of a node (0: of a leaf) after the segment, and of all above it."""
        while level < DEPTH:
            level, side, index = level + 1, ("left", "right")[index % 2], index // 2
            self.put("Node", None, _digest(f"{side}_after", digest), level=level, index=index)
            node = self.get("Node", None, level=level, index=index)
            children = [node[f"{name}_after[{i}]"] for name in ("left", "right") for i in range(8)]
            digest = self.compress(children[:8], children[8:])
            self.put("Node", None, _digest("after", digest), level=level, index=index)
        self.claim(root_after=tuple(digest))
        return self

    def append(self, chip, cells):
        """A row more of the first instance of a chip; `cells` are the ones that are not 0."""
        number = next(i for i, slot in enumerate(self.machine.slots) if slot.circuit.name == chip)
        names, table = self.names(chip), self.tables[number]
        if table is None:
            table = np.zeros((1, len(names)), np.uint32)
        elif table[-1].any():
            table = np.vstack([table, np.zeros_like(table)])
        self.tables[number] = table
        free = int(table.any(axis=1).sum())
        for name, value in cells.items():
            table[free, names.index(name)] = value % P
        return self

    def refused_by(self):
        """Names of the chips whose equations fail and of the buses that nothing can balance."""
        return {chip for chip, _, _ in self.broken()} | {bus for bus, _ in self.left()}

    def broken(self):
        """{(chip, row, equation)} of all that fail."""
        return {
            (v.chip, v.row, v.number)
            for slot, table in zip(self.machine.slots, self.tables, strict=True)
            if table is not None and slot.circuit.equations
            for v in violations(slot.circuit, table)
        }

    def _totals(self):
        totals = Counter()
        symbols = {f"public[{i}]": np.array([x]) for i, x in enumerate(self.public)}
        sources = [(self.machine.boundary, symbols, 1)]
        for slot, table in zip(self.machine.slots, self.tables, strict=True):
            sent = [m for m in slot.circuit.messages if not m.provided]
            if table is not None and sent:
                sources.append((sent, cells_of(slot.circuit, table), len(table)))
        for messages, cells, rows in sources:
            for message in messages:
                values = evaluate((message.times, *message.fields), cells, lambda x: x % P)
                times, *fields = (np.broadcast_to(value, rows).tolist() for value in values)
                for count, *tuple_ in zip(times, *fields, strict=True):
                    totals[message.bus.name, tuple(tuple_)] += count
        return {key: count % P for key, count in totals.items() if count % P}

    def left(self):
        """What no table can answer; a row of the hash that nobody asks for can be left out."""
        fixed = fixed_tables(self.machine)
        return [
            (bus, values)
            for (bus, values), count in self._totals().items()
            if values not in fixed.get(bus, ()) and not (bus == "hash" and count > P // 2)
        ]

    def settle(self):
        """Writes the tables' multiplicities that answer every lookup that they can."""
        fixed, totals = fixed_tables(self.machine), self._totals()
        for number, slot in enumerate(self.machine.slots):
            for message in slot.circuit.messages:
                if message.provided:
                    column = self.names(slot.circuit.name).index(str(_column(message.times)))
                    table = self.tables[number]
                    table[:, column] = 0
                    for (bus, values), count in totals.items():
                        if bus == message.bus.name and values in fixed[bus]:
                            table[fixed[bus][values], column] = count
        return self


def _digest(name, values):
    return {f"{name}[{i}]": value for i, value in enumerate(values)}


def _column(times):
    """The column of a provider's times, which is 0 - column."""
    return times.args[1].value


@cache
def machine_of(code):
    """Of a program: only the program's own chip is traced again."""
    instructions = np.frombuffer(code, np.uint32).reshape(-1, 6)
    some, own = _some_machine(), trace_chip(program_chip(instructions, CODE_START))
    machine = object.__new__(type(some))
    lazy = ("circuits", "buses", "bus_ids", "multiplicities")
    machine.__dict__ |= {key: value for key, value in vars(some).items() if key not in lazy}
    machine.slots = tuple(
        replace(slot, circuit=own) if slot.circuit.name == own.name else slot for slot in some.slots
    )
    return machine


@cache
def _some_machine():
    return riscv_machine(np.zeros((2, 6), np.uint32), CODE_START)


def attempt(instructions, *, program=None, stream=STREAM, image=IMAGE, limit=2**20, **lies):
    """A run in one segment, with these lies. program: what is proved, if not what is run."""
    state = Liar(instructions, CODE_START, CODE_START, recorder.image_words(image), stream, **lies)
    recorded = state.record(limit)
    machine = machine_of((instructions if program is None else program).tobytes())
    filled = fill_chips(machine, recorded, instructions, CODE_START)
    for circuit in machine.circuits:
        if circuit.is_fixed:
            shape = 1 << circuit.max_log_height, len(circuit.of_kind("committed"))
            filled[circuit.name] = [np.zeros(shape, np.uint32)]
    return Attempt(machine, recorded, place(machine, filled), instructions)


def operation(op, a, b, lie=None, **lies):
    """rd := a op b at time OPERATION, with another result if there is a lie."""
    writer = Writer()
    writer.set(1, a)
    writer.set(2, b)
    writer.put(op, 3, 1, 2)
    writer.halt()
    values = {} if lie is None else {OPERATION + 2: lie}
    return attempt(writer.instructions(), values=values, **lies)


def limbs(name, value):
    """Cells of a word."""
    return {f"{name}[0]": value & 0xFFFF, f"{name}[1]": value >> 16 & 0xFFFF}


def octets(name, value):
    """Cells of a word's bytes."""
    return {f"{name}[{i}]": value >> 8 * i & 255 for i in range(4)}
