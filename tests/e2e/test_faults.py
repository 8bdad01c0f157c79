"""What must not break a node, and what it says when it cannot go on."""

from __future__ import annotations

import json
import random
import re
import resource
import time
from pathlib import Path

import pytest

from genesis import devnet_genesis
from node.rollup.dev_accounts import dev_accounts
from tests.e2e.processes import NodeProcess, RpcFailure, fails, running, sender, transfer

pytestmark = pytest.mark.e2e
CHAIN_ID = 4_242


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "stderr"


@pytest.fixture
def genesis(tmp_path: Path) -> Path:
    return write_genesis(tmp_path / "genesis.json")


def write_genesis(path: Path, timestamp: int = 1_700_000_000) -> Path:
    accounts = {account.address: 10**22 for account in dev_accounts(10)}
    genesis = devnet_genesis(chain_id=CHAIN_ID, accounts=accounts, timestamp=timestamp)
    path.write_text(json.dumps(genesis))
    return path


def run_arguments(genesis: Path, tmp_path: Path, block_time: str = "1") -> tuple[str, ...]:
    datadir = str(tmp_path / "datadir")
    return (
        "run", "--genesis", str(genesis), "--datadir", datadir,
        "--port", "0", "--block-time", block_time,
    )  # fmt: skip


def live_until_killed(node: NodeProcess, nonce: int, seconds: float) -> tuple[int, list[str]]:
    """Sends transfers for a while, then SIGKILL. Returns the head last seen and the hashes sent."""
    deadline, hashes, head = time.monotonic() + seconds, list[str](), 0
    while time.monotonic() < deadline:
        hashes.append(node.send(transfer(CHAIN_ID, nonce + len(hashes))))
        head = int(node.call("eth_blockNumber"), 16)
    node.kill()
    return head, hashes


@pytest.mark.parametrize(
    "kills", [2, pytest.param(12, marks=pytest.mark.slow)], ids=["twice", "many times"]
)
def test_kill_loses_at_most_the_unsealed_block(
    genesis: Path, tmp_path: Path, log: Path, kills: int
) -> None:
    """And not even its transactions: the journal has them, whatever its last record looks like."""
    rng, sent, head = random.Random(7), list[str](), 0
    for _ in range(kills):
        with running(log, *run_arguments(genesis, tmp_path)) as node:
            assert int(node.call("eth_blockNumber"), 16) >= head
            head, hashes = live_until_killed(node, len(sent), 1.5 + rng.random())
            sent += hashes
        with (tmp_path / "datadir" / "mempool.journal").open("ab") as journal:
            journal.write(b"\x00\x00\x00\x70\xff\xfftorn")
    with running(log, *run_arguments(genesis, tmp_path)) as node:
        assert int(node.call("eth_blockNumber"), 16) >= head
        receipts = [node.receipt(tx_hash) for tx_hash in sent]

        assert all(receipt["status"] == "0x1" for receipt in receipts)
        count = node.call("eth_getTransactionCount", sender(), "latest")
        assert int(count, 16) == len(sent)
        assert node.stop() == 0


def wait_for_the_end(node: NodeProcess) -> str:
    """Sends transactions until the node refuses them; the reason it gives."""
    for account in range(1, 10):
        for nonce in range(20):
            try:
                node.send(transfer(CHAIN_ID, nonce, account=account))
            except RpcFailure as refusal:
                return str(refusal)
            time.sleep(0.1)
    raise AssertionError(f"still taking transactions: {node.errors}")


def test_full_disk_stops_blocks_and_keeps_answering(
    genesis: Path, tmp_path: Path, log: Path
) -> None:
    with running(log, *run_arguments(genesis, tmp_path)) as node:
        node.receipt(node.send(transfer(CHAIN_ID, 0)))
        resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (100_000, 100_000))
        waiting = [transfer(CHAIN_ID, n, data=bytes(50_000)) for n in (1, 2, 3)]
        for tx in waiting:
            node.send(tx)
        reason = wait_for_the_end(node)
        assert re.match(r"the sequencer has stopped: block \d+ could not be sealed: ", reason)
        head = int(node.call("eth_blockNumber"), 16)
        time.sleep(1.5)

        assert int(node.call("eth_blockNumber"), 16) == head
        assert node.call("eth_getTransactionCount", sender(), "latest") == "0x1"
        assert node.stop() == 1
    assert f"strikefold: block {head + 1} could not be sealed: " in node.errors
    assert "Traceback" not in node.errors
    with running(log, *run_arguments(genesis, tmp_path)) as node:
        assert int(node.call("eth_blockNumber"), 16) >= head
        for tx in waiting:
            if node.call("eth_getTransactionByHash", f"0x{tx.hash.hex()}") is None:
                node.send(tx)
        assert all(node.receipt(f"0x{tx.hash.hex()}")["status"] == "0x1" for tx in waiting)
        assert node.stop() == 0


def test_another_genesis(genesis: Path, tmp_path: Path, log: Path) -> None:
    with running(log, *run_arguments(genesis, tmp_path)) as node:
        assert node.stop() == 0
    other = write_genesis(tmp_path / "other.json", 1_600_000_000)
    code, errors = fails(*run_arguments(other, tmp_path))

    assert code == 1
    assert "the database holds the chain of genesis 0x" in errors
    assert "another data directory" in errors
    assert "Traceback" not in errors


def test_what_another_node_has_taken(genesis: Path, tmp_path: Path, log: Path) -> None:
    with running(log, *run_arguments(genesis, tmp_path)) as node:
        same_directory = fails(*run_arguments(genesis, tmp_path))
        port = node.url.rpartition(":")[2]
        same_port = fails(*run_arguments(genesis, tmp_path / "other"), "--port", port)

        assert node.stop() == 0
    assert (same_directory[0], same_port[0]) == (2, 2)
    assert f"is in use by process {node.process.pid}" in same_directory[1]
    assert f"cannot listen on 127.0.0.1:{port}" in same_port[1]
    assert "choose another rpc.port" in same_port[1]
    assert "Traceback" not in same_directory[1] + same_port[1]
