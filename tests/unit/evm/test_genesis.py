from __future__ import annotations

import json
from typing import Any

import pytest

from node.crypto import keccak256
from node.errors import InvalidGenesis
from node.evm.block import decode_block
from node.evm.genesis import Genesis
from tests.suites import suite_path
from tests.unit.evm.chains import ACCOUNTS, CLEARER, CLEARER_AT, ETHER, genesis_json


def test_the_state_holds_the_allocations() -> None:
    genesis = Genesis.from_json(genesis_json())
    state = genesis.state()
    account = state.account(ACCOUNTS[0])
    assert account is not None
    assert account.balance == 1_000 * ETHER
    assert state.storage(CLEARER_AT, 3) == 10
    assert state.code(keccak256(CLEARER)) == CLEARER
    assert genesis.header.state_root == state.root


def test_the_same_inputs_give_the_same_hash() -> None:
    again = json.loads(json.dumps(genesis_json()))
    again["alloc"] = dict(reversed(again["alloc"].items()))
    assert Genesis.from_json(again).header.hash == Genesis.from_json(genesis_json()).header.hash


def test_the_header_has_the_fields_of_its_fork() -> None:
    header = Genesis.from_json(genesis_json()).header
    assert header.requests_hash is not None
    assert header.excess_blob_gas == 0
    cancun = Genesis.from_json(genesis_json(pragueTime=9, osakaTime=9)).header
    assert cancun.requests_hash is None
    assert cancun.parent_beacon_block_root == bytes(32)
    shanghai = Genesis.from_json(genesis_json(cancunTime=9, pragueTime=9, osakaTime=9)).header
    assert shanghai.blob_gas_used is None
    assert shanghai.withdrawals_root is not None


def test_a_block_of_the_genesis_decodes() -> None:
    block = Genesis.from_json(genesis_json()).block
    assert decode_block(block.encoded) == block


@pytest.mark.conformance
def test_the_hash_is_the_parent_of_the_first_block_of_execution_apis() -> None:
    genesis = json.loads(suite_path("execution-apis/tests/genesis.json").read_text())
    parsed = Genesis.from_json(genesis)
    expected = "44fd89d504659cd58f48f4796b77a7e7012cf296a2409afa2f6c3cb99b5b3d99"
    assert parsed.header.hash.hex() == expected
    assert parsed.config.fork_id(parsed.header.hash, 54, 540).hex() == "e272ecbe"  # eth_config


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"config": None}, 'needs the objects "config" and "alloc"'),
        ({"alloc": []}, 'needs the objects "config" and "alloc"'),
        ({"gasLimit": "a lot"}, "genesis gasLimit: expected a number, got 'a lot'"),
        ({"gasLimit": 2**64}, "genesis gasLimit: 18446744073709551616 does not fit 64"),
        ({"number": "0x7"}, "genesis number: 7; a genesis block is block 0"),
        ({"timestamp": 1.5}, "genesis timestamp: expected a number, got 1.5"),
        ({"coinbase": "0x12"}, "genesis coinbase: expected 20 bytes, got 1"),
        ({"mixHash": "0x" + "00" * 33}, "genesis mixHash: 33 bytes do not fit"),
        ({"extraData": "0xzz"}, "genesis extraData: expected hex, got '0xzz'"),
        ({"alloc": {"0x12": {}}}, "genesis alloc: expected 20 bytes, got 1"),
        ({"alloc": {"11" * 20: 7}}, "expected an object, got 7"),
        ({"alloc": {"11" * 20: {}, "0x" + "11" * 20: {}}}, "allocated twice"),
        ({"alloc": {"11" * 20: {"balence": "0x1"}}}, "unknown key 'balence'"),
        ({"alloc": {"11" * 20: {"balance": "-1"}}}, "balance: -1 does not fit"),
        ({"alloc": {"11" * 20: {"nonce": 2**64}}}, "nonce: 18446744073709551616 does not fit"),
        ({"alloc": {"11" * 20: {"storage": {"0x1": 5}}}}, "storage value: expected hex, got 5"),
        ({"alloc": {"11" * 20: {"storage": [5]}}}, "storage: expected an object, got [5]"),
    ],
)
def test_a_bad_genesis_names_the_key(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidGenesis) as refusal:
        Genesis.from_json(genesis_json() | change)
    assert message in str(refusal.value)


def test_storage_of_zero_is_no_storage() -> None:
    genesis = genesis_json()
    genesis["alloc"]["11" * 20] = {"balance": "0x1", "storage": {"0x1": "0x0", "0x2": "0x5"}}
    state = Genesis.from_json(genesis).state()
    assert state.slots(bytes.fromhex("11" * 20)) == {2: 5}
