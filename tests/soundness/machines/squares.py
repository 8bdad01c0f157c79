"""A lookup into a preprocessed table: numbers and their squares."""

import numpy as np

from node.recursion.air.chip import Bit, Bus, Chip, Constraints, Felt, Messages, is_bit
from node.recursion.air.machine import Machine
from node.recursion.field import P

SQUARE = Bus("square", arity=2)
TOTAL = Bus("total", arity=2)
LOG_TABLE = 4


class Squares(Chip):
    """n and n^2 for n below 2^LOG_TABLE, each as often as it is asked for."""

    min_log_height = max_log_height = LOG_TABLE
    n, square = Felt(preprocessed=True), Felt(preprocessed=True)
    times = Felt()

    def interact(self) -> Messages:
        yield SQUARE.provide(self.n, self.square, times=self.times)

    @classmethod
    def preprocess(cls):
        n = np.arange(2**cls.max_log_height, dtype=np.uint32)
        return np.stack([n, n * n], axis=1)


class Adder(Chip):
    """A row takes (place, total) and leaves (place + 1, total + n^2)."""

    place, total, n, square, is_real = Felt(), Felt(), Felt(), Felt(), Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)

    def interact(self) -> Messages:
        yield SQUARE.send(self.n, self.square, times=self.is_real)
        yield TOTAL.receive(self.place, self.total, times=self.is_real)
        yield TOTAL.send(self.place + 1, self.total + self.square, times=self.is_real)


def boundary(public):
    """Public values: how many, and their squares' sum."""
    count, total = public
    yield TOTAL.send(0, 0, times=1)
    yield TOTAL.receive(count, total, times=1)


def machine():
    return Machine("squares", [Squares, Adder], public_values=2, boundary=boundary)


def trace(numbers, log_height):
    """([Squares, Adder] tables, public values)."""
    times = np.zeros((2**LOG_TABLE, 1), np.uint32)
    adder = np.zeros((2**log_height, Adder.width), np.uint32)
    total = 0
    for i, n in enumerate(numbers):
        times[n] += 1
        adder[i] = i, total, n, n * n, 1
        total = (total + n * n) % P
    return [times, adder], (len(numbers), total)
