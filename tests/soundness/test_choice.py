"""Two one-hot codes: nothing but a number, or nothing at all, satisfies them."""

from itertools import product

import numpy as np

from node.recursion.air.check import violations
from node.recursion.air.chip import Array, Chip, Constraints, trace_chip
from node.recursion.field import P
from node.recursion.riscv.choice import constant_of, fill_choice, number_of, show_choice
from node.recursion.riscv.events import empty_table
from tests.soundness.mutation import needed_by

VALUES = (0, 5, 1, 7, 0, 9)


class Chosen(Chip):
    """A number below six."""

    major, minor = Array(2), Array(3)

    def constrain(self) -> Constraints:
        yield from show_choice(self.major, self.minor)


CIRCUIT = trace_chip(Chosen)


def test_numbers_are_what_was_chosen():
    table = empty_table(Chosen, 3)
    row = Chosen([table[:6, i] for i in range(5)])
    fill_choice(row.major, row.minor, np.arange(6))
    assert violations(CIRCUIT, table) == []
    row = Chosen([table[:, i].astype(np.int64) for i in range(5)])
    assert number_of(row.major, row.minor).tolist() == [0, 1, 2, 3, 4, 5, 0, 0]
    assert constant_of(row.major, row.minor, VALUES).tolist() == [*VALUES, 0, 0]


def test_only_six_numbers_and_nothing_satisfy_it():
    every = np.array(list(product((0, 1, 2, P - 1), repeat=5)), np.uint32)
    refused = {v.row for v in violations(CIRCUIT, every)}
    assert len(every) - len(refused) == 7


def test_every_equation_is_needed():
    rows = [
        (-1, 1, 0, 0, 0),
        (1, -1, 0, 0, 0),
        (0, 0, -1, 1, 0),
        (0, 0, 1, -1, 0),
        (0, 0, 0, 1, -1),
        (1, 1, 1, 1, 0),
        (1, 0, 0, 0, 0),
    ]
    bad = (np.array(rows, np.int64) % P).astype(np.uint32)
    assert needed_by(CIRCUIT, bad) == set(range(len(CIRCUIT.equations)))
