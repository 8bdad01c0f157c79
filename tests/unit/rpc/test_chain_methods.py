"""What the node says about itself and its blocks, and traces of them."""

from __future__ import annotations

from typing import Any

import pytest

from node.codec import decode
from node.crypto import keccak256
from node.rpc.server import CLIENT_VERSION
from tests.rpc_server import RunningNode
from tests.unit.rpc.world import (
    ALICE,
    ALICE_KEY,
    BOB,
    ECHO,
    KEEPER,
    LOGGER,
    NOPE,
    REVERTER,
    hexed,
    raw,
    transfer,
)


def _mine(node: RunningNode, to: bytes, data: bytes, gas: int = 100_000) -> str:
    nonce = int(node.result("eth_getTransactionCount", hexed(ALICE)), 16)
    tx = transfer(ALICE_KEY, nonce, to=to, value=0, gas=gas, data=data)
    node.result("eth_sendRawTransaction", raw(tx))
    node.seal()
    return hexed(tx.hash)


def test_the_version_names_no_other_client() -> None:
    name, version, system, language = CLIENT_VERSION.split("/")
    assert (name, version[0], language[:6]) == ("strikefold", "v", "python")
    assert "-" in system
    for other in ("geth", "reth", "erigon", "nethermind"):
        assert other not in CLIENT_VERSION.lower()


@pytest.mark.parametrize(
    ("method", "result"),
    [
        ("eth_syncing", False),
        ("eth_accounts", []),
        ("eth_mining", False),
        ("eth_hashrate", "0x0"),
        ("eth_pendingTransactions", []),
        ("eth_protocolVersion", "0x44"),
        ("net_version", "1337"),
        ("net_listening", True),
        ("net_peerCount", "0x0"),
        ("web3_clientVersion", CLIENT_VERSION),
        ("debug_getBadBlocks", []),
        ("rpc_modules", dict.fromkeys(("debug", "eth", "net", "rpc", "txpool", "web3"), "1.0")),
    ],
)
def test_plain_answers(served: RunningNode, method: str, result: Any) -> None:
    assert served.result(method) == result


def test_sha3_is_keccak(served: RunningNode) -> None:
    assert served.result("web3_sha3", "0x68656c6c6f") == hexed(keccak256(b"hello"))


def test_the_fork_configuration_is_osakas(served: RunningNode) -> None:
    current = served.result("eth_config")["current"]
    assert current["chainId"] == "0x539"
    assert current["precompiles"]["P256VERIFY"] == "0x" + "00" * 18 + "0100"
    assert set(current["systemContracts"]) == {
        "BEACON_ROOTS_ADDRESS",
        "CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS",
        "DEPOSIT_CONTRACT_ADDRESS",
        "HISTORY_STORAGE_ADDRESS",
        "WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS",
    }


def test_capabilities_say_how_far_back_state_goes(served: RunningNode) -> None:
    capabilities = served.result("eth_capabilities")
    window = {"type": "window", "retentionBlocks": hex(90_000)}
    assert capabilities["state"] == {
        "disabled": False, "oldestBlock": "0x0", "deleteStrategy": window,
    }  # fmt: skip
    assert capabilities["logs"] == {"disabled": False, "oldestBlock": "0x0"}
    assert capabilities["head"]["number"] == served.result("eth_blockNumber")


def test_a_block_is_the_same_by_number_hash_and_tag(served: RunningNode) -> None:
    _mine(served, BOB, b"")
    latest = served.result("eth_getBlockByNumber", "latest", False)
    assert latest == served.result("eth_getBlockByHash", latest["hash"], False)
    assert latest == served.result("eth_getBlockByNumber", latest["number"], False)
    for tag in ("safe", "finalized"):
        assert latest == served.result("eth_getBlockByNumber", tag, False)
    header = served.result("eth_getHeaderByNumber", "latest")
    assert header.items() <= latest.items()
    by_hash = "eth_getBlockTransactionCountByHash"
    assert served.result(by_hash, latest["hash"]) == "0x1"
    assert served.result("eth_getUncleCountByBlockNumber", "latest") == "0x0"
    assert served.result("eth_getUncleByBlockHashAndIndex", latest["hash"], "0x0") is None
    raw_header = bytes.fromhex(served.result("debug_getRawHeader", "latest")[2:])
    assert hexed(keccak256(raw_header)) == latest["hash"]
    raw_block = bytes.fromhex(served.result("debug_getRawBlock", "latest")[2:])
    assert len(raw_block) == int(latest["size"], 16)
    assert decode(raw_block)[0] == decode(raw_header)


