"""Seeds for the fuzzers of the EVM core: `python -m tests.fuzz.seeds FOLDER`, a folder a target.

Valid inputs, so that mutations start deep inside. Hashes that the input itself decides are written
as references, which the harness fills in (node/evm/core/test/fuzz_targets.hpp).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from node.codec import decode, encode
from node.crypto import EMPTY_TRIE_ROOT, keccak256
from node.evm.block import header_from_items
from node.evm.chain_config import ChainConfig
from node.evm.execution import ExecutedBlock
from node.evm.proving import encode_input
from node.evm.transactions import BLOB
from node.evm.witness import Witness
from node.state.trie import update_trie
from tests.conformance.precompile_inputs import MAKERS, inputs, spoiled
from tests.conformance.random_blocks import random_blocks
from tests.conformance.random_transactions import KINDS, make_transaction
from tests.unit.evm.busy_block import BUSY, CHAIN

TARGETS = ("block", "precompile", "proving", "rlp", "transaction", "trie")
CHAINS = 6
MAX_BYTES = 20_000


def reference(kind: str, index: int = 0) -> bytes:
    """32 bytes that stand for a hash."""
    return b"\x5a" * 28 + kind.encode() + b"\0" + index.to_bytes(2, "big")


def filled_in(data: bytes, references: dict[bytes, bytes]) -> bytes:
    """Each hash that has a reference, replaced by it."""
    for known, symbol in references.items():
        data = data.replace(known, symbol)
    return data


def downwards(nodes: Sequence[bytes], root: bytes) -> list[bytes]:
    """Nodes, the root first, each after all that refer to it."""
    by_hash = {keccak256(node): node for node in nodes}
    order: list[bytes] = []
    level = [root]
    while level:
        order = [node_hash for node_hash in order if node_hash not in level] + level
        level = [
            other
            for other, _ in by_hash.items()
            if any(other in by_hash[node_hash] for node_hash in level)
        ]
    return [by_hash[node_hash] for node_hash in order]


def trie(random: Random) -> bytes:
    """A trie over keys of two bytes and zeros, and operations on its keys and on others."""
    keys = [random.randrange(256 * 4) for _ in range(random.randrange(1, 12))]
    values = {
        key.to_bytes(2, "big").ljust(32, b"\0"): encode(random.randbytes(random.choice((1, 40))))
        for key in keys
    }
    made = update_trie(_NOTHING, b"", EMPTY_TRIE_ROOT, values)
    nodes = downwards([node for node in made.nodes.values() if node], made.root)
    symbols = {keccak256(node): reference("N", i) for i, node in enumerate(nodes)}
    out = bytearray([len(nodes)])
    for node in nodes:
        out += len(node).to_bytes(2, "big") + filled_in(node, symbols)
    for _ in range(random.randrange(1, 12)):
        key = random.choice((*keys, random.randrange(256 * 4)))
        out += bytes([random.randrange(3)]) + key.to_bytes(2, "big") + random.randbytes(1)
    return bytes(out)


class _Nothing:
    def node(self, owner: bytes, path: bytes, node_hash: bytes) -> bytes:
        raise AssertionError("an empty trie has no nodes")


_NOTHING = _Nothing()


def proving(config: ChainConfig, executed: ExecutedBlock) -> bytes:
    """A block's input, with references for what its witness and transactions hash to."""
    block, witness = executed.block, executed.witness
    root = header_from_items(decode(witness.headers[-1])).state_root
    nodes = downwards(witness.state, root)
    symbols = {keccak256(node): reference("N", i) for i, node in enumerate(nodes)}
    symbols |= {keccak256(code): reference("C", i) for i, code in enumerate(witness.codes)}
    # Every header refers to the one before it, and the block to the last.
    parents = {keccak256(header): reference("P") for header in witness.headers}
    headers = [filled_in(header, parents | {root: reference("S")}) for header in witness.headers]
    symbolic = Witness(
        tuple(filled_in(node, symbols) for node in nodes), witness.codes, (), tuple(headers)
    )
    encoded = filled_in(block.encoded, parents | {block.header.transactions_root: reference("T")})
    return encode_input(config, encoded, symbolic)


def executed_blocks() -> Iterator[tuple[ChainConfig, ExecutedBlock]]:
    yield CHAIN.config, BUSY
    for seed in range(CHAINS):
        yield from random_blocks(seed)


def seeds() -> Iterator[tuple[str, bytes]]:
    """(target, input)"""
    random = Random(1)
    for config, executed in executed_blocks():
        yield "proving", proving(config, executed)
        yield "block", executed.block.encoded
        yield "block", executed.witness.headers[-1]
        yield "rlp", executed.block.encoded
        yield from (("rlp", node) for node in executed.witness.state[:4])
    for _ in range(20):
        yield "transaction", make_transaction(random, (*KINDS, BLOB)).encoded
        yield "trie", trie(random)
    for number in MAKERS:
        for data in inputs(number)[:6]:
            yield "precompile", number.to_bytes(2, "big") + data
            yield "precompile", number.to_bytes(2, "big") + spoiled(random, data)


def write(folder: Path) -> None:
    """Writes every seed into its target's folder, named by its hash."""
    for target in TARGETS:
        (folder / target).mkdir(parents=True, exist_ok=True)
    for target, data in seeds():
        if len(data) <= MAX_BYTES:
            (folder / target / keccak256(data).hex()[:16]).write_bytes(data)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
