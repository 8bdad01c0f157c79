"""KZG point evaluation: a blob's polynomial takes the value y at z (EIP-4844)."""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
from typing import Any, Final

import ckzg

from node.evm.precompiles.base import Precompile, PrecompileFailure, constant

_FIELD_ELEMENTS_PER_BLOB: Final = 4096
_BLS_MODULUS: Final = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
_SUCCESS: Final = _FIELD_ELEMENTS_PER_BLOB.to_bytes(32, "big") + _BLS_MODULUS.to_bytes(32, "big")


@functools.cache
def trusted_setup() -> Any:  # noqa: ANN401 - an opaque capsule of ckzg
    """The ceremony's setup as py-evm ships it, for ckzg. The first call takes a second or two."""
    setup = importlib.resources.files("eth._utils") / "kzg_trusted_setup.txt"
    with importlib.resources.as_file(setup) as path:
        return ckzg.load_trusted_setup(str(path), 0)


def versioned_hash(commitment: bytes) -> bytes:
    """The name of a commitment in a transaction: version 1, then SHA-256 without its first byte."""
    return b"\x01" + hashlib.sha256(commitment).digest()[1:]


def run(data: bytes) -> bytes:
    """Checks (versioned_hash, z, y, commitment, proof); returns the blob's size and modulus."""
    if len(data) != 192:
        raise PrecompileFailure(f"point evaluation takes 192 bytes, got {len(data)}")
    name, z, y = data[:32], data[32:64], data[64:96]
    commitment, proof = data[96:144], data[144:]
    if versioned_hash(commitment) != name:
        raise PrecompileFailure(f"versioned hash 0x{name.hex()} is not the commitment's")
    try:
        holds = ckzg.verify_kzg_proof(commitment, z, y, proof, trusted_setup())
    except RuntimeError as error:  # a point or scalar that is not canonical
        raise PrecompileFailure("malformed KZG commitment, proof, z or y") from error
    if not holds:
        raise PrecompileFailure("the KZG proof does not verify")
    return _SUCCESS


POINT_EVALUATION: Final = Precompile("KZG_POINT_EVALUATION", constant(50_000), run)
