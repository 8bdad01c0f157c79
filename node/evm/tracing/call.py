"""callTracer: the tree of calls a transaction makes."""

from __future__ import annotations

from typing import Final

import orjson

from node.evm.block import Log
from node.evm.tracing.base import SilentTracer
from node.evm.tracing.hooks import CallInfo, StateNow, TxInfo
from node.evm.tracing.json import Json, data, quantity
from node.evm.tracing.revert import revert_reason

_REVERTED: Final = "execution reverted"
_ENCODED_LEVEL: Final = 50


class CallTracer(SilentTracer):
    """Builds geth's call frames.

    only_top_call: leave out everything below the transaction itself. with_log: list the logs of
    every call that was not reverted; first_log: index of the transaction's first log in its block.
    """

    def __init__(
        self, *, only_top_call: bool = False, with_log: bool = False, first_log: int = 0
    ) -> None:
        self._only_top_call = only_top_call
        self._with_log = with_log
        self._next_log = first_log
        self._gas_limit = 0
        self._open: list[dict[str, Json]] = []
        self._top: dict[str, Json] = {}

    def on_start(self, tx: TxInfo, state: StateNow) -> None:
        """See Tracer."""
        self._gas_limit = tx.gas

    def on_enter(self, call: CallInfo) -> None:
        """See Tracer."""
        frame: dict[str, Json] = {
            "from": data(call.sender),
            "gas": quantity(call.gas if call.depth else self._gas_limit),
            "gasUsed": "0x0",
            "to": data(call.to),
            "input": data(call.data),
        }
        if call.value is not None:
            frame["value"] = quantity(call.value)
        frame["type"] = call.kind
        self._open.append(frame)

    def on_exit(self, output: bytes, gas_used: int, error: str | None) -> None:
        """See Tracer."""
        frame = self._open.pop()
        frame["gasUsed"] = quantity(gas_used)
        _put_result(frame, output, error)
        if not self._open:
            self._top = frame
        elif not self._only_top_call:
            self._open[-1].setdefault("calls", []).append(frame)

    def on_log(self, log: Log) -> None:
        """See Tracer."""
        index = self._next_log
        self._next_log += 1
        frame = self._open[-1]
        if not self._with_log:
            return
        frame.setdefault("logs", []).append(
            {
                "address": data(log.address),
                "topics": [data(topic) for topic in log.topics],
                "data": data(log.data),
                "index": quantity(index),
                "position": quantity(len(frame.get("calls", ()))),
            }
        )

    def on_end(self, gas_used: int, state: StateNow) -> None:
        """See Tracer."""
        self._top["gasUsed"] = quantity(gas_used)
        _drop_failed_logs(self._top, failed=False)

    @property
    def top(self) -> dict[str, Json]:
        """The frame of the transaction itself, with all below it."""
        return self._top

    def result(self) -> Json:
        """See `top`; frames at great depth are encoded already."""
        _encode_deep_frames(self._top)
        return self._top


def _encode_deep_frames(top: dict[str, Json]) -> None:
    """Turns every 50th level into ready JSON, as no encoder nests 1,024 deep."""
    order: list[tuple[dict[str, Json], int]] = [(top, 0)]
    for frame, depth in order:
        order.extend((call, depth + 1) for call in frame.get("calls", ()) if type(call) is dict)
    for frame, depth in reversed(order):
        if depth % _ENCODED_LEVEL == _ENCODED_LEVEL - 1 and "calls" in frame:
            frame["calls"] = [_encoded(call) for call in frame["calls"]]


def _encoded(call: Json) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps(call)) if type(call) is dict else call


def _put_result(frame: dict[str, Json], output: bytes, error: str | None) -> None:
    if error is None:
        if output:
            frame["output"] = data(output)
        return
    frame["error"] = error
    if frame["type"] in ("CREATE", "CREATE2"):
        del frame["to"]
    if error == _REVERTED and output:
        frame["output"] = data(output)
        reason = revert_reason(output)
        if reason is not None:
            frame["revertReason"] = reason


def _drop_failed_logs(frame: dict[str, Json], *, failed: bool) -> None:
    """A log of a call that failed, or below one that did, was never emitted."""
    pending = [(frame, failed)]
    while pending:
        call, above = pending.pop()
        failed_here = above or "error" in call
        if failed_here:
            call.pop("logs", None)
        pending.extend((child, failed_here) for child in call.get("calls", ()))
