"""The mutation harness on the demonstration machines: no free cell, no idle equation."""

import random

import numpy as np
import pytest

from node.recursion.air.check import evaluate
from node.recursion.air.chip import Bit, Chip, Constraints, Felt, Messages, is_bit
from node.recursion.air.machine import Machine
from node.recursion.chips.poseidon2 import Poseidon2
from node.recursion.field import P
from node.recursion.poseidon2 import DIGEST, WIDTH
from tests.soundness.machines import fibonacci, merkle, sorting
from tests.soundness.mutation import free_cells, idle_equations

FIBONACCI = fibonacci.machine()
SORTING = sorting.machine()
MERKLE = merkle.machine()


def words(generator, count):
    return [generator.randrange(P) for _ in range(count)]


def merkle_trace():
    generator = random.Random(7)
    siblings = [words(generator, DIGEST) for _ in range(3)]
    return merkle.trace(5, words(generator, DIGEST), siblings, 2)


def test_fibonacci_has_no_free_cell_on_real_rows():
    table, public = fibonacci.trace(8, 3)
    assert free_cells(FIBONACCI, [table], public) == []


def test_sorting_has_no_free_cell_on_real_rows():
    tables, public = sorting.trace([5, 3, 60, 3, 2, 9, 9, 1], 3)
    assert free_cells(SORTING, tables, public, rows=range(8)) == []


def test_merkle_has_no_free_cell_on_real_rows():
    tables, public = merkle_trace()
    assert free_cells(MERKLE, tables, public, rows=[0, 2]) == []


def test_cells_of_padding_rows_are_reported():
    """On a padding row only is_real matters: the harness must say so, not hide it."""
    table, public = fibonacci.trace(5, 3)
    columns = {mutant.column for mutant in free_cells(FIBONACCI, [table], public, rows=[6])}
    assert columns == {"index", "a", "b"}


def test_fibonacci_needs_its_equation():
    """is_real = 2 on one of two rows that are the same step: the buses balance, it is not a bit."""
    table, public = fibonacci.trace(3, 3)
    assert idle_equations(FIBONACCI, [table], public) == [("Step", 0)]
    bad = table.copy()
    # a loop of the bus on itself: 2 and -2 times the same step
    bad[4], bad[5] = (9, 1, 1, 2), (9, 1, 1, P - 2)
    assert idle_equations(FIBONACCI, [table], public, witnesses=[([bad], public)]) == []


def forged_compression(circuit, state, wrong):
    """A row whose cube number `wrong` is off by one and every later one follows from it.

    Equation j + 1 says what cube j is: with that cell at zero, the equation's value is minus it.
    """
    cubes = [f"full[{i}]" for i in range(64)] + [f"partial[{i}]" for i in range(20)]
    cubes += [f"full[{i}]" for i in range(64, 128)]
    cells = {f"state[{i}]": value for i, value in enumerate(state)}
    cells |= dict.fromkeys(cubes, 0) | {"is_real": 1}
    for j, cube in enumerate(cubes):
        equation = circuit.equations[j + 1].polynomial
        (value,) = evaluate([equation], cells, lambda x: x % P)
        cells[cube] = (-value + (j == wrong)) % P
    (message,) = circuit.messages
    parent = evaluate(message.fields[WIDTH:], cells, lambda x: x % P)
    row = [cells[c.name] for c in circuit.of_kind("committed")]
    return np.array([row], np.uint32), (*state, *parent)


@pytest.mark.parametrize(
    "sample", [range(0, 148, 21), pytest.param(range(148), marks=pytest.mark.slow)], ids=str
)
def test_every_equation_of_the_compression_is_needed(sample):
    """A wrong cube, carried through to the output that follows from it: one equation objects."""
    state = words(random.Random(11), WIDTH)
    machine = Machine(
        "compression",
        [Poseidon2],
        public_values=WIDTH + DIGEST,
        boundary=lambda public: [
            merkle.HASH.send(tuple(public[:WIDTH]), tuple(public[WIDTH:]), times=1)
        ],
    )
    (circuit,) = machine.circuits
    valid, public = forged_compression(circuit, state, None)
    assert np.array_equal(valid, Poseidon2.fill([state], 0))
    assert len(circuit.equations) == 1 + 148
    witnesses = [
        ([table], forged)
        for wrong in sample
        for table, forged in [forged_compression(circuit, state, wrong)]
    ]
    idle = idle_equations(machine, [valid], public, rows=[], witnesses=witnesses)
    # equation 0, is_real a bit: the test of Fibonacci shows what its lack allows
    assert {number - 1 for _, number in idle} == {-1, *range(148)} - set(sample)


class Idle(Chip):
    """A chip with a free cell and an equation that says nothing new."""

    x, free, is_real = Felt(), Felt(), Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)
        yield self.x * self.is_real == 0
        yield self.x * self.is_real * 2 == 0

    def interact(self) -> Messages:
        yield fibonacci.STATE.send(self.x, 0, 0, times=self.is_real)
        yield fibonacci.STATE.receive(self.x, 0, 0, times=self.is_real)


def test_the_harness_finds_planted_holes():
    machine = Machine("idle", [Idle])
    table = np.array([[0, 5, 1]], np.uint32)
    free = {m.column for m in free_cells(machine, [table], ())}
    assert free == {"free", "is_real"}  # what it sends it also receives
    assert ("Idle", 1) in idle_equations(machine, [table], ())
    assert ("Idle", 2) in idle_equations(machine, [table], ())


class Careless(Chip):
    """Looks its value up and forgets to say what it is: any value in the table will do."""

    value, is_real = Felt(), Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)

    def interact(self) -> Messages:
        yield sorting.RANGE.send(self.value, times=self.is_real)


def test_a_lookup_binds_nothing_to_one_entry_of_its_table():
    machine = Machine("careless", [Careless, sorting.Range])
    asked = np.zeros((2**sorting.RANGE_BITS, 1), np.uint32)
    asked[5] = 1
    tables = [np.array([[5, 1]], np.uint32), asked]
    free = {(m.column, m.value) for m in free_cells(machine, tables, (), rows={0: [0]})}
    assert free == {("value", 6), ("value", 7), ("value", 4), ("is_real", 0)}
    # what the table itself says it answered is bound
    assert free_cells(machine, tables, (), rows={1: range(8)}) == []


def test_the_harness_wants_a_valid_trace():
    table, public = fibonacci.trace(8, 3)
    table[0, 1] = 7
    with pytest.raises(AssertionError):
        free_cells(FIBONACCI, [table], public)
