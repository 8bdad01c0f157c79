"""A Merkle-path machine: a leaf at an index is under a root."""

import numpy as np

from node.recursion.air.chip import Array, Bit, Bus, Chip, Constraints, Felt, Messages, is_bit
from node.recursion.air.machine import Machine
from node.recursion.arithmetic import Native
from node.recursion.chips.poseidon2 import HASH, Poseidon2
from node.recursion.poseidon2 import DIGEST
from node.recursion.transcript import compress

NODE = Bus("node", arity=2 + DIGEST)


class Path(Chip):
    """One level of a path: from a node to its parent.

    Assumes: HASH carries compressions. Ensures: NODE moves up one level, and index halves.
    """

    level, index, parent_index = Felt(), Felt(), Felt()
    bit, is_real = Bit(), Bit()
    node, sibling, parent = Array(DIGEST), Array(DIGEST), Array(DIGEST)

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)
        yield is_bit(self.bit)
        yield self.index == 2 * self.parent_index + self.bit

    def interact(self) -> Messages:
        moves = [self.bit * (s - n) for n, s in zip(self.node, self.sibling, strict=True)]
        left = tuple(n + m for n, m in zip(self.node, moves, strict=True))
        right = tuple(s - m for s, m in zip(self.sibling, moves, strict=True))
        yield HASH.send(left, right, self.parent, times=self.is_real)
        yield NODE.receive(self.level, self.index, self.node, times=self.is_real)
        yield NODE.send(self.level + 1, self.parent_index, self.parent, times=self.is_real)


def boundary(public):
    """Public values: depth, index, leaf, root."""
    depth, index = public[:2]
    leaf, root = tuple(public[2 : 2 + DIGEST]), tuple(public[2 + DIGEST :])
    yield NODE.send(0, index, leaf, times=1)
    yield NODE.receive(depth, 0, root, times=1)


def machine():
    return Machine("merkle", [Path, Poseidon2], public_values=2 + 2 * DIGEST, boundary=boundary)


def trace(index, leaf, siblings, log_height):
    """([Path, Poseidon2] tables, public values)."""
    native = Native()
    path = np.zeros((2**log_height, Path.width), np.uint32)
    inputs, node, here = [], leaf, index
    for level, sibling in enumerate(siblings):
        bit = here & 1
        pair = [*sibling, *node] if bit else [*node, *sibling]
        parent = [int(x) for x in compress(native, pair[:DIGEST], pair[DIGEST:])]
        path[level] = [level, here, here >> 1, bit, 1, *node, *sibling, *parent]
        inputs.append(pair)
        node, here = parent, here >> 1
    tables = [path, Poseidon2.fill(inputs, log_height)]
    return tables, (len(siblings), index, *leaf, *node)
