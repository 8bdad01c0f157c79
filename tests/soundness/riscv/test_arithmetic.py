"""Multiplication and division: what a dishonest prover could claim of a product or a quotient."""

import pytest

from node.recursion.field import P
from node.recursion.riscv.isa import Op
from tests.soundness.riscv.forging import OPERATION, limbs, octets, operation

MINUS = 2**32
FRACTION = pow(2**16, -1, P)
"""2^-16: what a carry that is no bit makes of a difference of 1."""
NO_BORROW = {"borrows[0]": 0, "borrows[1]": 0}

pytestmark = pytest.mark.soundness


def wrapped(total):
    """A limb and the carry of a column that is p larger than it should be."""
    carry, limb = divmod(total + P, 2**16)
    return limb, carry


def test_a_column_of_a_product_wraps_at_p():
    """limb + 2^16 carry = column + p has a solution with a carry of 16 bits: 3 * 5 = 16 + ..."""
    limb, carry = wrapped(3 * 5)
    assert (limb, carry < 2**16) == (16, True)
    forged = operation(Op.MUL, 3, 5, lie=limb + (carry << 16))
    forged.put("Mul", OPERATION, {"c[0]": limb, "c[1]": carry, "carries[0]": carry})
    assert forged.refused_by() == {"range"}


def test_a_column_of_a_high_product_wraps_at_p():
    limb, carry = wrapped(0)
    forged = operation(Op.MULHU, 3, 5, lie=limb + (carry << 16))
    cells = limbs("c", limb + (carry << 16)) | {"carries[2]": carry}
    forged.put("MulHigh", OPERATION, cells | {"product[2]": limb, "product[3]": carry})
    assert forged.refused_by() == {"range"}


def test_a_quotient_of_the_dividend_less_p():
    """a = q b + r + p: the low column wraps, and its carry has the 15 bits of p above it."""
    a, b = 2**32 - 1, 7
    q, r = divmod(a - P, b)
    forged = operation(Op.DIVU, a, b, lie=q)
    low = (q & 255) * b + 256 * (q >> 8 & 255) * b
    carry = (low + (r & 0xFFFF) + P - (a & 0xFFFF)) >> 16
    cells = limbs("c", q) | octets("division.a", q) | limbs("remainder", r)
    cells |= {"carry": carry, "borrow": int(r >= b)}
    forged.put("DivRem", OPERATION, cells)
    assert carry < 2**16
    assert forged.refused_by() == {"range"}


def claim(chip, op, a, b, lie, **cells):
    """A result claimed (the true one if None), and the cells that it is claimed from."""
    forged = operation(op, a % MINUS, b % MINUS, lie=None if lie is None else lie % MINUS)
    return forged.put(chip, OPERATION, cells)


@pytest.mark.parametrize(
    ("op", "a", "b", "lie", "q", "r", "cells", "refused"),
    [
        # the quotient one too small, the remainder not below the divisor
        (Op.DIVU, 20, 6, 2, 2, 8, {"borrow": 0}, "range"),
        (Op.DIVU, 20, 6, 2, 2, 8, {"borrow": 1}, "range"),
        (Op.REM, 20, 6, 8, 2, 8, {}, "range"),
        (Op.DIVU, 18, 6, 2, 2, 6, {}, "range"),
        # one too large, the remainder negative
        (Op.DIVU, 20, 6, 4, 4, 0, {"remainder[0]": -4, "carry": 0}, "range"),
        (Op.REM, 20, 6, 3, 3, 3, {}, "DivRem"),
        (Op.DIVU, 20, 6, 4, 4, 2, {}, "DivRem"),
        # division by zero: claimed, and denied
        (Op.DIVU, 20, 6, -1, 2**32 - 1, 20, {"by_zero": 1}, "DivRem"),
        (Op.REMU, 20, 6, 20, 0, 20, {"by_zero": 1}, "DivRem"),
        (Op.REMU, 20, 6, 20, 0, 20, {}, "range"),
        (Op.DIVU, 20, 0, 5, 5, 20, {"by_zero": 0}, "range"),
        (Op.DIVU, 20, 0, 5, 5, 20, {"by_zero": 1}, "DivRem"),
        (Op.REMU, 20, 0, 4, 2**32 - 1, 4, {"by_zero": 1}, "DivRem"),
        (Op.DIV, -20, 0, 1, 2**32 - 1, 20, {"flips": 1}, "DivRem"),
        # signs: of the results, and of what they come from
        (Op.REM, -20, 6, 2, 3, 2, {"flips": 0}, "DivRem"),
        (Op.REM, 20, -6, -2, 3, 2, {"flips": 1}, "DivRem"),
        (Op.DIV, -20, 6, 3, 3, 2, {"flips": 0}, "DivRem"),
        (Op.DIV, -20, 6, -3, 3, 2, {"differ": 0}, "DivRem"),
        # -2^31 / -1
        (Op.DIV, -(2**31), -1, 2**31 - 1, 2**31 - 1, 1, {"carry": 1}, "range"),
        (Op.DIV, -(2**31), -1, 0, 0, 2**31, {}, "range"),
        (Op.REM, -(2**31), -1, -1, 2**31 - 1, 1,
         {"carry": 1, "result.low": 1, "result.high": 1}, "range"),
        # q b = a + 2^48
        (Op.DIVU, 0, 2**24, 2**24, 2**24, 0, {}, "DivRem"),
        # bytes that are none
        (Op.DIVU, 20, 6, 3, 0, 2, {"division.a[0]": 3 + 256}, "bytes DivRem"),
    ],
)  # fmt: skip
def test_division(op, a, b, lie, q, r, cells, refused):
    words = limbs("c", lie) | octets("division.a", q) | limbs("remainder", r)
    forged = claim("DivRem", op, a, b, lie, **words | cells)
    assert set(refused.split()) <= forged.refused_by() <= {*refused.split(), "range"}


