"""Transactions that are refused, each with geth's text, and those that are taken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from node.codec import decode, encode
from node.evm.transactions import ACCESS_LIST, BLOB, LEGACY, SET_CODE, Authorization, Transaction
from tests.rpc_server import RunningNode
from tests.unit.rpc.world import (
    ALICE,
    ALICE_KEY,
    BOB,
    BOB_KEY,
    CAROL_KEY,
    CHAIN_ID,
    ETHER,
    GWEI,
    LOOPER,
    POOR_KEY,
    hexed,
    raw,
    transfer,
)

GOOD = transfer(ALICE_KEY, 0)
HIGH_S = replace(GOOD, s=2**256 - 432420386565659656852420866394968145599 - GOOD.s)


def _legacy(key: bytes, chain_id: int | None) -> Transaction:
    return Transaction(LEGACY, chain_id, 0, GWEI, GWEI, 21_000, BOB, 1, b"").signed(key)


def _typed(kind: int, **fields: Any) -> Transaction:
    base = {"chain_id": CHAIN_ID, "nonce": 0, "max_priority_fee_per_gas": GWEI}
    base |= {"max_fee_per_gas": 10 * GWEI, "gas_limit": 100_000, "to": BOB, "value": 0, "data": b""}
    return Transaction(kind, **(base | fields)).signed(ALICE_KEY)


def _broken_list() -> str:
    items = list(decode(GOOD.encoded[1:]))
    return "0x02" + encode(items[:-1]).hex()


@pytest.mark.parametrize(
    ("name", "encoded", "text"),
    [
        ("empty", "0x", "typed transaction too short"),
        ("unknown type", "0x7f" + GOOD.encoded.hex()[2:], "transaction type not supported"),
        ("not RLP", "0x02ff", "rlp: "),
        ("a field missing", _broken_list(), "rlp: "),
        ("bytes left over", raw(GOOD) + "00", "rlp: "),
        ("no signature", raw(replace(GOOD, r=0, s=0)), "invalid transaction v, r, s values"),
        ("high s", raw(HIGH_S), "invalid transaction v, r, s values"),
        (
            "blob",
            raw(_typed(BLOB, max_fee_per_blob_gas=1, blob_hashes=(b"\x01" + bytes(31),))),
            "transaction type not supported",
        ),
        (
            "without EIP-155",
            raw(_legacy(ALICE_KEY, None)),
            "only replay-protected (EIP-155) transactions allowed over RPC",
        ),
        ("other chain", raw(transfer(ALICE_KEY, 0, chain_id=5)), "invalid chain id"),
        ("other chain, legacy", raw(_legacy(ALICE_KEY, 5)), "invalid chain id"),
        (
            "fee above the cap",
            raw(transfer(ALICE_KEY, 0, gas=10_000_000, cap=200 * GWEI)),
            "tx fee (2.00 ether) exceeds the configured cap (1.00 ether)",
        ),
        (
            "tip above cap",
            raw(transfer(ALICE_KEY, 0, tip=3 * GWEI, cap=2 * GWEI)),
            "max priority fee per gas higher than max fee per gas",
        ),
        ("no funds", raw(transfer(POOR_KEY, 0)), "insufficient funds for gas * price + value"),
        (
            "more than it has",
            raw(transfer(ALICE_KEY, 0, value=1_001 * ETHER)),
            "insufficient funds for gas * price + value: balance 1000000000000000000000, tx cost ",
        ),
        (
            "too little gas",
            raw(transfer(ALICE_KEY, 0, gas=20_999)),
            "intrinsic gas too low",
        ),
        (
            "too little gas for its data",
            raw(transfer(ALICE_KEY, 0, gas=22_000, data=b"\x01" * 60)),
            "insufficient gas for floor data gas cost",
        ),
        (
            "more gas than a transaction may use",
            raw(transfer(ALICE_KEY, 0, gas=2**24 + 1)),
            "transaction gas limit too high",
        ),
        (
            "too large",
            raw(transfer(ALICE_KEY, 0, gas=16_000_000, data=bytes(131_072))),
            "oversized data",
        ),
        (
            "initcode too large",
            raw(transfer(ALICE_KEY, 0, to=None, gas=16_000_000, data=bytes(49_153))),
            "max initcode size exceeded",
        ),
        ("no tip", raw(transfer(ALICE_KEY, 0, tip=0)), "transaction gas price below minimum"),
        (
            "delegation without authorizations",
            raw(_typed(SET_CODE)),
            "set code tx must have at least one authorization tuple",
        ),
    ],
)  # fmt: skip
def test_an_invalid_transaction_is_refused(
    served: RunningNode, name: str, encoded: str, text: str
) -> None:
    error = served.error("eth_sendRawTransaction", encoded)
    assert error["code"] == -32000, name
    assert text in error["message"]
    assert served.result("txpool_status") == {"pending": "0x0", "queued": "0x0"}


def test_a_transaction_lives_from_pool_to_block(served: RunningNode) -> None:
    tx = transfer(BOB_KEY, 0, value=5)
    tx_hash = served.result("eth_sendRawTransaction", raw(tx))
    assert tx_hash == hexed(tx.hash)
    known = served.error("eth_sendRawTransaction", raw(tx))
    assert known == {"code": -32000, "message": "already known"}
    cheap = served.error("eth_sendRawTransaction", raw(transfer(BOB_KEY, 0, value=6)))
    assert cheap == {"code": -32000, "message": "replacement transaction underpriced"}
    pending = served.result("eth_getTransactionByHash", tx_hash)
    assert (pending["blockHash"], pending["from"]) == (None, hexed(BOB))
    assert served.result("eth_getTransactionReceipt", tx_hash) is None
    assert served.result("eth_getTransactionCount", hexed(BOB), "latest") == "0x0"
    assert served.result("eth_getTransactionCount", hexed(BOB), "pending") == "0x1"
    block = served.result("eth_getBlockByNumber", "pending", True)
    assert [entry["hash"] for entry in block["transactions"]] == [tx_hash]
    assert (block["hash"], block["nonce"], block["miner"]) == (None, None, None)

    number = hex(served.seal())
    mined = served.result("eth_getTransactionByHash", tx_hash)
    assert (mined["blockNumber"], mined["transactionIndex"]) == (number, "0x0")
    receipt = served.result("eth_getTransactionReceipt", tx_hash)
    assert (receipt["status"], receipt["gasUsed"]) == ("0x1", "0x5208")
    assert receipt in served.result("eth_getBlockReceipts", number)
    by_place = "eth_getTransactionByBlockNumberAndIndex"
    assert served.result(by_place, number, "0x0") == mined
    assert served.result(by_place, number, "0x1") is None
    assert served.result("eth_getRawTransactionByHash", tx_hash) == raw(tx)
    by_nonce = "eth_getTransactionBySenderAndNonce"
    assert served.result(by_nonce, hexed(BOB), "0x0") == mined
    assert served.result(by_nonce, hexed(BOB), "0x1") is None
    again = served.error("eth_sendRawTransaction", raw(transfer(BOB_KEY, 0, value=7)))
    assert again["code"] == -32000
    assert again["message"].startswith("nonce too low")


def test_the_pool_is_shown_by_sender_and_nonce(served: RunningNode) -> None:
    first, gapped = transfer(CAROL_KEY, 0), transfer(CAROL_KEY, 2)
    for tx in (first, gapped):
        served.result("eth_sendRawTransaction", raw(tx))
    assert served.result("txpool_status") == {"pending": "0x1", "queued": "0x1"}
    content = served.result("txpool_contentFrom", hexed(first.sender))
    assert content["pending"]["0"]["hash"] == hexed(first.hash)
    assert content["queued"]["2"]["hash"] == hexed(gapped.hash)
    whole = served.result("txpool_content")
    (sender,) = whole["pending"]
    assert sender.lower() == hexed(first.sender)
    assert whole["pending"][sender] == content["pending"]
    line = served.result("txpool_inspect")["pending"][sender]["0"]
    assert line.endswith("1 wei + 21000 gas × 10000000000 wei")
    served.do(served.node.pool.clear)


def test_access_lists_and_delegations_are_taken(served: RunningNode) -> None:
    slots = ((LOOPER, (1, 2)),)
    listed = _typed(ACCESS_LIST, access_list=slots, max_priority_fee_per_gas=10 * GWEI)
    served.result("eth_sendRawTransaction", raw(listed))
    shown = served.result("eth_getTransactionByHash", hexed(listed.hash))
    assert [entry["address"] for entry in shown["accessList"]] == [hexed(LOOPER)]
    served.do(served.node.pool.clear)
    delegation = _typed(SET_CODE, authorizations=(Authorization(CHAIN_ID, LOOPER, 0, 0, 1, 1),))
    served.result("eth_sendRawTransaction", raw(delegation))
    shown = served.result("eth_getTransactionByHash", hexed(delegation.hash))
    assert shown["authorizationList"][0]["address"] == hexed(LOOPER)
    served.do(served.node.pool.clear)


def test_waiting_for_a_receipt_ends_with_it_or_says_why_not(served: RunningNode) -> None:
    nonce = int(served.result("eth_getTransactionCount", hexed(ALICE)), 16)
    tx = transfer(ALICE_KEY, nonce)
    late = served.error("eth_sendRawTransactionSync", raw(tx), "0x64")
    assert (late["code"], late["data"]) == (4, hexed(tx.hash))
    gapped = transfer(ALICE_KEY, nonce + 5)
    gap = served.error("eth_sendRawTransactionSync", raw(gapped))
    assert (gap["code"], gap["data"]) == (6, hex(nonce + 1))
    served.do(served.node.pool.clear)
    served.node.sequencer.instamine = True
    try:
        receipt = served.result("eth_sendRawTransactionSync", raw(transfer(ALICE_KEY, nonce)))
        assert receipt["status"] == "0x1"
    finally:
        served.node.sequencer.instamine = False


def test_a_transaction_is_filled_in_and_accepted_once_signed(served: RunningNode) -> None:
    filled = served.result(
        "eth_fillTransaction", {"from": hexed(ALICE), "to": hexed(BOB), "value": "0x1"}
    )
    shape = filled["tx"]
    assert (shape["gas"], shape["chainId"]) == ("0x5208", hex(CHAIN_ID))
    tx = Transaction(
        int(shape["type"], 16),
        CHAIN_ID,
        int(shape["nonce"], 16),
        int(shape["maxPriorityFeePerGas"], 16),
        int(shape["maxFeePerGas"], 16),
        int(shape["gas"], 16),
        BOB,
        1,
        b"",
    )
    assert filled["raw"] == raw(tx)
    assert served.result("eth_sendRawTransaction", raw(tx.signed(ALICE_KEY)))
    served.do(served.node.pool.clear)
