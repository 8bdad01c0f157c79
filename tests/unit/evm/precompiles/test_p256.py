"""P256VERIFY: signatures of another implementation's keys, and everything that is not one."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.evm.precompiles.calls import gas, run, word

N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
KEY = ec.derive_private_key(0xBEEF, ec.SECP256R1())
HASH = bytes(range(32))


def signed(key: ec.EllipticCurvePrivateKey, message: bytes) -> dict[str, int]:
    der = key.sign(message, ec.ECDSA(utils.Prehashed(SHA256())))
    r, s = utils.decode_dss_signature(der)
    public = key.public_key().public_numbers()
    return {"h": int.from_bytes(message, "big"), "r": r, "s": s, "x": public.x, "y": public.y}


def call(h: int, r: int, s: int, x: int, y: int) -> bytes:
    return b"".join(map(word, (h, r, s, x, y)))


VALID = signed(KEY, HASH)


@settings(max_examples=30)
@given(secret=st.integers(1, N - 1), message=st.binary(min_size=32, max_size=32))
def test_accepts_a_signature_and_its_mirror(secret, message):
    fields = signed(ec.derive_private_key(secret, ec.SECP256R1()), message)
    assert run(0x100, call(**fields)) == word(1)
    assert run(0x100, call(**{**fields, "s": N - fields["s"]})) == word(1)
    assert run(0x100, call(**{**fields, "h": fields["h"] ^ 1})) == b""


@pytest.mark.parametrize(
    "wrong",
    [
        {"r": 0},
        {"r": N},
        {"r": VALID["r"] ^ 1},
        {"s": 0},
        {"s": N},
        {"s": 2**256 - 1},
        {"x": 0, "y": 0},
        {"x": P},
        {"y": P},
        {"y": VALID["y"] ^ 1},
        {"y": P - VALID["y"]},
        {"h": 0},
    ],
)
def test_anything_else_is_empty_not_a_failure(wrong):
    assert run(0x100, call(**{**VALID, **wrong})) == b""


@pytest.mark.parametrize("size", [0, 1, 159, 161, 320])
def test_a_wrong_length_is_empty(size):
    assert run(0x100, call(**VALID).ljust(size, b"\0")[:size]) == b""


def test_price():
    assert gas(0x100, b"") == gas(0x100, call(**VALID)) == 6900
