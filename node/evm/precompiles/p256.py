"""P256VERIFY: ECDSA over secp256r1, the curve of passkeys and secure enclaves (EIP-7951)."""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from node.evm.precompiles.base import Precompile, constant

_N: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_VALID: Final = (1).to_bytes(32, "big")
_CURVE: Final = ec.SECP256R1()
_SCHEME: Final = ec.ECDSA(utils.Prehashed(SHA256()))


def run(data: bytes) -> bytes:
    """One, as a word, where (r, s) signs hash under the key (x, y); empty otherwise.

    Input: hash, r, s, x, y, 32 bytes each. A wrong length is an invalid signature, not a failure.
    """
    if len(data) != 160:
        return b""
    r, s, x, y = (int.from_bytes(data[at : at + 32], "big") for at in (32, 64, 96, 128))
    if not (0 < r < _N and 0 < s < _N):
        return b""
    try:
        key = ec.EllipticCurvePublicNumbers(x, y, _CURVE).public_key()
        key.verify(utils.encode_dss_signature(r, s), data[:32], _SCHEME)
    except (ValueError, InvalidSignature):  # not a point of the curve; not its signature
        return b""
    return _VALID


P256VERIFY: Final = Precompile("P256VERIFY", constant(6900), run)
