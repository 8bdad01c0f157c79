"""prestateTracer: the accounts and slots a transaction needs, and in diff mode what it changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from node.crypto import EMPTY_CODE_HASH
from node.errors import InvalidInput
from node.evm.forks import Fork
from node.evm.interpreter.messages import create2_address, create_address
from node.evm.interpreter.program import delegate_of
from node.evm.tracing.base import SilentTracer
from node.evm.tracing.hooks import StateNow, StepFrame, TxInfo
from node.evm.tracing.json import Json, data, quantity, word
from node.state.account import Account
from node.types import Address, Hash32

_STORAGE_OPS: Final = frozenset({0x54, 0x55})
_ACCOUNT_OPS: Final = frozenset({0x31, 0x3B, 0x3C, 0x3F, 0xFF})
_CALL_OPS: Final = frozenset({0xF1, 0xF2, 0xF4, 0xFA})
_CREATE: Final = 0xF0
_CREATE2: Final = 0xF5
_SELFDESTRUCT: Final = 0xFF


@dataclass(frozen=True)
class PrestateConfig:
    """geth's options."""

    diff_mode: bool = False
    disable_code: bool = False
    disable_storage: bool = False
    include_empty: bool = False


@dataclass
class _Before:
    """An account before the transaction, and its slots that were looked at."""

    nonce: int
    balance: int
    code: bytes
    code_hash: Hash32
    storage: dict[int, int] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not (self.nonce or self.balance or self.code)


class PrestateTracer(SilentTracer):
    """Looks accounts and slots up just before an instruction touches them."""

    wants_steps = True

    def __init__(self, config: PrestateConfig = PrestateConfig()) -> None:
        if config.diff_mode and config.include_empty:
            raise InvalidInput("cannot use diffMode with includeEmpty")
        self._config = config
        self._before: dict[Address, _Before] = {}
        self._was_empty: set[Address] = set()
        self._created: set[Address] = set()
        self._deleted: set[Address] = set()
        self._fresh: list[tuple[Address, int | None]] = []
        self._pre: dict[str, Json] = {}
        self._post: dict[str, Json] = {}
        self._fork = Fork.FRONTIER
        self._state: StateNow

    def on_start(self, tx: TxInfo, state: StateNow) -> None:
        """See Tracer."""
        self._state, self._fork = state, tx.fork
        to = tx.to
        if to is None:
            sender = state.account(tx.sender) or Account()
            to = create_address(tx.sender, sender.nonce)
            self._created.add(to)
        else:
            self._look_up_delegate(to)
        for address in (tx.sender, to, tx.coinbase, *tx.authorities):
            self._look_up(address)

    def on_step(self, frame: StepFrame, opcode: int) -> None:
        """See Tracer."""
        self._fresh.clear()
        stack = frame.stack
        if opcode in _STORAGE_OPS and stack:
            self._look_up_slot(frame.address, stack[-1])
        elif opcode in _ACCOUNT_OPS and stack:
            self._look_up(_address(stack[-1]))
            if opcode == _SELFDESTRUCT:
                self._note_death(frame.address)
        elif opcode in _CALL_OPS and len(stack) >= 5:
            address = _address(stack[-2])
            self._look_up(address)
            self._look_up_delegate(address)
        elif opcode == _CREATE:
            creator = self._state.account(frame.address) or Account()
            self._note_birth(create_address(frame.address, creator.nonce))
        elif opcode == _CREATE2 and len(stack) >= 4:
            offset, size, salt = stack[-2], stack[-3], stack[-4]
            if size <= len(frame.memory) + 49_152:
                initcode = bytes(frame.memory[offset : offset + size]).ljust(size, b"\0")
                self._note_birth(create2_address(frame.address, salt, initcode))

    def on_step_end(self, cost: int, error: str | None) -> None:
        """See Tracer. An instruction that never executed touched nothing."""
        if error is None:
            return
        for address, slot in self._fresh:
            if slot is None:
                del self._before[address]
                self._was_empty.discard(address)
            elif address in self._before:
                del self._before[address].storage[slot]

    def _note_death(self, address: Address) -> None:
        if self._fork < Fork.CANCUN or address in self._created:
            self._deleted.add(address)

    def _note_birth(self, address: Address) -> None:
        self._look_up(address)
        self._created.add(address)

    def _look_up_delegate(self, address: Address) -> None:
        if self._fork < Fork.PRAGUE:
            return
        delegate = delegate_of(self._state.code(address))
        if delegate is not None:
            self._look_up(delegate)

    def _look_up(self, address: Address) -> _Before:
        before = self._before.get(address)
        if before is None:
            account = self._state.account(address) or Account()
            before = self._before[address] = _Before(
                account.nonce, account.balance, self._state.code(address), account.code_hash
            )
            if before.empty:
                self._was_empty.add(address)
            self._fresh.append((address, None))
        return before

    def _look_up_slot(self, address: Address, slot: int) -> None:
        storage = self._look_up(address).storage
        if slot not in storage and not self._config.disable_storage:
            storage[slot] = self._state.storage(address, slot)
            self._fresh.append((address, slot))

    def on_end(self, gas_used: int, state: StateNow) -> None:
        """See Tracer."""
        for address, before in self._before.items():
            key = data(address)
            if not self._config.diff_mode:
                if self._config.include_empty or address not in self._was_empty:
                    self._pre[key] = self._account(before, before.storage)
                continue
            after = self._after(address, before)
            if address not in self._deleted:
                if not after:
                    continue
                self._post[key] = after
            if address not in self._was_empty:
                slots = before.storage
                if address not in self._deleted:
                    slots = {s: v for s, v in slots.items() if v and v != state.storage(address, s)}
                self._pre[key] = self._account(before, slots)

    def _account(self, before: _Before, slots: dict[int, int]) -> dict[str, Json]:
        item: dict[str, Json] = {"balance": quantity(before.balance)}
        if before.code and not self._config.disable_code:
            item["code"] = data(before.code)
        if before.code_hash != EMPTY_CODE_HASH:
            item["codeHash"] = data(before.code_hash)
        if before.nonce:
            item["nonce"] = before.nonce
        if slots:
            item["storage"] = {word(slot): word(value) for slot, value in slots.items()}
        return item

    def _after(self, address: Address, before: _Before) -> dict[str, Json]:
        """What is different now; empty if nothing is."""
        account = self._state.account(address) or Account()
        item: dict[str, Json] = {}
        if account.balance != before.balance:
            item["balance"] = quantity(account.balance)
        if account.nonce != before.nonce:
            item["nonce"] = account.nonce
        if account.code_hash != before.code_hash:
            item["codeHash"] = data(account.code_hash)
            if not self._config.disable_code:
                item["code"] = data(self._state.code(address))
        now = {slot: self._state.storage(address, slot) for slot in before.storage}
        changed = {slot: value for slot, value in now.items() if value != before.storage[slot]}
        if changed:
            item["storage"] = {word(slot): word(value) for slot, value in changed.items() if value}
        return item

    def result(self) -> Json:
        """The accounts before, or in diff mode those that changed, before and after."""
        if self._config.diff_mode:
            return {"post": self._post, "pre": self._pre}
        return self._pre


def _address(item: int) -> Address:
    return item.to_bytes(32)[12:]
