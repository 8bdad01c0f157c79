"""The witnesses of execution-spec-tests' stateless fixtures (EIP-8025) against ours.

Their rules are Amsterdam's, ours Osaka's with the same blob schedule: another header (no access
list) and other gas, but a block reads the same of the state before it. So the first block of each
fixture, built anew from its transactions, must need exactly the nodes and codes of the official
witness; and where that one lacks something, executing on it must fail as the fixture says, on the
Python engine and on the C++ core.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest

from node.codec import as_list, decode
from node.errors import InvalidWitness
from node.evm import native
from node.evm.block import block_from_parts, header_from_items
from node.evm.builder import BlockAttributes, BlockBuilder
from node.evm.execution import ExecutedBlock
from node.evm.genesis import Genesis, read_alloc
from node.evm.importer import execute_on_witness
from node.evm.python_engine import python_engine
from node.evm.witness import Witness, witness_from_json
from tests.conformance.networks import chain_config
from tests.suites import fixtures_path

pytestmark = pytest.mark.conformance

OSAKA_FIELDS = 21
"""Fields of an Osaka header; Amsterdam appends more."""


def fixtures() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(fixtures_path("blockchain_tests_zkevm").rglob("*.json")):
        yield from orjson.loads(path.read_bytes()).items()


def rebuild(fixture: dict[str, Any]) -> tuple[Genesis, ExecutedBlock]:
    """The fixture's first block under Osaka's rules."""
    config = chain_config("BPO2", fixture["config"])
    items = as_list(decode(bytes.fromhex(fixture["genesisRLP"][2:])), "genesis")
    template = header_from_items(as_list(items[0], "header")[:OSAKA_FIELDS])
    genesis = Genesis(config, read_alloc(fixture["pre"]), template)
    items = as_list(decode(bytes.fromhex(fixture["blocks"][0]["rlp"][2:])), "block")
    header = header_from_items(as_list(items[0], "header")[:OSAKA_FIELDS])
    block = block_from_parts(header, list(items[1:4]))
    attributes = BlockAttributes(
        timestamp=header.timestamp,
        coinbase=header.coinbase,
        prev_randao=header.prev_randao,
        parent_beacon_block_root=header.parent_beacon_block_root or bytes(32),
        gas_limit=header.gas_limit,
        withdrawals=block.withdrawals or (),
    )
    builder = BlockBuilder(
        python_engine,
        config,
        genesis.header,
        genesis.state(),
        attributes,
        header_at={0: genesis.header}.__getitem__,
    )
    for tx in block.transactions:
        builder.add(tx)
    return genesis, builder.seal()


def judge(genesis: Genesis, executed: ExecutedBlock, witness: Witness) -> str:
    """What the C++ core says."""
    return native.validate_block(genesis.config, executed.block.encoded, witness).status


def test_our_witnesses_are_the_official_ones_and_incomplete_ones_fail() -> None:
    compared = refused = 0
    for name, fixture in fixtures():
        genesis, executed = rebuild(fixture)
        entry = fixture["blocks"][0]
        official = witness_from_json(entry["executionWitness"])
        valid = bytes.fromhex(entry["statelessOutputBytes"][2:])[32] == 1
        headers = executed.witness.headers[: len(official.headers)]
        given = replace(official, headers=headers)
        if not valid:
            with pytest.raises(InvalidWitness):
                execute_on_witness(python_engine, genesis.config, executed.block, given)
            assert judge(genesis, executed, given).startswith("WITNESS_"), name
            refused += 1
            continue
        root = execute_on_witness(python_engine, genesis.config, executed.block, given)
        assert root == executed.update.root, name
        assert judge(genesis, executed, given) == native.VALID, name
        if "extra_unused" not in name:
            assert set(executed.witness.state) == set(official.state), name
            assert set(executed.witness.codes) == set(official.codes), name
            compared += 1
    assert compared > 100
    assert refused > 10
