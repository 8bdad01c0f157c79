"""A proof as bytes: canonical, versioned, strict.

    "SFPF", version u16, slots u16, a log-height a slot (u8, 255 absent), elements (u32 each)

All integers little-endian. Every element is below p; how many there are follows from the key, the
heights and the indices the transcript samples, and the verifier consumes exactly all of them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from node.errors import InvalidProof
from node.recursion.field import P

MAGIC: Final = b"SFPF"
VERSION: Final = 1
_HEADER: Final = struct.Struct("<4sHH")


@dataclass(frozen=True)
class Proof:
    """heights: a log-height a slot, 255 where absent. elements: what the prover says, in order."""

    heights: tuple[int, ...]
    elements: tuple[int, ...]

    def encode(self) -> bytes:
        """The canonical bytes."""
        header = _HEADER.pack(MAGIC, VERSION, len(self.heights))
        return header + bytes(self.heights) + struct.pack(f"<{len(self.elements)}I", *self.elements)


def decode_proof(data: bytes) -> Proof:
    """Inverse of `Proof.encode`. Raises InvalidProof."""
    if len(data) < _HEADER.size:
        raise InvalidProof(f"proof of {len(data)} bytes has no header")
    magic, version, slots = _HEADER.unpack_from(data)
    if magic != MAGIC:
        raise InvalidProof(f"proof starts with 0x{magic.hex()}, expected 0x{MAGIC.hex()}")
    if version != VERSION:
        raise InvalidProof(f"proof has version {version}, this verifier reads {VERSION}")
    heights, body = data[_HEADER.size :][:slots], data[_HEADER.size + slots :]
    if len(heights) != slots or len(body) % 4:
        raise InvalidProof(f"proof of {len(data)} bytes is cut off")
    elements = struct.unpack(f"<{len(body) // 4}I", body)
    for place, element in enumerate(elements):
        if element >= P:
            raise InvalidProof(f"element {place} is {element}, not below p")
    return Proof(tuple(heights), elements)
