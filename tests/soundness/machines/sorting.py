"""A range-checked sort: what was put on the bus in any order comes out in order.

Three chips: Input sends values with their place, Output receives the same values sorted, and a
16-bit range table shows that neighbours' differences are not negative.
"""

import numpy as np

from node.recursion.air.chip import (
    Bit,
    Bus,
    Chip,
    Constraints,
    Felt,
    Formula,
    Messages,
    is_bit,
    row_index,
)
from node.recursion.air.machine import Machine

VALUE = Bus("value", arity=1)
CURSOR = Bus("cursor", arity=2)
RANGE = Bus("range", arity=1)

RANGE_BITS = 6


class Range(Chip):
    """All numbers below 2^RANGE_BITS, each as often as it is asked for."""

    min_log_height = max_log_height = RANGE_BITS
    value = Formula(row_index)
    times = Felt()

    def interact(self) -> Messages:
        yield RANGE.provide(self.value, times=self.times)


class Input(Chip):
    """Values in the order given."""

    value, is_real = Felt(), Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)

    def interact(self) -> Messages:
        yield VALUE.send(self.value, times=self.is_real)
        yield RANGE.send(self.value, times=self.is_real)


class Output(Chip):
    """Values in order: each row takes (place, last) and leaves (place + 1, value >= last)."""

    place, last, value, is_real = Felt(), Felt(), Felt(), Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)

    def interact(self) -> Messages:
        yield VALUE.receive(self.value, times=self.is_real)
        yield RANGE.send(self.value - self.last, times=self.is_real)
        yield CURSOR.receive(self.place, self.last, times=self.is_real)
        yield CURSOR.send(self.place + 1, self.value, times=self.is_real)


def boundary(public):
    """Public values: how many, and the largest."""
    count, largest = public
    yield CURSOR.send(0, 0, times=1)
    yield CURSOR.receive(count, largest, times=1)


def machine():
    return Machine("sorting", [Input, Output, Range], public_values=2, boundary=boundary)


def trace(values, log_height):
    """([Input, Output, Range] tables, public values)."""
    rows = 2**log_height
    source = np.zeros((rows, 2), np.uint32)
    output = np.zeros((rows, 4), np.uint32)
    times = np.zeros((2**RANGE_BITS, 1), np.uint32)
    last = 0
    for i, (given, value) in enumerate(zip(values, sorted(values), strict=True)):
        source[i] = given, 1
        output[i] = i, last, value, 1
        times[given] += 1
        times[value - last] += 1
        last = value
    return [source, output, times], (len(values), last)
