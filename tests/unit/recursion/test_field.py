"""The field and its extension: laws, known constants, inverses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.recursion.field import ONE, TWO_ADICITY, ZERO, Ext, Felt, P, root_of_unity

felts = st.integers(0, P - 1).map(Felt)
exts = st.lists(st.integers(0, P - 1), min_size=5, max_size=5).map(Ext)


@given(exts, exts, exts)
def test_ring_laws(a, b, c):
    assert (a + b) * c == a * c + b * c
    assert (a * b) * c == a * (b * c)
    assert a * b == b * a
    assert a - b == -(b - a)


@given(exts, felts)
def test_base_elements_are_constants(a, x):
    constant = Ext((int(x), 0, 0, 0, 0))
    assert a * x == x * a == a * constant
    assert a + x == x + a == a + constant
    assert x - a == constant - a
    assert (a == x) == (a == constant)


@given(exts)
def test_inverse_and_frobenius(a):
    assert a.frobenius() == a**P
    if a == ZERO:
        with pytest.raises(ZeroDivisionError):
            a.inverse()
    else:
        assert a * a.inverse() == ONE


def test_the_modulus_of_the_extension():
    x = Ext((0, 1, 0, 0, 0))
    assert x**5 + x**2 == ONE
    # irreducible: X^(p^5) = X, and no smaller power of p fixes it
    image = x.frobenius()
    for _ in range(3):
        assert image != x
        image = image.frobenius()
    assert image != x
    assert image.frobenius() == x


def test_roots_of_unity_are_plonky3s():
    # Plonky3, koala-bear/src/koala_bear.rs, TWO_ADIC_GENERATORS
    assert root_of_unity(1) == 0x7F000000
    assert root_of_unity(4) == 0x08DBD69C
    assert root_of_unity(TWO_ADICITY) == 0x6AC49F88
    assert pow(root_of_unity(24), 2, P) == root_of_unity(23)


@given(felts, felts)
def test_felts(a, b):
    assert a + b == (int(a) + int(b)) % P
    assert a - b == (int(a) - int(b)) % P
    assert 1 - a == (1 - int(a)) % P
    assert -a == -int(a) % P
    if b:
        assert a / b * b == a
