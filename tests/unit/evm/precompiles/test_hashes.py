"""ECRECOVER, SHA-256, RIPEMD-160, identity."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.crypto import SECP256K1_N, address_of, keccak256, sign
from tests.unit.evm.precompiles.calls import gas, run, word

SECRET = word(0xC0FFEE)
HASH = keccak256(b"strikefold")
PARITY, R, S = sign(SECRET, HASH)


def recovery(v: int = PARITY + 27, r: int = R, s: int = S, message: bytes = HASH) -> bytes:
    return message + word(v) + word(r) + word(s)


@given(secret=st.integers(1, SECP256K1_N - 1), message=st.binary(min_size=32, max_size=32))
def test_ecrecover_finds_the_signer(secret, message):
    parity, r, s = sign(word(secret), message)
    signer = bytes(12) + address_of(word(secret))
    assert run(1, recovery(parity + 27, r, s, message)) == signer
    # EIP-2 binds transactions, not this precompile: the mirrored signature has the same signer.
    assert run(1, recovery(28 - parity, r, SECP256K1_N - s, message)) == signer


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("v", 0),
        ("v", 26),
        ("v", 29),
        ("v", 27 + 256),
        ("v", 2**255),
        ("r", 0),
        ("r", SECP256K1_N),
        ("r", SECP256K1_N + R % 1000),
        ("r", 2**256 - 1),
        ("s", 0),
        ("s", SECP256K1_N),
        ("s", 2**256 - 1),
    ],
)
def test_ecrecover_of_no_signature_is_empty(field, value):
    assert run(1, recovery(**{field: value})) == b""


def test_ecrecover_of_an_r_that_is_no_coordinate_is_empty():
    assert run(1, recovery(r=5)) == b""  # 5**3 + 7 is no square


def test_ecrecover_pads_short_input_and_ignores_the_rest():
    assert run(1, b"") == b""
    assert run(1, recovery()[:100]) == run(1, recovery()[:100] + bytes(28))
    assert run(1, recovery() + b"more") == run(1, recovery())


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ],
)
def test_sha256(data, digest):
    assert run(2, data).hex() == digest


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "9c1185a5c5e9fc54612808977ee8f548b2258d31"),
        (b"abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
    ],
)
def test_ripemd160_is_a_word(data, digest):
    assert run(3, data).hex() == "00" * 12 + digest


@given(st.binary(max_size=200))
def test_identity(data):
    assert run(4, data) == data


@pytest.mark.parametrize(
    ("size", "sha256", "ripemd160", "identity"),
    [
        (0, 60, 600, 15),
        (1, 72, 720, 18),
        (32, 72, 720, 18),
        (33, 84, 840, 21),
        (3200, 1260, 12600, 315),
    ],
)
def test_prices_by_word(size, sha256, ripemd160, identity):
    data = bytes(size)
    assert [gas(n, data) for n in (1, 2, 3, 4)] == [3000, sha256, ripemd160, identity]
