"""The chain of execution-apis: proof of work from Frontier on, the merge, Osaka, two blob forks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rlp.codec import consume_length_prefix

from node.evm.block import Block
from node.evm.chain import Chain
from node.evm.genesis import Genesis
from node.evm.importer import execute_on_witness, parse_block
from node.evm.python_engine import python_engine
from node.state.db import StateDB
from tests.suites import suite_path

pytestmark = pytest.mark.conformance

HEAD = "d226371d0b1551adb03fb52b71f08e3e11247fe9b1af994768af8cdaa8e7dcd7"
"""headfcu.json of the same suite."""


def read_chain(data: bytes) -> Iterator[Block]:
    """The blocks of a file of concatenated RLP."""
    start = 0
    while start < len(data):
        _, _, length, payload = consume_length_prefix(data, start)
        yield parse_block(data[start : payload + length])
        start = payload + length


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    genesis = json.loads(suite_path("execution-apis/tests/genesis.json").read_text())
    db = StateDB.open(tmp_path)
    yield Chain(db, Genesis.from_json(genesis), python_engine)
    db.close()


def test_every_block_of_the_execution_apis_chain_imports(chain: Chain) -> None:
    blocks = list(read_chain(suite_path("execution-apis/tests/chain.rlp").read_bytes()))
    assert len(blocks) == 54
    assert sum(block.header.difficulty > 0 for block in blocks) == 35
    for block in blocks:
        chain.import_block(block)
    assert chain.head.hash.hex() == HEAD
    assert chain.state().root == blocks[-1].header.state_root
    for block in blocks:
        number = block.header.number
        assert chain.block(number) == block
        root = execute_on_witness(python_engine, chain.config, block, chain.witness(number))
        assert root == block.header.state_root


def test_the_chain_unwinds_to_any_block_and_imports_again(chain: Chain) -> None:
    blocks = list(read_chain(suite_path("execution-apis/tests/chain.rlp").read_bytes()))
    for block in blocks:
        chain.import_block(block)
    chain.unwind(30)
    assert chain.head == blocks[29].header
    assert chain.state().root == blocks[29].header.state_root
    assert chain.header_by_hash(blocks[40].header.hash) is None
    for block in blocks[30:]:
        chain.import_block(block)
    assert chain.head.hash.hex() == HEAD