def test_a_negative_dividend_taken_for_a_large_one():
    a = 2**32 - 20
    forged = operation(Op.DIV, a, 6, lie=a // 6)
    honest = operation(Op.DIVU, a, 6).get("DivRem", OPERATION)
    forged.put("DivRem", OPERATION, honest | {"div": 1, "divu": 0})
    assert forged.refused_by() == {"range"}


@pytest.mark.parametrize(
    ("op", "a", "b", "lie", "cells", "refused"),
    [
        # another factor than the amount's
        (Op.SLL, 1, 4, 8, {"factor": 8, "low[0]": 8}, {"Shift"}),
        (Op.SLL, 1, 4, 8, {"factor": 8, "power": 8, "low[0]": 8}, {"Shift"}),
        (Op.SRL, 16, 4, 2, {"factor": 32, "low[0]": 0, "high[0]": 2}, {"Shift"}),
        # a carry moved from one byte to the next
        (Op.SLL, 0x80, 1, None, {"low[0]": 256, "high[0]": 0}, {"bytes"}),
        (Op.SRL, 0x300, 1, 0x200, {"low[1]": -128, "high[1]": 2}, {"bytes", "memory"}),
        # an amount of 32 and more that leaks: 33 as 9 and 24 / 32 of the rest
        (Op.SLL, 1, 33, 2 << 8, {"rest": pow(4, -1, P) * 3, "whole[0]": 0, "whole[1]": 1},
         {"range"}),
        (Op.SLL, 1, 33, 1, {"bits[0]": 0}, {"Shift", "memory"}),
        (Op.SLL, 1, 8, 0, {"whole[1]": 0}, {"Shift"}),
        (Op.SLL, 1, 8, 257, {"whole[0]": 1}, {"Shift"}),
        # what an arithmetic shift fills with, and a logical one does not
        (Op.SRA, -16, 4, (-16 % MINUS) >> 4, {"sign": 0, "filled": 0}, {"range"}),
        (Op.SRL, -16, 4, -1, {"sign": 1, "filled": 240}, {"range"}),
        (Op.SRA, -16, 4, (-16 % MINUS) >> 4, {"filled": 0}, {"Shift"}),
        # the sign a fraction, for which the range check of a byte has room
        (Op.SRA, 2 << 24, 0, None, {"sign": pow(256, -1, P), "filled": 0}, {"Shift"}),
    ],
)  # fmt: skip
def test_shifts(op, a, b, lie, cells, refused):
    assert claim("Shift", op, a, b, lie, **cells).refused_by() == refused


@pytest.mark.parametrize(
    ("chip", "op", "a", "b", "lie", "cells", "refused"),
    [
        # a carry that is no bit
        ("Add", Op.ADD, 5, 3, 9 + (32512 << 16), limbs("z", 9 + (32512 << 16)), {"Add"}),
        ("Add", Op.SUB, 5, 3, 1 + (33024 << 16), limbs("x", 1 + (33024 << 16)), {"Add"}),
        ("Add", Op.ADD, 5, 3, 9, limbs("z", 9), {"Add"}),
        ("Add", Op.ADD, 5, 3, None, {"adds": 0, "subtracts": 1}, {"memory", "program"}),
        # comparisons: the wrong bit, a sign denied, a borrow or a sign that is no bit
        ("Compare", Op.SLT, -1, 0, 0, {"compared.less": 0}, {"range"}),
        ("Compare", Op.SLTU, 0, 1, 0, {"compared.less": 0}, {"range"}),
        ("Compare", Op.SLT, -1, 0, 0, {"compared.less": 0, "compared.sign_a": 0}, {"range"}),
        ("Compare", Op.SLTU, 5, 4, 1, {"compared.less": 1, "compared.borrow": 32512},
         {"Compare"}),
        ("Compare", Op.SLT, 0, 1 << 16, 0, {"compared.less": 0, "compared.sign_a": -FRACTION},
         {"Compare"}),
        # bytes of a bitwise operand, or of its result, that are none
        ("Bitwise", Op.XOR, 0x100, 0, None, {"a[0]": 256, "a[1]": 0}, {"xor"}),
        ("Bitwise", Op.AND, 3, 5, 3, {"x[0]": 2}, {"xor"}),
        ("Bitwise", Op.OR, 3, 5, 8, {"x[0]": 8}, {"xor"}),
        # high products: a sign denied or invented
        ("MulHigh", Op.MULH, -1, 5, 4, limbs("c", 4) | {"sign_a": 0} | NO_BORROW, {"range"}),
        ("MulHigh", Op.MULHU, -1, 5, -1,
         limbs("c", -1) | {"sign_a": 1, "borrows[0]": 1, "borrows[1]": 1}, {"range"}),
        ("Mul", Op.MUL, -1, -1, 2, limbs("c", 2), {"Mul"}),
    ],
)  # fmt: skip
def test_sums_comparisons_and_bits(chip, op, a, b, lie, cells, refused):
    assert claim(chip, op, a, b, lie, **cells).refused_by() == refused
