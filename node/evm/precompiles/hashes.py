"""ECRECOVER, SHA-256, RIPEMD-160 and identity (Yellow Paper, appendix E)."""

from __future__ import annotations

import hashlib
from typing import Final

from Crypto.Hash import RIPEMD160

from node.crypto import recover_address
from node.evm.precompiles.base import Precompile, constant, words

_PAD12: Final = bytes(12)


def recover(data: bytes) -> bytes:
    """The signer of (hash, v, r, s), 32 bytes each, padded to a word; empty where there is none.

    A high s is accepted: EIP-2 binds transactions only.
    """
    data = data[:128].ljust(128, b"\0")
    parity = int.from_bytes(data[32:64], "big") - 27
    if parity not in (0, 1):
        return b""
    r = int.from_bytes(data[64:96], "big")
    s = int.from_bytes(data[96:128], "big")
    address = recover_address(data[:32], parity, r, s)
    return b"" if address is None else _PAD12 + address


def sha256(data: bytes) -> bytes:
    """SHA-256 of the input."""
    return hashlib.sha256(data).digest()


def ripemd160(data: bytes) -> bytes:
    """RIPEMD-160 of the input, padded to a word.

    Not hashlib's: OpenSSL 3 moved it to the legacy provider, which distributions leave out.
    """
    return _PAD12 + RIPEMD160.new(data).digest()


def identity(data: bytes) -> bytes:
    """The input."""
    return data


ECRECOVER: Final = Precompile("ECREC", constant(3000), recover)
SHA256: Final = Precompile("SHA256", lambda data: 60 + 12 * words(data), sha256)
RIPEMD: Final = Precompile("RIPEMD160", lambda data: 600 + 120 * words(data), ripemd160)
IDENTITY: Final = Precompile("ID", lambda data: 15 + 3 * words(data), identity)
