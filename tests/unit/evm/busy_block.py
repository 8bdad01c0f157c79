"""A block that touches everything a witness is about, and forgeries of its witness."""

from __future__ import annotations

from dataclasses import replace

from node.crypto import keccak256
from node.evm.execution import ExecutedBlock
from node.evm.genesis import Genesis
from node.evm.witness import Witness
from tests.unit.evm.chains import (
    BLOCK_HASHER_AT,
    CLEARER_AT,
    COUNTER_AT,
    STORER_AT,
    MemoryChain,
    genesis_json,
    transaction,
)


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def _busy_block() -> tuple[MemoryChain, ExecutedBlock]:
    """A block that reads, writes, deletes, creates and asks for an old block hash."""
    chain = MemoryChain(Genesis.from_json(genesis_json()))
    for _ in range(4):
        chain.grow()
    executed = chain.grow(
        transaction(0, 0, COUNTER_AT),
        transaction(1, 0, CLEARER_AT, word(3) + bytes(32)),
        transaction(2, 0, STORER_AT, word(8) + word(9)),
        transaction(3, 0, BLOCK_HASHER_AT, word(2)),
        transaction(4, 0, None, bytes.fromhex("600160005500")),
        transaction(5, 0, bytes([0xEE]) * 20, value=1),
    )
    return chain, executed


CHAIN, BUSY = _busy_block()


def forge(index: int, node: bytes, executed: ExecutedBlock = BUSY) -> tuple[Witness, bytes]:
    """The witness with one node replaced and every hash on the way up put right; its state root.

    executed: a block of this chain, or one on it.
    """
    nodes = list(executed.witness.state)
    root = CHAIN.headers[executed.block.header.number - 1].state_root
    while True:
        old, new = keccak256(nodes[index]), keccak256(node)
        nodes[index] = node
        above = [i for i, other in enumerate(nodes) if old in other and i != index]
        if old == root or not above:
            witness = replace(executed.witness, state=tuple(nodes))
            return witness, new if old == root else root
        index, node = above[0], nodes[above[0]].replace(old, new)
