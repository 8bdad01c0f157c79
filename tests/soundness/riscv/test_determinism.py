"""The RISC-V machine's chips, asked of a solver: what they say follows from what they are given.

For all operands at once, range checks included. Beyond the solver in ten seconds: the addresses of
loads and stores, and what multiplies unknown bytes (products, division, shifts) or needs an
exclusive or; `search.py` looks for second answers of those.
"""

import pytest

from node.recursion.air.chip import trace_chip
from node.recursion.air.smt import determinism
from node.recursion.riscv.chips.add import Add
from node.recursion.riscv.chips.branch import BranchEqual, BranchLess
from node.recursion.riscv.chips.compare import Compare
from node.recursion.riscv.chips.jump import JumpRegister
from tests.soundness.integers import question
from tests.soundness.test_determinism import answer

pytestmark = pytest.mark.soundness

FLAGS = {
    Add: ("adds", "subtracts", "step.immediate"),
    Compare: ("signed", "unsigned", "step.immediate"),
    BranchLess: ("blt", "bge", "bltu", "bgeu"),
    JumpRegister: ("is_real",),
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
        pytest.param(
            JumpRegister,
            "is_real",
            words("base", "imm") | {"at.pc": 2**29},
            ["target.quarter", "target.high", "odd", *words("link")],
            marks=pytest.mark.slow,
        ),
    ],
)
def test_determined_for_all_operands(chip, on, inputs, outputs):
    asked = question(trace_chip(chip), inputs, outputs, one_operation(chip, on))
    assert answer(asked) == "unsat"


@pytest.mark.parametrize("on", ["if_equal", "if_not"])
def test_equality_is_determined(on):
    fixed = {"if_equal": int(on == "if_equal"), "if_not": int(on == "if_not")}
    asked = determinism(trace_chip(BranchEqual), words("step.a", "step.b"), ["equal"], fixed)
    assert answer(asked) == "unsat"


def test_without_its_inputs_nothing_is_determined():
    """The question can be answered otherwise: the real row is no contradiction."""
    asked = question(trace_chip(Add), words("x"), words("z"), one_operation(Add, "adds"))
    assert answer(asked) == "sat"
