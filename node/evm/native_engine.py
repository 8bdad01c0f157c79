"""The native engine: sessions on the C++ core, with the node's StateReader behind it.

It computes what the Python engine does, some ten to a hundred times as fast. Left to the Python
engine are forks before Shanghai, environments beyond 64 bits, and executions that somebody watches:
these run in a Python session on top of this one, which then takes over what they changed. So are
refusals: the core says that a transaction may not be executed, the Python engine why.

A reader that raises ends the session: the exception comes out as it is. So does one of a signal's
handler, such as the alarm of a call's time limit. The core holds the GIL, and yields it during long
executions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from node.crypto import EMPTY_TRIE_ROOT
from node.errors import InvalidBlock
from node.evm import _core
from node.evm.block import Log
from node.evm.engine import Accessed, BlockEnv, CallRequest, Session, TxOutcome
from node.evm.forks import Fork
from node.evm.halts import halt_text
from node.evm.native import core_env
from node.evm.python_engine import PythonSession, python_engine
from node.evm.tracing.hooks import Tracer
from node.evm.transactions import Transaction
from node.state.account import Account, StateChanges, StateReader
from node.types import UINT64_MAX, UINT256_MAX, Address, Hash32

_OCCUPIED_ROOT: Final[Hash32] = b"\xff" * 32
"""Stands for the root of any storage that is not empty."""
_MAX_GAS: Final = 2**63 - 1

T = TypeVar("T")


class NativeSession:
    """See `engine.Session`."""

    def __init__(self, state: StateReader, env: BlockEnv) -> None:
        self.env = env
        self._core = _core.Session(core_env(env, ()), state, env.block_hash)

    # --- execution

    def transact(self, tx: Transaction, tracer: Tracer | None = None) -> TxOutcome:
        """See Session."""
        if tracer is None:
            result = self._core.transact(tx.encoded, tx.sender)
            if result is not None:
                return self._outcome(result, tx.to, tx.data)
        return self._in_python(lambda session: session.transact(tx, tracer))

    def call(self, request: CallRequest, tracer: Tracer | None = None) -> TxOutcome:
        """See Session."""
        if tracer is None and _fits(request):
            result = self._core.call(
                request.sender, request.to, request.value, request.data, request.gas,
                request.gas_price, request.access_list,
                [(a.chain_id, a.address, a.nonce, a.y_parity, a.r, a.s)
                 for a in request.authorizations],
                request.blob_hashes,
            )  # fmt: skip
            if result is not None:
                return self._outcome(result, request.to, request.data)
        return self._in_python(lambda session: session.call(request, tracer))

    def system_call(self, address: Address, data: bytes) -> bytes:
        """See Session."""
        output, halt = self._core.system_call(address, data)
        if halt is not None:
            raise InvalidBlock(
                "SYSTEM_CONTRACT_CALL_FAILED",
                f"system call to 0x{address.hex()} failed: "
                f"{halt_text(halt, self.env.fork, address, data)}",
            )
        return output

    def _outcome(self, result: _core.Result, to: Address | None, data: bytes) -> TxOutcome:
        gas_used, logs, output, halt, contract, refund, max_gas_used, zk_gas = result
        return TxOutcome(
            success=halt is None,
            gas_used=gas_used,
            logs=tuple(Log(*log) for log in logs),
            output=output,
            error=None if halt is None else halt_text(halt, self.env.fork, to, data),
            contract_address=contract,
            gas_refund=refund,
            max_gas_used=max_gas_used,
            zk_gas=zk_gas,
        )

    def _in_python(self, execute: Callable[[PythonSession], T]) -> T:
        """Executes in a Python session on top of the state as it is now, and keeps the effects."""
        session = python_engine.open(_StateNow(self._core), self.env)
        result = execute(session)
        self._apply(session.changes())
        return result

    def _apply(self, changes: StateChanges) -> None:
        core = self._core
        for address in changes.wiped:
            core.clear_storage(address)
        for address, account in changes.accounts.items():
            if account is None:
                core.remove(address)
                continue
            core.set_nonce(address, account.nonce)
            core.set_balance(address, account.balance)
            if account.code_hash in changes.codes:
                core.set_code(address, changes.codes[account.code_hash])
            elif account.code_hash != self._code_hash(address):
                core.set_code(address, core.code_by_hash(account.code_hash))
        for address, slots in changes.storage.items():
            for slot, value in slots.items():
                core.set_storage(address, slot, value)

    def _code_hash(self, address: Address) -> Hash32:
        account = self.account(address)
        assert account is not None
        return account.code_hash

    # --- the overlay from outside

    def add_balance(self, address: Address, wei: int) -> None:
        """See Session."""
        self._core.add_balance(address, wei)

    def set_balance(self, address: Address, wei: int) -> None:
        """See Session."""
        self._core.set_balance(address, wei)

    def set_nonce(self, address: Address, nonce: int) -> None:
        """See Session."""
        self._core.set_nonce(address, nonce)

    def set_code(self, address: Address, code: bytes) -> None:
        """See Session."""
        self._core.set_code(address, code)

    def set_storage(self, address: Address, slot: int, value: int) -> None:
        """See Session."""
        self._core.set_storage(address, slot, value)

    def replace_storage(self, address: Address, slots: dict[int, int]) -> None:
        """See Session."""
        self._core.clear_storage(address)
        for slot, value in slots.items():
            self._core.set_storage(address, slot, value)

    def snapshot(self) -> int:
        """See Session."""
        return self._core.snapshot()

    def revert(self, snapshot: int) -> None:
        """See Session."""
        self._core.revert(snapshot)

    def account(self, address: Address) -> Account | None:
        """See Session."""
        found = self._core.account(address)
        return None if found is None else Account(*found)

    def storage(self, address: Address, slot: int) -> int:
        """See Session."""
        return self._core.storage(address, slot)

    def code(self, address: Address) -> bytes:
        """See Session."""
        return self._core.code(address)

    def changes(self) -> StateChanges:
        """See Session."""
        changes = StateChanges()
        for address, found, wiped, slots, code in self._core.changes():
            account = None if found is None else Account(*found)
            changes.accounts[address] = account
            if wiped:
                changes.wiped.add(address)
            if slots:
                changes.storage[address] = slots
            if code is not None and account is not None:
                changes.codes[account.code_hash] = code
        return changes

    @property
    def accessed(self) -> Accessed:
        """See Session."""
        accounts, code_hashes, blocks = self._core.accessed()
        return Accessed(
            frozenset(address for address, _ in accounts),
            {address: frozenset(slots) for address, slots in accounts if slots},
            frozenset(code_hashes),
            min(blocks, default=None),
        )


class _StateNow:
    """What a session's state is now, as a StateReader."""

    def __init__(self, core: _core.Session) -> None:
        self._core = core

    def account(self, address: Address) -> Account | None:
        """See StateReader. The root says only whether storage is empty."""
        found = self._core.account(address)
        if found is None:
            return None
        root = _OCCUPIED_ROOT if self._core.has_storage(address) else EMPTY_TRIE_ROOT
        return Account(*found)._replace(storage_root=root)

    def storage(self, address: Address, slot: int) -> int:
        """See StateReader."""
        return self._core.storage(address, slot)

    def code(self, code_hash: Hash32) -> bytes:
        """See StateReader."""
        return self._core.code_by_hash(code_hash)


class NativeEngine:
    """See `engine.Engine`."""

    name = "native"

    def open(self, state: StateReader, env: BlockEnv) -> Session:
        """See Engine. A Python session where the core does not serve."""
        numbers = (env.chain_id, env.number, env.timestamp, env.gas_limit, env.max_blobs)
        fees = (env.base_fee, env.blob_base_fee)
        if env.fork < Fork.SHANGHAI or max(numbers) > UINT64_MAX or max(fees) > UINT256_MAX:
            return python_engine.open(state, env)
        return NativeSession(state, env)


native_engine: Final = NativeEngine()


def _fits(request: CallRequest) -> bool:
    """Whether the core can hold the numbers of a call."""
    if request.gas > _MAX_GAS or max(request.value, request.gas_price) > UINT256_MAX:
        return False
    return all(
        a.nonce <= UINT64_MAX and a.y_parity < 256 and max(a.chain_id, a.r, a.s) <= UINT256_MAX
        for a in request.authorizations
    )
