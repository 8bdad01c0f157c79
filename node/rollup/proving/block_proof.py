"""The proof of a block as a file, and the input that proving takes.

    "SFBP", version u16, configuration's length u32, header's length u32,
    the configuration and the header (RLP), the proof of the run

All integers little-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from node.codec import decode
from node.errors import InvalidEncoding, InvalidProof
from node.evm.block import Block, Header, decode_block, header_from_items
from node.evm.chain_config import ChainConfig
from node.evm.proving import (
    Statement,
    decode_config,
    decode_input,
    encode_input,
    statement_of,
)
from node.evm.witness import Witness
from node.evm.zk_gas import zk_gas_on_witness

MAGIC: Final = b"SFBP"
VERSION: Final = 1
_HEADER: Final = struct.Struct("<4sHII")


@dataclass(frozen=True)
class BlockProof:
    """A block's header under a chain's configuration (RLP), and the proof that it is valid."""

    config: bytes
    header: Header
    run: bytes

    @property
    def statement(self) -> Statement:
        """What is proved."""
        return statement_of(self.config, self.header)

    def encode(self) -> bytes:
        """The file."""
        header = self.header.encoded
        parts = [_HEADER.pack(MAGIC, VERSION, len(self.config), len(header))]
        return b"".join([*parts, self.config, header, self.run])


def decode_block_proof(data: bytes) -> BlockProof:
    """Inverse of `BlockProof.encode`. Raises InvalidProof."""
    if len(data) < _HEADER.size:
        raise InvalidProof(f"block proof of {len(data)} bytes has no header")
    magic, version, config_size, header_size = _HEADER.unpack_from(data)
    if magic != MAGIC:
        raise InvalidProof(f"block proof starts with 0x{magic.hex()}, expected 0x{MAGIC.hex()}")
    if version != VERSION:
        raise InvalidProof(f"block proof has version {version}, this verifier reads {VERSION}")
    header_at = _HEADER.size + config_size
    run_at = header_at + header_size
    if run_at > len(data):
        raise InvalidProof(f"block proof of {len(data)} bytes is cut off")
    try:
        header = header_from_items(decode(data[header_at:run_at]))
    except InvalidEncoding as error:
        raise InvalidProof(f"block proof: its header does not decode: {error}") from error
    return BlockProof(data[_HEADER.size : header_at], header, data[run_at:])


@dataclass(frozen=True)
class BlockInput:
    """What it takes to prove a block. given: what the guest reads, see `encode_input`."""

    given: bytes

    @classmethod
    def of(cls, config: ChainConfig, block: Block, witness: Witness) -> BlockInput:
        """Of a block and its execution witness."""
        return cls(encode_input(config, block.encoded, witness))

    @cached_property
    def parts(self) -> tuple[bytes, Block, Witness]:
        """Configuration (RLP), block and witness. Raises InvalidEncoding, InvalidTransaction."""
        config, block, witness = decode_input(self.given)
        return config, decode_block(block), witness

    def zk_gas(self) -> tuple[int, ...]:
        """Zk gas of each transaction, from executing the block on its witness."""
        config, block, witness = self.parts
        return zk_gas_on_witness(decode_config(config), block, witness)
