"""flatCallTracer: the calls of a transaction as a list, in the format that Parity began."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from node.evm.tracing.base import SilentTracer
from node.evm.tracing.call import CallTracer
from node.evm.tracing.hooks import CallInfo, StateNow, TxInfo
from node.evm.tracing.json import Json, data
from node.types import Address, Hash32

_PARITY_ERRORS: Final = {
    "contract creation code storage out of gas": "Out of gas",
    "out of gas": "Out of gas",
    "gas uint64 overflow": "Out of gas",
    "max code size exceeded": "Out of gas",
    "invalid jump destination": "Bad jump destination",
    "execution reverted": "Reverted",
    "return data out of bounds": "Out of bounds",
    "stack limit reached 1024 (1023)": "Out of stack",
}
_PARITY_ERROR_PREFIXES: Final = {
    "invalid opcode:": "Bad instruction",
    "stack underflow": "Stack underflow",
}
_REVERTED: Final = "execution reverted"


@dataclass(frozen=True)
class TxPlace:
    """Where a traced transaction is. block_hash: None if in no block; first_log: index there."""

    block_hash: Hash32 | None = None
    index: int = 0
    first_log: int = 0


NOWHERE: Final = TxPlace()


class FlatCallTracer(SilentTracer):
    """Collects geth's call frames and flattens them.

    convert_errors: say errors as Parity did. include_precompiles: list calls to precompiles too.
    """

    def __init__(
        self,
        place: TxPlace,
        *,
        convert_errors: bool = False,
        include_precompiles: bool = False,
    ) -> None:
        self._place = place
        self._convert_errors = convert_errors
        self._include_precompiles = include_precompiles
        self._calls = CallTracer()
        self._precompiles: Collection[Address] = ()
        self._common: dict[str, Json] = {}

    def on_start(self, tx: TxInfo, state: StateNow) -> None:
        """See Tracer."""
        self._calls.on_start(tx, state)
        if not self._include_precompiles:
            self._precompiles = tx.precompiles
        block_hash = self._place.block_hash
        self._common = {
            "blockHash": None if block_hash is None else data(block_hash),
            "blockNumber": tx.block_number,
            "transactionHash": None if tx.hash is None else data(tx.hash),
            "transactionPosition": self._place.index,
        }

    def on_enter(self, call: CallInfo) -> None:
        """See Tracer."""
        self._calls.on_enter(call)

    def on_exit(self, output: bytes, gas_used: int, error: str | None) -> None:
        """See Tracer."""
        self._calls.on_exit(output, gas_used, error)

    def on_end(self, gas_used: int, state: StateNow) -> None:
        """See Tracer."""
        self._calls.on_end(gas_used, state)

    def result(self) -> Json:
        """Every call, a caller before what it calls."""
        return list(self._flattened())

    def _flattened(self) -> Iterator[dict[str, Json]]:
        hidden = {data(address) for address in self._precompiles}
        pending: list[tuple[dict[str, Json], list[int]]] = [(self._calls.top, [])]
        while pending:
            call, address = pending.pop()
            children = [child for child in call.get("calls", ()) if not _is_hidden(child, hidden)]
            item = _flat(call)
            error = item.get("error")
            if error is not None and self._convert_errors:
                item["error"] = _parity_error(error)
            yield item | self._common | {"subtraces": len(children), "traceAddress": address}
            pending += [(child, [*address, i]) for i, child in enumerate(children)][::-1]


def _is_hidden(call: dict[str, Json], hidden: set[str]) -> bool:
    return call["type"] in ("CALL", "STATICCALL") and call["to"] in hidden


def _flat(call: dict[str, Json]) -> dict[str, Json]:
    """One frame; the result is left out where an error leaves none."""
    kind, item = call["type"], {}
    if kind == "SELFDESTRUCT":
        action = {"address": call["from"], "balance": call["value"], "refundAddress": call["to"]}
        return {"action": action, "type": "suicide"}
    action = {"from": call["from"], "gas": call["gas"], "value": call.get("value", "0x0")}
    output = call.get("output", "0x")
    result = {"gasUsed": call["gasUsed"]}
    if kind in ("CREATE", "CREATE2"):
        action |= {"creationMethod": kind.lower(), "init": call["input"]}
        result["code"] = output
        if "to" in call:
            result["address"] = call["to"]
        item = {"action": action, "type": "create"}
    else:
        action |= {"callType": kind.lower(), "input": call["input"], "to": call["to"]}
        result["output"] = output
        item = {"action": action, "type": "call"}
    error = call.get("error")
    if error is not None:
        item["error"] = error
    if error in (None, _REVERTED):
        item["result"] = result
    return item


def _parity_error(error: str) -> str:
    for prefix, name in _PARITY_ERROR_PREFIXES.items():
        if error.startswith(prefix):
            return name
    return _PARITY_ERRORS.get(error, error)
