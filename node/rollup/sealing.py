"""The sequencer's signature over a head it sealed: what makes `latest` attributable.

EIP-712 typed data, so that any wallet library can check it:

    domain: {name: "Strikefold", version: "1", chainId}
    SealedHead(uint64 number, bytes32 blockHash)

65 bytes r || s || v (v = 27 + y parity), kept beside the block and not in its header: the block
stays an Ethereum block. Two signatures over one number and different hashes prove equivocation.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from node.config import SequencerConfig
from node.crypto import SECP256K1_N, address_of, keccak256, recover_address, sign
from node.errors import ConfigError
from node.evm.block import Header
from node.types import Address, Hash32

SIGNATURE_BYTES: Final = 65
DEVELOPMENT_KEY: Final = keccak256(b"strikefold development sequencer")
"""Known to everybody: for a chain on one machine only."""

_DOMAIN_TYPE: Final = keccak256(b"EIP712Domain(string name,string version,uint256 chainId)")
_HEAD_TYPE: Final = keccak256(b"SealedHead(uint64 number,bytes32 blockHash)")
_NAME: Final = keccak256(b"Strikefold")
_VERSION: Final = keccak256(b"1")


def seal_digest(chain_id: int, number: int, block_hash: Hash32) -> Hash32:
    """What the sequencer signs for a block."""
    domain = keccak256(_DOMAIN_TYPE + _NAME + _VERSION + chain_id.to_bytes(32, "big"))
    message = keccak256(_HEAD_TYPE + number.to_bytes(32, "big") + block_hash)
    return keccak256(b"\x19\x01" + domain + message)


def sign_head(secret: bytes, chain_id: int, header: Header) -> bytes:
    """The signature to keep beside a sealed block."""
    y_parity, r, s = sign(secret, seal_digest(chain_id, header.number, header.hash))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes((27 + y_parity,))


def head_signer(chain_id: int, header: Header, signature: bytes) -> Address | None:
    """Who signed this head; None if the bytes are no valid (low-s) signature."""
    if len(signature) != SIGNATURE_BYTES or signature[64] not in (27, 28):
        return None
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    if s > SECP256K1_N // 2:
        return None
    digest = seal_digest(chain_id, header.number, header.hash)
    return recover_address(digest, signature[64] - 27, r, s)


def verify_head(chain_id: int, header: Header, signature: bytes, sequencer: Address) -> bool:
    """Whether this sequencer sealed this head."""
    return head_signer(chain_id, header, signature) == sequencer


def load_key(config: SequencerConfig) -> bytes:
    """The 32-byte sealing key of a configuration. Raises ConfigError, never showing the key."""
    if not config.key_file:
        return DEVELOPMENT_KEY
    path = Path(config.key_file).expanduser()
    try:
        secret = bytes.fromhex(path.read_text().strip().removeprefix("0x"))
        if len(secret) != 32:
            raise ValueError
        address_of(secret)
    except OSError as error:
        raise ConfigError(f"sequencer.key_file: cannot read {path}: {error}") from error
    except ValueError as error:
        raise ConfigError(
            f"sequencer.key_file: {path} does not hold a secp256k1 key of 32 bytes in hex"
        ) from error
    return secret
