"""Precompiles of the C++ core: BN254 (EIP-196, 197, 1108) and BLAKE2b's F (EIP-152)."""

from __future__ import annotations

from typing import Final

from node.evm import _core
from node.evm.precompiles.base import Precompile, PrecompileFailure, constant

_TRUE: Final = (1).to_bytes(32, "big")
_FALSE: Final = bytes(32)
_PAIR: Final = 192


def bn254_add(data: bytes) -> bytes:
    """The sum of two points of 64 bytes; missing bytes are zero, more are ignored."""
    output = _core.bn254_add(data[:128].ljust(128, b"\0"))
    if output is None:
        raise PrecompileFailure("BN254 addition of something that is not a point of the curve")
    return output


def bn254_multiply(data: bytes) -> bytes:
    """A point times a scalar of 32 bytes; missing bytes are zero, more are ignored."""
    output = _core.bn254_multiply(data[:96].ljust(96, b"\0"))
    if output is None:
        raise PrecompileFailure("BN254 product of something that is not a point of the curve")
    return output


def bn254_pairing(data: bytes) -> bytes:
    """One, as a word, where the pairings of (G1 point, G2 point) multiply to one, else zero."""
    if len(data) % _PAIR:
        raise PrecompileFailure(f"BN254 pairing takes multiples of {_PAIR} bytes, got {len(data)}")
    holds = _core.bn254_pairing_check(data)
    if holds is None:
        raise PrecompileFailure("BN254 pairing of something that is not in its group")
    return _TRUE if holds else _FALSE


def _pairing_gas(base: int, pair: int) -> Precompile:
    return Precompile(
        "BN254_PAIRING", lambda data: base + pair * (len(data) // _PAIR), bn254_pairing
    )


def blake2f(data: bytes) -> bytes:
    """The state after as many rounds as the first four bytes say."""
    output = _core.blake2f(data)
    if output is None:
        raise PrecompileFailure(
            f"blake2f takes 213 bytes, the last 0 or 1; got {len(data)}, the last {data[-1:].hex()}"
        )
    return output


def _blake2f_gas(data: bytes) -> int:
    """A unit a round; nothing for a wrong length, which fails."""
    return int.from_bytes(data[:4], "big") if len(data) == 213 else 0


ADD_BYZANTIUM: Final = Precompile("BN254_ADD", constant(500), bn254_add)
MULTIPLY_BYZANTIUM: Final = Precompile("BN254_MUL", constant(40_000), bn254_multiply)
PAIRING_BYZANTIUM: Final = _pairing_gas(100_000, 80_000)
ADD_ISTANBUL: Final = Precompile("BN254_ADD", constant(150), bn254_add)
MULTIPLY_ISTANBUL: Final = Precompile("BN254_MUL", constant(6000), bn254_multiply)
PAIRING_ISTANBUL: Final = _pairing_gas(45_000, 34_000)
BLAKE2F: Final = Precompile("BLAKE2F", _blake2f_gas, blake2f)
