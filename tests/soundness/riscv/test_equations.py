"""Every equation of the RISC-V machine's chips is needed: without it, a lie would pass.

For most, a search finds a row that breaks this equation alone and the run goes on from what the row
claims; some take a run of their own, written by hand; and a few are not needed, each named here
with its reason.
"""

from dataclasses import replace

import numpy as np
import pytest

from node.recursion.air.bounds import multiplicity_bounds
from node.recursion.air.expr import lift
from node.recursion.air.text import show
from node.recursion.riscv.chips.mul import CARRY_BITS
from node.recursion.riscv.isa import CODE_START, DATA_START, IMMEDIATE, Op
from node.recursion.riscv.machine import FAMILIES
from tests.riscv.random_program import IMMEDIATES, Writer
from tests.soundness.mutation import fixed_tables
from tests.soundness.riscv import by_hand
from tests.soundness.riscv.forging import attempt
from tests.soundness.riscv.search import Search
from tests.soundness.riscv.specimens import IMAGE, TWIN, specimens

pytestmark = pytest.mark.soundness

ONE_STATE = "a state is taken once: a row whose flags sum to 2 finds no second one"
TWO_FLAGS = "where the other flag and the sum are bits, only a row that sends nothing breaks it"
NOT_NEEDED = {
    ("Add", "t0·(t0 - 1)"): ONE_STATE,
    ("Bitwise", "t0·(t0 - 1)"): ONE_STATE,
    ("Compare", "t0·(t0 - 1)"): ONE_STATE,
    ("Shift", "real·(real - 1)"): ONE_STATE,
    ("MulHigh", "t1·(t1 - 1)"): ONE_STATE,
    ("DivRem", "t2·(t2 - 1)"): ONE_STATE,
    ("LoadPart", "t0·(t0 - 1)"): ONE_STATE,
    ("StorePart", "t0·(t0 - 1)"): ONE_STATE,
    ("BranchEqual", "real·(real - 1)"): ONE_STATE,
    ("BranchLess", "t1·(t1 - 1)"): ONE_STATE,
    ("Add", "adds·(adds - 1)"): TWO_FLAGS,
    ("Add", "subtracts·(subtracts - 1)"): TWO_FLAGS,
    ("Compare", "signed·(signed - 1)"): TWO_FLAGS,
    ("Compare", "unsigned·(unsigned - 1)"): TWO_FLAGS,
    ("StorePart", "byte_stored·(byte_stored - 1)"): TWO_FLAGS,
    ("StorePart", "half_stored·(half_stored - 1)"): TWO_FLAGS,
    ("BranchEqual", "if_equal·(if_equal - 1)"): TWO_FLAGS,
    ("BranchEqual", "if_not·(if_not - 1)"): TWO_FLAGS,
    **{
        ("DivRem", f"by_zero·division.b[{i}]"): (
            "q = 2^32 - 1 leaves q |b| <= |a| only for |b| below 2, and then the result is right"
        )
        for i in range(1, 4)
    },
    ("Ecall", "halts·(halts - 1)"): "CALL has takers for 0 and 1 only",
    ("End", "halted·pc"): "after a halt the state's pc is 0, and no instruction is there",
}
"""Equations that other equations and the buses imply: kept, because they cost nothing and say what
is meant."""

OPCODES = tuple(int(op) for op in Op if op) + tuple(int(op) + IMMEDIATE for op in IMMEDIATES)
RESULTS = {
    # what is written, the other way of a branch
    ("memory", False, 1): lambda old: range(2**16),
    ("memory", False, 2): lambda old: range(2**16),
    ("state", False, 1): lambda old: (old - 4,) if old % 8 == 0 else (old + 4,),
}
LOOSE = RESULTS | {
    # an operation that a program could have there, a word of the twin area
    ("program", False, 1): lambda old: OPCODES,
    ("memory", False, 0): lambda old: (old + TWIN,) if old >= DATA_START else (),
    ("memory", True, 0): lambda old: (old + TWIN,) if old >= DATA_START else (),
}


def texts(circuit):
    """The equations as the golden file shows them, in order."""
    lines = [line.strip()[:-4] for line in show(circuit).splitlines() if line.endswith(" = 0")]
    assert len(lines) == len(circuit.equations)
    return lines


def needed_for_bounds(circuit):
    """Equations without which the machine itself is refused: multiplicities would have no bound."""
    found = set()
    for number, text in enumerate(texts(circuit)):
        rest = circuit.equations[:number] + circuit.equations[number + 1 :]
        try:
            multiplicity_bounds(replace(circuit, equations=rest))
        except TypeError:
            found.add((circuit.name, text))
    return found


@pytest.fixture(scope="module")
def honest():
    return attempt(specimens(), image=IMAGE)


def of_chip(run, name):
    """(circuit, table) of the first instance."""
    return next(
        (slot.circuit, table)
        for slot, table in zip(run.machine.slots, run.tables, strict=True)
        if slot.circuit.name == name
    )


def forge(run, name, known):
    """{equation's text: (row, cells that change)}, a row for each; and what was not found."""
    circuit, table = of_chip(run, name)
    search = Search(circuit, fixed_tables(run.machine), LOOSE)
    found, missing, used = {}, set(), set()
    rows = [row for row in range(len(table)) if table[row].any()]
    for number, text in enumerate(texts(circuit)):
        if (name, text) in known:
            continue
        for row, wide in [(r, False) for r in rows] + [(r, True) for r in rows[:12]]:
            if row in used:
                continue
            cells = search.forge(table[row].tolist(), number, wide=wide, tries=60)
            if cells is not None:
                used.add(row)
                found[text] = search, row, cells
                break
        else:
            missing.add((name, text))
    return found, missing


