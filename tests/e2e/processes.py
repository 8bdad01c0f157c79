"""Node processes as users start them, and a client of a few lines."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from node.crypto import address_of
from node.evm.transactions import DYNAMIC_FEE, Transaction
from node.rollup.dev_accounts import dev_accounts

START_S = 30.0
GWEI = 10**9
KEYS = [account.secret for account in dev_accounts(10)]
RECIPIENT = b"\x99" * 20
COMMAND = (sys.executable, "-m", "node")


class RpcFailure(Exception):
    """An error answer."""


class NodeProcess:
    """A node that has said where it listens."""

    def __init__(self, arguments: Sequence[str], log: Path) -> None:
        started = time.monotonic()
        self._log = log
        with log.open("ab") as stderr:
            self.process = subprocess.Popen(
                [*COMMAND, *arguments],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                start_new_session=True,
            )
        self.output = ""
        self.url = ""
        timer = threading.Timer(START_S, self.process.kill)
        timer.start()
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if line.startswith("Listening on "):
                self.url = "http://" + line.removeprefix("Listening on ").strip()
                break
        timer.cancel()
        assert self.url, f"not listening after {START_S} s: {self.output}{self.errors}"
        self.start_s = time.monotonic() - started

    @property
    def errors(self) -> str:
        """Everything written to standard error so far."""
        return self._log.read_text()

    def call(self, method: str, *params: object) -> Any:
        """The result of a JSON-RPC call. Raises RpcFailure."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        request = urllib.request.Request(
            self.url, body.encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = json.loads(response.read())
        if "error" in answer:
            raise RpcFailure(answer["error"]["message"])
        return answer["result"]

    def send(self, tx: Transaction) -> str:
        """Submits a transaction; returns its hash."""
        tx_hash: str = self.call("eth_sendRawTransaction", f"0x{tx.encoded.hex()}")
        return tx_hash

    def receipt(self, tx_hash: str, timeout_s: float = 20.0) -> dict[str, Any]:
        """Waits for a receipt."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            receipt: dict[str, Any] | None = self.call("eth_getTransactionReceipt", tx_hash)
            if receipt is not None:
                return receipt
            time.sleep(0.05)
        raise AssertionError(f"no receipt of {tx_hash} in {timeout_s} s: {self.errors}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """SIGTERM to the node as a supervisor does, or SIGINT to its group as a terminal does.

        Returns the exit code.
        """
        if number is signal.SIGINT:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        return self.finish()

    def kill(self) -> None:
        """SIGKILL to the node, whose workers end with it: a power cut without the cut."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.finish()

    def finish(self) -> int:
        """Waits for the end and closes the pipe."""
        try:
            return self.process.wait(timeout=20)
        finally:
            assert self.process.stdout is not None
            self.process.stdout.close()


@contextmanager
def running(log: Path, *arguments: str) -> Iterator[NodeProcess]:
    """A node for the time of a block."""
    node = NodeProcess(arguments, log)
    try:
        yield node
    finally:
        if node.process.poll() is None:
            node.kill()


def fails(*arguments: str) -> tuple[int, str]:
    """(exit code, standard error) of a command that should not start."""
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=START_S, check=False
    )
    return done.returncode, done.stderr


def transfer(
    chain_id: int, nonce: int, *, account: int = 0, value: int = 1, data: bytes = b""
) -> Transaction:
    """A signed transfer of a development account to RECIPIENT."""
    gas = 21_000 + 40 * len(data)
    return Transaction(
        DYNAMIC_FEE, chain_id, nonce, GWEI, 10 * GWEI, gas, RECIPIENT, value, data
    ).signed(KEYS[account])


def sender(account: int = 0) -> str:
    """The address of a development account, as the RPC writes it."""
    return f"0x{address_of(KEYS[account]).hex()}"
