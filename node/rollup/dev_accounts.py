"""The accounts every Ethereum developer knows, derived as wallets derive them.

BIP-39 (mnemonic to seed), BIP-32 (seed to keys), BIP-44 path m/44'/60'/0'/0/index. For development
chains only: the keys are public.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import pbkdf2_hmac, sha512
from typing import Final

from coincurve import PrivateKey

from node.crypto import SECP256K1_N, address_of
from node.types import Address

MNEMONIC: Final = "test test test test test test test test test test test junk"
"""The mnemonic of anvil and hardhat."""
PATH: Final = "m/44'/60'/0'/0"

_HARDENED: Final = 2**31
_PARENT: Final = (44 + _HARDENED, 60 + _HARDENED, _HARDENED, 0)
_SEED_ROUNDS: Final = 2048


@dataclass(frozen=True)
class DevAccount:
    """A funded account. secret: its 32-byte key."""

    address: Address
    secret: bytes


def dev_accounts(count: int) -> tuple[DevAccount, ...]:
    """The first accounts of the development mnemonic."""
    seed = pbkdf2_hmac("sha512", MNEMONIC.encode(), b"mnemonic", _SEED_ROUNDS)
    node = hmac.digest(b"Bitcoin seed", seed, sha512)
    for index in _PARENT:
        node = _child(node, index)
    secrets = (_child(node, index)[:32] for index in range(count))
    return tuple(DevAccount(address_of(secret), secret) for secret in secrets)


def _child(node: bytes, index: int) -> bytes:
    """BIP-32 private derivation: key and chain code, 32 bytes each."""
    secret, chain_code = node[:32], node[32:]
    public = PrivateKey(secret).public_key.format() if index < _HARDENED else b"\x00" + secret
    digest = hmac.digest(chain_code, public + index.to_bytes(4, "big"), sha512)
    key = (int.from_bytes(digest[:32], "big") + int.from_bytes(secret, "big")) % SECP256K1_N
    return key.to_bytes(32, "big") + digest[32:]
