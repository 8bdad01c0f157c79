"""What each kind of parameter accepts, and geth's words for what it does not."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.rpc import codec, params
from node.rpc.codec import BadValue
from node.rpc.registry import METHODS, openrpc
from tests.rpc_server import RunningNode
from tests.unit.rpc.world import ALICE, ECHO, hexed

ALICE_HEX = hexed(ALICE)
HASH = "0x" + "ab" * 32


@pytest.mark.parametrize(
    ("method", "arguments", "message"),
    [
        (
            "eth_getBalance",
            [5],
            "invalid argument 0: json: cannot unmarshal non-string into Go value of type "
            "common.Address",
        ),
        (
            "eth_getBalance",
            [None],
            "invalid argument 0: json: cannot unmarshal non-string into Go value of type "
            "common.Address",
        ),
        (
            "eth_getBalance",
            ["7e5f"],
            "invalid argument 0: json: cannot unmarshal hex string without 0x prefix into Go "
            "value of type common.Address",
        ),
        (
            "eth_getBalance",
            ["0x7e5"],
            "invalid argument 0: json: cannot unmarshal hex string of odd length into Go value of "
            "type common.Address",
        ),
        (
            "eth_getBalance",
            ["0x7e5f"],
            "invalid argument 0: hex string has length 4, want 40 for common.Address",
        ),
        (
            "eth_getBalance",
            ["0x" + "zz" * 20],
            "invalid argument 0: json: cannot unmarshal invalid hex string into Go value of type "
            "common.Address",
        ),
        (
            "eth_getBalance",
            [ALICE_HEX, "1"],
            "invalid argument 1: hex string without 0x prefix",
        ),
        (
            "eth_getBalance",
            [ALICE_HEX, "0x01"],
            "invalid argument 1: hex number with leading zero digits",
        ),
        ("eth_getBalance", [ALICE_HEX, "0x"], 'invalid argument 1: hex string "0x"'),
        ("eth_getBalance", [ALICE_HEX, ""], "invalid argument 1: empty hex string"),
        ("eth_getCode", [ALICE_HEX, "new"], "invalid argument 1: hex string without 0x prefix"),
        (
            "eth_getBalance",
            [ALICE_HEX, "0x10000000000000000"],
            "invalid argument 1: hex number > 64 bits",
        ),
        (
            "eth_getBalance",
            [ALICE_HEX, "0x8000000000000000"],
            "invalid argument 1: block number larger than int64",
        ),
        (
            "eth_getBalance",
            [ALICE_HEX, {"blockNumber": "0x0", "blockHash": HASH}],
            "invalid argument 1: cannot specify both BlockHash and BlockNumber, choose one or "
            "the other",
        ),
        ("eth_getBlockByNumber", [3], "invalid argument 0: hex string without 0x prefix"),
        (
            "eth_getBlockByNumber",
            ["0x0", "yes"],
            "invalid argument 1: json: cannot unmarshal string into Go value of type bool",
        ),
        (
            "eth_getTransactionByHash",
            ["0x" + "ab" * 31],
            "invalid argument 0: hex string has length 62, want 64 for common.Hash",
        ),
        (
            "eth_call",
            [[]],
            "invalid argument 0: json: cannot unmarshal array into Go value of type "
            "TransactionArgs",
        ),
        (
            "eth_call",
            [{"gas": "5"}],
            "invalid argument 0: json: cannot unmarshal hex string without 0x prefix into Go "
            "struct field TransactionArgs.gas of type hexutil.Uint64",
        ),
        (
            "eth_call",
            [{"to": "0x12"}],
            "invalid argument 0: hex string has length 2, want 40 for common.Address",
        ),
        (
            "eth_sendRawTransaction",
            ["f86c"],
            "invalid argument 0: json: cannot unmarshal hex string without 0x prefix into Go "
            "value of type hexutil.Bytes",
        ),
        (
            "eth_getStorageAt",
            [ALICE_HEX, "0xzz"],
            'invalid hex in storage key: "0xzz"',
        ),
        (
            "eth_getStorageAt",
            [ALICE_HEX, "0x" + "0" * 65],
            f'storage key too long (want at most 32 bytes): "0x{"0" * 65}"',
        ),
        (
            "eth_getProof",
            [ALICE_HEX, ["0x0"] * 1025],
            "too many storage keys requested (max 1024, got 1025)",
        ),
        ("eth_getStorageValues", [{}], "empty request"),
        ("eth_getLogs", [{"topics": [None] * 5}], "exceed max topics"),
        (
            "eth_getLogs",
            [{"address": [ALICE_HEX] * 1001}],
            "exceed max addresses or topics per search position",
        ),
        (
            "eth_getLogs",
            [{"blockHash": HASH, "fromBlock": "0x0"}],
            "invalid argument 0: cannot specify both BlockHash and FromBlock/ToBlock, choose one "
            "or the other",
        ),
        ("eth_getLogs", [{"fromBlock": "0x5", "toBlock": "0x4"}], "invalid block range params"),
        ("eth_getLogs", [{"toBlock": "0x99"}], "block range extends beyond current head block"),
        (
            "debug_traceCall",
            [{"to": hexed(ECHO)}, "latest", {"tracer": "prestatetracer"}],
            None,
        ),
    ],
)  # fmt: skip
def test_bad_parameters_are_minus_32602(
    served: RunningNode, method: str, arguments: list[Any], message: str | None
) -> None:
    error = served.error(method, *arguments)
    assert error["code"] == -32602
    if message is not None:
        assert error["message"] == message


def test_too_many_slots_have_a_code_of_their_own(served: RunningNode) -> None:
    slots = ["0x" + "00" * 32] * 1025
    error = served.error("eth_getStorageValues", {ALICE_HEX: slots})
    assert error == {"code": -38026, "message": "too many slots (max 1024)"}


@given(st.integers(0, 2**256 - 1))
def test_quantities_read_back(value: int) -> None:
    assert codec.parse_quantity(codec.quantity(value)) == value


@given(st.binary(max_size=100))
def test_data_reads_back(value: bytes) -> None:
    assert codec.parse_data(codec.data(value)) == value


@given(st.text(max_size=80) | st.integers() | st.none() | st.lists(st.integers(), max_size=2))
def test_parsers_raise_nothing_but_bad_value(value: Any) -> None:
    kinds = [codec.QUANTITY, codec.DATA, codec.HASH, codec.ADDRESS, codec.SLOT, codec.UINT64]
    kinds += [codec.UINT64_OR_NUMBER, codec.BOOL, params.BLOCK_REF, params.TRANSACTION]
    for kind in [*kinds, params.FILTER, params.STATE_OVERRIDES, params.TRACE_OPTIONS]:
        with suppress(BadValue):
            kind.parse(value)


def test_a_number_of_many_decimal_digits_is_refused_quickly() -> None:
    with pytest.raises(BadValue):
        codec.parse_uint64_or_number("9" * 100_000)


def test_checksums_are_those_of_eip_55() -> None:
    for address in (
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ):
        assert codec.checksum_address(bytes.fromhex(address[2:])) == address


def test_the_openrpc_document_has_every_method_with_its_parameters(served: RunningNode) -> None:
    document = served.result("rpc.discover")
    by_name = {entry["name"]: entry for entry in document["methods"]}
    assert {"eth_call", "eth_getProof", "net_version", "debug_traceCall"} <= by_name.keys()
    assert not any(name.startswith(("internal_", "evm_", "anvil_")) for name in by_name)
    balance = by_name["eth_getBalance"]
    assert [(p["name"], p["required"]) for p in balance["params"]] == [
        ("address", True),
        ("block", False),
    ]
    assert balance["params"][0]["schema"]["pattern"] == "^0x[0-9a-fA-F]{40}$"
    assert balance["summary"] == "The balance of an account in wei."


def test_every_method_says_what_it_does_and_returns() -> None:
    for entry in openrpc(METHODS, "t", "v")["methods"]:
        assert entry["summary"].endswith("."), entry["name"]
        assert entry["result"]["name"], entry["name"]
