"""The genesis of a development network."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import genesis
from genesis import addresses
from genesis.preinstalls import PERMIT2, preinstalls, records
from genesis.system import SYSTEM_CONTRACTS
from node.crypto import keccak256
from node.errors import InvalidGenesis, InvalidInput
from node.evm.engine import BlockEnv, CallRequest
from node.evm.forks import Fork
from node.evm.genesis import Genesis
from node.evm.python_engine import python_engine
from tests.suites import fixtures_path

ALICE = bytes(19) + b"\xa1"
ACCOUNTS = {ALICE: 10**22, bytes(19) + b"\xb0": 5}
TIMESTAMP = 1_790_000_000
GENESIS_HASH = "9fb17b276bce4fef0102f9e6b927a143eaf1e106dbe175c70f426e3f20209599"
"""Changes when a contract, a preinstall or the format does: then say so in the changelog."""


def devnet(**changes):
    return genesis.devnet_genesis(**{"accounts": ACCOUNTS, "timestamp": TIMESTAMP, **changes})


def genesis_hash(**changes):
    return Genesis.from_json(devnet(**changes)).header.hash


def test_the_same_inputs_give_the_same_hash():
    assert genesis_hash() == genesis_hash(accounts=dict(reversed(ACCOUNTS.items())))
    assert json.dumps(devnet()) == json.dumps(devnet(accounts=dict(reversed(ACCOUNTS.items()))))
    assert genesis_hash().hex() == GENESIS_HASH


def test_every_input_matters():
    hashes = {
        genesis_hash(),
        genesis_hash(timestamp=TIMESTAMP + 1),
        genesis_hash(gas_limit=30_000_000),
        genesis_hash(accounts={ALICE: 10**22}),
        genesis_hash(chain_id=7),
    }
    assert len(hashes) == 5


def test_osaka_from_genesis():
    config = Genesis.from_json(devnet(chain_id=4321)).config
    assert config.chain_id == 4321
    assert config.fork_at(0, TIMESTAMP) is Fork.OSAKA


def test_it_carries_every_contract():
    alloc = devnet()["alloc"]
    expected = {
        *SYSTEM_CONTRACTS,
        *addresses.PREDEPLOYS.values(),
        *addresses.DEVNET_TOKENS.values(),
        *preinstalls(genesis.DEVNET_CHAIN_ID),
    }
    for address in expected:
        account = alloc["0x" + address.hex()]
        assert account["nonce"] == "0x1"
        assert len(account["code"]) > 2
    assert alloc["0x" + ALICE.hex()] == {"balance": hex(10**22)}
    assert len(alloc) == len(expected) + len(ACCOUNTS)


def test_reserved_addresses_are_empty():
    alloc = devnet()["alloc"]
    assert "0x" + addresses.INBOX.hex() not in alloc
    assert "0x" + addresses.OUTBOX.hex() not in alloc


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"chain_id": 0}, "chain id 0"),
        ({"timestamp": -1}, "timestamp -1"),
        ({"gas_limit": 4_999}, "gas limit 4999"),
        ({"accounts": {ALICE: 2**256}}, "balance of 0x00"),
        ({"accounts": {ALICE: -1}}, "balance of 0x00"),
        ({"accounts": {b"\x01": 1}}, "account 0x01 is not"),
        ({"accounts": {addresses.POOL: 1}}, "account 0x5346"),
    ],
)
def test_bad_inputs_are_named(changes, message):
    with pytest.raises(InvalidGenesis, match=message):
        devnet(**changes)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 2**64 - 1),
    st.integers(0, 2**64 - 1),
    st.dictionaries(st.binary(min_size=20, max_size=20), st.integers(0, 2**256 - 1), max_size=5),
)
def test_any_genesis_is_read_back(chain_id, timestamp, accounts):
    parsed = Genesis.from_json(devnet(chain_id=chain_id, timestamp=timestamp, accounts=accounts))
    assert parsed.config.chain_id == chain_id
    assert parsed.header.timestamp == timestamp
    for address, balance in accounts.items():
        assert parsed.alloc[address].balance == balance


def test_system_contracts_are_those_of_the_official_tests():
    folder = fixtures_path("blockchain_tests") / "osaka"
    stated = {}
    for path in sorted(folder.rglob("*.json"))[:5]:
        for case in json.loads(path.read_text()).values():
            stated |= {address: entry["code"] for address, entry in case["pre"].items()}
    for address, code in SYSTEM_CONTRACTS.items():
        assert stated["0x" + address.hex()] == "0x" + code.hex()


def test_an_unknown_artifact_is_named():
    with pytest.raises(InvalidInput, match=r"no contract 'Vault'; there are .*Pool"):
        genesis.artifact("Vault")


def test_preinstalls_have_the_code_their_records_state():
    found = preinstalls(1)
    assert len(found) == len(records()) == 25
    for record in records():
        assert keccak256(record.code) == record.code_hash
        assert found[record.address] == record.code or record.address == PERMIT2


@pytest.mark.parametrize(
    ("name", "code_hash"),
    [  # as @safe-global/safe-deployments 1.37.63 states them
        ("Safe_v1.4.1", "1fe2df852ba3299d6534ef416eefa406e56ced995bca886ab7a553e6d0c5e1c4"),
        (
            "SafeProxyFactory_v1.4.1",
            "50c3cdc4074750a7a974204a716c999edd37482f907608d960b2b025ee0b3317",
        ),
        ("MultiSend_v1.4.1", "0e4f7fc66550a322d1e7688e181b75e217e662a4f3f4d6a29b22bc61217c4b77"),
    ],
)
def test_known_contracts_have_their_published_hash(name, code_hash):
    found = {record.name: record.code_hash.hex() for record in records()}
    assert found[name] == code_hash


def call(target, data, chain_id):
    parsed = Genesis.from_json(devnet(chain_id=chain_id))
    env = BlockEnv(
        fork=Fork.OSAKA,
        chain_id=chain_id,
        number=1,
        timestamp=TIMESTAMP + 2,
        coinbase=bytes(20),
        gas_limit=30_000_000,
        prev_randao=bytes(32),
        base_fee=0,
        blob_base_fee=1,
        block_hash=lambda number: bytes(32),
    )
    session = python_engine.open(parsed.state(), env)
    outcome = session.call(CallRequest(sender=ALICE, to=target, value=0, data=data, gas=1_000_000))
    assert outcome.success, outcome.error
    return outcome.output


@pytest.mark.parametrize("chain_id", [1, genesis.DEVNET_CHAIN_ID])
def test_permit2_knows_its_chain(chain_id):
    """Where the cached chain id is not the chain's, the code computes its domain anew."""
    separator = keccak256(b"DOMAIN_SEPARATOR()")[:4]
    fresh = call(PERMIT2, separator, chain_id)
    assert fresh in preinstalls(chain_id)[PERMIT2]
    assert chain_id.to_bytes(32, "big") in preinstalls(chain_id)[PERMIT2]
    if chain_id == 1:  # Permit2's domain on Ethereum
        assert fresh.hex().startswith("866a5aba21966af95d6c7ab78eb2b2fc")


