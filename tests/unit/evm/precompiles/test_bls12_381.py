"""BLS12-381 against py_ecc, and everything that is not a point of its groups."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_ecc import optimized_bls12_381 as bls
from py_ecc.bls.hash_to_curve import (
    clear_cofactor_G1,
    clear_cofactor_G2,
    map_to_curve_G1,
    map_to_curve_G2,
)

from tests.unit.evm.precompiles.calls import fails, gas, run, word

P = bls.field_modulus
R = bls.curve_order
G1, G2 = bls.G1, bls.G2
INFINITY1, INFINITY2 = bytes(128), bytes(256)

G1ADD, G1MSM, G2ADD, G2MSM, PAIRING, MAP1, MAP2 = range(0x0B, 0x12)

scalar = st.integers(0, 2**256 - 1)
element = st.integers(0, P - 1)
few = settings(max_examples=10, deadline=None)


def fp(value: int) -> bytes:
    return value.to_bytes(64, "big")


def fp2(value) -> bytes:
    return fp(int(value.coeffs[0])) + fp(int(value.coeffs[1]))


def g1(point) -> bytes:
    if bls.is_inf(point):
        return INFINITY1
    x, y = bls.normalize(point)
    return fp(x.n) + fp(y.n)


def g2(point) -> bytes:
    if bls.is_inf(point):
        return INFINITY2
    x, y = bls.normalize(point)
    return fp2(x) + fp2(y)


def times(k: int, point):
    return bls.multiply(point, k % R)


@few
@given(scalar, scalar)
def test_additions(a, b):
    for number, encode, generator in ((G1ADD, g1, G1), (G2ADD, g2, G2)):
        p, q = times(a, generator), times(b, generator)
        assert run(number, encode(p) + encode(q)) == encode(bls.add(p, q))
        assert run(number, encode(p) + encode(p)) == encode(bls.double(p))
        assert run(number, encode(p) + encode(bls.neg(p))) == bytes(len(encode(p)))
        assert run(number, encode(p) + bytes(len(encode(p)))) == encode(p)


@few
@given(st.lists(st.tuples(scalar, scalar), min_size=1, max_size=5))
def test_multi_scalar_multiplications(pairs):
    for number, encode, generator in ((G1MSM, g1, G1), (G2MSM, g2, G2)):
        data = b"".join(encode(times(a, generator)) + word(k) for a, k in pairs)
        total = sum(a * k for a, k in pairs)
        assert run(number, data) == encode(times(total, generator))


@settings(max_examples=4, deadline=None)
@given(scalar, scalar)
def test_pairing_is_bilinear(a, b):
    pair = g1(times(a, G1)) + g2(times(b, G2))
    assert run(PAIRING, pair + g1(times(-a * b, G1)) + g2(G2)) == word(1)
    assert run(PAIRING, pair + g1(times(-a * b + 1, G1)) + g2(G2)) == word(0)


def test_pairings_that_are_one():
    assert run(PAIRING, INFINITY1 + INFINITY2) == word(1)
    assert run(PAIRING, g1(G1) + INFINITY2) == word(1)
    assert run(PAIRING, INFINITY1 + g2(G2)) == word(1)
    assert run(PAIRING, g1(G1) + g2(G2)) == word(0)


@few
@given(element, element)
def test_maps(a, b):
    point1 = clear_cofactor_G1(map_to_curve_G1(bls.FQ(a)))
    assert run(MAP1, fp(a)) == g1(point1)
    point2 = clear_cofactor_G2(map_to_curve_G2(bls.FQ2([a, b])))
    assert run(MAP2, fp(a) + fp(b)) == g2(point2)


# 4 is a square and 0^3 + 4 too: (0, 2) is on the curve, of order 3.
OUTSIDE_G1 = fp(0) + fp(2)


def outside_g2() -> bytes:
    """The image of the isogeny before its cofactor is cleared."""
    point = map_to_curve_G2(bls.FQ2([1, 2]))
    assert not bls.is_inf(bls.multiply(point, R))
    return g2(point)


def test_additions_take_points_outside_the_subgroup():
    assert run(G1ADD, OUTSIDE_G1 + OUTSIDE_G1) == fp(0) + fp(P - 2)
    outside = outside_g2()
    assert run(G2ADD, outside + INFINITY2) == outside


def test_products_and_pairings_do_not():
    outside = outside_g2()
    for k in (0, 1, 3):
        fails(G1MSM, OUTSIDE_G1 + word(k), "not in the subgroup")
        fails(G1MSM, g1(G1) + word(1) + OUTSIDE_G1 + word(k), "not in the subgroup")
        fails(G2MSM, outside + word(k), "not in the subgroup")
    fails(PAIRING, OUTSIDE_G1 + g2(G2), "not in the subgroup")
    fails(PAIRING, OUTSIDE_G1 + INFINITY2, "not in the subgroup")
    fails(PAIRING, g1(G1) + outside, "not in the subgroup")
    fails(PAIRING, INFINITY1 + outside, "not in the subgroup")


GENERATOR_X, GENERATOR_Y = (c.n for c in bls.normalize(G1))


@pytest.mark.parametrize("multiple", range(1, 10))
def test_coordinates_are_reduced(multiple):
    """x + k p for every k up to 2**384 / p, where a flag bit might hide, and beyond."""
    x = fp(GENERATOR_X + multiple * P)
    fails(G1ADD, x + fp(GENERATOR_Y) + INFINITY1, "not a point|not below")
    fails(G1ADD, INFINITY1 + fp(multiple * P) + fp(0), "not a point|not below")
    fails(MAP1, fp(5 + multiple * P), "not a field element|not below")
    fails(MAP2, fp(5) + fp(5 + multiple * P), "not a field element|not below")
    fails(G2ADD, fp(multiple * P) + bytes(192) + INFINITY2, "not a point|not below")


def test_coordinates_are_padded_with_zeros():
    for at in range(16):
        spoiled = bytearray(g1(G1))
        spoiled[at] = 1
        fails(G1ADD, bytes(spoiled) + INFINITY1, "field element at byte 0 is not below")
        spoiled = bytearray(g1(G1))
        spoiled[64 + at] = 0x80
        fails(G1MSM, bytes(spoiled) + word(1), "field element at byte 64 is not below")


@pytest.mark.parametrize(
    "point", [fp(1) + fp(1), fp(0) + fp(0)[:-1] + b"\1", fp(GENERATOR_X) + fp(0)]
)
def test_not_a_point_of_g1s_curve(point):
    fails(G1ADD, point + INFINITY1, "not a point of G1's curve")
    fails(G1MSM, point + word(0), "not a point of G1's curve")
    fails(PAIRING, point + INFINITY2, "not a point of G1's curve")


def test_not_a_point_of_g2s_curve():
    point = g2(G2)[:-1] + bytes([g2(G2)[-1] ^ 1])
    fails(G2ADD, INFINITY2 + point, "not a point of G2's curve")
    fails(G2MSM, point + word(0), "not a point of G2's curve")
    fails(PAIRING, INFINITY1 + point, "not a point of G2's curve")


@pytest.mark.parametrize(
    ("number", "size"),
    [
        (G1ADD, 256),
        (G1MSM, 160),
        (G2ADD, 512),
        (G2MSM, 288),
        (PAIRING, 384),
        (MAP1, 64),
        (MAP2, 128),
    ],
)
def test_wrong_lengths(number, size):
    for wrong in (0, 1, size - 1, size + 1):
        fails(number, bytes(wrong), f"takes .*{size} bytes, got {wrong}")
    assert len(run(number, bytes(size))) in (32, 128, 256)


def test_prices_that_do_not_vary():
    assert [gas(number, b"") for number in (G1ADD, G2ADD, MAP1, MAP2)] == [375, 600, 5500, 23_800]


@pytest.mark.parametrize(
    ("pairs", "g1_price", "g2_price", "pairing"),
    [
        (0, 0, 0, 37_700),
        (1, 12_000, 22_500, 70_300),
        (2, 22_776, 45_000, 102_900),
        (16, 129_984, 258_120, 559_300),
        (128, 797_184, 1_509_120, 4_210_500),
        (129, 803_412, 1_520_910, 4_243_100),
    ],
)
def test_prices_by_pair(pairs, g1_price, g2_price, pairing):
    prices = [gas(n, bytes(s * pairs)) for n, s in ((G1MSM, 160), (G2MSM, 288), (PAIRING, 384))]
    assert prices == [g1_price, g2_price, pairing]
