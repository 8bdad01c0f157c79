from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from node.crypto import keccak256
from node.errors import InvalidInput
from node.evm.engine import CallRequest
from node.evm.forks import Fork
from node.evm.interpreter.messages import create_address
from node.evm.tracing.base import ResultTracer
from node.evm.tracing.registry import named_tracer, struct_log_tracer
from node.evm.tracing.revert import revert_reason
from tests.unit.evm.programs import (
    ADD,
    CALL,
    COINBASE,
    CONTRACT,
    CREATE,
    DELEGATECALL,
    GAS,
    INVALID,
    LOG1,
    MSTORE,
    OTHER,
    POP,
    RETURN,
    REVERT,
    SELFDESTRUCT,
    SENDER,
    SLOAD,
    SSTORE,
    STATICCALL,
    STOP,
    asm,
    call_to,
    op,
    open_session,
    push,
    transaction,
)

pytestmark = pytest.mark.usefixtures("each_engine")

SENDER_HEX, CONTRACT_HEX, OTHER_HEX = (f"0x{a.hex()}" for a in (SENDER, CONTRACT, OTHER))
COUNT = asm(op(SLOAD, 0), push(1), ADD, push(0), SSTORE)


def trace(
    tracer: ResultTracer, codes: dict[bytes, bytes], fork: Fork = Fork.OSAKA, **changes: Any
) -> Any:
    """A transaction to CONTRACT under a tracer."""
    session = open_session(codes, fork=fork)
    session.transact(transaction(**changes), tracer)
    return tracer.result()


def struct_logs(codes: dict[bytes, bytes], **options: Any) -> Any:
    return trace(struct_log_tracer(options), codes)


def named(
    name: str, codes: dict[bytes, bytes], options: Mapping[str, Any] = {}, **changes: Any
) -> Any:
    return trace(named_tracer(name, options), codes, **changes)


def test_struct_logs_have_geths_shape() -> None:
    result = struct_logs({CONTRACT: asm(push(47), push(0), POP, STOP)})
    assert result == {
        "gas": 21_007,
        "failed": False,
        "returnValue": "0x",
        "structLogs": [
            {"pc": 0, "op": "PUSH1", "gas": 179_000, "gasCost": 3, "depth": 1, "stack": []},
            {"pc": 2, "op": "PUSH0", "gas": 178_997, "gasCost": 2, "depth": 1, "stack": ["0x2f"]},
            {"pc": 3, "op": "POP", "gas": 178_995, "gasCost": 2, "depth": 1,
             "stack": ["0x2f", "0x0"]},
            {"pc": 4, "op": "STOP", "gas": 178_993, "gasCost": 0, "depth": 1, "stack": ["0x2f"]},
        ],
    }  # fmt: skip


def test_struct_logs_show_storage_and_refund() -> None:
    logs = struct_logs({CONTRACT: asm(COUNT, op(SSTORE, 0, 0), op(SLOAD, 7))})["structLogs"]
    touched = [(log["op"], log["storage"]) for log in logs if "storage" in log]
    zero, seven = f"0x{0:064x}", f"0x{7:064x}"
    assert touched == [
        ("SLOAD", {zero: zero}),
        ("SSTORE", {zero: f"0x{1:064x}"}),
        ("SSTORE", {zero: zero}),
        ("SLOAD", {zero: zero, seven: zero}),
    ]
    assert logs[-2]["refund"] == 19_900
    assert "refund" not in logs[0]


def test_struct_log_options() -> None:
    codes = {CONTRACT: asm(op(MSTORE, 0, 1), call_to(OTHER), STOP), OTHER: op(REVERT, 0, 32)}
    plain = struct_logs(codes)["structLogs"]
    assert all("memory" not in log and "returnData" not in log for log in plain)
    full = struct_logs(
        codes, enableMemory=True, enableReturnData=True, disableStack=True, disableStorage=True
    )["structLogs"]
    assert all("stack" not in log and "storage" not in log for log in full)
    assert full[-1]["memory"] == [f"0x{1:064x}"]
    assert full[-1]["returnData"] == "0x" + "00" * 32
    assert [log["depth"] for log in full if log["op"] == "REVERT"] == [2]
    assert len(struct_logs(codes, limit=2)["structLogs"]) == 2


