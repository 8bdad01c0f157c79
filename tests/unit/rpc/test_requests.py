"""Requests, batches and notifications: every way to be malformed, and what is answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.config import RpcConfig
from node.evm.genesis import Genesis
from node.rpc import dispatch
from node.rpc.registry import METHODS
from tests.rpc_server import RunningNode, running
from tests.unit.rpc.conftest import node_config
from tests.unit.rpc.world import ALICE, NAMESPACES, hexed

INVALID = {"code": -32600, "message": "invalid request"}


def _answer(node: RunningNode, body: Any) -> Any:
    status, answer = node.post(body if isinstance(body, bytes) else json.dumps(body).encode())
    assert status == 200
    return json.loads(answer) if answer else None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{]",
        b"nope",
        b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"',
        b"\xff\xfe\x00",
        b'{"id":1}}',
        b'{"jsonrpc":"2.0","id":NaN,"method":"eth_chainId"}',
        b"[" * 100_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_not_json_is_a_parse_error(served: RunningNode, body: bytes) -> None:
    error = {"code": -32700, "message": "parse error"}
    assert _answer(served, body) == {"jsonrpc": "2.0", "id": None, "error": error}


@pytest.mark.parametrize(
    ("body", "answered_id"),
    [
        (1, None),
        ("eth_chainId", None),
        (None, None),
        ({}, None),
        ({"jsonrpc": "2.0", "id": 1}, 1),
        ({"jsonrpc": "1.0", "id": 1, "method": "eth_chainId"}, 1),
        ({"id": 7, "method": "eth_chainId"}, 7),
        ({"jsonrpc": "2.0", "id": 1, "method": 5}, 1),
        ({"jsonrpc": "2.0", "id": 1, "method": ""}, 1),
        ({"jsonrpc": "2.0", "id": {}, "method": "eth_chainId"}, None),
        ({"jsonrpc": "2.0", "id": [1], "method": "eth_chainId"}, None),
        ({"jsonrpc": 2.0, "id": "x", "method": "eth_chainId"}, "x"),
    ],
)
def test_what_is_no_request_is_invalid(served: RunningNode, body: Any, answered_id: Any) -> None:
    assert _answer(served, body) == {"jsonrpc": "2.0", "id": answered_id, "error": INVALID}


@pytest.mark.parametrize("call_id", [0, -1, 2**53, 1.5, "", "a", None, True])
def test_the_id_comes_back_as_it_was(served: RunningNode, call_id: Any) -> None:
    call = {"jsonrpc": "2.0", "id": call_id, "method": "eth_chainId"}
    assert _answer(served, call) == {"jsonrpc": "2.0", "id": call_id, "result": "0x539"}


def test_a_notification_is_not_answered(served: RunningNode) -> None:
    assert _answer(served, {"jsonrpc": "2.0", "method": "eth_chainId"}) is None
    assert _answer(served, {"jsonrpc": "2.0", "method": "nope"}) is None


@pytest.mark.parametrize(
    "name",
    [
        "nope",
        "eth_nope",
        "eth_sendTransaction",
        "eth_sign",
        "eth_requestAccounts",
        "wallet_addEthereumChain",
        "personal_unlockAccount",
        "admin_peers",
        "internal_receipt",
        "eth_CHAINID",
        "__class__",
    ],
)
def test_an_unknown_method_is_named_in_geths_words(served: RunningNode, name: str) -> None:
    message = f"the method {name} does not exist/is not available"
    assert served.error(name) == {"code": -32601, "message": message}


def test_subscriptions_need_a_connection(served: RunningNode) -> None:
    error = {"code": -32601, "message": "notifications not supported"}
    assert served.error("eth_subscribe", "newHeads") == error
    assert served.error("eth_unsubscribe", "0x1") == error


def test_an_empty_batch_is_one_error(served: RunningNode) -> None:
    error = {"code": -32600, "message": "empty batch"}
    assert _answer(served, []) == {"jsonrpc": "2.0", "id": None, "error": error}


def test_a_batch_is_answered_in_order_without_its_notifications(served: RunningNode) -> None:
    batch = [
        {"jsonrpc": "2.0", "id": 2, "method": "eth_chainId"},
        {"jsonrpc": "2.0", "method": "eth_chainId"},
        7,
        {"jsonrpc": "2.0", "id": "b", "method": "nope"},
        {"jsonrpc": "2.0", "id": 1, "method": "net_version"},
    ]
    first, second, third, fourth = _answer(served, batch)
    assert first == {"jsonrpc": "2.0", "id": 2, "result": "0x539"}
    assert second == {"jsonrpc": "2.0", "id": None, "error": INVALID}
    assert (third["id"], third["error"]["code"]) == ("b", -32601)
    assert fourth == {"jsonrpc": "2.0", "id": 1, "result": "1337"}


def test_a_batch_of_notifications_is_not_answered(served: RunningNode) -> None:
    assert _answer(served, [{"jsonrpc": "2.0", "method": "eth_chainId"}] * 3) is None


def test_a_thousand_calls_are_a_batch_and_one_more_is_too_large(served: RunningNode) -> None:
    calls = [{"jsonrpc": "2.0", "id": n, "method": "eth_chainId"} for n in range(1001)]
    assert [entry["id"] for entry in _answer(served, calls[:1000])] == list(range(1000))
    error = {"code": -32600, "message": "batch too large"}
    assert _answer(served, calls) == [{"jsonrpc": "2.0", "id": 0, "error": error}]


@pytest.mark.parametrize("params", [{"address": "0x"}, "0x", 1, True])
def test_parameters_by_name_are_refused(served: RunningNode, params: Any) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "eth_getBalance", "params": params}
    error = {"code": -32602, "message": "non-array args"}
    assert _answer(served, call) == {"jsonrpc": "2.0", "id": 1, "error": error}


def test_missing_and_surplus_arguments_are_counted(served: RunningNode) -> None:
    assert served.error("eth_getBalance") == {
        "code": -32602,
        "message": "missing value for required argument 0",
    }
    assert served.error("eth_chainId", 1) == {
        "code": -32602,
        "message": "too many arguments, want at most 0",
    }


def test_an_explicit_null_takes_the_default(served: RunningNode) -> None:
    assert served.result("eth_getBalance", hexed(ALICE), None) == hex(1_000 * 10**18)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, genesis: Genesis) -> Iterator[RunningNode]:
    """A node with a response limit of 3,000 bytes."""
    rpc = RpcConfig(port=0, workers=0, namespaces=NAMESPACES, max_response_bytes=3_000)
    with running(node_config(tmp_path_factory.mktemp("small"), rpc), genesis) as node:
        yield node


def test_a_batch_stops_where_its_answers_grow_too_large(small: RunningNode) -> None:
    call = {"jsonrpc": "2.0", "method": "eth_getBlockByNumber", "params": ["0x0"]}
    answers = _answer(small, [call | {"id": n} for n in range(5)])
    error = {"code": -32003, "message": "response too large"}
    assert ["result" in answer for answer in answers] == [True, True, False, False, False]
    assert answers[4] == {"jsonrpc": "2.0", "id": 4, "error": error}


def test_one_answer_above_the_limit_is_refused(small: RunningNode) -> None:
    error = small.error("eth_call", {"to": hexed(b"\xe0" * 20), "data": "0x" + "ab" * 2_000})
    assert error == {"code": -32003, "message": "response too large"}


def test_calls_of_a_batch_that_do_not_start_in_time_are_refused(
    served: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "_REQUEST_TIME_S", -1.0)
    calls = [{"jsonrpc": "2.0", "id": n, "method": "eth_chainId"} for n in range(2)]
    error = {"code": -32002, "message": "request timed out"}
    answers = _answer(served, calls)
    assert answers == [{"jsonrpc": "2.0", "id": n, "error": error} for n in range(2)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=70),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)
HEX = st.integers(0, 2**270).map(hex) | st.binary(max_size=40).map(lambda b: "0x" + b.hex())
VALUES = JSON | HEX | st.sampled_from(["latest", "pending", "0x", "0x0", hexed(ALICE)])
FIELDS = st.sampled_from([
    "from", "to", "gas", "gasPrice", "value", "data",
    "input", "nonce", "accessList", "fromBlock", "toBlock", "address",
    "topics", "blockHash", "tracer", "tracerConfig", "stateDiff", "time",
])  # fmt: skip
PARAMS = st.lists(VALUES | st.dictionaries(FIELDS, VALUES, max_size=4), max_size=4)
SAFE = sorted(name for name in METHODS if name.partition("_")[0] in NAMESPACES)


def _is_response(answer: Any) -> bool:
    if not isinstance(answer, dict) or answer.get("jsonrpc") != "2.0" or "id" not in answer:
        return False
    if ("result" in answer) == ("error" in answer):
        return False
    error = answer.get("error")
    return error is None or (
        isinstance(error["code"], int)
        and isinstance(error["message"], str)
        and "Traceback" not in error["message"]
    )


@settings(max_examples=150, deadline=None)
@given(body=JSON | st.lists(JSON, max_size=3))
def test_any_json_gets_a_response(served: RunningNode, body: Any) -> None:
    answer = _answer(served, body)
    assert all(map(_is_response, answer if isinstance(answer, list) else [answer]))


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=200))
def test_any_bytes_get_a_response(served: RunningNode, body: bytes) -> None:
    assert _is_response(_answer(served, body))


@settings(max_examples=400, deadline=None)
@given(name=st.sampled_from(SAFE), params=PARAMS)
def test_any_parameters_get_a_response(served: RunningNode, name: str, params: list[Any]) -> None:
    answer = _answer(served, {"jsonrpc": "2.0", "id": 1, "method": name, "params": params})
    assert _is_response(answer)
    assert answer.get("error", {}).get("code") != -32603, answer
