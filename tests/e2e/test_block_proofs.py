"""A block of a devnet, proved beside the running node and verified without it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.e2e.processes import COMMAND, running, transfer

pytestmark = pytest.mark.e2e
LIMIT_S = 600


def strikefold(*arguments: object, fails: bool = False) -> str:
    """Runs a command; returns what it prints, of one that has to fail what it complains of."""
    command = [*COMMAND, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stderr if fails else done.stdout


def test_a_block_is_proved_served_and_verified(tmp_path: Path) -> None:
    datadir, file = tmp_path / "data", tmp_path / "block.proof"
    with running(
        tmp_path / "stderr", "devnet", "--port", "0", "--instamine", "--datadir", datadir
    ) as node:
        chain_id = int(node.call("eth_chainId"), 16)
        node.receipt(node.send(transfer(chain_id, 0, value=5)))
        header = node.call("eth_getBlockByNumber", "0x1", False)
        assert node.call("rr_getBlockProof", "0x1") is None
        said = strikefold(
            *("prove", "block", 1, "--rpc", node.url, "--datadir", datadir, "--output", file)
        )
        assert header["hash"] in said
        served = node.call("rr_getBlockProof", "0x1")
    assert served["hash"] == header["hash"]
    assert served["parentHash"] == header["parentHash"]
    burned = int(header["baseFeePerGas"], 16) * int(header["gasUsed"], 16)
    assert int(served["burned"], 16) == burned
    assert bytes.fromhex(served["proof"][2:]) == file.read_bytes()

    said = strikefold("verify", file)
    assert "the proof holds" in said
    assert header["hash"] in said
    assert header["stateRoot"] in said

    damaged = bytearray(file.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    file.write_bytes(damaged)
    assert "strikefold: " in strikefold("verify", file, fails=True)

    costs = strikefold("profile", "block", 1, "--datadir", datadir, "--functions", 3)
    assert "the block itself" in costs
    assert "zk gas" in costs
    assert "keccakf" in costs


def test_what_cannot_be_proved(tmp_path: Path) -> None:
    datadir = tmp_path / "data"
    missing = strikefold("prove", "block", 1, "--datadir", datadir, fails=True)
    assert "no data directory" in missing
    with running(
        tmp_path / "stderr", "devnet", "--port", "0", "--on-demand", "--datadir", datadir
    ) as node:
        text = strikefold("prove", "block", 9, "--rpc", node.url, fails=True)
        assert "--output or --datadir" in text
        text = strikefold("prove", "block", 9, "--rpc", node.url, "--datadir", datadir, fails=True)
        assert "header not found" in text
    text = strikefold("prove", "block", 9, "--datadir", datadir, fails=True)
    assert "block 9 is not in the chain" in text
