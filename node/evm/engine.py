"""The interface every execution engine implements, and the records it speaks in.

An `Engine` opens a `Session` over a state reader for one block; the session executes
transactions, calls and system calls on an overlay of its own and finally says what changed. Nothing
writes to the state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from node.evm.block import Log
from node.evm.forks import Fork
from node.evm.tracing.hooks import Tracer
from node.evm.transactions import AccessList, Authorization, Transaction
from node.state.account import Account, StateChanges, StateReader
from node.types import Address, Hash32


@dataclass(frozen=True)
class BlockEnv:
    """What the block around an execution is.

    prev_randao: 32 bytes; before Paris the difficulty as a big-endian number. base_fee,
    blob_base_fee: wei per gas; 0 before London and Cancun. max_blobs: blobs a block may
    carry (EIP-7840 schedule). block_hash: hash of an ancestor by number; asked for
    only within the last 256.
    """

    fork: Fork
    chain_id: int
    number: int
    timestamp: int
    coinbase: Address
    gas_limit: int
    prev_randao: Hash32
    base_fee: int
    blob_base_fee: int
    block_hash: Callable[[int], Hash32]
    max_blobs: int = 9


@dataclass(frozen=True)
class CallRequest:
    """A message call that is no transaction (eth_call and its kin).

    to: None creates. gas_price: wei per gas actually paid; 0 charges nothing, and then
    BASEFEE reads 0 as in geth.
    """

    sender: Address
    to: Address | None
    value: int
    data: bytes
    gas: int
    gas_price: int = 0
    access_list: AccessList = ()
    authorizations: tuple[Authorization, ...] = ()
    blob_hashes: tuple[Hash32, ...] = ()


@dataclass(frozen=True)
class TxOutcome:
    """What an execution did.

    gas_used: what is paid for, after refunds and the calldata floor (EIP-7623).
    max_gas_used: the most that was needed at once: gas_used before refunds.
    zk_gas: what proving it is expected to cost, in cells (docs/zk-gas.md); 0 where the Python
    engine executed it, which does not meter; so outcomes are compared without it.
    output: returned or reverted bytes. error: None on success, else geth's words.
    """

    success: bool
    gas_used: int
    logs: tuple[Log, ...]
    output: bytes
    error: str | None
    contract_address: Address | None
    gas_refund: int
    max_gas_used: int = 0
    zk_gas: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Accessed:
    """What a session has read from below it, for the execution witness.

    slots: also names every account whose storage was asked for. oldest_block: smallest
    number BLOCKHASH resolved, None if it never did.
    """

    accounts: frozenset[Address]
    slots: dict[Address, frozenset[int]]
    code_hashes: frozenset[Hash32]
    oldest_block: int | None


class Session(Protocol):
    """One block being executed over a StateReader, on an overlay of its own."""

    env: BlockEnv

    def transact(self, tx: Transaction, tracer: Tracer | None = None) -> TxOutcome:
        """Executes a transaction. Raises InvalidTransaction, and then nothing has changed.

        Room left in the block (gas and blobs) is the caller's to check.
        """

    def call(self, request: CallRequest, tracer: Tracer | None = None) -> TxOutcome:
        """Executes a call: no nonce or sender-code check, fees only if gas_price is not 0.

        Raises InvalidTransaction (funds, intrinsic gas); its effects stay in the overlay.
        """

    def system_call(self, address: Address, data: bytes) -> bytes:
        """Calls a system contract as EIP-4788, 2935, 7002 and 7251 say: 30M gas, no fees.

        Returns its output, empty if there is no code. Raises InvalidBlock if it fails.
        """

    def add_balance(self, address: Address, wei: int) -> None:
        """Credits an account (withdrawals, block rewards); an account left empty is deleted."""

    def set_balance(self, address: Address, wei: int) -> None:
        """Override: the account's balance."""

    def set_nonce(self, address: Address, nonce: int) -> None:
        """Override: the account's nonce."""

    def set_code(self, address: Address, code: bytes) -> None:
        """Override: the account's code."""

    def set_storage(self, address: Address, slot: int, value: int) -> None:
        """Override: one slot (eth_call's stateDiff)."""

    def replace_storage(self, address: Address, slots: dict[int, int]) -> None:
        """Override: all of an account's storage (eth_call's state)."""

    def snapshot(self) -> int:
        """A point to revert to; valid until a revert to an earlier one."""

    def revert(self, snapshot: int) -> None:
        """Takes back everything since the snapshot."""

    def account(self, address: Address) -> Account | None:
        """The account as it is now; its storage_root is the one before the session."""

    def storage(self, address: Address, slot: int) -> int:
        """The value in a slot now."""

    def code(self, address: Address) -> bytes:
        """The code of an account now; empty where there is none."""

    def changes(self) -> StateChanges:
        """The net effect so far."""

    @property
    def accessed(self) -> Accessed:
        """What was read so far."""


class Engine(Protocol):
    """A way to execute. `name` is what configuration calls it."""

    name: str

    def open(self, state: StateReader, env: BlockEnv) -> Session:
        """A session for one block over a state."""
