"""The clients people use, as they are: web3.py, ethers, viem and cast against a devnet process."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from eth_account import Account
from web3 import Web3
from web3.exceptions import (
    BlockNotFound,
    ContractCustomError,
    ContractLogicError,
    ContractPanicError,
    TransactionNotFound,
    Web3RPCError,
)

from tests.e2e.processes import KEYS, NodeProcess, running
from tests.suites import ROOT

pytestmark = pytest.mark.e2e

ARTIFACT: Final = ROOT / "genesis" / "artifacts" / "DevnetUSD.json"
CLIENTS: Final = ROOT / "tests" / "e2e" / "clients"
PACKAGES: Final = ROOT / "tests" / "e2e" / "node_modules"
ECHO_REVERT: Final = "0x60078060095f395ff3365f5f37365ffd"
"""Creates a contract that reverts with its call data."""
STRANGER: Final = "0x00000000000000000000000000000000000000AA"
RUNTIME_BYTES: Final = len(json.loads(ARTIFACT.read_text())["deployedBytecode"]) // 2 - 1


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    """A devnet that makes a block for every transaction."""
    log = tmp_path_factory.mktemp("clients") / "log"
    with running(log, "devnet", "--instamine", "--port", "0") as process:
        yield process


@pytest.fixture(scope="module")
def packages() -> Path:
    """Where the npm packages are."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    if not PACKAGES.exists():
        pytest.skip("npm packages are absent: run `make tools` (npm ci in tests/e2e)")
    return PACKAGES


