"""A machine of realistic shape for the prover's benchmarks: what a processor's chips look like."""

import numpy as np

from node.recursion.air.chip import Array, Bit, Bus, Chip, Constraints, Messages, is_bit
from node.recursion.air.machine import Machine
from node.recursion.field import P

COLUMNS = 39
BUSES = [Bus(f"bus{arity}", arity=arity) for arity in (3, 4, 5, 6)]
PRODUCTS = 29


class Mixer(Chip):
    """Forty columns, thirty constraints of degree 3, twelve messages of three to six fields.

    Assumes: nothing. Ensures: nothing of use; on real rows, product i + 1 is cell i times cell 0,
    and every message is sent and received.
    """

    cells = Array(COLUMNS)
    is_real = Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)
        for i in range(PRODUCTS):
            yield self.is_real * (self.cells[i] * self.cells[0] - self.cells[i + 1]) == 0

    def interact(self) -> Messages:
        for number, bus in enumerate([*BUSES, *BUSES[:2]]):
            fields = [self.cells[(9 * number + 5 * k) % COLUMNS] + k for k in range(bus.arity)]
            yield bus.send(*fields, times=self.is_real)
            yield bus.receive(*fields, times=self.is_real)


def machine():
    return Machine("mixer", [Mixer], public_values=0, boundary=lambda _: iter(()))


def trace(log_rows):
    """A full table of 2^log_rows rows: forty times as many cells."""
    table = np.random.default_rng(1).integers(
        0, P, (2**log_rows, Mixer.width), np.uint32, endpoint=False
    )
    for i in range(PRODUCTS):
        table[:, i + 1] = table[:, i].astype(np.uint64) * table[:, 0] % P
    table[:, -1] = 1
    return table
