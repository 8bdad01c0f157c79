"""eth_call, eth_estimateGas, eth_createAccessList: results, errors and overrides."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rpc_server import RunningNode
from tests.unit.rpc.world import (
    ALICE,
    ALICE_KEY,
    BOB,
    BREAKER,
    CHAIN_ID,
    ECHO,
    ETHER,
    GWEI,
    KEEPER,
    LOGGER,
    LOOPER,
    NOPE,
    PANIC,
    POOR,
    REVERTER,
    hexed,
    raw,
    transfer,
)

FIRST_SLOT = "0x" + "00" * 32
RETURN_BASE_FEE = "0x485f5260205ff3"
RETURN_NUMBER = "0x435f5260205ff3"
RETURN_SLOT_0 = "0x5f545f5260205ff3"
RETURN_BALANCE_OF_CALLER = "0x33315f5260205ff3"
RETURN_BLOB_HASH = "0x5f495f5260205ff3"


def test_a_call_returns_what_the_contract_returns(served: RunningNode) -> None:
    assert served.result("eth_call", {"to": hexed(ECHO), "data": "0xc0ffee"}) == "0xc0ffee"
    assert served.result("eth_call", {"to": hexed(ECHO), "input": "0x01"}, "latest") == "0x01"
    assert served.result("eth_call", {"to": hexed(POOR)}) == "0x"


def test_a_creation_call_returns_the_code(served: RunningNode) -> None:
    assert served.result("eth_call", {"data": "0x60078060095f395ff3365f5f37365ffd"}) == (
        "0x365f5f37365ffd"
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("0x" + NOPE, "execution reverted: nope"),
        ("0x" + PANIC, "execution reverted: arithmetic underflow or overflow"),
        ("0xf4d678b8", "execution reverted"),
        ("0x", "execution reverted"),
    ],
)
def test_a_revert_is_code_3_with_its_data(served: RunningNode, data: str, message: str) -> None:
    call = {"to": hexed(REVERTER), "data": data}
    expected = {"code": 3, "message": message, "data": data}
    assert served.error("eth_call", call) == expected
    assert served.error("eth_estimateGas", call) == expected


def test_other_failures_are_minus_32000(served: RunningNode) -> None:
    assert served.error("eth_call", {"to": hexed(LOOPER), "gas": "0x186a0"}) == {
        "code": -32000,
        "message": "out of gas",
    }
    broken = served.error("eth_call", {"to": hexed(BREAKER)})
    assert broken["code"] == -32000
    assert broken["message"].startswith("invalid opcode")


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ({"data": "0x01", "input": "0x02"}, 'both "data" and "input" are set and not equal'),
        (
            {"gasPrice": "0x1", "maxFeePerGas": "0x1"},
            "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified",
        ),
        ({"chainId": "0x5"}, f"chainId does not match node's (have=5, want={CHAIN_ID})"),
        ({"maxFeePerGas": "0x1"}, "max fee per gas less than block base fee: address 0x"),
        (
            {"maxFeePerGas": hex(10 * GWEI), "maxPriorityFeePerGas": hex(11 * GWEI)},
            "max priority fee per gas higher than max fee per gas: address 0x",
        ),
        (
            {"from": hexed(POOR), "value": "0x1"},
            "err: insufficient funds for gas * price + value: address 0x",
        ),
        (
            {"from": hexed(POOR), "gasPrice": hex(10 * GWEI)},
            "err: insufficient funds for gas * price + value: address 0x",
        ),
        ({"gas": "0x5207"}, "err: intrinsic gas too low: have 20999, want 21000"),
        ({"blobVersionedHashes": []}, "need at least 1 blob for a blob transaction"),
    ],
)
def test_a_call_that_cannot_start_says_why(
    served: RunningNode, call: dict[str, Any], text: str
) -> None:
    error = served.error("eth_call", {"to": hexed(ECHO)} | call)
    assert error["code"] == -32000
    assert text in error["message"]


def test_unknown_blocks_have_no_state(served: RunningNode) -> None:
    error = {"code": -32000, "message": "header not found"}
    for block in ("0x99", "0x" + "ab" * 32, {"blockHash": "0x" + "ab" * 32}):
        assert served.error("eth_call", {"to": hexed(ECHO)}, block) == error
        assert served.error("eth_getBalance", hexed(ALICE), block) == error
        assert served.error("eth_getProof", hexed(ALICE), [], block) == error


def test_a_nonce_is_ignored(served: RunningNode) -> None:
    assert served.result("eth_call", {"to": hexed(ECHO), "from": hexed(ALICE), "nonce": "0x9"})


def test_overrides_hold_for_one_call(served: RunningNode) -> None:
    who = hexed(POOR)
    overrides = {who: {"code": RETURN_SLOT_0, "stateDiff": {FIRST_SLOT: "0x" + "11" * 32}}}
    assert served.result("eth_call", {"to": who}, "latest", overrides) == "0x" + "11" * 32
    overrides[who]["state"] = overrides[who].pop("stateDiff")
    assert served.result("eth_call", {"to": who}, "latest", overrides) == "0x" + "11" * 32
    funded = {who: {"code": RETURN_BALANCE_OF_CALLER}, hexed(BOB): {"balance": "0x7"}}
    output = served.result("eth_call", {"to": who, "from": hexed(BOB)}, "latest", funded)
    assert int(output, 16) == 7
    assert served.result("eth_call", {"to": who}) == "0x"


def test_contradicting_overrides_are_refused(served: RunningNode) -> None:
    both: dict[str, Any] = {hexed(POOR): {"state": {}, "stateDiff": {}}}
    error = served.error("eth_call", {"to": hexed(ECHO)}, "latest", both)
    assert error["code"] == -32000
    assert error["message"].endswith("has both 'state' and 'stateDiff'")
    moved = {hexed(ECHO): {"movePrecompileToAddress": hexed(POOR)}}
    assert served.error("eth_call", {"to": hexed(ECHO)}, "latest", moved)["code"] == -32602


def test_a_block_can_be_pretended(served: RunningNode) -> None:
    who = hexed(POOR)
    code = {who: {"code": RETURN_NUMBER}}
    output = served.result("eth_call", {"to": who}, "latest", code, {"number": "0x1234"})
    assert int(output, 16) == 0x1234
    code = {who: {"code": RETURN_BASE_FEE}}
    free = served.result("eth_call", {"to": who}, "latest", code)
    assert int(free, 16) == 0
    paid = {"to": who, "from": hexed(ALICE), "gasPrice": hex(10 * GWEI), "gas": "0x186a0"}
    output = served.result("eth_call", paid, "latest", code, {"baseFeePerGas": "0x64"})
    assert int(output, 16) == 100
    error = served.error("eth_call", {"to": who}, "latest", {}, {"beaconRoot": "0x" + "00" * 32})
    assert error["message"] == ('block override "beaconRoot" is not supported for this RPC method')


def test_gas_is_estimated_within_geths_tolerance(served: RunningNode) -> None:
    assert (
        served.result("eth_estimateGas", {"to": hexed(POOR), "value": "0x1", "from": hexed(ALICE)})
        == "0x5208"
    )
    call = {"to": hexed(KEEPER), "data": "0x" + "11" * 32}
    estimate = int(served.result("eth_estimateGas", call), 16)
    used = 21_000 + 32 * 16 + 3 + 2 + 3 + 2 + 22_100
    assert used <= estimate <= used * 1.015
    assert served.result("eth_call", call | {"gas": hex(estimate)}) == "0x"


def test_an_estimate_beyond_what_the_sender_has_is_refused(served: RunningNode) -> None:
    call = {"to": hexed(ECHO), "from": hexed(POOR), "gasPrice": hex(10 * GWEI), "value": "0x1"}
    assert served.error("eth_estimateGas", call) == {
        "code": -32000,
        "message": "insufficient funds for transfer",
    }
    loop = {"to": hexed(LOOPER), "gas": "0x186a0"}
    assert served.error("eth_estimateGas", loop) == {
        "code": -32000,
        "message": "gas required exceeds allowance (100000)",
    }


def test_an_estimate_is_enough_for_a_real_transaction(served: RunningNode) -> None:
    word = b"\x05" * 32
    call = {"from": hexed(ALICE), "to": hexed(KEEPER), "data": hexed(word)}
    gas = int(served.result("eth_estimateGas", call), 16)
    nonce = int(served.result("eth_getTransactionCount", hexed(ALICE)), 16)
    tx = transfer(ALICE_KEY, nonce, to=KEEPER, value=0, gas=gas, data=word)
    served.result("eth_sendRawTransaction", raw(tx))
    served.seal()
    assert served.result("eth_getTransactionReceipt", hexed(tx.hash))["status"] == "0x1"
    assert served.result("eth_getStorageAt", hexed(KEEPER), "0x0") == hexed(word)
    assert served.result("eth_getStorageAt", hexed(KEEPER), "0x0", "0x0") == FIRST_SLOT
    values = served.result("eth_getStorageValues", {hexed(KEEPER): [FIRST_SLOT]}, "latest")
    assert values == {hexed(KEEPER): [hexed(word)]}


def test_an_access_list_names_what_was_touched(served: RunningNode) -> None:
    call = {"from": hexed(ALICE), "to": hexed(KEEPER), "data": "0x" + "01" * 32}
    result = served.result("eth_createAccessList", call)
    assert result["accessList"] == [{"address": hexed(KEEPER), "storageKeys": [FIRST_SLOT]}]
    assert "error" not in result
    looked_up = {hexed(POOR): {"code": "0x73" + BOB.hex() + "3100"}}
    result = served.result("eth_createAccessList", {"to": hexed(POOR)}, "latest", looked_up)
    assert result["accessList"] == [{"address": hexed(BOB), "storageKeys": []}]
    result = served.result("eth_createAccessList", {"to": hexed(REVERTER)})
    assert (result["accessList"], result["error"]) == ([], "execution reverted")


def test_the_state_of_the_block_being_built_is_seen(served: RunningNode) -> None:
    nonce = int(served.result("eth_getTransactionCount", hexed(ALICE)), 16)
    tx = transfer(ALICE_KEY, nonce, to=POOR, value=ETHER)
    before = int(served.result("eth_getBalance", hexed(POOR)), 16)
    served.result("eth_sendRawTransaction", raw(tx))
    assert int(served.result("eth_getBalance", hexed(POOR), "pending"), 16) == before + ETHER
    code = {hexed(ECHO): {"code": RETURN_BALANCE_OF_CALLER}}
    call = {"to": hexed(ECHO), "from": hexed(POOR)}
    seen = served.result("eth_call", call, "pending", code)
    assert int(seen, 16) == before + ETHER
    assert int(served.result("eth_getBalance", hexed(POOR)), 16) == before
    served.seal()


def test_a_call_leaves_no_logs_or_storage(served: RunningNode) -> None:
    number = served.result("eth_blockNumber")
    served.result("eth_call", {"to": hexed(LOGGER), "data": "0x" + "77" * 32})
    served.result("eth_call", {"to": hexed(KEEPER), "data": "0x" + "77" * 32})
    assert served.result("eth_getStorageAt", hexed(KEEPER), "0x0") != "0x" + "77" * 32
    assert served.result("eth_blockNumber") == number
