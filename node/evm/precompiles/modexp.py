"""MODEXP: base**exponent mod modulus on integers of any length (EIP-198, 2565, 7823, 7883).

Input: three 32-byte lengths, then base, exponent and modulus, all big-endian; bytes beyond the
end of the input read as zero. The lengths are adversarial: prices are computed from them alone
and from the exponent's first word, so nothing of that size is touched before it is paid for.
"""

from __future__ import annotations

from typing import Final

from gmpy2.gmpy2 import powmod

from node.evm.precompiles.base import Precompile, PrecompileFailure

_HEADER: Final = 96
_MAX_LENGTH: Final = 1024  # EIP-7823


def _lengths(data: bytes) -> tuple[int, int, int]:
    header = data[:_HEADER].ljust(_HEADER, b"\0")
    return (
        int.from_bytes(header[:32], "big"),
        int.from_bytes(header[32:64], "big"),
        int.from_bytes(header[64:], "big"),
    )


def _integer(data: bytes, start: int, length: int) -> int:
    """The big-endian integer at data[start : start + length], zero beyond the end.

    The zeros are a shift, never bytes of their own, and none for the integer zero.
    """
    present = data[start : start + length]
    value = int.from_bytes(present, "big")
    return value << 8 * (length - len(present)) if value else 0


def _iterations(data: bytes, base_length: int, exponent_length: int, per_byte: int) -> int:
    """Squarings to pay for: the exponent's head bit by bit, its tail at per_byte a byte."""
    head = _integer(data, _HEADER + base_length, min(exponent_length, 32))
    tail = per_byte * max(exponent_length - 32, 0)
    return max(tail + max(head.bit_length() - 1, 0), 1)


def gas_eip198(data: bytes) -> int:
    """Byzantium's price."""
    base_length, exponent_length, modulus_length = _lengths(data)
    size = max(base_length, modulus_length)
    if size <= 64:
        complexity = size * size
    elif size <= 1024:
        complexity = size * size // 4 + 96 * size - 3072
    else:
        complexity = size * size // 16 + 480 * size - 199_680
    return complexity * _iterations(data, base_length, exponent_length, 8) // 20


def gas_eip2565(data: bytes) -> int:
    """Berlin's price: 64-bit limbs squared, a third of a unit each, 200 at least."""
    base_length, exponent_length, modulus_length = _lengths(data)
    limbs = (max(base_length, modulus_length) + 7) // 8
    return max(200, limbs * limbs * _iterations(data, base_length, exponent_length, 8) // 3)


def gas_eip7883(data: bytes) -> int:
    """Osaka's price: triple Berlin's, double that above 32 bytes, 500 at least."""
    base_length, exponent_length, modulus_length = _lengths(data)
    size = max(base_length, modulus_length)
    limbs = (size + 7) // 8
    complexity = 16 if size <= 32 else 2 * limbs * limbs
    return max(500, complexity * _iterations(data, base_length, exponent_length, 16))


def run(data: bytes) -> bytes:
    """The power, as long as the modulus; zero where the modulus is zero."""
    base_length, exponent_length, modulus_length = _lengths(data)
    if modulus_length == 0:
        return b""  # whatever the other lengths claim: their price may have been zero
    exponent_at = _HEADER + base_length
    modulus = _integer(data, exponent_at + exponent_length, modulus_length)
    if modulus <= 1:
        return bytes(modulus_length)
    base = _integer(data, _HEADER, base_length)
    exponent = _integer(data, exponent_at, exponent_length)
    return int(powmod(base, exponent, modulus)).to_bytes(modulus_length, "big")


def run_bounded(data: bytes) -> bytes:
    """Osaka's: no length above 1024 bytes (EIP-7823)."""
    lengths = _lengths(data)
    if max(lengths) > _MAX_LENGTH:
        raise PrecompileFailure(
            f"modexp lengths {lengths} exceed {_MAX_LENGTH} bytes: shorten the operands"
        )
    return run(data)


MODEXP_BYZANTIUM: Final = Precompile("MODEXP", gas_eip198, run)
MODEXP_BERLIN: Final = Precompile("MODEXP", gas_eip2565, run)
MODEXP_OSAKA: Final = Precompile("MODEXP", gas_eip7883, run_bounded)