def test_a_witness_is_served(served: RunningNode) -> None:
    _mine(served, KEEPER, b"\x09" * 32)
    witness = served.result("debug_executionWitness", "latest")
    assert set(witness) == {"state", "codes", "keys", "headers"}
    block = served.result("eth_getBlockByNumber", "latest", False)
    by_hash = served.result("debug_executionWitnessByBlockHash", block["hash"])
    assert by_hash == witness
    parent = bytes.fromhex(witness["headers"][-1][2:])
    assert hexed(keccak256(parent)) == block["parentHash"]


def test_accounts_are_told_whole(served: RunningNode) -> None:
    info = served.result("eth_getAccountInfo", hexed(ECHO))
    assert info == {"balance": "0x0", "nonce": "0x0", "code": "0x365f5f37365ff3"}
    account = served.result("eth_getAccount", hexed(ECHO), "latest")
    assert account["codeHash"] == hexed(keccak256(bytes.fromhex("365f5f37365ff3")))


def test_a_transaction_is_traced_by_opcode_and_by_call(served: RunningNode) -> None:
    tx_hash = _mine(served, LOGGER, b"\x07" * 32)
    trace = served.result("debug_traceTransaction", tx_hash)
    assert trace["failed"] is False
    operations = [step["op"] for step in trace["structLogs"]]
    assert operations == ["PUSH0", "CALLDATALOAD", "PUSH0", "PUSH0", "LOG1", "STOP"]
    options = {"tracer": "callTracer", "tracerConfig": {"withLog": True}}
    call = served.result("debug_traceTransaction", tx_hash, options)
    assert (call["type"], call["to"]) == ("CALL", hexed(LOGGER))
    assert call["logs"][0]["topics"] == ["0x" + "07" * 32]
    block = served.result("eth_getBlockByNumber", "latest", False)
    by_block = served.result("debug_traceBlockByHash", block["hash"], options)
    assert by_block == [{"txHash": tx_hash, "result": call}]
    encoded = served.result("debug_getRawBlock", "latest")
    assert served.result("debug_traceBlock", encoded, options) == by_block


def test_a_call_is_traced_with_overrides(served: RunningNode) -> None:
    call = {"to": hexed(REVERTER), "data": "0x" + NOPE}
    trace = served.result("debug_traceCall", call, "latest", {"tracer": "callTracer"})
    assert (trace["error"], trace["revertReason"]) == ("execution reverted", "nope")
    pretended = {hexed(REVERTER): {"code": "0x00"}}
    options = {"stateOverrides": pretended, "disableStack": True}
    trace = served.result("debug_traceCall", call, "latest", options)
    assert [step["op"] for step in trace["structLogs"]] == ["STOP"]
    assert "stack" not in trace["structLogs"][0]


@pytest.mark.parametrize(
    ("method", "arguments", "code", "message"),
    [
        ("debug_traceTransaction", ["0x" + "00" * 32], -32000, "transaction not found"),
        ("debug_traceBlockByNumber", ["0x0"], -32000, "genesis is not traceable"),
        ("debug_traceBlockByNumber", ["0x999"], -32000, "block #2457 not found"),
        ("debug_traceBlock", ["0x01"], -32000, "could not decode block: block: expected a list"),
        ("debug_getRawHeader", ["0x999"], -32000, "header not found"),
        ("debug_executionWitness", ["0x999"], -32000, "header not found"),
        (
            "debug_traceCall",
            [{}, "latest", {"tracer": "{}"}],
            -32602,
            "tracer '{}' not found: expected one of ",
        ),
    ],
)
def test_what_cannot_be_traced_says_why(
    served: RunningNode, method: str, arguments: list[Any], code: int, message: str
) -> None:
    error = served.error(method, *arguments)
    assert error["code"] == code
    assert error["message"].startswith(message)


def test_a_contracts_storage_is_listed_as_it_was_before_a_transaction(served: RunningNode) -> None:
    _mine(served, KEEPER, b"\x0a" * 32)
    _mine(served, KEEPER, b"\x0b" * 32)
    block = served.result("eth_getBlockByNumber", "latest", False)["hash"]
    key = hexed(keccak256(bytes(32)))
    arguments = [block, 0, hexed(KEEPER), "0x", 10]
    before = served.result("debug_storageRangeAt", *arguments)
    assert before == {"storage": {key: {"key": None, "value": "0x" + "0a" * 32}}, "nextKey": None}
    arguments[1] = 1
    after = served.result("debug_storageRangeAt", *arguments)["storage"][key]
    assert after == {"key": "0x" + "00" * 32, "value": "0x" + "0b" * 32}
    arguments[4] = 0
    assert served.result("debug_storageRangeAt", *arguments)["nextKey"] == key
