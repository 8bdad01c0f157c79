"""No sum of a chip can reach p: from the chip's own range checks, by machine.

What is then shown modulo p holds of integers: carries, borrows, orders, quotients.
"""

import re
from dataclasses import replace
from functools import cache

import pytest

from node.recursion.air.bounds import Range
from node.recursion.air.chip import Chip, Constraints, Felt, Messages, trace_chip
from node.recursion.air.expr import column, lift
from node.recursion.field import P
from node.recursion.riscv.buses import RANGE
from node.recursion.riscv.chips.bitwise import Bitwise
from node.recursion.riscv.chips.branch import BranchLess
from node.recursion.riscv.chips.compare import Compare
from node.recursion.riscv.chips.jump import JumpRegister, Set
from node.recursion.riscv.chips.load import Load, LoadPart
from node.recursion.riscv.chips.mul import CARRY_BITS, Mul, MulHigh
from node.recursion.riscv.chips.poseidon2 import Poseidon2Call
from node.recursion.riscv.chips.secp256k1 import Secp256k1Add, Secp256k1Double
from node.recursion.riscv.chips.store import Store, StorePart
from node.recursion.riscv.chips.word_alu import WordAlu, WordOp
from node.recursion.riscv.isa import DATA_START
from node.recursion.riscv.machine import CALLS, ROUNDS
from tests.soundness.intervals import LIMB, Intervals, factors
from tests.soundness.rewriting import rewritten
from tests.soundness.test_word_alu_solver import of_operation

pytestmark = pytest.mark.soundness

TIME = Range(0, 2**26)
"""Times are below 2^26: docs/zkvm.md, Time."""
ASSUMED = {
    r"(.*\.)?(time|last)": TIME,
    # of MulAddMod; test_muladdmod.py shows that nothing else passes
    "wraps": Range(0, 1),
    # CALL carries words of registers, which are in range
    r"(call\.)?a[012]\[\d+\]": LIMB,
    # SHA carries limbs of words, but for the newest two, which carries of 0 to 5 leave
    r"[ae]_oldest\[\d\]": LIMB,
    r"[ae]_newest\[\d\]": Range(-5 * 2**16, 6 * 2**16),
    r"last\[\d+\]": Range(-5 * 2**16, 6 * 2**16),
    # of WordAlu, where EQ is the operation, else 0: test_word_alu_solver.py
    "equal": Range(0, 1),
    # equations say that they are packed bits, and a bit
    r"small_[01]\[\d\]": LIMB,
    r"first\[\d\]": Range(0, 1),
    # at most four words go into a word of the schedule
    r"sums\[\d+\]": Range(0, 4 * (2**16 - 1)),
}
"""By column, what others have shown."""
OPERANDS = {
    # registers and immediates hold words
    r"(step\.)?b\[\d\]": LIMB,
    # an equation says what two bytes make
    "half": LIMB,
    # where an instruction is
    r"(.*\.)?pc": Range(0, DATA_START - 4),
}
"""The same of instructions."""
CHIPS = [x for x in CALLS.values() if x is not WordAlu] + [x.chip for x in ROUNDS]
INSTRUCTIONS = (
    Bitwise, Compare, Mul, MulHigh, Load, LoadPart, Store, StorePart, BranchLess, Set, JumpRegister
)  # fmt: skip
"""Without Add, BranchEqual, Shift and DivRem, whose cells have ranges in some cases only."""
FIELD = {
    # what is there for the inverse of a number, and that a number is a permutation's cube
    "Poseidon2Call": 148 + 32,
    "Secp256k1Add": 1,
    "Secp256k1Double": 1,
}
"""Equations that speak of field elements, not of integers."""


def reaches(circuit, chip):
    """How many equations speak of field elements; the others and all lookups stay below p."""
    found = known_of(circuit, chip)
    others = 0
    for equation in circuit.equations:
        ends = [found.bounds(factor) for factor in factors(equation.polynomial)]
        for pair in ends:
            if pair is not None:
                found.require(*pair)
        others += None in ends
    return others, found


@cache
def intervals(chip):
    return known_of(trace_chip(chip), chip)


