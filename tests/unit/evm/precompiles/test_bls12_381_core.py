"""BLS12-381 in C++: membership of the groups against plain products by their order, long sums."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_arkworks_bls12381 import G1Point, G2Point, Scalar
from py_ecc import optimized_bls12_381 as bls
from py_ecc.bls.hash_to_curve import map_to_curve_G1, map_to_curve_G2

from tests.unit.evm.precompiles.calls import core, run, word
from tests.unit.evm.precompiles.test_bls12_381 import G1MSM, G2MSM, MAP1, MAP2, PAIRING, fp, g1, g2

X = -0xD201000000010000
R = X**4 - X**2 + 1
H1 = (X - 1) ** 2 // 3
H2 = (X**8 - 4 * X**7 + 5 * X**6 - 4 * X**4 + 6 * X**3 - 4 * X**2 - 4 * X + 13) // 9
SMALL_FACTORS_1 = (3, 11, 10177, 859267, 52437899)
SMALL_FACTORS_2 = (13, 23, 2713, 11953, 262069)


@functools.cache
def on_curve(seed: int) -> Any:
    return map_to_curve_G1(bls.FQ(seed))


@functools.cache
def on_twist(seed: int) -> Any:
    return map_to_curve_G2(bls.FQ2([seed, seed + 1]))


def of_order(prime: int, cofactor: int, sample: Callable[[int], Any]) -> Any:
    """A point of exactly this order: a multiple of the first sample that has one."""
    rest = cofactor * R
    while rest % prime == 0:
        rest //= prime
    point = next(
        multiple
        for seed in range(1, 30)
        if not bls.is_inf(multiple := bls.multiply(sample(seed), rest))
    )
    while not bls.is_inf(times := bls.multiply(point, prime)):
        point = times
    return point


def is_accepted(point: Any) -> bool:
    """Whether the core has the point in its group, by product and by pairing."""
    if isinstance(point[0], bls.FQ):
        product = core(G1MSM, g1(point) + word(1))
        pairing = core(PAIRING, g1(point) + g2(bls.G2))
    else:
        product = core(G2MSM, g2(point) + word(1))
        pairing = core(PAIRING, g1(bls.G1) + g2(point))
    accepted = product is not None
    assert accepted == (pairing is not None)
    return accepted


def check_membership(point: Any) -> None:
    assert is_accepted(point) == bls.is_inf(bls.multiply(point, R))


def test_cofactors() -> None:
    """#E(Fp) = p + 1 - t with trace x + 1; the twist's order kills points of it."""
    assert bls.field_modulus - X == H1 * R
    assert bls.is_inf(bls.multiply(on_curve(1), H1 * R))
    assert bls.is_inf(bls.multiply(on_twist(1), H2 * R))


@pytest.mark.parametrize("prime", SMALL_FACTORS_1)
def test_points_of_small_order_are_not_in_g1(prime: int) -> None:
    point = of_order(prime, H1, on_curve)
    for other in (point, bls.neg(point), bls.add(point, bls.G1)):
        assert not is_accepted(other)
        check_membership(other)


@pytest.mark.parametrize("prime", SMALL_FACTORS_2)
def test_points_of_small_order_are_not_in_g2(prime: int) -> None:
    point = of_order(prime, H2, on_twist)
    for other in (point, bls.add(point, bls.G2)):
        assert not is_accepted(other)
        check_membership(other)


def test_the_rest_of_the_cofactor_is_not_in_the_group() -> None:
    assert not is_accepted(bls.multiply(on_curve(3), R))
    assert not is_accepted(bls.multiply(on_twist(3), R))


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 2**64), st.integers(1, R - 1))
def test_membership_of_random_points(seed: int, k: int) -> None:
    check_membership(on_curve(seed))
    check_membership(on_twist(seed))
    check_membership(bls.multiply(bls.G1, k))
    check_membership(bls.multiply(bls.G2, k))
    assert is_accepted(bls.multiply(on_curve(seed), H1))
    assert is_accepted(bls.multiply(on_twist(seed), H2))


def spread(raw: bytes) -> bytes:
    return b"".join(fp(int.from_bytes(raw[at : at + 48])) for at in range(0, len(raw), 48))


EDGES = (0, 1, 2, 15, 16, 17, 31, 32, X**2, R - 1, R, R + 1, 2**255, 2**256 - 1)


@pytest.mark.parametrize("count", [1, 2, 14, 63, 64, 65, 128, 129, 200])
@pytest.mark.parametrize(("number", "base"), [(G1MSM, G1Point()), (G2MSM, G2Point())])
def test_sums_of_any_length(number: int, base: Any, count: int) -> None:
    """`run` compares with arkworks: batches, scalars at the edges, infinity and repeated points."""
    chosen = random.Random(count)
    infinity = bytes(128 if number == G1MSM else 256)
    point = b""
    data = []
    for i in range(count):
        if i % 5 != 1:  # else the same again
            point = spread((base * Scalar(chosen.randrange(1, 2**64))).to_xy_bytes_be())
        scalar = EDGES[i] if i < len(EDGES) else chosen.randrange(2**256)
        data.append((infinity if i % 7 == 3 else point) + word(scalar))
    assert len(run(number, b"".join(data))) == len(infinity)


def test_sums_that_cancel() -> None:
    assert run(G1MSM, g1(bls.G1) + word(5) + g1(bls.neg(bls.G1)) + word(5)) == bytes(128)
    assert run(G1MSM, g1(bls.G1) + word(5) + g1(bls.G1) + word(R - 5)) == bytes(128)
    assert run(G2MSM, g2(bls.G2) + word(7) + g2(bls.neg(bls.G2)) + word(7 + R)) == bytes(256)


def test_maps_at_the_edges() -> None:
    """`run` compares with arkworks; where 11 u^2 = -1 or u = 0, SSWU's denominator is zero."""
    p = bls.field_modulus
    exceptional = pow(-pow(11, -1, p), (p + 1) // 4, p)
    assert 11 * exceptional**2 % p == p - 1
    for u in (0, 1, 2, p // 2, p - 2, p - 1, exceptional, p - exceptional):
        assert bls.is_on_curve(decoded(run(MAP1, fp(u))), bls.b)
        for v in (0, 1, p // 2, p - 1):
            assert len(run(MAP2, fp(u) + fp(v))) == 256


def decoded(point: bytes) -> Any:
    x, y = (bls.FQ(int.from_bytes(half)) for half in (point[:64], point[64:]))
    return x, y, bls.FQ.one()
