"""The older suites of ethereum/tests: RLP, difficulty, genesis, transactions.

Tries are in tests/unit/state. Transactions are tried under the forks from Berlin on: what Frontier
and Homestead allowed of signatures is not supported.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest

from node.codec import RlpItem, decode, encode, int_to_bytes
from node.crypto import EMPTY_OMMERS_HASH
from node.errors import InvalidEncoding, InvalidTransaction
from node.evm.block import Header, decode_block
from node.evm.chain_config import ChainConfig
from node.evm.difficulty import next_difficulty
from node.evm.engine import BlockEnv
from node.evm.forks import Fork, fork_named
from node.evm.genesis import Genesis
from node.evm.python_engine import python_engine
from node.evm.transactions import decode_transaction
from node.evm.validity import intrinsic_gas
from node.state.account import Account, StateChanges
from node.state.memory import MemoryState
from node.types import UINT256_MAX
from tests.conformance.networks import BLOCK_FORKS
from tests.suites import suite_path

pytestmark = pytest.mark.conformance

ARCHIVE = "ethtests/ethtests_Basic_RLP_Trie_Transaction_KeyStore.tar.xz"
Suite = dict[str, dict[str, Any]]
"""The parsed files by their path below the archive's folder."""


@pytest.fixture(scope="module")
def suite() -> Suite:
    files: Suite = {}
    with tarfile.open(suite_path(ARCHIVE)) as tar:
        for member in tar:
            folder = member.name.split("/")[-3:]
            data = tar.extractfile(member) if member.name.endswith(".json") else None
            if data is not None:
                files["/".join(folder)] = json.load(data)
    return files


def cases(suite: Suite, folder: str) -> Iterator[tuple[str, Any]]:
    """(name, case) of every case below a folder."""
    for path, content in suite.items():
        if f"{folder}/" in path:
            for name, case in content.items():
                yield f"{path} {name}", case


def rlp_item(value: Any) -> RlpItem:
    """An item of rlptest.json: text, number, "#" and a big number, or a list of them."""
    if isinstance(value, list):
        return [rlp_item(part) for part in value]
    if isinstance(value, str) and not value.startswith("#"):
        return value.encode()
    return int_to_bytes(int(value.removeprefix("#")) if isinstance(value, str) else value)


def test_rlp(suite: Suite) -> None:
    valid = invalid = 0
    for name, case in cases(suite, "RLPTests"):
        data = bytes.fromhex(case["out"].removeprefix("0x"))
        if case["in"] == "INVALID":
            with pytest.raises(InvalidEncoding):
                decode(data)
            invalid += 1
            continue
        assert encode(decode(data)) == data, name
        if case["in"] != "VALID":
            assert encode(rlp_item(case["in"])) == data, name
        valid += 1
    assert (valid, invalid) == (29, 26)


def test_difficulty(suite: Suite) -> None:
    tried = 0
    for name, file in cases(suite, "DifficultyTests"):
        for network, values in file.items():
            if network != "_info":
                tried += check_difficulties(name, network, values)
    assert tried == 18_598


def check_difficulties(file: str, network: str, values: dict[str, dict[str, str]]) -> int:
    config = ChainConfig.from_json({"chainId": 1} | dict.fromkeys(BLOCK_FORKS[network], 0))
    for name, case in values.items():
        uncles = case["parentUncles"] not in ("0x00", "0x" + EMPTY_OMMERS_HASH.hex())
        parent = Header(
            bytes(32),
            ommers_hash=b"\x01" * 32 if uncles else EMPTY_OMMERS_HASH,
            number=int(case["currentBlockNumber"], 0) - 1,
            timestamp=int(case["parentTimestamp"], 0),
            difficulty=int(case["parentDifficulty"], 0),
        )
        found = next_difficulty(config, parent, int(case["currentTimestamp"], 0))
        assert found == int(case["currentDifficulty"], 0), f"{file} {name}"
    return len(values)


def test_genesis(suite: Suite) -> None:
    tried = 0
    for name, case in cases(suite, "GenesisTests"):
        fields = {"config": {"chainId": 1}} | case
        fields["timestamp"] = case["timestamp"].ljust(3, "0")  # one of them is "0x"
        for account in case["alloc"].values():
            account["balance"] = account.pop("wei", account.get("balance", "0x0"))
        genesis = Genesis.from_json(fields)
        assert genesis.block.encoded.hex() == case["result"], name
        tried += 1
    assert tried == 3


def test_the_genesis_of_mainnet_has_its_hash(suite: Suite) -> None:
    case = next(
        content for path, content in suite.items() if path.endswith("genesishashestest.json")
    )
    header = decode_block(bytes.fromhex(case["genesis_rlp_hex"])).header
    assert header.hash.hex() == case["genesis_hash"]


def test_transactions(suite: Suite) -> None:
    accepted = refused = 0
    for name, case in cases(suite, "TransactionTests"):
        data = bytes.fromhex(case["txbytes"].removeprefix("0x"))
        for network, expected in case["result"].items():
            fork = fork_named(network)
            if fork < Fork.BERLIN:
                continue
            if "exception" in expected:
                with pytest.raises(InvalidTransaction):
                    transact(data, fork)
                refused += 1
            else:
                check_accepted(data, fork, expected, name)
                accepted += 1
    assert accepted > 100
    assert refused > 500


def check_accepted(data: bytes, fork: Fork, expected: dict[str, str], name: str) -> None:
    tx = decode_transaction(data)
    assert tx.hash.hex() == expected["hash"][2:], name
    assert tx.sender.hex() == expected["sender"][2:], name
    cost = intrinsic_gas(fork, data=tx.data, creates=tx.to is None, access_list=tx.access_list)
    assert cost.gas == int(expected["intrinsicGas"], 16), name
    if tx.gas_limit * tx.max_fee_per_gas + tx.value <= UINT256_MAX:  # else no account can pay
        transact(data, fork)


def transact(data: bytes, fork: Fork) -> None:
    """Executes a transaction whose sender has its nonce and all the ether it may need."""
    tx = decode_transaction(data)
    changes = StateChanges({tx.sender: Account(nonce=tx.nonce, balance=UINT256_MAX)})
    env = BlockEnv(fork, 1, 1, 1, bytes(20), 2**63, bytes(32), 0, 1, lambda _: bytes(32))
    python_engine.open(MemoryState.of(changes), env).transact(tx)
