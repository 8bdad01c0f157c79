"""SIGKILL at any moment loses at most the block that was not sealed yet."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from node.codec import encode, int_to_bytes
from node.crypto import keccak256
from node.state.account import Account
from node.state.db import StateDB
from node.state.trie import trie_root
from tests.e2e.crash_child import WINDOW, changes_of

pytestmark = pytest.mark.e2e


class Model:
    """The state after the blocks so far, in dictionaries, and its root from nothing."""

    def __init__(self) -> None:
        self.next = 0
        self.accounts: dict[bytes, Account] = {}
        self.slots: dict[bytes, dict[int, int]] = {}
        self.roots: list[bytes] = []

    def advance(self, head: int) -> None:
        for number in range(self.next, head + 1):
            changes = changes_of(number)
            for address, account in changes.accounts.items():
                if account is None or address in changes.wiped:
                    self.slots.pop(address, None)
                if account is None:
                    self.accounts.pop(address, None)
                    continue
                self.accounts[address] = account
                self.slots.setdefault(address, {}).update(changes.storage[address])
            self.roots.append(self.root())
        self.next = max(self.next, head + 1)

    def root(self) -> bytes:
        leaves = {}
        for address, account in self.accounts.items():
            slots = {
                keccak256(slot.to_bytes(32, "big")): encode(int_to_bytes(value))
                for slot, value in self.slots.get(address, {}).items()
                if value
            }
            items = [int_to_bytes(account.nonce), int_to_bytes(account.balance)]
            leaves[keccak256(address)] = encode([*items, trie_root(slots), account.code_hash])
        return trie_root(leaves)


def run_and_kill(path: Path, delay_s: float) -> list[list[str]]:
    """Runs the child until `delay_s` after its first sealed block; returns the lines it wrote."""
    script = Path(__file__).with_name("crash_child.py")
    with subprocess.Popen(
        [sys.executable, str(script), str(path)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(delay_s)
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read()
        assert child.wait() == -signal.SIGKILL
    assert first.startswith("sealed"), first
    return [line.split(" ") for line in (first + rest).splitlines() if line.count(" ") == 2]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_kills(tmp_path: Path, kills: int) -> None:
    rng, model = random.Random(kills), Model()
    for _ in range(kills):
        lines = run_and_kill(tmp_path, rng.random() * 0.25)
        kind, number, _ = lines[-1]
        db = StateDB.open(tmp_path, window=WINDOW, segment_bytes=2**20)
        assert db.head is not None
        head = db.head[0]
        assert head >= int(number)
        model.advance(head)
        for kind, number, root in lines:
            if kind == "sealed" and int(number) <= head:
                assert root == model.roots[int(number)].hex()
        assert db.view().root == model.roots[head]
        for past in range(db.oldest_state, head):
            assert db.view(past).root == model.roots[past]
        assert db.verify() == []
        db.close()