def lies_of(found, table, lies, program):
    """What the recorder must be told, and the program that is claimed."""
    for search, row, cells in found.values():
        old = table[row].tolist()
        for sent in search.sent:
            if sent.bus not in ("memory", "program", "state") or sent.taken:
                continue
            before, after = ([f.at(c) for f in sent.fields] for c in (old, cells))
            if before == after:
                continue
            if sent.bus == "memory":
                lies["addresses"][before[3]] = after[0]
                lies["values"][before[3]] = after[1] + (after[2] << 16)
            elif sent.bus == "state":
                lies["following"][before[0] - 4] = after[1]
            else:
                program[(before[0] - CODE_START) // 4, 0] = after[1]


def hand_made():
    return {(chip, text) for chip, text, _ in by_hand.WITNESSES}


@pytest.mark.parametrize(
    "chips",
    [
        ("Add", "Mul", "MulHigh", "BranchEqual", "Load", "Store", "JumpRegister"),
        pytest.param(tuple(chip.__name__ for chip in FAMILIES.values()), marks=pytest.mark.slow),
    ],
    ids=["some", "all"],
)
def test_a_lie_for_every_equation(honest, chips):
    """One run with all the lies: each row breaks its own equation, and every bus balances."""
    known = set(NOT_NEEDED) | hand_made()
    forged, lies = {}, {"values": {}, "addresses": {}, "following": {}}
    program, missing = honest.instructions.copy(), set()
    for name in chips:
        circuit, table = of_chip(honest, name)
        forged[name], left = forge(honest, name, known | needed_for_bounds(circuit))
        lies_of(forged[name], table, lies, program)
        missing |= left
    assert missing == set()
    run = attempt(honest.instructions, program=program, image=IMAGE, **lies)
    expected = set()
    for name, found in forged.items():
        circuit, table = of_chip(run, name)
        old = of_chip(honest, name)[1]
        for text, (_, row, cells) in found.items():
            changed = np.flatnonzero(old[row] != cells)
            table[row, changed] = np.array(cells)[changed]
            expected.add((name, row, texts(circuit).index(text)))
    assert run.broken() == expected
    assert run.refused_by() == {name for name, found in forged.items() if found}


def repeated(chip, text):
    """The same for a further limb or element of a digest."""
    return chip in ("End", "Node") and "[" in text and "[0]" not in text


@pytest.mark.parametrize(
    ("chip", "text", "witness"),
    [
        pytest.param(*case, id=" ".join(case[:2]), marks=[pytest.mark.slow] * repeated(*case[:2]))
        for case in by_hand.WITNESSES
    ],
)
def test_a_lie_by_hand(chip, text, witness):
    run = witness()
    circuit = next(c for c in run.machine.circuits if c.name == chip)
    broken = {(name, number) for name, _, number in run.broken()}
    assert broken == {(chip, texts(circuit).index(text))}
    assert run.refused_by() == {chip}


def test_nothing_is_left_out(honest):
    """The chips that are no instructions' have witnesses by hand, or bound multiplicities."""
    for name in ("Ecall", "Halt", "Hint", "End", "Leaf", "Node"):
        circuit, _ = of_chip(honest, name)
        known = set(NOT_NEEDED) | hand_made() | needed_for_bounds(circuit)
        assert {(name, text) for text in texts(circuit)} <= known


def test_what_is_named_exists(honest):
    """And is not needed for a bound either: then it would not be on the list."""
    for (name, text), reason in NOT_NEEDED.items():
        circuit, _ = of_chip(honest, name)
        assert text in texts(circuit), reason
        assert (name, text) not in needed_for_bounds(circuit)


@pytest.mark.slow
def test_the_search_finds_no_lie_that_nothing_breaks(honest):
    """With every equation in place, no row can be repaired to say something else."""
    for chip in FAMILIES.values():
        circuit, table = of_chip(honest, chip.__name__)
        search = Search(circuit, fixed_tables(honest.machine), RESULTS)
        for row in range(len(table)):
            if table[row].any():
                assert search.forge(table[row].tolist(), depth=4, tries=60) is None


def test_the_search_finds_a_carry_that_is_not_checked_enough():
    """Mul as it was first written: with 16 bits for a carry, limb + 2^16 carry wraps at p."""
    writer = Writer()
    writer.set(1, 3)
    writer.set(2, 5)
    writer.put(Op.MUL, 3, 1, 2)
    writer.halt()
    run = attempt(writer.instructions())
    circuit, table = of_chip(run, "Mul")
    assert Search(circuit, fixed_tables(run.machine), RESULTS).forge(table[0].tolist()) is None
    careless = replace(
        circuit,
        messages=tuple(
            replace(m, fields=(m.fields[0], lift(16)))
            if m.bus.name == "range" and m.fields[1].value == CARRY_BITS
            else m
            for m in circuit.messages
        ),
    )
    found = Search(careless, fixed_tables(run.machine), RESULTS).forge(table[0].tolist())
    names = [c.name for c in circuit.of_kind("committed")]
    changed = {n for n, x, y in zip(names, table[0].tolist(), found, strict=True) if x != y}
    assert changed >= {"carries[0]", "c[0]"}
