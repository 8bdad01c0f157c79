"""Point evaluation: a proof that ckzg makes, and each way to spoil it."""

from __future__ import annotations

import ckzg
import pytest

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
