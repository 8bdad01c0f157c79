"""muxTracer: several tracers on one execution."""

from __future__ import annotations

from collections.abc import Mapping

from node.evm.block import Log
from node.evm.tracing.base import ResultTracer
from node.evm.tracing.hooks import CallInfo, StateNow, StepFrame, TxInfo
from node.evm.tracing.json import Json


class MuxTracer:
    """Passes every event on to each tracer, in order."""

    def __init__(self, tracers: Mapping[str, ResultTracer]) -> None:
        self._named = dict(tracers)
        self._tracers = list(tracers.values())
        self._stepping = [tracer for tracer in self._tracers if tracer.wants_steps]
        self.wants_steps = bool(self._stepping)

    def on_start(self, tx: TxInfo, state: StateNow) -> None:
        """See Tracer."""
        for tracer in self._tracers:
            tracer.on_start(tx, state)

    def on_enter(self, call: CallInfo) -> None:
        """See Tracer."""
        for tracer in self._tracers:
            tracer.on_enter(call)

    def on_exit(self, output: bytes, gas_used: int, error: str | None) -> None:
        """See Tracer."""
        for tracer in self._tracers:
            tracer.on_exit(output, gas_used, error)

    def on_step(self, frame: StepFrame, opcode: int) -> None:
        """See Tracer."""
        for tracer in self._stepping:
            tracer.on_step(frame, opcode)

    def on_step_end(self, cost: int, error: str | None) -> None:
        """See Tracer."""
        for tracer in self._stepping:
            tracer.on_step_end(cost, error)

    def on_log(self, log: Log) -> None:
        """See Tracer."""
        for tracer in self._tracers:
            tracer.on_log(log)

    def on_end(self, gas_used: int, state: StateNow) -> None:
        """See Tracer."""
        for tracer in self._tracers:
            tracer.on_end(gas_used, state)

    def result(self) -> Json:
        """The result of each tracer by its name."""
        return {name: tracer.result() for name, tracer in self._named.items()}
