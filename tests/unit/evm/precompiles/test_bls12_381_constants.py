"""The constants of BLS12-381 and KZG in the core's sources, against what they have to be."""

from __future__ import annotations

import importlib.resources
import re
from itertools import zip_longest
from typing import Any

from py_ecc import optimized_bls12_381 as bls
from py_ecc.bls.point_compression import compress_G2

from tests.suites import ROOT

CORE = ROOT / "node/evm/core"
X = -0xD201000000010000
R = X**4 - X**2 + 1
P = (X - 1) ** 2 * R // 3 + X


def source(name: str) -> str:
    return (CORE / name).read_text()


def words_after(text: str, name: str, count: int) -> list[int]:
    """The first integers of `count` 64-bit words after a name, two at most."""
    pattern = rf"\(\{{?((?:0x[0-9a-f]{{16}},?\s*){{{count}}})\}}?\)"
    found = re.findall(pattern, text[text.index(name) :])[:2]
    return [
        sum(int(word, 16) << (64 * i) for i, word in enumerate(re.findall(r"0x\w+", words)))
        for words in found
    ]


def elements(text: str) -> list[int]:
    """Every element in digits, and the ones and zeros between."""
    found = re.findall(r'fp\(\s*"([0-9a-f]{48})"\s*"([0-9a-f]{48})"\)|Fp(::one)?\(\)', text)
    return [int(a + b, 16) if a else int(bool(one)) for a, b, one in found]


def power_fp2(a: int, b: int, exponent: int, p: int) -> tuple[int, int]:
    """(a + b i)^exponent"""
    real, imaginary = 1, 0
    for digit in bin(exponent)[2:]:
        real, imaginary = real**2 - imaginary**2, 2 * real * imaginary
        if digit == "1":
            real, imaginary = real * a - imaginary * b, real * b + imaginary * a
        real, imaginary = real % p, imaginary % p
    return real, imaginary


def test_the_fields() -> None:
    text = source("include/evm/bls12_381/curve.hpp")
    assert words_after(text, "struct FpParameters", 6)[0] == P == bls.field_modulus
    assert words_after(text, "struct FrParameters", 4)[0] == R == bls.curve_order
    assert f"minus_x = {-X:#x};" in text
    factor = words_after(text, "frobenius_factor", 6)
    assert tuple(factor) == power_fp2(1, 1, (P - 1) // 6, P)


def test_frobenius_of_bn254() -> None:
    text = source("include/evm/bn254/pairing.hpp")
    (p,) = words_after(text, "struct FpParameters", 4)[:1]
    u = 4965661367192848881
    assert p == 36 * u**4 + 36 * u**3 + 24 * u**2 + 6 * u + 1
    assert tuple(words_after(text, "frobenius_factor", 4)) == power_fp2(9, 1, (p - 1) // 6, p)


def test_the_endomorphism_of_g1() -> None:
    """beta is a third root of one, and the endomorphism multiplies by -x^2."""
    (beta,) = elements(source("src/bls12_381_pairing.cpp"))
    assert beta != 1
    assert pow(beta, 3, P) == 1
    x, y = bls.normalize(bls.G1)
    assert bls.normalize(bls.multiply(bls.G1, -(X**2) % R)) == (x * beta, y)


def test_kzg_points() -> None:
    g1_x, g1_y, *rest = elements(source("src/kzg.cpp"))
    assert (bls.FQ(g1_x), bls.FQ(g1_y)) == bls.normalize(bls.G1)
    generator, tau = (
        (bls.FQ2(rest[i : i + 2]), bls.FQ2(rest[i + 2 : i + 4]), bls.FQ2.one()) for i in (0, 4)
    )
    assert bls.normalize(generator) == bls.normalize(bls.G2)
    setup = (importlib.resources.files("eth._utils") / "kzg_trusted_setup.txt").read_text().split()
    published = setup[2 + int(setup[0]) :]  # after the sizes and the points of G1
    for i, point in enumerate((generator, tau)):
        assert "".join(f"{half:096x}" for half in compress_G2(point)) == published[i]


Polynomial = list[Any]


def product(*factors: Polynomial) -> Polynomial:
    result, *rest = factors
    for factor in rest:
        out = [result[0] - result[0]] * (len(result) + len(factor) - 1)
        for i, a in enumerate(result):
            for j, b in enumerate(factor):
                out[i + j] = out[i + j] + a * b
        result = out
    return result


def total(a: Polynomial, b: Polynomial) -> Polynomial:
    zero = a[0] - a[0]
    return [x + y for x, y in zip_longest(a, b, fillvalue=zero)]


def trimmed(a: Polynomial) -> Polynomial:
    while a[-1] == a[0] - a[0]:
        a = a[:-1]
    return a


def check_isogeny(a: Any, b: Any, target: Any, parts: list[Polynomial]) -> None:
    """The image of every point of y^2 = x^3 + a x + b is on y^2 = x^3 + target."""
    x_num, x_den, y_num, y_den = parts
    curve = [b, a, a - a, a**0]
    left = product(curve, y_num, y_num, x_den, x_den, x_den)
    cube = product(x_den, x_den, x_den)
    right = total(product(x_num, x_num, x_num), [target * c for c in cube])
    assert trimmed(left) == trimmed(product(right, y_den, y_den))


def is_square(x: Any) -> bool:
    order = P - 1 if isinstance(x, bls.FQ) else P**2 - 1
    return x ** (order // 2) == x**0


def split(values: Polynomial, sizes: tuple[int, ...]) -> list[Polynomial]:
    parts, at = [], 0
    for size in sizes:
        parts.append(values[at : at + size])
        at += size
    assert at == len(values)
    return parts


def check_z(a: Any, b: Any, z: Any) -> None:
    """What SSWU needs of z (RFC 9380, 6.6.2): a non-square, not -1, g(b/(z a)) a square."""
    assert not is_square(z)
    assert z + z**0 != z - z
    x = b / (z * a)
    assert is_square(x**3 + a * x + b)


def test_the_isogeny_to_g1() -> None:
    text = source("src/bls12_381_isogenies.hpp")
    g1, _ = text[text.index("g1_isogeny") :].split("g2_isogeny")
    values = [bls.FQ(value) for value in elements(g1)]
    a, b, *rest = values
    check_isogeny(a, b, bls.FQ(4), split(rest, (12, 11, 16, 16)))
    check_z(a, b, bls.FQ(11))
    assert "Fp(11)" in g1


def test_the_isogeny_to_g2() -> None:
    text = source("src/bls12_381_isogenies.hpp")
    g2 = text[text.index("g2_isogeny") :]
    assert "Fp2{Fp(), Fp(240)}" in g2
    assert "Fp2{Fp(1012), Fp(1012)}" in g2
    assert "-Fp2{Fp(2), Fp(1)}" in g2
    a, b, z = bls.FQ2([0, 240]), bls.FQ2([1012, 1012]), -bls.FQ2([2, 1])
    halves = elements(g2[g2.index("-Fp2{Fp(2)") :])
    values = [bls.FQ2(halves[i : i + 2]) for i in range(0, len(halves), 2)]
    check_isogeny(a, b, bls.FQ2([4, 4]), split(values, (4, 3, 4, 4)))
    check_z(a, b, z)


def test_what_the_reader_of_sources_finds() -> None:
    halves = ("0" * 47 + "1", "f" * 48)
    text = f'Fp(1) Fp::one() Fp() fp("{halves[0]}"\n   "{halves[1]}")'
    assert elements(text) == [1, 0, 2**193 - 1]
