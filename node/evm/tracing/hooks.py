"""The hooks an execution calls, and what they are shown.

Without a tracer no hook exists: the engine picks its untraced loop. A tracer that does not want
steps (`wants_steps` false) is called at message boundaries only, and the fast loop still runs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from node.evm.block import Log
from node.evm.forks import Fork
from node.state.account import Account
from node.types import Address, Hash32


class StateNow(Protocol):
    """The state in the middle of an execution."""

    def account(self, address: Address) -> Account | None:
        """The account, or None."""

    def storage(self, address: Address, slot: int) -> int:
        """The value in a slot."""

    def code(self, address: Address) -> bytes:
        """The code of an account; empty where there is none."""


@dataclass(frozen=True)
class CallInfo:
    """One message: a call, a creation or a self-destruct's transfer.

    kind: the opcode's name ("CALL", "DELEGATECALL", "CREATE2", "SELFDESTRUCT", ...), and "CALL" or
    "CREATE" for the transaction itself. value: None for a static call. depth: 0 for the
    transaction itself. sender and to: for DELEGATECALL and CALLCODE the account that calls and the
    one whose code it borrows. data: for a creation the initcode.
    """

    kind: str
    sender: Address
    to: Address
    value: int | None
    gas: int
    data: bytes
    depth: int


class StepFrame(Protocol):
    """What a tracer may look at before an instruction executes. Read only."""

    pc: int
    gas: int
    depth: int
    address: Address
    stack: list[int]
    memory: bytearray
    return_data: bytes

    @property
    def refund(self) -> int:
        """The gas refund counter of the transaction so far."""


@dataclass(frozen=True)
class TxInfo:
    """What the tracer is told of the transaction before anything is charged.

    hash: None for a call that is no transaction.
    """

    sender: Address
    to: Address | None
    coinbase: Address
    value: int
    gas: int
    data: bytes
    hash: Hash32 | None
    block_number: int
    fork: Fork
    precompiles: Collection[Address]
    authorities: Sequence[Address] = ()


class Tracer(Protocol):
    """Receives an execution's events, in order."""

    wants_steps: bool

    def on_start(self, tx: TxInfo, state: StateNow) -> None:
        """Before the transaction changes anything."""

    def on_enter(self, call: CallInfo) -> None:
        """A message starts (also one to an account without code)."""

    def on_exit(self, output: bytes, gas_used: int, error: str | None) -> None:
        """The innermost open message ended."""

    def on_step(self, frame: StepFrame, opcode: int) -> None:
        """An instruction is about to execute. Called only if `wants_steps`."""

    def on_step_end(self, cost: int, error: str | None) -> None:
        """The instruction announced last was charged `cost` gas (a call: with what it forwards).

        error: only where it failed before it executed (stack height, gas), as geth reports it.
        """

    def on_log(self, log: Log) -> None:
        """The innermost open message emitted a log."""

    def on_end(self, gas_used: int, state: StateNow) -> None:
        """After the transaction, refunds and fees settled."""
