"""The RISC-V machine's chips, asked of a solver: what they say follows from what they are given.

For all operands at once, range checks included. Beyond it: what multiplies unknown bytes (products,
division, shifts) or needs an exclusive or; `search.py` looks for second answers of those.
"""

from dataclasses import replace

import pytest

from node.recursion.air.chip import trace_chip
from node.recursion.air.smt import determinism
from node.recursion.riscv.chips.add import Add
from node.recursion.riscv.chips.branch import BranchEqual, BranchLess
from node.recursion.riscv.chips.compare import Compare
from node.recursion.riscv.chips.jump import JumpRegister
from node.recursion.riscv.chips.load import Load, LoadPart
from node.recursion.riscv.chips.sha256 import STATE, Sha256Call
from node.recursion.riscv.chips.store import Store, StorePart
from tests.soundness.integers import question
from tests.soundness.test_determinism import answer

pytestmark = pytest.mark.soundness

FLAGS = {
    Add: ("adds", "subtracts", "step.immediate"),
    Compare: ("signed", "unsigned", "step.immediate"),
    BranchLess: ("blt", "bge", "bltu", "bgeu"),
    JumpRegister: ("is_real",),
    Load: ("is_real",),
    LoadPart: ("byte", "half", "byte_unsigned", "half_unsigned"),
    Store: ("is_real",),
    StorePart: ("byte_stored", "half_stored"),
}
TICKS = {"one": 0, "two": 1, "three": 2}
LIMB = 2**16


def words(*names):
    return {f"{name}[{i}]": LIMB for name in names for i in range(2)}


def one_operation(chip, on):
    """What is known: the flags, and times and accesses, which do not matter."""
    fixed = {flag: int(flag == on) for flag in FLAGS[chip]}
    for column in (c.name for c in trace_chip(chip).columns):
        if column.endswith("at.time"):
            fixed[column] = 100
        elif column.endswith(".last"):
            tick = TICKS[column.split(".")[-2]]
            # of a jump the second access is at time + 2
            fixed[column] = 90 + (2 if chip is JumpRegister and tick else tick)
        elif column.endswith(".gap"):
            fixed[column] = 9
    return fixed


@pytest.mark.parametrize(
    ("chip", "on", "inputs", "outputs"),
    [
        (Add, "adds", words("x", "b"), words("z")),
        (Add, "subtracts", words("z", "b"), words("x")),
        (Compare, "signed", words("a", "b"), ["compared.less"]),
        (Compare, "unsigned", words("a", "b"), ["compared.less"]),
        *(
            (BranchLess, on, words("step.a", "step.b"), ["compared.less"])
            for on in FLAGS[BranchLess]
        ),
        (
            JumpRegister,
            "is_real",
            words("base", "imm") | {"at.pc": 2**29},
            ["target.quarter", "target.high", "odd", *words("link")],
        ),
    ],
)
def test_determined_for_all_operands(chip, on, inputs, outputs):
    asked = question(trace_chip(chip), inputs, outputs, one_operation(chip, on))
    assert answer(asked) == "unsat"


POINTER = words("step.address.base", "step.address.imm")
PLACE = ["step.address.word.quarter", "step.address.word.high"]
BYTES = {"new_low": 256, "new_high": 256}


LOADED = POINTER | words("word"), [*PLACE, "odd", "upper", "low", "high", "sign"]
STORED = (
    POINTER | words("step.before") | BYTES,
    [*PLACE, "odd", "upper", "old_low", "old_high", "half"],
)
ACCESSES = [
    (Load, "is_real", POINTER, PLACE),
    (Store, "is_real", POINTER, PLACE),
    *((LoadPart, on, *LOADED) for on in FLAGS[LoadPart]),
    *((StorePart, on, *STORED) for on in FLAGS[StorePart]),
]


@pytest.mark.parametrize(("chip", "on", "inputs", "outputs"), ACCESSES)
def test_addresses_and_parts_of_words_are_determined(chip, on, inputs, outputs):
    """The word that is read or replaced is what memory holds at the address."""
    fixed = one_operation(chip, on)
    assert answer(question(trace_chip(chip), inputs, outputs, fixed)) == "unsat"
    for missing in inputs:
        fewer = {name: size for name, size in inputs.items() if name != missing}
        found = answer(question(trace_chip(chip), fewer, outputs, fixed))
        # what is stored in the high byte's place decides nothing where one byte is stored
        assert found == ("unsat" if (on, missing) == ("byte_stored", "new_high") else "sat")


NEEDED = {Load: [2], Store: [2], LoadPart: [7, 9, 10, 11], StorePart: [6, 7, 8, 9]}
"""Equations that leave a second answer if they are left out.

Others refuse what has no answer: misaligned addresses. The question rests on those of bits.
"""


@pytest.mark.parametrize(("chip", "on", "inputs", "outputs"), ACCESSES)
def test_without_an_equation_they_are_not(chip, on, inputs, outputs):
    circuit = trace_chip(chip)
    for number in NEEDED[chip]:
        fewer = circuit.equations[:number] + circuit.equations[number + 1 :]
        asked = question(
            replace(circuit, equations=fewer), inputs, outputs, one_operation(chip, on)
        )
        assert answer(asked) == "sat"


def of_compression():
    """What a call of sha256 knows besides the words: times, accesses and pointers."""
    fixed = {"is_real": 1, "call.time": 100}
    for name in (c.name for c in trace_chip(Sha256Call).columns):
        if name.endswith(".gap"):
            fixed[name] = 9
        elif name.endswith(".last"):
            fixed[name] = 90 + (2 if name.startswith("state") else 1)
        elif name.startswith("call.a"):
            fixed[name] = 0x100 if name.endswith("[1]") else 0
    return fixed


@pytest.mark.parametrize("number", [None, *range(1, 17)])
def test_a_compression_is_determined(number):
    """The sum at its end; without any one of its carries it is not."""
    circuit, size = trace_chip(Sha256Call), 2 * STATE
    inputs = {f"{name}[{i}]": LIMB for name in ("before", "last") for i in range(size)}
    if number is not None:
        fewer = circuit.equations[:number] + circuit.equations[number + 1 :]
        circuit = replace(circuit, equations=fewer)
    asked = question(circuit, inputs, [f"after[{i}]" for i in range(size)], of_compression())
    assert answer(asked) == ("unsat" if number is None else "sat")


@pytest.mark.parametrize("on", ["if_equal", "if_not"])
def test_equality_is_determined(on):
    fixed = {"if_equal": int(on == "if_equal"), "if_not": int(on == "if_not")}
    asked = determinism(trace_chip(BranchEqual), words("step.a", "step.b"), ["equal"], fixed)
    assert answer(asked) == "unsat"


def test_without_its_inputs_nothing_is_determined():
    """The question can be answered otherwise: the real row is no contradiction."""
    asked = question(trace_chip(Add), words("x"), words("z"), one_operation(Add, "adds"))
    assert answer(asked) == "sat"
