"""Every cell of the RISC-V machine's chips, changed: an equation or a bus must notice."""

import random

import numpy as np
import pytest

from node.recursion.air.check import cells_of, evaluate
from node.recursion.field import P
from node.recursion.riscv.isa import IMMEDIATE, Op
from tests.riscv.random_program import IMMEDIATES, random_program
from tests.soundness.mutation import free_cells
from tests.soundness.riscv.forging import attempt

pytestmark = pytest.mark.soundness

DELTAS = [x % P for i in (0, 1, 2, 7, 8, 14, 15, 16, 24) for x in (2**i, -(2**i))]
OTHER_CHIPS = ("Ecall", "Halt", "Hint", "End", "Leaf", "Node")
ROWS = 3
"""Of each opcode, and of each chip that has none."""

DONT_CARE = {
    ("BranchEqual", "inverses[0]"): "where the low limbs are equal it is multiplied by zero",
    ("BranchEqual", "inverses[1]"): "where the high limbs are equal it is multiplied by zero",
    ("DivRem", "borrow"): "of the comparison r < |b|, which division by zero does not ask for",
}


def opcodes(slot, table):
    """Of every row; 0 where nothing runs."""
    cells = cells_of(slot.circuit, table)
    for message in slot.circuit.messages:
        if message.bus.name == "program" and not message.provided:
            (opcode,) = evaluate([message.fields[1]], cells, lambda x: x % P)
            return np.broadcast_to(opcode, len(table))
    return None


def spread(rows):
    """A few of them, first and last among them."""
    return sorted({int(rows[i]) for i in np.linspace(0, len(rows) - 1, ROWS).astype(int)})


@pytest.fixture(scope="module")
def trace():
    return attempt(random_program(random.Random(12), 500))


@pytest.fixture(scope="module")
def chosen(trace):
    """{slot: rows}: every opcode of every chip, and of the others their first and last rows."""
    rows, seen = {}, set()
    for number, (slot, table) in enumerate(zip(trace.machine.slots, trace.tables, strict=True)):
        if table is None:
            continue
        found = opcodes(slot, table)
        if slot.circuit.name in OTHER_CHIPS:
            column = table[:, trace.names(slot.circuit.name).index("is_real")]
            rows[number] = spread(np.flatnonzero(column))
        elif found is not None:
            present = set(found.tolist()) - {0}
            seen |= present
            rows[number] = sorted(
                {row for op in present for row in spread(np.flatnonzero(found == op))}
            )
    every = {op for op in Op if op not in (Op.ILLEGAL, Op.ECALL)}
    assert seen == every | {op + IMMEDIATE for op in IMMEDIATES}
    return rows


def test_no_cell_is_free(trace, chosen):
    trace.settle()
    free = free_cells(trace.machine, trace.tables, trace.public, chosen, DELTAS)
    names = {(trace.machine.slots[m.slot].circuit.name, m.column) for m in free}
    assert names == set(DONT_CARE)
