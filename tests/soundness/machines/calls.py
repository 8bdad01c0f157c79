"""What surrounds the chip of a call: who calls, the memory before and after, the lookup tables.

`surround` gives the chips under test every message they need as far as a true world has it: lookups
of what is in the tables, the calls and the memory they are told of. What then does not balance is
what the real machine would refuse.
"""

import numpy as np

from node.recursion.air.check import unbalanced, violations
from node.recursion.air.chip import Bit, Chip, Constraints, Felt, Messages, Word, is_bit
from node.recursion.air.machine import Machine
from node.recursion.riscv.buses import CALL, MEMORY
from node.recursion.riscv.chips.tables import Bytes, Range


class Caller(Chip):
    """Calls."""

    number, time, is_real = Felt(), Felt(), Bit()
    a0, a1, a2 = Word(), Word(), Word()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)

    def interact(self) -> Messages:
        arguments = (self.a0, self.a1, self.a2)
        yield CALL.send(self.number, 0, self.time, *arguments, times=self.is_real)


class Cells(Chip):
    """Words of memory: what they held first and since when, and last."""

    address, first_time, last_time, is_real = Felt(), Felt(), Felt(), Bit()
    before, after = Word(), Word()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)

    def interact(self) -> Messages:
        yield MEMORY.send(self.address, self.before, self.first_time, times=self.is_real)
        yield MEMORY.receive(self.address, self.after, self.last_time, times=self.is_real)


def machine(*chips):
    """The chips of a call in their surroundings."""
    return Machine("calls", [*chips, Caller, Cells, Range, Bytes])


def word(value):
    return value & 0xFFFF, value >> 16


def table_of(chip, rows):
    table = np.zeros((1 << max(len(rows) - 1, 0).bit_length(), chip.width), np.uint32)
    table[: len(rows)] = rows
    return table


def surround(machine, tables, calls, cells):
    """All tables of the machine.

    calls: (number, time, a0, a1, a2); cells: (address, value before, time, value after, time).
    """
    caller = [
        (number, time, 1, *(limb for argument in arguments for limb in word(argument)))
        for number, time, *arguments in calls
    ]
    memory = [
        (address, first, last, 1, *word(before), *word(after))
        for address, before, first, after, last in cells
    ]
    return [*tables, table_of(Caller, caller), table_of(Cells, memory), *_lookups(machine, tables)]


def _lookups(machine, tables):
    """The counts of every lookup that the tables have."""
    ranges = np.zeros((1 << Range.max_log_height, 1), np.uint32)
    pairs = np.zeros((1 << Bytes.max_log_height, 2), np.uint32)
    instances = {c: [t] for c, t in zip(machine.circuits, tables, strict=False)}
    for (bus, fields), times in unbalanced(instances).items():
        if bus == "range" and fields[1] <= 16 and fields[0] < 1 << fields[1]:
            ranges[(1 << fields[1]) + fields[0], 0] += times
        if bus == "bytes" and max(fields) < 256:
            pairs[fields[0] + 256 * fields[1], 0] += times
        if bus == "xor" and max(fields) < 256 and fields[2] == fields[0] ^ fields[1]:
            pairs[fields[0] + 256 * fields[1], 1] += times
    return [ranges, pairs]


def objections(machine, tables):
    """Names of what refuses the tables: chips with a failing equation, buses out of balance."""
    found = set()
    for slot, table in zip(machine.slots, tables, strict=True):
        found |= {v.chip for v in violations(slot.circuit, table)}
    instances = {s.circuit: [t] for s, t in zip(machine.slots, tables, strict=True)}
    return found | {bus for bus, _ in unbalanced(instances)}
