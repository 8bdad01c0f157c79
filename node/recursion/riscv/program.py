"""A program of the RISC-V machine: what is executed, and what its verifying key is made of."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Final

from node.recursion.arithmetic import Native
from node.recursion.native import core
from node.recursion.poseidon2 import DIGEST
from node.recursion.riscv.chips.memory import DEPTH, WORDS
from node.recursion.riscv.isa import Instructions
from node.recursion.transcript import compress

LEAF_BYTES: Final = 4 * WORDS
Digest = tuple[int, ...]


@dataclass(frozen=True)
class Function:
    """A stretch of code with a name, for profiles; nothing of what is proved depends on it."""

    name: str
    address: int
    size: int


@dataclass(frozen=True, eq=False)
class Program:
    """Code and the memory it starts with.

    entry: the first pc. base: the address of instructions[0]. image: (address, bytes) of
    everything that is not zero at the start, the code's bytes among it, by rising address.
    functions: by rising address, none within another.
    """

    entry: int
    base: int
    instructions: Instructions
    image: tuple[tuple[int, bytes], ...]
    functions: tuple[Function, ...] = ()

    def function_at(self, pc: int) -> Function | None:
        """The function that holds an address."""
        inside = (f for f in self.functions if f.address <= pc < f.address + f.size)
        return next(inside, None)

    @cached_property
    def digest(self) -> bytes:
        """The sha256 of all that is proved of it, in one unambiguous encoding."""
        parts = [
            struct.pack("<II", self.entry, self.base),
            self.instructions.astype("<u4").tobytes(),
        ]
        for address, data in self.image:
            parts += [struct.pack("<I", address), data]
        return sha256(b"".join(struct.pack("<I", len(part)) + part for part in parts)).digest()

    @cached_property
    def root(self) -> Digest:
        """The root of the memory tree before the first instruction."""
        return memory_root(self.image)


def memory_root(image: Sequence[tuple[int, bytes]]) -> Digest:
    """The root over memory that holds these (address, bytes), and zeros elsewhere.

    docs/zkvm.md, section "Segments", describes the tree.
    """
    native = Native(core.permute)

    def parent(left: Digest, right: Digest) -> Digest:
        return tuple(int(x) for x in compress(native, left, right))

    empty = parent((0,) * DIGEST, (0,) * DIGEST)
    level = {index: parent(limbs[:DIGEST], limbs[DIGEST:]) for index, limbs in _leaves(image)}
    for _ in range(DEPTH):
        level = {
            index: parent(level.get(2 * index, empty), level.get(2 * index + 1, empty))
            for index in {i // 2 for i in level}
        }
        empty = parent(empty, empty)
    return level.get(0, empty)


def _leaves(image: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, Digest]]:
    """(index, sixteen limbs) of every leaf that the image reaches into."""
    found: dict[int, bytearray] = {}
    for address, data in image:
        for place in range(address // LEAF_BYTES, -(-(address + len(data)) // LEAF_BYTES)):
            leaf = found.setdefault(place, bytearray(LEAF_BYTES))
            begin = max(address, place * LEAF_BYTES)
            end = min(address + len(data), (place + 1) * LEAF_BYTES)
            inside = begin - place * LEAF_BYTES
            leaf[inside : inside + end - begin] = data[begin - address : end - address]
    for place, leaf in found.items():
        yield place, struct.unpack("<16H", leaf)
