"""BN254 in C++ against py_ecc, and everything that is not a point of its groups."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_ecc import optimized_bn128 as bn

from node.evm.forks import Fork
from tests.unit.evm.precompiles.calls import fails, gas, run, word

P = bn.field_modulus
R = bn.curve_order
INFINITY = bytes(64)
INFINITY2 = bytes(128)
G1, G2 = bn.G1, bn.G2
B2 = bn.b2

scalar = st.integers(0, 2**256 - 1)


def g1(point) -> bytes:
    if bn.is_inf(point):
        return INFINITY
    x, y = bn.normalize(point)
    return word(x.n) + word(y.n)


def g2(point) -> bytes:
    """Imaginary parts first, as EIP-197 has them."""
    if bn.is_inf(point):
        return INFINITY2
    x, y = bn.normalize(point)
    return b"".join(word(int(c)) for c in (x.coeffs[1], x.coeffs[0], y.coeffs[1], y.coeffs[0]))


def times(k: int, point):
    return bn.multiply(point, k % R)


@settings(max_examples=60, deadline=None)
@given(scalar, scalar)
def test_addition(a, b):
    p, q = times(a, G1), times(b, G1)
    assert run(6, g1(p) + g1(q)) == g1(bn.add(p, q))
    assert run(6, g1(p) + g1(p)) == g1(bn.double(p))
    assert run(6, g1(p) + g1(bn.neg(p))) == INFINITY
    assert run(6, g1(p)) == run(6, INFINITY + g1(p)) == g1(p)


@settings(max_examples=60, deadline=None)
@given(scalar, scalar)
def test_product(a, k):
    p = times(a, G1)
    assert run(7, g1(p) + word(k)) == g1(times(k, p))


@pytest.mark.parametrize("k", [0, 1, 2, 15, 16, 17, R - 1, R, R + 1, P, 2**128, 2**256 - 1])
def test_product_at_the_edges(k):
    assert run(7, g1(G1) + word(k)) == g1(times(k, G1))
    assert run(7, INFINITY + word(k)) == INFINITY


def test_short_input_is_padded_and_more_is_ignored():
    assert run(6, b"") == run(7, b"") == INFINITY
    assert run(6, g1(G1) * 2 + b"more") == g1(bn.double(G1))
    assert run(7, g1(G1) + b"\x01") == g1(times(1 << 248, G1))
    assert run(7, g1(G1) + word(3) + b"more") == g1(times(3, G1))


NOT_G1 = {
    "x is p": word(P) + word(2),
    "y is p": word(1) + word(P),
    "x is p + 1": word(P + 1) + word(2),
    "all ones": b"\xff" * 64,
    "off the curve": word(1) + word(1),
    "x = 0 without infinity": word(0) + word(1),
    "y = 0 without infinity": word(1) + word(0),
    "zero in other words": word(P) + word(P),
}


@pytest.mark.parametrize("point", NOT_G1.values(), ids=NOT_G1)
def test_not_a_point_of_the_curve(point):
    fails(6, point, "not a point")
    fails(6, g1(G1) + point, "not a point")
    fails(7, point + word(0), "not a point")
    fails(8, point + g2(G2), "not in its group")
    fails(8, point + INFINITY2, "not in its group")


@settings(max_examples=10, deadline=None)
@given(scalar, scalar)
def test_pairing_is_bilinear(a, b):
    pair = g1(times(a, G1)) + g2(times(b, G2))
    assert run(8, pair + g1(bn.neg(times(a * b, G1))) + g2(G2)) == word(1)
    assert run(8, pair + g1(bn.neg(times(a * b + 1, G1))) + g2(G2)) == word(0)
    assert run(8, pair + g1(times(a * b, G1)) + g2(bn.neg(G2))) == word(1)


def test_pairings_that_are_one():
    assert run(8, b"") == word(1)
    assert run(8, INFINITY + INFINITY2) == word(1)
    assert run(8, g1(G1) + INFINITY2) == word(1)
    assert run(8, INFINITY + g2(G2)) == word(1)
    assert run(8, g1(G1) + g2(G2)) == word(0)
    assert run(8, (g1(G1) + g2(G2)) * R.bit_length()) == word(0)


@pytest.mark.parametrize("size", [1, 191, 193, 383])
def test_pairing_of_a_wrong_length(size):
    fails(8, bytes(size), "multiples of 192")


def twist_point(x: int):
    """A point of the twist with this x, almost never of the right order; None where there is none.

    Square roots by Scott's method for p = 3 mod 4: a candidate from the norm's root.
    """
    fx = bn.FQ2([x, 1])
    a, b = (int(c) for c in (fx * fx * fx + B2).coeffs)
    root = pow(a * a + b * b, (P + 1) // 4, P)
    for norm in (root, P - root):
        half = (a + norm) * pow(2, -1, P) % P
        real = pow(half, (P + 1) // 4, P)
        if real and real * real % P == half:
            y = bn.FQ2([real, b * pow(2 * real, -1, P) % P])
            if y * y == bn.FQ2([a, b]):
                return (fx, y, bn.FQ2.one())
    return None


TWIST = [point for point in map(twist_point, range(1, 24)) if point is not None]
SMALL_FACTOR = 10069
COFACTOR = 2 * P - R


def test_points_of_the_twist_outside_the_group_are_refused():
    assert len(TWIST) >= 6
    for point in TWIST:
        assert not bn.is_inf(bn.multiply(point, R))
        assert bn.is_on_curve(point, B2)
        fails(8, g1(G1) + g2(point), "not in its group")
        fails(8, INFINITY + g2(point), "not in its group")


def test_points_of_small_order_are_refused():
    """Points of an order that divides the cofactor, alone and added to a good point."""
    assert COFACTOR % SMALL_FACTOR == 0
    for point in TWIST[:3]:
        torsion = bn.multiply(point, R)
        small = bn.multiply(torsion, COFACTOR // SMALL_FACTOR)
        for bad in (torsion, small, bn.add(small, G2)):
            if not bn.is_inf(bad):
                fails(8, g1(G1) + g2(bad), "not in its group")


def test_clearing_the_cofactor_makes_a_point_good():
    cleared = bn.multiply(TWIST[0], COFACTOR)
    assert bn.is_inf(bn.multiply(cleared, R))
    assert run(8, g1(G1) + g2(cleared)) == word(0)


def test_not_a_point_of_the_twist():
    good = g2(G2)
    fails(8, g1(G1) + good[:-1] + bytes([good[-1] ^ 1]), "not in its group")
    fails(8, g1(G1) + word(P) + good[32:], "not in its group")
    fails(8, g1(G1) + good[64:] + good[:64], "not in its group")
    fails(8, g1(G1) + good[32:64] + good[:32] + good[96:] + good[64:96], "not in its group")


@pytest.mark.parametrize(
    ("fork", "add", "multiply", "none", "three"),
    [
        (Fork.BYZANTIUM, 500, 40_000, 100_000, 340_000),
        (Fork.PETERSBURG, 500, 40_000, 100_000, 340_000),
        (Fork.ISTANBUL, 150, 6_000, 45_000, 147_000),
        (Fork.OSAKA, 150, 6_000, 45_000, 147_000),
    ],
)
def test_prices(fork, add, multiply, none, three):
    prices = [gas(6, b"", fork), gas(7, b"", fork), gas(8, b"", fork), gas(8, bytes(576), fork)]
    assert prices == [add, multiply, none, three]
