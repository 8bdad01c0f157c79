"""Fibonacci over a bus: a row takes (index, a, b) and leaves (index + 1, b, a + b)."""

import numpy as np

from node.recursion.air.chip import Bit, Bus, Chip, Constraints, Felt, Messages, is_bit
from node.recursion.air.machine import Machine
from node.recursion.field import P

STATE = Bus("state", arity=3)


class Step(Chip):
    """One step of the sequence.

    Assumes: nothing. Ensures: on real rows, the state moves one step.
    """

    index, a, b = Felt(), Felt(), Felt()
    is_real = Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)

    def interact(self) -> Messages:
        yield STATE.receive(self.index, self.a, self.b, times=self.is_real)
        yield STATE.send(self.index + 1, self.b, self.a + self.b, times=self.is_real)


def boundary(public):
    """Public values: steps, a, b at the end; the sequence starts with 0, 1."""
    steps, a, b = public
    yield STATE.send(0, 0, 1, times=1)
    yield STATE.receive(steps, a, b, times=1)


def machine(instances=1):
    return Machine("fibonacci", [(Step, instances)], public_values=3, boundary=boundary)


def trace(steps, log_height):
    """(table, public values)."""
    table = np.zeros((2**log_height, 4), np.uint32)
    a, b = 0, 1
    for i in range(steps):
        table[i] = i, a, b, 1
        a, b = b, (a + b) % P
    return table, (steps, a, b)