@pytest.mark.parametrize(
    ("name", "symbol", "decimals"),
    [("DevnetBTC", "BTC", 8), ("DevnetETH", "ETH", 18), ("DevnetUSD", "USD", 6)],
)
def test_devnet_tokens_answer(name, symbol, decimals):
    address = addresses.DEVNET_TOKENS[name]
    answer = call(address, keccak256(b"decimals()")[:4], 7)
    assert int.from_bytes(answer, "big") == decimals
    answer = call(address, keccak256(b"symbol()")[:4], 7)
    assert answer[64:].rstrip(b"\0") == symbol.encode()


@pytest.mark.parametrize(("name", "address"), addresses.PREDEPLOYS.items())
def test_predeploys_answer_without_being_constructed(name, address):
    if name == "Settlement":
        selector = keccak256(b"priceOf(uint256)")[:4] + bytes(32)
        assert call(address, selector, 7) == bytes(32)
        return
    domain = keccak256(
        b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    )
    words = (
        domain,
        keccak256(b"Strikefold " + name.encode()),
        keccak256(b"1"),
        (7).to_bytes(32, "big"),
        address.rjust(32, b"\0"),
    )
    answer = call(address, keccak256(b"domainSeparator()")[:4], 7)
    assert answer == keccak256(b"".join(words))
