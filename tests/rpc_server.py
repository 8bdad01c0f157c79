"""A node with its JSON-RPC server on a thread of its own, and the plainest of clients."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import uvloop

from node.config import NodeConfig
from node.evm.engines import engine_named
from node.evm.genesis import Genesis
from node.rollup.service import Node
from node.rpc.server import Server


@dataclass
class RunningNode:
    """A node that serves. `do` runs a function on its event loop."""

    url: str
    node: Node
    server: Server
    loop: asyncio.AbstractEventLoop

    def post(self, body: bytes, **headers: str) -> tuple[int, bytes]:
        """One HTTP POST; (status, body)."""
        return self.http("POST", body, {"Content-Type": "application/json"} | headers)

    def http(
        self, method: str, body: bytes | Iterable[bytes] | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """One HTTP request; (status, body). An iterable is sent in chunks."""
        place = urlsplit(self.url)
        assert place.hostname is not None
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
        try:
            connection.request(method, "/", body, headers)
            reply = connection.getresponse()
            return reply.status, reply.read()
        finally:
            connection.close()

    def ask(self, method: str, *params: Any) -> dict[str, Any]:
        """The whole answer to one call."""
        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        status, body = self.post(json.dumps(call).encode())
        assert status == 200, (status, body)
        answer: dict[str, Any] = json.loads(body)
        assert answer.keys() - {"jsonrpc", "id"} in ({"result"}, {"error"}), answer
        return answer

    def result(self, method: str, *params: Any) -> Any:
        """The result of one call that succeeds."""
        answer = self.ask(method, *params)
        assert "result" in answer, answer
        return answer["result"]

    def error(self, method: str, *params: Any) -> dict[str, Any]:
        """The error of one call that fails."""
        answer = self.ask(method, *params)
        assert "error" in answer, answer
        error: dict[str, Any] = answer["error"]
        return error

    def do(self, action: Callable[[], Any]) -> Any:
        """The result of a function, or of the coroutine it returns, run on the node's loop."""

        async def run() -> Any:
            result = action()
            return await result if asyncio.iscoroutine(result) else result

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(60)

    def seal(self) -> int:
        """Makes a block now; its number."""
        header = self.do(self.node.sequencer.seal)
        number: int = header.number
        return number


@contextmanager
def running(config: NodeConfig, genesis: Genesis) -> Iterator[RunningNode]:
    """A node that is up."""
    node = Node(config, genesis, engine_named(config.engine))
    loop = uvloop.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = Server(node, config.rpc)
    served = RunningNode("", node, server, loop)
    try:
        served.do(node.start)
        served.do(server.start)
        served.url = server.url
        yield served
    finally:
        served.do(server.stop)
        served.do(node.stop)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
