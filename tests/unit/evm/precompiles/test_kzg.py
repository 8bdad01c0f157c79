"""Point evaluation: a proof that ckzg makes, and each way to spoil it."""

from __future__ import annotations

import ckzg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_ecc import optimized_bls12_381 as bls

from node.evm.precompiles.kzg import trusted_setup, versioned_hash
from tests.unit.evm.precompiles.calls import fails, gas, run, word

MODULUS = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001


@pytest.fixture(scope="module")
def call() -> bytes:
    """versioned hash (32), z (32), y (32), commitment (48), proof (48)"""
    blob = b"".join(word(7 * i + 1) for i in range(4096))
    commitment = ckzg.blob_to_kzg_commitment(blob, trusted_setup())
    proof, y = ckzg.compute_kzg_proof(blob, word(5), trusted_setup())
    return versioned_hash(commitment) + word(5) + y + commitment + proof


def replaced(call: bytes, at: int, value: bytes) -> bytes:
    return call[:at] + value + call[at + len(value) :]


def test_a_true_claim_returns_the_blob_parameters(call):
    assert run(0x0A, call) == word(4096) + word(MODULUS)
    assert gas(0x0A, call) == 50_000


def test_the_point_at_infinity_commits_to_the_zero_polynomial():
    infinity = b"\xc0" + bytes(47)
    data = versioned_hash(infinity) + word(3) + word(0) + infinity + infinity
    assert run(0x0A, data) == word(4096) + word(MODULUS)
    fails(0x0A, replaced(data, 64, word(1)), "does not verify")


@pytest.mark.parametrize("size", [0, 191, 193])
def test_a_wrong_length_fails(call, size):
    fails(0x0A, call.ljust(size, b"\0")[:size], f"takes 192 bytes, got {size}")


def test_a_wrong_versioned_hash_fails(call):
    fails(0x0A, replaced(call, 0, b"\2"), "is not the commitment's")
    fails(0x0A, replaced(call, 31, bytes([call[31] ^ 1])), "is not the commitment's")


def test_a_wrong_value_fails(call):
    fails(0x0A, replaced(call, 64, word(1)), "does not verify")


@pytest.mark.parametrize(("at", "what"), [(32, "z"), (64, "y")])
def test_a_scalar_not_below_the_modulus_fails(call, at, what):
    fails(0x0A, replaced(call, at, word(MODULUS)), f"malformed.* {what}|malformed")


def test_points_that_are_not_on_the_curve_fail(call):
    fails(0x0A, replaced(call, 144, b"\xff" * 48), "malformed")
    spoiled = replaced(call, 96, b"\xff" * 48)
    fails(0x0A, versioned_hash(spoiled[96:144]) + spoiled[32:], "malformed")


def with_commitment(call: bytes, commitment: bytes) -> bytes:
    """The call with another commitment under its own name, so that only its encoding decides."""
    return versioned_hash(commitment) + call[32:96] + commitment + call[144:]


ENCODINGS = {
    "not compressed": b"\0" + bytes(47),
    "infinity, not compressed": b"\x40" + bytes(47),
    "infinity with a sign": b"\xe0" + bytes(47),
    "infinity with an x": b"\xc0" + bytes(46) + b"\1",
    "x is p": (0x80 << 376 | bls.field_modulus).to_bytes(48),
    "x is p + 4": (0x80 << 376 | bls.field_modulus + 4).to_bytes(48),
    "x^3 + 4 is no square": (0x80 << 376 | 1).to_bytes(48),
    "on the curve, of order 3": b"\x80" + bytes(47),
    "on the curve, of order 3, the other": b"\xa0" + bytes(47),
}


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
def test_encodings_that_are_not_canonical_fail(call, encoding):
    fails(0x0A, with_commitment(call, encoding), "malformed")
    fails(0x0A, replaced(call, 144, encoding), "malformed")


def test_the_other_root_is_another_point(call):
    flipped = bytes([call[96] ^ 0x20]) + call[97:144]
    fails(0x0A, with_commitment(call, flipped), "does not verify")
    fails(0x0A, replaced(call, 144, bytes([call[144] ^ 0x20])), "does not verify")


def test_scalars_at_the_edge(call):
    """The largest scalar is one, and the modulus, which is zero, none."""
    largest = word(MODULUS - 1)
    fails(0x0A, replaced(call, 64, largest), "does not verify")
    fails(0x0A, replaced(call, 64, word(MODULUS)), "malformed")
    infinity = b"\xc0" + bytes(47)
    zero = versioned_hash(infinity) + largest + word(0) + infinity + infinity
    assert run(0x0A, zero) == word(4096) + word(MODULUS)
    fails(0x0A, replaced(zero, 32, word(MODULUS)), "malformed")


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, MODULUS - 1), min_size=1, max_size=5), st.integers(0, MODULUS - 1))
def test_proofs_that_ckzg_makes(values, z):
    blob = b"".join(map(word, values)).ljust(4096 * 32, b"\0")
    commitment = ckzg.blob_to_kzg_commitment(blob, trusted_setup())
    proof, y = ckzg.compute_kzg_proof(blob, word(z), trusted_setup())
    data = versioned_hash(commitment) + word(z) + y + commitment + proof
    assert run(0x0A, data) == word(4096) + word(MODULUS)
    fails(0x0A, replaced(data, 95, bytes([data[95] ^ 1])), "does not verify|malformed")
