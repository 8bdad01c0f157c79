"""Keccak-256 and secp256k1 recovery, from native libraries kept by others.

The one place that names them: `safe-pysha3` for hashing (eth-hash's own fast backend) and
`coincurve` (libsecp256k1) for signatures.
"""

from __future__ import annotations

from typing import Final

from coincurve import PrivateKey, PublicKey
from sha3 import keccak_256

from node.types import Address, Hash32

SECP256K1_N: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def keccak256(data: bytes) -> Hash32:
    """Keccak-256 with Ethereum's padding (the pre-NIST one)."""
    digest: bytes = keccak_256(data).digest()
    return digest


EMPTY_CODE_HASH: Final[Hash32] = keccak256(b"")
EMPTY_TRIE_ROOT: Final[Hash32] = keccak256(b"\x80")
EMPTY_OMMERS_HASH: Final[Hash32] = keccak256(b"\xc0")


def recover_address(message_hash: Hash32, y_parity: int, r: int, s: int) -> Address | None:
    """The address whose key signed, or None where no key could have (SEC 1, section 4.1.6).

    Range rules beyond the curve's (low s, EIP-2) are the caller's.
    """
    if not (0 < r < SECP256K1_N and 0 < s < SECP256K1_N and y_parity in (0, 1)):
        return None
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes((y_parity,))
    try:
        key = PublicKey.from_signature_and_message(signature, message_hash, hasher=None)
    except Exception:
        return None
    return keccak256(key.format(compressed=False)[1:])[12:]


def address_of(secret: bytes) -> Address:
    """The account address of a 32-byte secret key."""
    return keccak256(PrivateKey(secret).public_key.format(compressed=False)[1:])[12:]


def sign(secret: bytes, message_hash: Hash32) -> tuple[int, int, int]:
    """Deterministic (RFC 6979) low-s signature: (y_parity, r, s)."""
    signature = PrivateKey(secret).sign_recoverable(message_hash, hasher=None)
    return (
        signature[64],
        int.from_bytes(signature[:32], "big"),
        int.from_bytes(signature[32:64], "big"),
    )
