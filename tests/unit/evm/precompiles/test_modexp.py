"""MODEXP: values against Python's own pow, prices against the EIPs' tables, hostile lengths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.evm.forks import Fork
from tests.unit.evm.precompiles.calls import fails, gas, run, word

ALL = (Fork.BYZANTIUM, Fork.BERLIN, Fork.OSAKA)
HUGE = 2**256 - 1


def call(base: bytes, exponent: bytes, modulus: bytes) -> bytes:
    return word(len(base)) + word(len(exponent)) + word(len(modulus)) + base + exponent + modulus


def lengths(base: int, exponent: int, modulus: int, rest: bytes = b"") -> bytes:
    return word(base) + word(exponent) + word(modulus) + rest


operand = st.binary(max_size=80)


@given(base=operand, exponent=operand, modulus=operand)
def test_equals_python(base, exponent, modulus):
    b, e, m = (int.from_bytes(x, "big") for x in (base, exponent, modulus))
    expected = (pow(b, e, m) if m else 0).to_bytes(len(modulus), "big")
    for fork in ALL:
        assert run(5, call(base, exponent, modulus), fork) == expected


@given(base=operand, exponent=operand, modulus=operand, cut=st.integers(0, 400))
def test_missing_bytes_are_zero(base, exponent, modulus, cut):
    data = call(base, exponent, modulus)
    cut = min(cut, len(data))
    padded = data[:cut] + bytes(len(data) - cut)
    for fork in ALL:
        assert gas(5, data[:cut], fork) == gas(5, padded, fork)
        assert run(5, data[:cut], fork) == run(5, padded, fork)


@pytest.mark.parametrize(
    ("base", "exponent", "modulus", "expected"),
    [
        (0, 0, 0, 0),
        (0, 0, 1, 0),
        (0, 0, 2, 1),
        (0, 1, 7, 0),
        (5, 0, 7, 1),
        (5, 0, 1, 0),
        (3, 2, 0, 0),
        (2, 10, 1000, 24),  # even modulus
        (6, 3, 8, 0),  # base shares a factor with the modulus
        (2**64 - 1, 2**64 - 1, 2**64, 2**64 - 1),
    ],
)
def test_corners(base, exponent, modulus, expected):
    data = call(word(base), word(exponent), word(modulus))
    assert [run(5, data, fork) for fork in ALL] == [word(expected)] * 3


@pytest.mark.parametrize(
    ("size", "exponent", "byzantium", "berlin", "osaka"),
    [
        # "nagydani" of EIP-2565 and EIP-7883: square, cube, 65537th power
        (64, "02", 204, 200, 500),
        (64, "03", 204, 200, 500),
        (64, "010001", 3276, 341, 2048),
        (128, "02", 665, 200, 512),
        (128, "010001", 10649, 1365, 8192),
        (256, "02", 1894, 341, 2048),
        (256, "010001", 30310, 5461, 32768),
        (512, "02", 5580, 1365, 8192),
        (512, "010001", 89292, 21845, 131072),
        (1024, "02", 17868, 5461, 32768),
        (1024, "010001", 285900, 87381, 524288),
        # EIP-198's first example: 32-byte operands, exponent 2**256 - 2**32 - 978
        (32, "ff" * 27 + "fefffffc2e", 13056, 1360, 4080),
        # an exponent of 33 bytes: one more byte costs 8 bits, in Osaka 16
        (32, "ff" * 33, 13465, 1402, 4336),
        (32, "00" * 32 + "ff", 409, 200, 500),
    ],
)
def test_prices(size, exponent, byzantium, berlin, osaka):
    data = call(bytes(size), bytes.fromhex(exponent), b"\xff" * size)
    assert [gas(5, data, fork) for fork in ALL] == [byzantium, berlin, osaka]


def test_price_of_nothing():
    assert [gas(5, b"", fork) for fork in ALL] == [0, 200, 500]


@pytest.mark.parametrize(
    "data",
    [
        lengths(HUGE, HUGE, HUGE),
        lengths(HUGE, 0, 1),
        lengths(0, HUGE, 1),
        lengths(0, 0, HUGE),
        lengths(1, HUGE, 1, b"\2"),
    ],
)
def test_hostile_lengths_cost_more_than_any_block(data):
    assert all(gas(5, data, fork) > 2**64 for fork in ALL)


def test_a_huge_exponent_of_nothing_is_cheap_and_does_no_work():
    data = lengths(0, HUGE, 0)
    assert [gas(5, data, fork) for fork in ALL] == [0, 200, 16 * (HUGE - 32) * 16]
    assert [run(5, data, fork) for fork in ALL[:2]] == [b"", b""]


@pytest.mark.parametrize("position", [0, 1, 2])
def test_osaka_refuses_lengths_above_1024(position):
    sizes = [1, 1, 1]
    sizes[position] = 1024
    assert run(5, lengths(*sizes)) == bytes(sizes[2])
    sizes[position] = 1025
    fails(5, lengths(*sizes), "exceed 1024 bytes")
    assert run(5, lengths(*sizes), Fork.PRAGUE) == bytes(sizes[2])


def test_long_operands_of_older_forks():
    modulus = b"\xff" * 2000
    assert run(5, call(b"\2", b"\3", modulus), Fork.PRAGUE) == bytes(1999) + b"\x08"
