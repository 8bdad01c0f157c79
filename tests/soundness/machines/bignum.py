"""One chip behind an ecall with everything around it: memory, the caller, ranges and bytes.

`complete` gives a chip's table, honest or not, whatever it asks of the rest of the machine, as far
as that exists: what is left over then is what the chip could not get away with.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from node.recursion.air.check import cells_of, evaluate, unbalanced, violations
from node.recursion.field import P
from node.recursion.riscv.chips.tables import RANGE_BITS
from node.recursion.riscv.events import empty_table, row_of
from tests.soundness.machines.calls import machine, surround
from tests.soundness.mutation import DELTAS, mutated

__all__ = ["machine"]


def complete(of, table):
    """All tables of a machine, for the table of its first chip."""
    callers, held = [], {}
    for (bus, (first, *rest)), times in unbalanced({of.circuits[0]: [table]}).items():
        if bus == "call" and times < 0:
            _, time, *limbs = rest
            arguments = [x + (y << 16) for x, y in zip(limbs[::2], limbs[1::2], strict=True)]
            callers += [(first, time, *arguments)] * -times
        if bus == "memory":
            ends = held.setdefault(first, {True: [], False: []})
            ends[times > 0] += [(rest[0] + (rest[1] << 16), rest[2])] * abs(times)
    cells = [
        (address, *before, *after)
        for address, ends in sorted(held.items())
        for before, after in zip(ends[False], ends[True], strict=False)
    ]
    return surround(of, [table], callers, cells)


def problems(of, table):
    """Equations that fail, by number, and buses that stay unbalanced however completed."""
    circuit = of.circuits[0]
    found = {v.number for v in violations(circuit, table)}
    ends = Counter()
    for (bus, (first, second, *_)), times in unbalanced({circuit: [table]}).items():
        exists = {
            "range": second <= RANGE_BITS and first < 2**second,
            "bytes": first < 256 and second < 256,
            "call": times < 0,
            "memory": True,
        }
        found |= set() if exists[bus] else {bus}
        ends[first] += times if bus == "memory" else 0
    return found | ({"memory"} if any(ends.values()) else set())


def filled(chip, events, dtype=np.int64):
    """The chip's table for events, one a row."""
    events = np.array(events, dtype)
    height = (len(events) - 1).bit_length()
    table = empty_table(chip, height)
    row_of(chip, table, len(events)).fill(events.T)
    return table


def pointer_cases(writes, reads):
    """(place written, place read, buses that refuse them), at the ends of where calls may point."""
    return [
        (writes, 0x0001_0000, set()),
        (writes, 0x0000_FFFC, {"range"}),  # below all memory
        (0x00FF_FFFC, reads, {"range"}),  # code
        (0x0001_0000, reads, {"range"}),
        (0x2100_0000, reads, {"range"}),  # the last 2^24 bytes have no leaf, but their addresses
        (writes, 0x2001_0000, {"range"}),
    ]


def sent(of, table, bus):
    """The tuples of a bus that a table leaves, and how often."""
    left = Counter()
    for (name, fields), times in unbalanced({of.circuits[0]: [table]}).items():
        if name == bus:
            left[fields] += times
    return left


def objections(of, cells, size):
    """For each row (cells by name, as arrays): equations that fail, buses without what it looks up.

    Whatever memory and caller would have to say counts as said.
    """
    circuit = of.circuits[0]
    messages = [m for m in circuit.messages if m.bus.name in ("range", "bytes")]
    roots = [e.polynomial for e in circuit.equations]
    roots += [x for m in messages for x in (*m.fields, m.times)]
    values = iter(evaluate(roots, cells, lambda x: x % P))
    found = [set() for _ in range(size)]

    def note(what, where):
        for row in np.flatnonzero(np.broadcast_to(where, size)):
            found[row].add(what)

    for number in range(len(circuit.equations)):
        note(number, next(values) != 0)
    for m in messages:
        x, y, times = next(values), next(values), next(values)
        limit = 2 ** np.minimum(y, RANGE_BITS) if m.bus.name == "range" else 256
        note(m.bus.name, (times != 0) & ((x >= limit) | (y >= 256)))
    return found


def row_objections(of, table):
    """The same of a table."""
    return objections(of, cells_of(of.circuits[0], table), len(table))


def quiet_changes(of, table, row, deltas=DELTAS):
    """Columns of a row where some change is not refused: the chip's inputs, or free."""
    circuit = of.circuits[0]
    changes = [(c.name, delta) for c in circuit.columns for delta in deltas]
    cells = mutated(cells_of(circuit, table), row, changes)
    valid, *found = objections(of, cells, len(changes) + 1)
    assert not valid
    return {name for (name, _), caught in zip(changes, found, strict=True) if not caught}


@dataclass
class Memory:
    """Words and when they were last accessed."""

    words: dict = field(default_factory=dict)
    last: dict = field(default_factory=dict)

    def store(self, address, number, size):
        """Puts a number of `size` bytes there, before the segment."""
        for i in range(0, size, 4):
            self.words[address + i] = number >> 8 * i & 0xFFFFFFFF

    def load(self, address, size):
        return sum(self.words.get(address + i, 0) << 8 * i for i in range(0, size, 4))

    def access(self, address, count, time):
        """The words there and when they were accessed last."""
        places = range(address, address + 4 * count, 4)
        words = [self.words.get(a, 0) for a in places]
        lasts = [self.last.get(a, 0) for a in places]
        self.last.update(dict.fromkeys(places, time))
        return words, lasts

    def held(self):
        """What MEMORY must be left with: (address, low, high, time) of what was accessed."""
        return {(a, self.words.get(a, 0) & 0xFFFF, self.words.get(a, 0) >> 16, t)
                for a, t in self.last.items()}  # fmt: skip
