"""A proof as bytes: canonical, versioned, strict.

    "SFPF", version u16, slots u16, a log-height a slot (u8, 255 absent), elements (u32 each)

All integers little-endian. Every element is below p; how many there are follows from the key, the
heights and the indices the transcript samples, and the verifier consumes exactly all of them.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node.errors import InvalidProof
from node.recursion.arithmetic import Arithmetic, Ext, Felt
from node.recursion.field import DEGREE, P
from node.recursion.poseidon2 import DIGEST
from node.recursion.transcript import Transcript, compress, hash_leaf

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


class Channel:
    """Reads a proof's elements into the transcript, in the order the protocol fixes."""

    def __init__(self, arithmetic: Arithmetic, elements: Sequence[int]) -> None:
        self.arithmetic = arithmetic
        self.transcript = Transcript(arithmetic)
        self._elements = elements
        self._at = 0

    def _next(self, count: int) -> list[Felt]:
        end = self._at + count
        if end > len(self._elements):
            raise InvalidProof(f"proof ends after {len(self._elements)} elements, more are needed")
        taken = [self.arithmetic.felt(e) for e in self._elements[self._at : end]]
        self._at = end
        return taken

    def read(self, count: int) -> list[Felt]:
        """Base elements, observed."""
        elements = self._next(count)
        self.transcript.observe(elements)
        return elements

    def read_ext(self, count: int) -> list[Ext]:
        """Extension elements, observed."""
        parts = self.read(DEGREE * count)
        return [self.arithmetic.ext(parts[i : i + DEGREE]) for i in range(0, len(parts), DEGREE)]

    def grind(self, bits: int) -> None:
        """A nonce that proves work, where any is asked for."""
        if bits:
            (nonce,) = self._next(1)
            self.transcript.check_grinding(nonce, bits)

    def open(
        self,
        trees: Sequence[tuple[Sequence[Felt], int]],
        log_leaves: int,
        indices: Sequence[Sequence[Felt]],
    ) -> list[list[Felt]]:
        """Leaves of trees over one domain, side by side, checked against the roots.

        trees: (root, leaf width). indices: bits, least significant first; they may repeat. For
        each tree the proof holds the leaves at the distinct indices, ascending; then, level by
        level from the leaves, the siblings not known yet, ascending. None is observed: the roots
        bind them.
        """
        numbers = [sum(int(bit) << i for i, bit in enumerate(bits)) for bits in indices]
        distinct = sorted(set(numbers))
        leaves: dict[int, list[Felt]] = {number: [] for number in distinct}
        for root, width in trees:
            rows = {number: self._next(width) for number in distinct}
            digests = {number: hash_leaf(self.arithmetic, row) for number, row in rows.items()}
            self._check_root(root, log_leaves, digests)
            for number in distinct:
                leaves[number] += rows[number]
        return [leaves[number] for number in numbers]

    def _check_root(
        self, root: Sequence[Felt], log_leaves: int, digests: dict[int, list[Felt]]
    ) -> None:
        for _ in range(log_leaves):
            missing = sorted({i ^ 1 for i in digests} - digests.keys())
            digests |= {i: self._next(DIGEST) for i in missing}
            digests = {
                i >> 1: compress(self.arithmetic, digests[i], digests[i | 1])
                for i in sorted(digests)
                if not i & 1
            }
        for ours, theirs in zip(digests[0], root, strict=True):
            self.arithmetic.require_zero(ours - theirs, "a Merkle opening does not match its root")

    def finish(self) -> None:
        """Requires that everything was read. Raises InvalidProof."""
        if self._at != len(self._elements):
            left = len(self._elements) - self._at
            raise InvalidProof(f"{left} elements follow the proof")
