"""What an execution touches, as an access list (eth_createAccessList).

Source: go-ethereum `eth/tracers/logger/access_list_tracer.go`, EIP-2930.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Final

from node.evm.forks import Fork
from node.evm.precompiles import PRECOMPILES
from node.evm.tracing.base import SilentTracer
from node.evm.tracing.hooks import StepFrame
from node.evm.transactions import AccessList
from node.types import Address

_SLOT_OPS: Final = frozenset({0x54, 0x55})
"""SLOAD, SSTORE: the slot on top."""
_ADDRESS_OPS: Final = frozenset({0x31, 0x3B, 0x3C, 0x3F, 0xFF})
"""BALANCE, EXTCODESIZE, EXTCODECOPY, EXTCODEHASH, SELFDESTRUCT: the address on top."""
_CALL_OPS: Final = frozenset({0xF1, 0xF2, 0xF4, 0xFA})
"""CALL, CALLCODE, DELEGATECALL, STATICCALL: the address second."""
_ADDRESS_MASK: Final = 2**160 - 1


class AccessListTracer(SilentTracer):
    """Collects accounts and slots, in the order of first use.

    excluded: accounts that are warm anyway; they are listed only for their slots.
    """

    wants_steps = True

    def __init__(self, excluded: Set[Address], known: AccessList, fork: Fork) -> None:
        self._excluded = excluded | PRECOMPILES[fork].keys()
        self._slots: dict[Address, dict[int, None]] = {}
        for address, slots in known:
            if address not in self._excluded:
                self._slots.setdefault(address, {})
            self._note(address, slots)

    @property
    def access_list(self) -> AccessList:
        """What was touched so far."""
        return tuple((address, tuple(slots)) for address, slots in self._slots.items())

    def _note(self, address: Address, slots: Iterable[int]) -> None:
        for slot in slots:
            self._slots.setdefault(address, {})[slot] = None

    def on_step(self, frame: StepFrame, opcode: int) -> None:
        """See Tracer."""
        stack = frame.stack
        if opcode in _SLOT_OPS and stack:
            self._note(frame.address, (stack[-1],))
        elif opcode in _ADDRESS_OPS and stack:
            self._touch(stack[-1])
        elif opcode in _CALL_OPS and len(stack) >= 5:
            self._touch(stack[-2])

    def _touch(self, value: int) -> None:
        address = (value & _ADDRESS_MASK).to_bytes(20, "big")
        if address not in self._excluded:
            self._slots.setdefault(address, {})
