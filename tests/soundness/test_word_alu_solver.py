"""word_alu, asked of a solver: results follow from the words, for all of them."""

from dataclasses import replace

import pytest

from node.recursion.air.chip import TracedEquation
from node.recursion.air.expr import column
from node.recursion.air.smt import determinism
from node.recursion.riscv.chips.word_alu import WordOp
from tests.soundness.integers import question
from tests.soundness.intervals import factors
from tests.soundness.rewriting import rewritten
from tests.soundness.test_determinism import answer
from tests.soundness.test_word_alu import (
    CARRIES,
    CIRCUIT,
    EQUAL,
    FLAGS,
    INVERSE,
    LIMB,
    SIGN_Y,
    SIGN_Z,
)  # fmt: skip

REAL = column("real")


def of_operation(op):
    """The circuit of one operation, with carries that have columns: 16 equations more.

    Each says that a carry is what the chip makes of its limb and of the carry before.
    """
    known = {sum(column(flag) for flag in FLAGS): REAL}
    known |= {column(flag): int(flag == op.name.lower()) for flag in FLAGS}
    places = range(CARRIES, SIGN_Y)
    carries = {i: factors(CIRCUIT.equations[i].polynomial)[0] for i in places}
    named = {i: column(f"carry[{i - CARRIES}]") for i in places}
    more = []
    for i in places:
        others = {carries[j]: named[j] for j in places if j != i}
        own = rewritten(CIRCUIT, known | others).equations[i].polynomial
        more.append(TracedEquation(factors(own)[0] - named[i], ""))
    circuit = rewritten(CIRCUIT, known | {carries[i]: named[i] for i in places})
    return replace(circuit, equations=(*circuit.equations, *more))


def known_of(circuit):
    """Times, places and accesses, which do not matter."""
    fixed = {"real": 1, "time": 100, "p.high": 0x100, "q.high": 0x100}
    fixed |= {"p.quarter": 4, "q.quarter": 99}
    for name in (c.name for c in circuit.columns):
        if name.endswith(".gap"):
            fixed[name] = 9
        elif name.endswith(".last"):
            fixed[name] = 90 + (2 if name.startswith("exchanges") else 1)
    return fixed


def limbs(*names):
    return {f"{name}[{i}]": LIMB for name in names for i in range(16)}


def is_determined(op, without=None):
    """Whether x (z, of a sum), carry and signs follow, without one equation.

    Those of EQ are left out: they multiply unknown numbers, and fewer equations leave more answers.
    """
    circuit = of_operation(op)
    left_out = {EQUAL, INVERSE, without}
    equations = tuple(e for i, e in enumerate(circuit.equations) if i not in left_out)
    given, found = ("xy", "z") if op == WordOp.ADD else ("yz", "x")
    outputs = [*limbs(found), "carry[15]", "sign_y", "sign_z"]
    circuit = replace(circuit, equations=equations)
    return answer(question(circuit, limbs(*given), outputs, known_of(circuit))) == "unsat"


@pytest.mark.parametrize("op", WordOp)
def test_the_result_is_determined(op):
    """For all words, by a solver."""
    assert is_determined(op)


@pytest.mark.parametrize("without", range(CARRIES, SIGN_Z + 1))
def test_without_an_equation_it_is_not(without):
    assert not is_determined(WordOp.SLT, without)


def test_equality_is_determined():
    """By x, for all field elements; without one of two equations it is not."""
    circuit = of_operation(WordOp.EQ)
    two = circuit.equations[EQUAL : INVERSE + 1]
    for equations, expected in ((two, "unsat"), (two[:1], "sat"), (two[1:], "sat")):
        asked = determinism(replace(circuit, equations=equations), limbs("x"), ["equal"])
        assert answer(asked) == expected
