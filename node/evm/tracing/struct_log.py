"""The opcode logger: one entry an instruction, as debug_traceTransaction has it by default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from node.evm.tracing.base import SilentTracer
from node.evm.tracing.hooks import CallInfo, StateNow, StepFrame, TxInfo
from node.evm.tracing.json import Json, data, quantity, word
from node.evm.tracing.opcodes import opcode_name
from node.types import Address

_SLOAD: Final = 0x54
_SSTORE: Final = 0x55
_REVERTED: Final = "execution reverted"


@dataclass(frozen=True)
class StructLogConfig:
    """geth's options. limit: entries to record, 0 for all."""

    enable_memory: bool = False
    disable_stack: bool = False
    disable_storage: bool = False
    enable_return_data: bool = False
    limit: int = 0


class StructLogTracer(SilentTracer):
    """Records what the frame looks like before each instruction, and what the instruction cost."""

    wants_steps = True

    def __init__(self, config: StructLogConfig = StructLogConfig()) -> None:
        self._config = config
        self._entries: list[dict[str, Json]] = []
        self._current: dict[str, Json] | None = None
        self._storage: dict[Address, dict[str, str]] = {}
        self._state: StateNow | None = None
        self._depth = 0
        self._gas_used = 0
        self._output = b""
        self._error: str | None = None

    def on_start(self, tx: TxInfo, state: StateNow) -> None:
        """See Tracer."""
        self._state = state

    def on_enter(self, call: CallInfo) -> None:
        """See Tracer."""
        self._depth += 1

    def on_exit(self, output: bytes, gas_used: int, error: str | None) -> None:
        """See Tracer."""
        self._depth -= 1
        if not self._depth:
            self._output, self._error = output, error

    def on_step(self, frame: StepFrame, opcode: int) -> None:
        """See Tracer."""
        config = self._config
        if config.limit and len(self._entries) >= config.limit:
            self._current = None
            return
        entry: dict[str, Json] = {
            "pc": frame.pc,
            "op": opcode_name(opcode),
            "gas": frame.gas,
            "gasCost": 0,
            "depth": frame.depth + 1,
        }
        if not config.disable_stack:
            entry["stack"] = [quantity(item) for item in frame.stack]
        if config.enable_return_data and frame.return_data:
            entry["returnData"] = data(frame.return_data)
        if config.enable_memory and frame.memory:
            memory = frame.memory
            entry["memory"] = [data(memory[i : i + 32]) for i in range(0, len(memory), 32)]
        if not config.disable_storage and opcode in (_SLOAD, _SSTORE):
            self._record_slot(entry, frame, opcode)
        if frame.refund:
            entry["refund"] = frame.refund
        self._current = entry
        self._entries.append(entry)

    def _record_slot(self, entry: dict[str, Json], frame: StepFrame, opcode: int) -> None:
        """Adds every slot of the account seen so far, with the one touched now."""
        stack = frame.stack
        if len(stack) < (1 if opcode == _SLOAD else 2):
            return
        assert self._state is not None
        known = self._storage.setdefault(frame.address, {})
        slot = stack[-1]
        value = stack[-2] if opcode == _SSTORE else self._state.storage(frame.address, slot)
        known[word(slot)] = word(value)
        entry["storage"] = dict(known)

    def on_step_end(self, cost: int, error: str | None) -> None:
        """See Tracer."""
        if self._current is not None:
            self._current["gasCost"] = cost
            if error is not None:
                self._current["error"] = error

    def on_end(self, gas_used: int, state: StateNow) -> None:
        """See Tracer."""
        self._gas_used = gas_used

    def result(self) -> Json:
        """The whole trace."""
        keep_output = self._error in (None, _REVERTED)
        return {
            "gas": self._gas_used,
            "failed": self._error is not None,
            "returnValue": data(self._output if keep_output else b""),
            "structLogs": self._entries,
        }