def known_of(circuit, chip):
    """What is known of a chip's cells.

    Raises AssertionError where a lookup's two sides could agree modulo p alone.
    """
    names = [c.name for c in circuit.columns]
    patterns = ASSUMED | (OPERANDS if chip in INSTRUCTIONS else {})
    assumed = {n: r for pattern, r in patterns.items() for n in names if re.fullmatch(pattern, n)}
    found = Intervals(circuit)
    found.learn(assumed)
    return found


@pytest.mark.parametrize("chip", [*CHIPS, *INSTRUCTIONS], ids=lambda chip: chip.__name__)
def test_no_equation_and_no_lookup_reaches_p(chip):
    others, found = reaches(trace_chip(chip), chip)
    assert others == FIELD.get(chip.__name__, 0)
    # the high limbs of a permutation's results
    assert len(found.defined) == (16 if chip is Poseidon2Call else 0)
    assert found.widest < P


@pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.__name__)
def test_what_is_written_to_memory_is_in_range(chip):
    """KeccakCall's results are limbs of bits: what KeccakRound sends, by its equations."""
    found = intervals(chip)
    for message in found.circuit.messages:
        if message.bus.name == "memory" and message.times.op != "sub":
            for limb in message.fields[1:3]:
                if chip.__name__ == "KeccakCall":
                    assert str(limb.value).startswith("after[")
                    continue
                low, high = found.bounds(limb)
                assert low >= 0
                assert high < 2**16


@pytest.mark.parametrize(
    ("chip", "inverse", "most"),
    [(Secp256k1Add, "distinct", 32 * 255**2), (Secp256k1Double, "not_zero", 32 * 255)],
)
def test_what_has_an_inverse_is_not_p(chip, inverse, most):
    """It is 0 modulo p only if it is 0: and then it has none."""
    found = intervals(chip)
    (product,) = (
        e.polynomial.args[0]
        for e in found.circuit.equations
        if e.polynomial.op == "sub"
        and e.polynomial.args[0].op == "mul"
        and e.polynomial.args[0].args[1] is column(inverse)
    )
    low, high = found.bounds(product.args[0])
    assert low > -P
    assert most <= high < P


@pytest.mark.parametrize("op", WordOp)
def test_of_a_word_operation_neither(op):
    """Which of a row's numbers have ranges depends on the operation: a circuit each."""
    known = {} if op == WordOp.EQ else {column("equal"): 0}
    circuit = rewritten(of_operation(op), known)
    others, found = reaches(circuit, WordAlu)
    # the inverse of x's sum, which is below p
    assert others == 1
    assert found.bounds(sum(column(f"x[{i}]") for i in range(16)))[1] < P
    assert found.defined == []
    assert found.widest < P
    written = [m for m in circuit.messages if m.bus.name == "memory" and m.times.op != "sub"]
    ends = [found.bounds(limb) for m in written for limb in m.fields[1:3]]
    if op in (WordOp.LT, WordOp.GT, WordOp.SLT, WordOp.SGT):
        # carry + sign_z - sign_y, a bit: the solver shows that honest rows have the only values
        assert ends.pop(16) == (-1, 2)
    assert len(ends) >= 31
    assert all(0 <= low <= high < 2**16 for low, high in ends)


class Careless(Chip):
    """A carry of 16 bits after a limb: what it leaves may be p more."""

    total, limb, times = Felt(), Felt(), Felt()

    def constrain(self) -> Constraints:
        yield self.times * (self.times - 1) == 0

    def interact(self) -> Messages:
        yield RANGE.send(self.total, 16, times=self.times)
        yield RANGE.send(self.limb, 16, times=self.times)
        yield RANGE.send((self.total - self.limb) / 2**16, 16, times=self.times)


def test_a_carry_that_may_wrap_is_found():
    with pytest.raises(AssertionError):
        Intervals(trace_chip(Careless)).learn({})


def test_a_product_whose_carries_are_too_wide_is_found():
    """Mul as it was first written, with 16 bits for a carry."""
    circuit = trace_chip(Mul)
    wide = tuple(
        replace(m, fields=(m.fields[0], lift(16)))
        if m.bus is RANGE and m.fields[1] is lift(CARRY_BITS)
        else m
        for m in circuit.messages
    )
    assert any(x is not y for x, y in zip(wide, circuit.messages, strict=True))
    with pytest.raises(AssertionError):
        reaches(replace(circuit, messages=wide), Mul)
