"""4byteTracer: which functions are called with how much data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from node.evm.tracing.base import SilentTracer
from node.evm.tracing.hooks import CallInfo, StateNow, TxInfo
from node.evm.tracing.json import Json, data
from node.types import Address


class FourByteTracer(SilentTracer):
    """Counts `selector-size` pairs; size: bytes of data after the selector."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._precompiles: Collection[Address] = ()

    def on_start(self, tx: TxInfo, state: StateNow) -> None:
        """See Tracer."""
        self._precompiles = tx.precompiles

    def on_enter(self, call: CallInfo) -> None:
        """See Tracer."""
        is_call = call.kind.endswith(("CALL", "CALLCODE")) and call.to not in self._precompiles
        if is_call and len(call.data) >= 4:
            self._counts[f"{data(call.data[:4])}-{len(call.data) - 4}"] += 1

    def result(self) -> Json:
        """The counts."""
        return dict(self._counts)
