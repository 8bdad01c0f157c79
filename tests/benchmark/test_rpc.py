"""Requests a second beside anvil: the same load generator, requests and contract, in one run.

`pytest tests/benchmark/test_rpc.py --benchmark-enable -m slow` prints the time of a thousand
requests over 16 connections; the results for the documentation are in docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

import pytest
import uvloop
from pytest_benchmark.fixture import BenchmarkFixture

from node.evm.transactions import DYNAMIC_FEE, Transaction
from tests.e2e.processes import KEYS, NodeProcess, running
from tests.suites import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.e2e]

ANVIL: Final = ROOT / "tests" / "e2e" / "node_modules" / ".bin" / "anvil"
TOKEN: Final = json.loads((ROOT / "genesis" / "artifacts" / "DevnetUSD.json").read_text())
CONNECTIONS: Final = 16
REQUESTS: Final = 1_000
LOGS: Final = 100
GWEI: Final = 10**9
HOLDER: Final = "00" * 19 + "aa"
MINT: Final = "40c10f19"
BALANCE_OF: Final = "70a08231"


class Connection(asyncio.Protocol):
    """Sends the same request again and again, each when the last was answered."""

    def __init__(self, request: bytes, left: list[int], done: asyncio.Future[None]) -> None:
        self._request = request
        self._left = left
        self._done = done
        self._received = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class
        self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(AssertionError(f"the connection was closed: {exc}"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator:
            return
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if len(body) < int(length):
            return
        if b'"error"' in body and not self._done.done():
            self._done.set_exception(AssertionError(body))
        self._received = b""
        self._left[0] -= 1
        if self._left[0] <= 0 and not self._done.done():
            self._done.set_result(None)
        elif not self._done.done():
            self._transport.write(self._request)


async def _load(url: str, body: bytes, count: int) -> None:
    place = urlsplit(url)
    request = (
        f"POST / HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    left = [count]
    opened = [
        await loop.create_connection(
            lambda: Connection(request, left, done), place.hostname, place.port
        )
        for _ in range(CONNECTIONS)
    ]
    async with asyncio.timeout(120):
        await done
    for transport, _ in opened:
        transport.close()


def load(url: str, method: str, params: list[Any], count: int = REQUESTS) -> None:
    """Has `count` requests answered over all connections."""
    call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    uvloop.run(_load(url, json.dumps(call).encode(), count))


class Anvil(NodeProcess):
    """An anvil with the same accounts."""

    def __init__(self, log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._log = log
        self.url = f"http://127.0.0.1:{port}"
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [str(ANVIL), "--port", str(port), "--silent"], stdout=output, stderr=output
            )
        deadline = time.monotonic() + 20
        while True:
            try:
                self.call("eth_chainId")
                return
            except OSError:
                assert time.monotonic() < deadline, "anvil did not start"
                time.sleep(0.05)


def _prepare(node: NodeProcess) -> dict[str, Any]:
    """Deploys the token and makes its logs; what the benchmarks ask for."""
    chain_id = int(node.call("eth_chainId"), 16)
    nonce = int(node.call("eth_getTransactionCount", _address(KEYS[5]), "latest"), 16)

    def send(number: int, to: bytes | None, data: str) -> str:
        tx = Transaction(
            DYNAMIC_FEE, chain_id, number, GWEI, 20 * GWEI, 1_000_000, to, 0, bytes.fromhex(data)
        )
        return node.send(tx.signed(KEYS[5]))

    created = node.receipt(send(nonce, None, TOKEN["bytecode"].removeprefix("0x")))
    token = bytes.fromhex(created["contractAddress"][2:])
    mint = MINT + HOLDER.zfill(64) + f"{7:064x}"
    last = [send(nonce + 1 + i, token, mint) for i in range(LOGS)][-1]
    newest = node.receipt(last)["blockNumber"]
    call = {"to": created["contractAddress"], "data": "0x" + BALANCE_OF + HOLDER.zfill(64)}
    assert int(node.call("eth_call", call, "latest"), 16) == 7 * LOGS
    query = {"address": created["contractAddress"], "fromBlock": "0x0", "toBlock": newest}
    assert len(node.call("eth_getLogs", query)) == LOGS
    return {
        "eth_blockNumber": [],
        "eth_call": [call, "latest"],
        "eth_getLogs": [query],
    }


def _address(key: bytes) -> str:
    tx = Transaction(DYNAMIC_FEE, 1, 0, 0, 0, 0, None, 0, b"").signed(key)
    return "0x" + tx.sender.hex()


@pytest.fixture(scope="module", params=["strikefold", "anvil"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[NodeProcess, dict[str, Any]]]:
    """A node with a token, and the parameters of each method."""
    log = tmp_path_factory.mktemp("bench") / "log"
    if request.param == "strikefold":
        with running(log, "devnet", "--instamine", "--port", "0") as node:
            yield node, _prepare(node)
        return
    if shutil.which("node") is None or not ANVIL.exists():
        pytest.skip("anvil is absent: run `make tools` (npm ci in tests/e2e)")
    anvil = Anvil(log)
    try:
        yield anvil, _prepare(anvil)
    finally:
        anvil.process.terminate()
        anvil.process.wait()


@pytest.mark.parametrize("method", ["eth_blockNumber", "eth_call", "eth_getLogs"])
def test_requests_a_second(
    server: tuple[NodeProcess, dict[str, Any]], method: str, benchmark: BenchmarkFixture
) -> None:
    node, parameters = server
    load(node.url, method, parameters[method], CONNECTIONS)
    benchmark.group = method
    benchmark.pedantic(load, (node.url, method, parameters[method]), rounds=5)
    if benchmark.stats is not None:
        benchmark.extra_info["requests_per_second"] = round(REQUESTS / benchmark.stats["median"])