def _script(node: NodeProcess, name: str, key: bytes) -> dict[str, Any]:
    """What a script in clients/ saw."""
    command = ["node", str(CLIENTS / name), node.url, "0x" + key.hex(), str(ARTIFACT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def test_ethers_deploys_calls_reads_and_decodes_errors(node: NodeProcess, packages: Path) -> None:
    seen = _script(node, "ethers.mjs", KEYS[1])
    custom = {"code": "CALL_EXCEPTION", "reason": "InsufficientBalance()"}
    assert seen.pop("customError") == custom | {"revert": "InsufficientBalance"}
    assert seen.pop("estimateError")["code"] == "CALL_EXCEPTION"
    assert seen.pop("reason") == {
        "code": "CALL_EXCEPTION", "reason": "no luck", "revert": "Error",
    }  # fmt: skip
    assert seen.pop("panic")["revert"] == "Panic"
    assert seen.pop("insufficientFunds")["code"] == "INSUFFICIENT_FUNDS"
    assert seen.pop("nonceTooLow")["code"] == "NONCE_EXPIRED"
    assert seen == {
        "chainId": int(node.call("eth_chainId"), 16),
        "eip1559": True,
        "codeBytes": RUNTIME_BYTES,
        "status": 1,
        "event": "Transfer",
        "balance": "1000",
        "logs": 1,
        "gas": True,
        "blockHasTransactions": True,
    }


def test_viem_deploys_calls_reads_and_decodes_errors(node: NodeProcess, packages: Path) -> None:
    assert _script(node, "viem.mjs", KEYS[2]) == {
        "chainId": int(node.call("eth_chainId"), 16),
        "eip1559": True,
        "codeBytes": RUNTIME_BYTES,
        "status": "success",
        "event": "Transfer",
        "balance": "1000",
        "logs": 1,
        "customError": "InsufficientBalance",
        "reason": "no luck",
        "insufficientFunds": "InsufficientFundsError",
        "nonceTooLow": "NonceTooLowError",
        "proved": True,
        "override": "0x",
    }


def _cast(
    node: NodeProcess, packages: Path, name: str, *arguments: str, fails: bool = False
) -> str:
    command = [str(packages / ".bin" / "cast"), name, "--rpc-url", node.url, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr.startswith("Error") == fails, (
        done.stderr
    )  # npm's wrapper always exits with 0
    return done.stderr if fails else done.stdout.strip()


def test_cast_sends_calls_and_reads(node: NodeProcess, packages: Path) -> None:
    key = "0x" + KEYS[3].hex()
    artifact = json.loads(ARTIFACT.read_text())
    sent = _cast(
        node, packages, "send", "--json", "--private-key", key, "--create", artifact["bytecode"]
    )
    token = json.loads(sent)["contractAddress"]
    mint = ("send", "--json", "--private-key", key, token, "mint(address,uint256)", STRANGER, "7")
    receipt = json.loads(_cast(node, packages, *mint))
    assert receipt["status"] == "0x1"
    balance = _cast(node, packages, "call", token, "balanceOf(address)(uint256)", STRANGER)
    assert balance == "7"
    logs = _cast(node, packages, "logs", "--address", token, "--from-block", "0", "--json")
    assert len(json.loads(logs)) == 1
    overdraw = ("call", token, "transfer(address,uint256)", STRANGER, "1")
    refused = _cast(node, packages, *overdraw, fails=True)
    assert "execution reverted" in refused
    assert _cast(node, packages, "chain-id") == str(int(node.call("eth_chainId"), 16))
    assert int(_cast(node, packages, "gas-price")) > 0
    block = json.loads(_cast(node, packages, "block", "latest", "--json"))
    assert block["hash"] == node.call("eth_getBlockByNumber", "latest", False)["hash"]
    assert "0x" in _cast(node, packages, "storage", token, "0")
    trace = _cast(node, packages, "rpc", "debug_traceTransaction", receipt["transactionHash"])
    assert json.loads(trace)["failed"] is False


@pytest.fixture(scope="module")
def web3(node: NodeProcess) -> Web3:
    """A connected client."""
    client = Web3(Web3.HTTPProvider(node.url))
    assert client.is_connected()
    return client


@pytest.fixture(scope="module")
def token(web3: Web3) -> Any:
    """A deployed token."""
    artifact = json.loads(ARTIFACT.read_text())
    contract = web3.eth.contract(abi=artifact["abi"], bytecode=artifact["bytecode"])
    receipt = _send(web3, contract.constructor())
    return web3.eth.contract(address=receipt["contractAddress"], abi=artifact["abi"])


def _send(web3: Web3, function: Any) -> Any:
    account = Account.from_key(KEYS[4])
    tx = function.build_transaction(
        {
            "from": account.address,
            "nonce": web3.eth.get_transaction_count(account.address, "pending"),
        }
    )
    signed = account.sign_transaction(tx)
    tx_hash = web3.eth.send_raw_transaction(signed.raw_transaction)
    return web3.eth.wait_for_transaction_receipt(tx_hash, timeout=20, poll_latency=0.05)


def test_web3_contract_is_deployed_called_and_its_logs_read(web3: Web3, token: Any) -> None:
    receipt = _send(web3, token.functions.mint(STRANGER, 500))
    assert receipt["status"] == 1
    (event,) = token.events.Transfer().process_receipt(receipt)
    assert (event["args"]["to"], event["args"]["amount"]) == (STRANGER, 500)
    assert token.functions.balanceOf(STRANGER).call() == 500
    logs = token.events.Transfer().get_logs(from_block=receipt["blockNumber"])
    assert [log["transactionHash"] for log in logs] == [receipt["transactionHash"]]


def test_web3_errors_of_contracts_are_decoded(web3: Web3, token: Any) -> None:
    with pytest.raises(ContractCustomError) as custom:
        token.functions.transfer(STRANGER, 10**30).call()
    assert custom.value.data == Web3.keccak(text="InsufficientBalance()")[:4].to_0x_hex()
    receipt = _send(web3, web3.eth.contract(abi=[], bytecode=ECHO_REVERT).constructor())
    call = {"to": receipt["contractAddress"]}
    reason = "08c379a0" + f"{32:064x}{4:064x}" + b"nope".hex().ljust(64, "0")
    with pytest.raises(ContractLogicError, match="execution reverted: nope"):
        web3.eth.call(call | {"data": "0x" + reason})
    with pytest.raises(ContractPanicError):
        web3.eth.call(call | {"data": "0x4e487b71" + f"{0x11:064x}"})
    with pytest.raises(ContractLogicError, match="execution reverted"):
        web3.eth.estimate_gas(call)


def test_web3_what_is_not_there_is_not_found(web3: Web3) -> None:
    with pytest.raises(BlockNotFound):
        web3.eth.get_block(10**9)
    with pytest.raises(TransactionNotFound):
        web3.eth.get_transaction("0x" + "00" * 32)
    with pytest.raises(TransactionNotFound):
        web3.eth.get_transaction_receipt("0x" + "00" * 32)
    with pytest.raises(Web3RPCError, match="header not found"):
        web3.eth.get_balance(STRANGER, 10**9)


def test_web3_fees_history_and_proofs(web3: Web3, token: Any) -> None:
    history = web3.eth.fee_history(4, "latest", [25, 75])
    assert len(history["baseFeePerGas"]) == len(history["gasUsedRatio"]) + 1
    assert web3.eth.gas_price > 0
    assert web3.eth.max_priority_fee > 0
    proof = web3.eth.get_proof(token.address, [0])
    assert proof["accountProof"]
    assert web3.eth.get_block("latest")["extraData"] == b"strikefold"
    assert "strikefold" in web3.client_version


def test_web3_filters_report_new_blocks_and_logs_once(web3: Web3, token: Any) -> None:
    blocks = web3.eth.filter("latest")
    logs = token.events.Transfer().create_filter(from_block="latest")
    receipt = _send(web3, token.functions.mint(STRANGER, 1))
    assert receipt["blockHash"] in blocks.get_new_entries()
    assert [log["transactionHash"] for log in logs.get_new_entries()] == [
        receipt["transactionHash"]
    ]
    assert logs.get_new_entries() == []
    assert web3.eth.uninstall_filter(logs.filter_id)


def test_web3_a_state_override_is_seen_by_one_call_only(web3: Web3) -> None:
    answer_42 = {"code": "0x602a5f5260205ff3"}
    output = web3.eth.call({"to": STRANGER}, "latest", {STRANGER: answer_42})
    assert int.from_bytes(output, "big") == 42
    assert web3.eth.call({"to": STRANGER}) == b""
