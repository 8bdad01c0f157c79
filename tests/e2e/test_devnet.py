"""`strikefold devnet`, as a user runs it."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from genesis import DEVNET_CHAIN_ID
from tests.e2e.processes import RECIPIENT, RpcFailure, fails, running, sender, transfer

pytestmark = pytest.mark.e2e
ANVIL_FIRST = (
    "(0) 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 (10000.000000000000000000 ETH)",
    "(0) 0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
)

WRONG = (
    ("evm_setNextBlockTimestamp", 1, "Timestamp error: 1 is lower than or equal"),
    ("anvil_mine", "0x0", "cannot mine 0 blocks"),
    ("evm_mine", {"block": 1}, "unknown mining option 'block'"),
    ("evm_increaseTime", -1, "invalid argument 0"),
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "stderr"


def number(receipt: dict[str, Any]) -> int:
    return int(receipt["blockNumber"], 16)


def sealer(number: int, head: dict[str, Any]) -> str:
    """Who signed a sealed head, as a wallet library finds it."""
    fields = [{"name": "number", "type": "uint64"}, {"name": "blockHash", "type": "bytes32"}]
    message = encode_typed_data(
        {"name": "Strikefold", "version": "1", "chainId": DEVNET_CHAIN_ID},
        {"SealedHead": fields},
        {"number": number, "blockHash": head["hash"]},
    )
    signer: str = Account.recover_message(message, signature=head["signature"])
    return signer


def test_from_nothing_to_a_mined_transaction(log: Path) -> None:
    with running(log, "devnet", "--port", "0") as node:
        assert node.start_s < 10
        for line in ANVIL_FIRST:
            assert line in node.output
        assert len(re.findall(r"^\(\d\) 0x[0-9a-fA-F]{40} ", node.output, re.MULTILINE)) == 10
        assert int(node.call("eth_chainId"), 16) == DEVNET_CHAIN_ID
        receipt = node.receipt(node.send(transfer(DEVNET_CHAIN_ID, 0, value=5)))

        assert receipt["status"] == "0x1"
        assert node.call("eth_getBalance", f"0x{RECIPIENT.hex()}", "latest") == "0x5"
        fate = node.call("rr_getTransactionFate", receipt["transactionHash"])
        assert (fate["status"], fate["reason"]) == ("included", f"in block {number(receipt)}")
        assert node.call("rr_getTransactionFate", "0x" + "00" * 32) is None
        head = node.call("rr_getSealedHead", receipt["blockNumber"])
        assert head["hash"] == receipt["blockHash"]
        assert sealer(number(receipt), head) == head["sequencer"]
        assert node.call("rr_health")["ok"] is True
        assert node.stop() == 0
    assert "Traceback" not in node.errors


def test_blocks_on_demand_in_a_time_of_choice(log: Path) -> None:
    start = 1_600_000_000
    arguments = ("--port", "0", "--on-demand", "--timestamp", str(start), "--accounts", "3")
    with running(log, "devnet", *arguments, "--balance", "7", "--chain-id", "99") as node:
        assert "(2) 0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC (7." in node.output
        assert "(3)" not in node.output
        tx_hash = node.send(transfer(99, 0))
        assert node.call("eth_getBlockByNumber", "pending", False)["transactions"] == [tx_hash]
        node.call("evm_setNextBlockTimestamp", start + 86_400)
        assert node.call("eth_blockNumber") == "0x0"
        node.call("evm_mine")

        block = node.call("eth_getBlockByNumber", "latest", False)
        assert (block["number"], block["transactions"]) == ("0x1", [tx_hash])
        assert int(block["timestamp"], 16) == start + 86_400
        node.call("evm_mine")
        later = int(node.call("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
        assert start + 86_400 < later < start + 86_460
        assert node.stop(signal.SIGINT) == 0
    assert "Traceback" not in node.errors


def test_a_block_for_every_transaction_and_back(log: Path) -> None:
    with running(log, "devnet", "--port", "0", "--instamine") as node:
        for nonce in range(2):
            raw = transfer(DEVNET_CHAIN_ID, nonce).encoded
            receipt = node.call("eth_sendRawTransactionSync", f"0x{raw.hex()}")
            assert int(receipt["blockNumber"], 16) == nonce + 1
        snapshot = node.call("evm_snapshot")
        node.receipt(node.send(transfer(DEVNET_CHAIN_ID, 2)))

        assert node.call("evm_revert", snapshot) is True
        assert node.call("eth_getTransactionCount", sender(), "latest") == "0x2"
        assert node.call("evm_revert", snapshot) is False
        node.call("evm_increaseTime", 3600)
        node.call("evm_mine", {"blocks": 2})
        node.call("anvil_mine", "0x2", "0x3c")
        assert node.call("eth_blockNumber") == "0x6"
        for method, parameter, text in WRONG:
            with pytest.raises(RpcFailure, match=text):
                node.call(method, parameter)


def test_kept_chain(log: Path, tmp_path: Path) -> None:
    arguments = ("devnet", "--port", "0", "--on-demand", "--datadir", str(tmp_path / "chain"))
    with running(log, *arguments) as node:
        tx_hash = node.send(transfer(DEVNET_CHAIN_ID, 0))
        node.call("evm_mine")
        assert node.stop() == 0
    with running(log, *arguments) as node:
        assert node.receipt(tx_hash)["blockNumber"] == "0x1"
        assert node.stop() == 0

    code, errors = fails(*arguments, "--chain-id", "5")
    assert code == 1
    assert "holds a devnet started with other flags" in errors
