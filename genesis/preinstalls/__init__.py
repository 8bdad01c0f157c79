"""Contracts that wallets and tools expect at their usual addresses on every chain.

Records are data, one JSON file a contract; README.md says where each comes from and how it was
checked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from node.crypto import keccak256
from node.types import Address, Hash32

_DIRECTORY: Final = Path(__file__).parent

PERMIT2: Final[Address] = bytes.fromhex("000000000022d473030f116ddee9f6b43ac78ba3")
_PERMIT2_CHAIN_ID: Final = 6945
"""Offset of the immutable `_CACHED_CHAIN_ID` in Permit2's code."""
_PERMIT2_DOMAIN: Final = 6983
"""Offset of the immutable `_CACHED_DOMAIN_SEPARATOR` in Permit2's code."""


@dataclass(frozen=True)
class Preinstall:
    """One contract. code_hash: of the recorded code. package: npm package it was taken from."""

    name: str
    address: Address
    code: bytes
    code_hash: Hash32
    package: str
    licence: str


@cache
def records() -> tuple[Preinstall, ...]:
    """All of them, by name. Permit2's immutables are zero."""
    parsed = (json.loads(path.read_text()) for path in sorted(_DIRECTORY.glob("*.json")))
    return tuple(
        Preinstall(
            name=record["name"],
            address=bytes.fromhex(record["address"][2:]),
            code=bytes.fromhex(record["code"][2:]),
            code_hash=bytes.fromhex(record["codeHash"][2:]),
            package=record["package"],
            licence=record["licence"],
        )
        for record in parsed
    )


def preinstalls(chain_id: int) -> dict[Address, bytes]:
    """Address to runtime code on the chain of this id."""
    contracts = {record.address: record.code for record in records()}
    contracts[PERMIT2] = permit2_code(contracts[PERMIT2], chain_id)
    return contracts


def permit2_code(template: bytes, chain_id: int) -> bytes:
    """Permit2 with the immutables that its constructor would have set on this chain (EIP-712)."""
    domain_type = b"EIP712Domain(string name,uint256 chainId,address verifyingContract)"
    word = chain_id.to_bytes(32, "big")
    domain = keccak256(
        keccak256(domain_type) + keccak256(b"Permit2") + word + PERMIT2.rjust(32, b"\0")
    )
    code = bytearray(template)
    code[_PERMIT2_CHAIN_ID : _PERMIT2_CHAIN_ID + 32] = word
    code[_PERMIT2_DOMAIN : _PERMIT2_DOMAIN + 32] = domain
    return bytes(code)
