"""A tracer that ignores everything, for others to build on."""

from __future__ import annotations

from typing import Protocol

from node.evm.block import Log
from node.evm.tracing.hooks import CallInfo, StateNow, StepFrame, Tracer, TxInfo
from node.evm.tracing.json import Json


class ResultTracer(Tracer, Protocol):
    """A tracer that has something to tell afterwards."""

    def result(self) -> Json:
        """What debug_traceTransaction returns."""


class SilentTracer:
    """Implements every hook by doing nothing; also geth's noopTracer."""

    wants_steps = False

    def on_start(self, tx: TxInfo, state: StateNow) -> None:
        """See Tracer."""

    def on_enter(self, call: CallInfo) -> None:
        """See Tracer."""

    def on_exit(self, output: bytes, gas_used: int, error: str | None) -> None:
        """See Tracer."""

    def on_step(self, frame: StepFrame, opcode: int) -> None:
        """See Tracer."""

    def on_step_end(self, cost: int, error: str | None) -> None:
        """See Tracer."""

    def on_log(self, log: Log) -> None:
        """See Tracer."""

    def on_end(self, gas_used: int, state: StateNow) -> None:
        """See Tracer."""

    def result(self) -> Json:
        """Nothing was looked at."""
        return {}
