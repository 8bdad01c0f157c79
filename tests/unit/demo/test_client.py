"""The RPC client against a real HTTP server, mostly one that misbehaves."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from node.errors import ConfigError, Unavailable
from node.rpc.client import MAX_BATCH, Rpc


class Server(ThreadingHTTPServer):
    """Answers every batch by `reply`, a function of the requests; counts them."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.batches = []
        self.reply = lambda requests: [
            {"jsonrpc": "2.0", "id": r["id"], "result": r["params"]} for r in requests
        ]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        requests = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.batches.append(len(requests))
        reply = self.server.reply(requests)
        body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def rpc(server):
    with Rpc(server.url) as rpc:
        yield rpc


def test_results_keep_the_order_of_the_calls(server, rpc):
    plain = server.reply
    server.reply = lambda requests: plain(requests)[::-1]
    assert rpc.batch([("a", [1]), ("b", [2]), ("c", [3])]) == [[1], [2], [3]]
    assert rpc.call("a", 1, "two") == [1, "two"]


def test_long_batches_are_cut(server, rpc):
    calls = [("a", [n]) for n in range(2 * MAX_BATCH + 1)]
    assert rpc.batch(calls) == [[n] for n in range(2 * MAX_BATCH + 1)]
    assert server.batches == [MAX_BATCH, MAX_BATCH, 1]


def test_errors_name_method_and_reason(server, rpc):
    server.reply = lambda _: [{"id": 0, "error": {"code": -32000, "message": "nonce too low"}}]
    with pytest.raises(Unavailable, match=r"eth_x failed: nonce too low \(code -32000\)"):
        rpc.call("eth_x")


@pytest.mark.parametrize(
    ("reply", "status", "message"),
    [
        (b"<html>", 200, "answered no JSON: b'<html>'"),
        (b"busy", 503, "HTTP 503: b'busy'"),
        ({"error": {"code": -32600}}, 200, "a batch was answered with"),
        ([], 200, "eth_x was not answered"),
    ],
)
def test_other_answers_are_errors_too(server, rpc, reply, status, message):
    server.reply, server.status = lambda _: reply, status
    with pytest.raises(Unavailable, match=message):
        rpc.call("eth_x")


def test_nobody_listens(unused_tcp_port):
    with (
        Rpc(f"http://127.0.0.1:{unused_tcp_port}") as rpc,
        pytest.raises(Unavailable, match=r"does not answer .* is the node running\?"),
    ):
        rpc.call("eth_chainId")


@pytest.mark.parametrize("url", ["localhost:8545", "ws://localhost:8545", "", "http://"])
def test_only_http_urls(url):
    with pytest.raises(ConfigError, match="expected http://host:port"):
        Rpc(url)
