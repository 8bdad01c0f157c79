"""One chip behind an ecall with everything around it: memory, the caller, ranges and bytes.

`complete` gives a chip's table, honest or not, whatever it asks of the rest of the machine, as far
as that exists: what is left over then is what the chip could not get away with.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from node.recursion.air.check import cells_of, evaluate, unbalanced, violations
from node.recursion.air.chip import Array, Bit, Chip, Constraints, Felt, Messages, Word, is_bit
from node.recursion.air.machine import Machine
from node.recursion.field import P
from node.recursion.riscv.buses import BYTES, CALL, MEMORY, RANGE
from node.recursion.riscv.events import empty_table, row_of
from tests.soundness.mutation import DELTAS, mutated

RANGE_BITS = 16


class Held(Chip):
    """What an address held before a segment, and holds after it."""

    address, since, until = Felt(), Felt(), Felt()
    before, after = Word(), Word()
    is_real = Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)

    def interact(self) -> Messages:
        yield MEMORY.send(self.address, self.before, self.since, times=self.is_real)
        yield MEMORY.receive(self.address, self.after, self.until, times=self.is_real)


class Caller(Chip):
    """Calls, as the ecall chip hands them on."""

    fields = Array(CALL.arity)
    is_real = Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)

    def interact(self) -> Messages:
        yield CALL.send(self.fields, times=self.is_real)


class Range(Chip):
    """(value, bits) for every value below 2^bits, bits up to RANGE_BITS."""

    min_log_height = max_log_height = RANGE_BITS + 1
    value, bits = Felt(preprocessed=True), Felt(preprocessed=True)
    times = Felt()

    def interact(self) -> Messages:
        yield RANGE.provide(self.value, self.bits, times=self.times)

    @classmethod
    def preprocess(cls):
        index = np.maximum(np.arange(2 ** (RANGE_BITS + 1)), 1)
        bits = np.frexp(index)[1] - 1
        return np.stack([index - (1 << bits), bits], axis=1).astype(np.uint32)


class Bytes(Chip):
    """Every pair of bytes."""

    min_log_height = max_log_height = 16
    x, y = Felt(preprocessed=True), Felt(preprocessed=True)
    times = Felt()

    def interact(self) -> Messages:
        yield BYTES.provide(self.x, self.y, times=self.times)

    @classmethod
    def preprocess(cls):
        index = np.arange(2**16)
        return np.stack([index & 255, index >> 8], axis=1).astype(np.uint32)


def machine(chip):
    return Machine(f"calls of {chip.__name__}", [chip, Held, Caller, Range, Bytes])


def complete(of, table):
    """All tables of a machine, for the table of its first chip."""
    left = unbalanced({of.circuits[0]: [table]})
    caller, held = [], {}
    for (bus, (first, *rest)), times in left.items():
        if bus == "call" and times < 0:
            caller += [[first, *rest, 1]] * -times
        if bus == "memory":
            ends = held.setdefault(first, {True: [], False: []})
            ends[times > 0] += [rest] * abs(times)
    rows = [
        [address, before[2], after[2], *before[:2], *after[:2], 1]
        for address, ends in sorted(held.items())
        for before, after in zip(ends[False], ends[True], strict=False)
    ]
    ranges, pairs = np.zeros((2 ** (RANGE_BITS + 1), 1)), np.zeros((2**16, 1))
    for (bus, (x, y, *_)), times in left.items():
        if bus == "range" and y <= RANGE_BITS and x < 2**y:
            ranges[2**y + x] = times % P
        if bus == "bytes" and x < 256 and y < 256:
            pairs[x + 256 * y] = times % P
    counts = [ranges.astype(np.uint32), pairs.astype(np.uint32)]
    return [table, _padded(rows, Held), _padded(caller, Caller), *counts]


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


def instances(of, tables):
    """The tables by circuit, as `unbalanced` takes them."""
    return {circuit: [table] for circuit, table in zip(of.circuits, tables, strict=True)}


def filled(chip, events, log_height=None):
    """The chip's table for events, one a row."""
    events = np.array(events, np.int64)
    height = (len(events) - 1).bit_length() if log_height is None else log_height
    table = empty_table(chip, height)
    row_of(chip, table, len(events)).fill(events.T)
    return table


def sent(of, table, bus):
    """The tuples of a bus that a table leaves, and how often."""
    left = Counter()
    for (name, fields), times in unbalanced({of.circuits[0]: [table]}).items():
        if name == bus:
            left[fields] += times
    return left


def refused(of, cells, size):
    """Of rows (cells by name, as arrays), which break an equation or look up what does not exist.

    Whatever memory and caller would have to say counts as said.
    """
    circuit = of.circuits[0]
    messages = [m for m in circuit.messages if m.bus.name in ("range", "bytes")]
    roots = [e.polynomial for e in circuit.equations]
    roots += [x for m in messages for x in (*m.fields, m.times)]
    values = iter(evaluate(roots, cells, lambda x: x % P))
    caught = np.zeros(size, bool)
    for _ in circuit.equations:
        caught |= next(values) != 0
    for m in messages:
        x, y, times = next(values), next(values), next(values)
        limit = 2 ** np.minimum(y, 31) if m.bus.name == "range" else 256
        caught |= (times != 0) & ((x >= limit) | (y >= 256) | (x >= 2**RANGE_BITS))
    return caught


def refused_rows(of, table):
    """The same, of a table."""
    return refused(of, cells_of(of.circuits[0], table), len(table))


def quiet_changes(of, table, row, deltas=DELTAS):
    """Columns of a row where some change is not refused: the chip's inputs, or free."""
    circuit = of.circuits[0]
    changes = [(c.name, delta) for c in circuit.columns for delta in deltas]
    cells = mutated(cells_of(circuit, table), row, changes)
    caught = refused(of, cells, len(changes) + 1)
    assert not caught[0]
    return {name for (name, _), found in zip(changes, caught[1:], strict=True) if not found}


def _padded(rows, chip):
    height = 1 << max(len(rows) - 1, 0).bit_length()
    table = np.zeros((height, chip.width), np.uint32)
    if rows:
        table[: len(rows)] = rows
    return table


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