def test_a_call_costs_what_it_forwards() -> None:
    logs = struct_logs({CONTRACT: asm(call_to(OTHER, gas=5_000), STOP), OTHER: asm(STOP)})
    call = next(log for log in logs["structLogs"] if log["op"] == "CALL")
    assert call["gasCost"] == 2_600 + 5_000


def test_struct_logs_name_what_failed_before_it_executed() -> None:
    failed = struct_logs({CONTRACT: asm(ADD)})
    assert failed["failed"]
    assert failed["returnValue"] == "0x"
    assert failed["structLogs"][-1]["error"] == "stack underflow (0 <=> 2)"
    invalid = struct_logs({CONTRACT: asm(INVALID)})
    assert invalid["failed"]
    assert invalid["structLogs"][-1]["op"] == "INVALID"
    assert "error" not in invalid["structLogs"][-1]


def test_call_frames() -> None:
    codes = {
        CONTRACT: asm(
            call_to(OTHER, value=0),
            op(STATICCALL, 50_000, OTHER, 0, 4, 0, 0),
            op(DELEGATECALL, 50_000, OTHER, 0, 0, 0, 0),
        ),
        OTHER: asm(op(MSTORE, 0, 5), op(RETURN, 31, 1)),
    }
    result = named("callTracer", codes)
    assert {key: result[key] for key in ("type", "from", "to", "gas", "value", "input")} == {
        "type": "CALL",
        "from": SENDER_HEX,
        "to": CONTRACT_HEX,
        "gas": hex(200_000),
        "value": "0x0",
        "input": "0x",
    }
    assert [call["type"] for call in result["calls"]] == ["CALL", "STATICCALL", "DELEGATECALL"]
    assert [call["input"] for call in result["calls"]] == ["0x", "0x00000000", "0x"]
    assert all(call["from"] == CONTRACT_HEX and call["to"] == OTHER_HEX for call in result["calls"])
    assert all(call["output"] == "0x05" for call in result["calls"])
    assert "value" not in result["calls"][1]
    assert "output" not in result
    assert "error" not in result
    only = named("callTracer", codes, {"onlyTopCall": True})
    assert "calls" not in only
    assert only["gasUsed"] == result["gasUsed"]


def test_calls_that_cannot_start_are_listed() -> None:
    result = named("callTracer", {CONTRACT: call_to(OTHER, value=1)})
    (call,) = result["calls"]
    assert call["error"] == "insufficient balance for transfer"
    assert call["gasUsed"] == "0x0"
    result = named("callTracer", {CONTRACT: op(CREATE, 1, 0, 0)})
    (call,) = result["calls"]
    assert (call["type"], call["error"]) == ("CREATE", "insufficient balance for transfer")
    assert "to" not in call


def test_traces_as_deep_as_calls_go() -> None:
    codes = {CONTRACT: asm(push(0) * 5, push(CONTRACT), GAS, CALL)}
    request = CallRequest(SENDER, CONTRACT, 0, b"", 10**15)
    for name in ("callTracer", "flatCallTracer"):
        tracer = named_tracer(name, {})
        assert open_session(codes).call(request, tracer).success
        for _ in range(2):
            encoded = orjson.dumps(tracer.result())
            assert encoded.count(b'"input"') == 1_026
            assert encoded.count(b"max call depth exceeded") == 1


def test_logs_of_failed_calls_vanish() -> None:
    codes = {
        CONTRACT: asm(op(LOG1, 0, 0, 7), call_to(OTHER), op(LOG1, 0, 0, 8)),
        OTHER: asm(op(LOG1, 0, 0, 9), INVALID),
    }
    result = named("callTracer", codes, {"withLog": True})
    assert [(log["topics"], log["position"]) for log in result["logs"]] == [
        ([f"0x{7:064x}"], "0x0"),
        ([f"0x{8:064x}"], "0x1"),
    ]
    assert "logs" not in result["calls"][0]
    assert result["calls"][0]["error"] == "invalid opcode: INVALID"


def test_selfdestruct_is_a_call() -> None:
    result = named("callTracer", {CONTRACT: op(SELFDESTRUCT, OTHER)}, value=9)
    (call,) = result["calls"]
    assert (call["type"], call["to"], call["value"]) == ("SELFDESTRUCT", OTHER_HEX, "0x9")


