"""Precompiles and hashes on the vectors of EEST, c-kzg-4844, NIST, XKCP, ethers and Wycheproof."""

from __future__ import annotations

import hashlib
import json
import lzma
from typing import Any

import pytest

from node.crypto import address_of, keccak256
from node.evm import _core
from node.evm.forks import Fork
from node.evm.precompiles import PRECOMPILES, Precompile, PrecompileFailure
from node.evm.precompiles.kzg import versioned_hash
from tests.suites import suite_path

pytestmark = pytest.mark.conformance


def precompile(number: int) -> Precompile:
    return PRECOMPILES[Fork.OSAKA][number.to_bytes(20, "big")]


def vectors(name: str) -> Any:
    return json.loads(lzma.decompress(suite_path(f"crypto/{name}.json.xz").read_bytes()))


def run(number: int, data: bytes) -> bytes | None:
    """The output; None where the call fails. The core's own code must give the same."""
    try:
        output = precompile(number).run(data)
    except PrecompileFailure:
        output = None
    assert _core.run_precompile(number, data) == (precompile(number).gas(data), output)
    return output


def unhex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


BLS = {
    "add_G1_bls": 0x0B,
    "mul_G1_bls": 0x0C,
    "msm_G1_bls": 0x0C,
    "add_G2_bls": 0x0D,
    "mul_G2_bls": 0x0E,
    "pairing_check_bls": 0x0F,
    "map_fp_to_G1_bls": 0x10,
    "map_fp2_to_G2_bls": 0x11,
}
P256 = (
    "k_and_s",
    "modified_r_s",
    "public_key",
    "shamir_multiplication",
    "signature_specific",
    "small_large_r_s",
    "special_case_hash",
    "special_case_r_s",
    "special_points",
    "u1_u2",
)


@pytest.mark.parametrize(("name", "number"), BLS.items())
def test_bls12_381(name, number):
    folder = "precompiles_eest/eip2537_bls_12_381_precompiles"
    for case in vectors(f"{folder}/{name}"):
        data = unhex(case["Input"])
        assert run(number, data) == unhex(case["Expected"]), case["Name"]
        assert precompile(number).gas(data) == case["Gas"], case["Name"]


@pytest.mark.parametrize(("name", "number"), BLS.items())
def test_bls12_381_failures(name, number):
    folder = "precompiles_eest/eip2537_bls_12_381_precompiles"
    for case in vectors(f"{folder}/fail-{name}"):
        assert run(number, unhex(case["Input"])) is None, case["Name"]


@pytest.mark.parametrize("name", P256)
def test_p256verify(name):
    for case in vectors(f"precompiles_eest/eip7951_p256verify_precompiles/secp256r1_{name}"):
        data = unhex(case["Input"])
        assert run(0x100, data) == unhex(case["Expected"]), case["Name"]
        assert precompile(0x100).gas(data) == case["Gas"], case["Name"]


def test_kzg_point_evaluation():
    cases = vectors("kzg/verify_kzg_proof")
    for case in cases:
        commitment, z, y, proof = (
            unhex(case["input"][part]) for part in ("commitment", "z", "y", "proof")
        )
        output = run(0x0A, versioned_hash(commitment) + z + y + commitment + proof)
        assert (output is not None) == (case["output"] is True), case["name"]
    assert {case["output"] for case in cases} == {True, False, None}


def test_sha256():
    for case in vectors("hash/sha256_nist"):
        assert run(2, unhex(case["msg"])) == unhex(case["sha256"])


def test_hashes_of_ethers():
    for case in vectors("hash/ethers_hashes_sha256_ripemd160_keccak256"):
        data = unhex(case["data"])
        assert run(2, data) == unhex(case["sha256"]), case["name"]
        assert run(3, data) == bytes(12) + unhex(case["ripemd160"]), case["name"]
        assert keccak256(data) == unhex(case["keccak256"]), case["name"]


def wycheproof(name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(key, case) for the cases whose signature is 64 bytes: others have no input here."""
    groups = vectors(f"wycheproof/{name}")["testGroups"]
    cases = [(group["publicKey"], case) for group in groups for case in group["tests"]]
    kept = [(key, case) for key, case in cases if len(case["sig"]) == 128]
    assert len(kept) > 200
    return kept


def test_wycheproof_secp256r1():
    for key, case in wycheproof("ecdsa_secp256r1_sha256_p1363_test"):
        message = hashlib.sha256(unhex(case["msg"])).digest()
        point = unhex(key["uncompressed"])[1:]
        expected = (1).to_bytes(32, "big") if case["result"] == "valid" else b""
        assert run(0x100, message + unhex(case["sig"]) + point) == expected, case


# Signatures whose point has an x above the group's order, which v = 27 and 28 cannot name.
BEYOND_RECOVERY = {
    "k*G has a large x-coordinate",
    "r = 2, x = n + 2 is the smallest possible x with a reduction",
}


def test_wycheproof_secp256k1():
    """A signature is valid exactly where one of the two recoverable keys is the signer's."""
    for key, case in wycheproof("ecdsa_secp256k1_sha256_p1363_test"):
        message = hashlib.sha256(unhex(case["msg"])).digest()
        signer = bytes(12) + keccak256(unhex(key["uncompressed"])[1:])[12:]
        recovered = {run(1, message + v.to_bytes(32, "big") + unhex(case["sig"])) for v in (27, 28)}
        valid = case["result"] == "valid" and case["comment"] not in BEYOND_RECOVERY
        assert (signer in recovered) == valid, case


def test_addresses_of_known_keys():
    assert address_of((1).to_bytes(32, "big")).hex() == "7e5f4552091a69125d5dfcb7b8c2659029395bdf"
