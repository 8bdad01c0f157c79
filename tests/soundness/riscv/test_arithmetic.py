"""Multiplication and division: what a dishonest prover could claim of a product or a quotient."""

import pytest

from node.recursion.field import P
from node.recursion.riscv.isa import Op
from tests.soundness.riscv.forging import OPERATION, limbs, octets, operation

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