def solidity_error(text: bytes) -> bytes:
    return (
        bytes.fromhex("08c379a0")
        + (32).to_bytes(32)
        + len(text).to_bytes(32)
        + text.ljust(-len(text) % 32 + len(text), b"\0")
    )


def test_revert_reasons() -> None:
    assert revert_reason(solidity_error(b"too late")) == "too late"
    panic = bytes.fromhex("4e487b71")
    assert revert_reason(panic + (0x11).to_bytes(32)) == "arithmetic underflow or overflow"
    assert revert_reason(panic + (0x99).to_bytes(32)) == "unknown panic code: 0x99"
    for broken in (b"", b"\x01", panic, solidity_error(b"x" * 40)[:80]):
        assert revert_reason(broken) is None
    assert revert_reason(bytes.fromhex("08c379a0") + b"\xff" * 64) is None


def test_a_revert_names_its_reason() -> None:
    reason = solidity_error(b"no")
    words = [reason[i : i + 32].ljust(32, b"\0") for i in range(0, len(reason), 32)]
    code = asm(
        *(op(MSTORE, 32 * i, word) for i, word in enumerate(words)), op(REVERT, 0, len(reason))
    )
    result = named("callTracer", {CONTRACT: code})
    assert result["error"] == "execution reverted"
    assert result["revertReason"] == "no"
    assert result["output"] == "0x" + reason.hex()


def test_prestate_is_what_was_there() -> None:
    codes = {CONTRACT: asm(COUNT, call_to(OTHER)), OTHER: asm(STOP)}
    result = named("prestateTracer", codes)
    assert result == {
        SENDER_HEX: {"balance": hex(10**24)},
        CONTRACT_HEX: {
            "balance": "0x0",
            "nonce": 1,
            "code": "0x" + codes[CONTRACT].hex(),
            "codeHash": "0x" + keccak256(codes[CONTRACT]).hex(),
            "storage": {f"0x{0:064x}": f"0x{0:064x}"},
        },
        OTHER_HEX: {
            "balance": "0x0",
            "nonce": 1,
            "code": "0x00",
            "codeHash": "0x" + keccak256(b"\0").hex(),
        },
    }
    bare = named("prestateTracer", codes, {"disableCode": True, "disableStorage": True})
    assert bare[CONTRACT_HEX].keys() == {"balance", "nonce", "codeHash"}
    empty = named("prestateTracer", codes, {"includeEmpty": True})
    assert empty[f"0x{COINBASE.hex()}"] == {"balance": "0x0"}


def test_the_difference_a_transaction_makes() -> None:
    result = named("prestateTracer", {CONTRACT: COUNT}, {"diffMode": True})
    assert result["post"][CONTRACT_HEX] == {"storage": {f"0x{0:064x}": f"0x{1:064x}"}}
    assert "storage" not in result["pre"][CONTRACT_HEX]
    assert result["post"][SENDER_HEX].keys() == {"balance", "nonce"}
    assert f"0x{COINBASE.hex()}" in result["post"]
    assert f"0x{COINBASE.hex()}" not in result["pre"]


def test_the_difference_of_a_creation_and_a_deletion() -> None:
    initcode = asm(op(MSTORE, 0, 0x00), op(RETURN, 31, 1))
    result = named("prestateTracer", {}, {"diffMode": True}, to=None, data=initcode)
    created = f"0x{create_address(SENDER, 0).hex()}"
    assert result["post"][created]["code"] == "0x00"
    assert created not in result["pre"]
    gone = named(
        "prestateTracer", {CONTRACT: op(SELFDESTRUCT, OTHER)}, {"diffMode": True}, fork=Fork.PARIS
    )
    assert CONTRACT_HEX in gone["pre"]
    assert CONTRACT_HEX not in gone["post"]


def test_what_could_not_be_paid_was_not_touched() -> None:
    code = asm(op(0x31, 77))
    assert f"0x{77:040x}" not in named("prestateTracer", {CONTRACT: code}, gas_limit=21_100)
    including = {"includeEmpty": True}
    assert f"0x{77:040x}" in named("prestateTracer", {CONTRACT: code}, including)
    assert f"0x{77:040x}" not in named(
        "prestateTracer", {CONTRACT: code}, including, gas_limit=21_100
    )


