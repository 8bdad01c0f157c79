"""HTTP: statuses, content types, host names, cross-origin headers, sizes."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from node.config import RpcConfig
from node.evm.genesis import Genesis
from tests.rpc_server import RunningNode, running
from tests.unit.rpc.conftest import node_config

CALL = b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/json-rpc",
        "application/jsonrequest",
    ],
)
def test_content_types_of_json_are_served(served: RunningNode, content_type: str) -> None:
    status, body = served.http("POST", CALL, {"Content-Type": content_type})
    assert (status, json.loads(body)) == (200, {"jsonrpc": "2.0", "id": 1, "result": "0x539"})


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "", "application/jsonx"])
def test_other_content_types_are_415(served: RunningNode, content_type: str) -> None:
    status, body = served.http("POST", CALL, {"Content-Type": content_type})
    assert status == 415
    assert body == b"invalid content type, only application/json is supported\n"


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_put_and_delete_are_405(served: RunningNode, method: str) -> None:
    assert served.http(method, CALL, JSON) == (405, b"method not allowed\n")


def test_get_without_a_body_is_an_empty_200_for_load_balancers(served: RunningNode) -> None:
    assert served.http("GET", None, {}) == (200, b"")


def test_a_failed_call_is_still_http_200(served: RunningNode) -> None:
    status, body = served.post(b'{"jsonrpc":"2.0","id":1,"method":"nope"}')
    assert status == 200
    assert json.loads(body)["error"]["code"] == -32601


def test_a_body_above_five_mebibytes_is_413(served: RunningNode) -> None:
    size = 5 * 2**20 + 1
    status, body = served.post(b" " * size)
    assert (status, body) == (413, f"content length too large ({size}>{5 * 2**20})\n".encode())


def test_a_body_above_the_limit_in_chunks_is_413(served: RunningNode) -> None:
    chunks = (b" " * 2**20 for _ in range(6))
    status, _ = served.http("POST", chunks, JSON)
    assert status == 413


def test_a_body_of_just_the_limit_is_read(served: RunningNode) -> None:
    status, body = served.post(CALL + b" " * (5 * 2**20 - len(CALL)))
    assert status == 200
    assert json.loads(body)["result"] == "0x539"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8545", "localhost.evil.example"])
def test_unknown_host_names_are_403(served: RunningNode, host: str) -> None:
    assert served.post(CALL, Host=host) == (403, b"invalid host specified\n")


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8545", "127.0.0.1", "192.168.1.7:80", "[::1]:8545", "[::1]"]
)
def test_configured_names_and_addresses_are_served(served: RunningNode, host: str) -> None:
    assert served.post(CALL, Host=host)[0] == 200


@pytest.fixture(scope="module")
def open_node(tmp_path_factory: pytest.TempPathFactory, genesis: Genesis) -> Iterator[RunningNode]:
    rpc = RpcConfig(port=0, workers=0, vhosts=("*",), cors=("https://dapp.example",))
    with running(node_config(tmp_path_factory.mktemp("open"), rpc), genesis) as node:
        yield node


def _headers(node: RunningNode, method: str, headers: dict[str, str]) -> dict[str, str]:
    place = urlsplit(node.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    connection.request(method, "/", CALL if method == "POST" else None, headers)
    reply = connection.getresponse()
    reply.read()
    connection.close()
    return {key.lower(): value for key, value in reply.getheaders()}


def test_any_host_name_is_served_where_the_list_has_a_star(open_node: RunningNode) -> None:
    assert open_node.post(CALL, Host="evil.example")[0] == 200


def test_a_listed_origin_is_allowed(open_node: RunningNode) -> None:
    headers = _headers(open_node, "POST", JSON | {"Origin": "https://dapp.example"})
    assert headers["access-control-allow-origin"] == "https://dapp.example"


def test_preflight_of_a_listed_origin_allows_its_headers(open_node: RunningNode) -> None:
    asked = {"Origin": "https://dapp.example", "Access-Control-Request-Headers": "content-type"}
    headers = _headers(open_node, "OPTIONS", asked)
    assert headers["access-control-allow-headers"] == "content-type"
    assert headers["access-control-allow-methods"] == "POST, GET"


def test_another_origin_gets_no_permission(open_node: RunningNode, served: RunningNode) -> None:
    other = JSON | {"Origin": "https://evil.example"}
    for node in (open_node, served):
        assert "access-control-allow-origin" not in _headers(node, "POST", other)


def test_namespaces_that_are_not_configured_are_absent(open_node: RunningNode) -> None:
    error = open_node.error("debug_getRawHeader", "0x0")
    assert error == {
        "code": -32601,
        "message": "the method debug_getRawHeader does not exist/is not available",
    }
