"""The circuit language: tracing, refusals, checking, text, bytes, bounds."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.recursion.air.bounds import multiplicity_bounds, ranges
from node.recursion.air.check import Violation, evaluate, unbalanced, violations
from node.recursion.air.chip import (
    Array,
    Bit,
    Bus,
    Chip,
    Columns,
    Constraints,
    Felt,
    Formula,
    Group,
    Messages,
    Word,
    is_bit,
    row_index,
    trace_chip,
)
from node.recursion.air.expr import column, constant, lift, walk
from node.recursion.air.graph import MAGIC, digest, serialise_circuit
from node.recursion.air.machine import Machine
from node.recursion.air.text import show
from node.recursion.field import P
from tests.golden.circuits import FOLDER, LOCK, MACHINES, lock_text, show_machine
from tests.soundness.machines import fibonacci, sorting

BUS = Bus("bus", arity=1)


class Port(Columns):
    address, value = Felt(), Word()


class Add(Chip):
    """c = a + b mod 2**32, on two limbs."""

    a, b, c = Word(), Word(), Word()
    is_real = Bit()
    port = Group(Port)
    more = Array(3)

    def constrain(self) -> Constraints:
        carry = 0
        for a, b, c in zip(self.a, self.b, self.c, strict=True):
            carry = (a + b + carry - c) / 2**16
            yield is_bit(carry)


def row(a, b):
    limbs = [limb for x in (a, b, (a + b) % 2**32) for limb in (x & 0xFFFF, x >> 16)]
    return np.array([[*limbs, 1, 0, 0, 0, 0, 0, 0]], np.uint32)


def test_columns_in_the_order_they_are_declared():
    names = [c.name for c in trace_chip(Add).columns]
    assert names[:7] == ["a[0]", "a[1]", "b[0]", "b[1]", "c[0]", "c[1]", "is_real"]
    assert names[7:] == ["port.address", "port.value[0]", "port.value[1]", "more[0]", "more[1]",
                         "more[2]"]  # fmt: skip


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_valid_rows_pass_and_changed_ones_do_not(a, b):
    circuit = trace_chip(Add)
    table = row(a, b)
    assert violations(circuit, table) == []
    table[0, 4] ^= 1
    assert violations(circuit, table) != []


def test_a_violation_names_chip_row_equation_and_source_line():
    table = np.concatenate([row(1, 2), row(3, 4)])
    table[1, 5] = 9
    (found,) = violations(trace_chip(Add), table)
    assert (found.chip, found.row, found.number) == ("Add", 1, 1)
    assert found.source.startswith("chip.py:") or found.source.startswith("test_air.py:")
    assert "Add row 1: equation 1 fails" in str(found)
    assert isinstance(found, Violation)


def test_an_expression_has_no_truth_value():
    x = column("x")
    for condition in (x, x == 1):
        with pytest.raises(TypeError, match="no truth value"):
            bool(condition)
    with pytest.raises(TypeError, match="cannot equate"):
        _ = x == "one"


def test_equal_polynomials_are_one_object_and_constants_fold():
    x, y = column("x"), column("y")
    assert x + y is x + y
    assert x * 1 is x
    assert (x + 0) is x
    assert constant(x * 0) == 0
    assert constant(lift(3) * 5 - 1) == 14
    assert (x / 2) * 2 is not x  # no other simplification
    assert (x * y * x).degree == 3
    assert (1 - x).degree == 1


def test_walk_lists_arguments_first_and_once():
    x = column("x")
    square = x * x
    nodes = list(walk([square + square, square]))
    assert [n.op for n in nodes] == ["column", "mul", "add"]


def test_evaluate_over_any_numbers():
    x = column("x")
    assert evaluate([x * x - 3, lift(7)], {"x": 5}) == [22, 7]


def test_unbalanced_names_the_tuple():
    table, public = fibonacci.trace(5, 3)
    machine = fibonacci.machine()
    (circuit,) = machine.circuits
    assert unbalanced({circuit: [table]}, machine.boundary, public) == {}
    table[4, 3] = 0
    left = unbalanced({circuit: [table]}, machine.boundary, public)
    assert left == {("state", (4, 3, 5)): 1, ("state", (5, 5, 8)): -1}


def test_a_lookup_of_what_the_table_lacks_is_unbalanced():
    machine = sorting.machine()
    tables, public = sorting.trace([5, 3], 1)
    by_chip = {c: [t] for c, t in zip(machine.circuits, tables, strict=True)}
    assert unbalanced(by_chip, machine.boundary, public) == {}
    tables[0][0, 0] = 64
    assert ("range", (64,)) in unbalanced(by_chip, machine.boundary, public)


class Free(Chip):
    times, is_real = Felt(), Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)

    def interact(self) -> Messages:
        yield BUS.send(1, times=self.times)


class Bounded(Chip):
    a, b = Bit(), Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.a)
        yield (self.b - 1) * self.b == 0

    def interact(self) -> Messages:
        yield BUS.send(1, times=self.a * (1 - self.b) * 3)
        yield BUS.receive(1, times=self.a)


def test_multiplicities_have_bounds_or_the_machine_is_refused():
    assert multiplicity_bounds(trace_chip(Bounded)) == {BUS: 4}
    with pytest.raises(TypeError, match="Free: a message on bus bus has no bounded multiplicity"):
        Machine("free", [Free])


def test_a_declared_bit_that_nothing_constrains_has_no_range():
    class Declared(Chip):
        flag = Bit()

        def interact(self) -> Messages:
            yield BUS.send(1, times=self.flag)

    assert ranges(trace_chip(Declared)) == {}
    with pytest.raises(TypeError, match="no bounded multiplicity"):
        Machine("declared", [Declared])


class Loud(Chip):
    """Its all-zero row sends."""

    x = Bit()

    def constrain(self) -> Constraints:
        yield is_bit(self.x)

    def interact(self) -> Messages:
        yield BUS.send(1, times=1 - self.x)


class Unpadded(Chip):
    """Its all-zero row is not valid."""

    x = Felt()

    def constrain(self) -> Constraints:
        yield self.x == 1


class Floating(Chip):
    index = Formula(row_index)


class Empty(Chip):
    min_log_height = max_log_height = 2
    index = Formula(row_index)


class Truthy(Chip):
    x = Felt()

    def constrain(self) -> Constraints:
        yield True


@pytest.mark.parametrize(
    ("chips", "message"),
    [
        ([Loud], "all-zero row sends on bus bus"),
        ([Unpadded], "does not hold on the all-zero row"),
        ([Floating], "need a fixed height"),
        ([Empty], "needs a committed column"),
        ([(sorting.Range, 2)], "a chip of fixed height has one instance"),
        ([Bounded, Bounded], "listed twice"),
        ([Truthy], "expected an equation"),
    ],
)
def test_machines_that_no_proof_could_repair(chips, message):
    with pytest.raises(TypeError, match=message):
        Machine("bad", chips)


def test_a_message_of_the_wrong_arity():
    with pytest.raises(TypeError, match="bus bus carries 1 fields, got 2"):
        BUS.send(1, 2, times=1)


def test_two_buses_with_one_name():
    class Other(Chip):
        x = Bit()

        def constrain(self) -> Constraints:
            yield is_bit(self.x)

        def interact(self) -> Messages:
            yield Bus("bus", arity=2).send(1, 2, times=self.x)

    with pytest.raises(TypeError, match="two buses have one name"):
        Machine("bad", [Bounded, Other])


def test_text_uses_the_authors_names():
    text = show(trace_chip(Add))
    assert "let carry = (a[0] + b[0] - c[0])·2⁻¹⁶" in text
    assert "carry·(carry - 1) = 0" in text


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
def test_golden_text(machine):
    expected = (FOLDER / f"{machine.name}.txt").read_text()
    assert show_machine(machine) == expected, "run `make circuits` and review the difference"


def test_circuits_lock():
    assert lock_text() == LOCK.read_text(), "a circuit changed: run `make circuits`, say so"


def digest_of(circuit, bus_ids):
    return digest(circuit, serialise_circuit(circuit, bus_ids))


def test_the_digest_sees_every_part_of_the_meaning():
    machine = fibonacci.machine()
    (circuit,) = machine.circuits
    seen = {machine.digests[circuit], digest_of(circuit, {fibonacci.STATE: 2})}

    class Step(fibonacci.Step):
        index, a, b = Felt(), Felt(), Felt()
        is_real = Bit()
        max_log_height = 21

    seen.add(digest_of(trace_chip(Step), machine.bus_ids))

    class Step(Step):  # the name is part of the meaning
        index, a, b = Felt(), Felt(), Felt()
        is_real = Bit()

        def constrain(self) -> Constraints:
            yield (self.is_real - 1) * self.is_real == 0

    seen.add(digest_of(trace_chip(Step), machine.bus_ids))
    assert len(seen) == 4


def test_bytes_of_a_graph():
    machine = fibonacci.machine()
    data = machine.graphs[machine.circuits[0]]
    words = struct.unpack(f"<{len(data) // 4}I", data)
    assert words[0] == MAGIC
    assert words[1] == 4  # columns
    assert words[3:5] == (1, 2)  # equations, messages
    assert all(word < P or word == MAGIC for word in words)