def test_flat_calls() -> None:
    codes = {
        CONTRACT: asm(call_to(OTHER), op(STATICCALL, 50_000, 4, 0, 0, 0, 0), op(CREATE, 0, 0, 0)),
        OTHER: asm(op(SELFDESTRUCT, SENDER)),
    }
    result = named("flatCallTracer", codes)
    assert [(item["type"], item["traceAddress"], item["subtraces"]) for item in result] == [
        ("call", [], 2),
        ("call", [0], 1),
        ("suicide", [0, 0], 0),
        ("create", [1], 0),
    ]
    assert result[2]["action"] == {
        "address": OTHER_HEX,
        "balance": "0x0",
        "refundAddress": SENDER_HEX,
    }
    assert result[3]["action"]["creationMethod"] == "create"
    assert result[3]["result"].keys() == {"gasUsed", "code", "address"}
    assert {item["blockNumber"] for item in result} == {300}
    assert len(named("flatCallTracer", codes, {"includePrecompiles": True})) == 5


@pytest.mark.parametrize(
    ("code", "error", "parity"),
    [
        (asm(ADD), "stack underflow (0 <=> 2)", "Stack underflow"),
        (asm(INVALID), "invalid opcode: INVALID", "Bad instruction"),
        (op(REVERT, 0, 0), "execution reverted", "Reverted"),
    ],
)
def test_flat_errors_in_parity_words(code: bytes, error: str, parity: str) -> None:
    (item,) = named("flatCallTracer", {CONTRACT: code})
    assert item["error"] == error
    assert ("result" in item) == (error == "execution reverted")
    (item,) = named("flatCallTracer", {CONTRACT: code}, {"convertParityErrors": True})
    assert item["error"] == parity


def test_several_tracers_at_once() -> None:
    codes = {CONTRACT: asm(COUNT, op(LOG1, 0, 0, 1), call_to(OTHER)), OTHER: asm(STOP)}
    options = {"callTracer": {"withLog": True}, "prestateTracer": {}, "4byteTracer": {}}
    result = named("muxTracer", codes, options)
    assert result == {name: named(name, codes, inner) for name, inner in options.items()}
    with pytest.raises(InvalidInput, match="muxTracer: expected options of a tracer"):
        named_tracer("muxTracer", {"muxTracer": {}})


def test_four_byte_counts() -> None:
    codes = {CONTRACT: asm(op(STATICCALL, 50_000, OTHER, 0, 36, 0, 0),
                           op(STATICCALL, 50_000, 4, 0, 36, 0, 0))}  # fmt: skip
    result = named("4byteTracer", codes, data=b"\x12\x34\x56\x78" + bytes(64))
    assert result == {"0x12345678-64": 1, "0x00000000-32": 1}


def test_the_noop_tracer_sees_nothing() -> None:
    assert named("noopTracer", {CONTRACT: COUNT}) == {}


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("jsTracer", {}, "tracer 'jsTracer' not found"),
        ("callTracer", {"withLog": 1}, "tracer option withLog: expected true or false, got 1"),
        ("prestateTracer", {"diffMode": True, "includeEmpty": True}, "cannot use diffMode"),
    ],
)
def test_wrong_options(name: str, options: Any, text: str) -> None:
    with pytest.raises(InvalidInput, match=text):
        named_tracer(name, options)


def test_a_wrong_limit() -> None:
    with pytest.raises(InvalidInput, match="limit: expected a number of entries, got -1"):
        struct_log_tracer({"limit": -1})


@pytest.mark.parametrize("name", ["callTracer", "prestateTracer", "4byteTracer", "noopTracer"])
def test_tracing_does_not_change_the_outcome(name: str) -> None:
    codes = {CONTRACT: asm(COUNT, call_to(OTHER)), OTHER: asm(op(LOG1, 0, 0, 1), COUNT)}
    request = CallRequest(SENDER, CONTRACT, 0, b"", 200_000)
    plain = open_session(codes).call(request)
    assert open_session(codes).call(request, named_tracer(name, {})) == plain
    assert open_session(codes).call(request, struct_log_tracer({})) == plain
