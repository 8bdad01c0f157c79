"""The state during a block: an overlay over a StateReader with an undo log.

Everything that can be taken back lives in dictionaries, and every change to one appends
`(dictionary, key, old value)` to a single journal. A snapshot is the journal's length; reverting
undoes entries from the end. Nothing is copied per call.
"""

from __future__ import annotations

from typing import Any, Final

from node.crypto import EMPTY_CODE_HASH, EMPTY_TRIE_ROOT, keccak256
from node.evm.block import Log
from node.evm.forks import Fork
from node.state.account import Account, StateChanges, StateReader
from node.types import Address, Hash32

MISSING: Final = object()
"""The old value in a journal entry of a key that was absent."""
_UNTOUCHABLE: Final[Address] = (3).to_bytes(20, "big")
"""RIPEMD-160: its touch survives a revert (mainnet block 2,675,119; EIP-161, geth's journal)."""

EMPTY_ACCOUNT: Final = Account()


class World:
    """Accounts, storage, code and the per-transaction sets of one block.

    Dictionaries whose name starts with `base_` hold what the reader answered; they are never
    undone, and the witness needs them. Public dictionaries are read directly by the interpreter's
    hot instructions; writing goes through the journal (`put` or an explicit append).
    """

    def __init__(self, reader: StateReader, fork: Fork) -> None:
        self.reader = reader
        self.fork = fork
        self.journal: list[tuple[dict[Any, Any], Any, Any]] = []
        self.base_accounts: dict[Address, Account | None] = {}
        self.base_storage: dict[Address, dict[int, int]] = {}
        self.codes_read: set[Hash32] = set()
        self.oldest_block: int | None = None
        self.accounts: dict[Address, Account | None] = {}
        self._storage: dict[Address, dict[int, int]] = {}
        self._wiped: dict[Address, bool] = {}
        self._new_codes: dict[Hash32, bytes] = {}
        self._codes: dict[Hash32, bytes] = {EMPTY_CODE_HASH: b""}
        self.begin_transaction()

    def begin_transaction(self) -> None:
        """Forgets what lasts one transaction: warmth, transient storage, logs, refunds, ..."""
        self.warm_addresses: dict[Address, bool] = {}
        self.warm_slots: dict[Address, dict[int, bool]] = {}
        self.original: dict[tuple[Address, int], int] = {}
        self.transient: dict[tuple[Address, int], int] = {}
        self.created: dict[Address, bool] = {}
        self.destroyed: dict[Address, bool] = {}
        self.logs: dict[int, Log] = {}
        self.counters: dict[str, int] = {"refund": 0}
        self._touched: dict[Address, bool] = {}

    # --- journal

    def snapshot(self) -> int:
        """A point to revert to."""
        return len(self.journal)

    def revert(self, snapshot: int) -> None:
        """Undoes every change since the snapshot, newest first."""
        journal = self.journal
        while len(journal) > snapshot:
            table, key, old = journal.pop()
            if old is MISSING:
                del table[key]
            else:
                table[key] = old

    def put(self, table: dict[Any, Any], key: Any, value: Any) -> None:  # noqa: ANN401
        """Sets an entry of one of the dictionaries so that it can be undone."""
        self.journal.append((table, key, table.get(key, MISSING)))
        table[key] = value

    # --- accounts

    def account(self, address: Address) -> Account | None:
        """The account as it is now, or None."""
        account = self.accounts.get(address, MISSING)
        if account is MISSING:
            account = self.reader.account(address)
            self.accounts[address] = self.base_accounts[address] = account
        return account  # type: ignore[return-value]  # the sentinel has just been replaced

    def exists(self, address: Address) -> bool:
        """Whether the account exists."""
        return self.account(address) is not None

    def is_dead(self, address: Address) -> bool:
        """Whether the account does not exist or is empty (EIP-161)."""
        account = self.account(address)
        return account is None or _is_empty(account)

    def balance(self, address: Address) -> int:
        """Wei held."""
        account = self.account(address)
        return 0 if account is None else account.balance

    def nonce(self, address: Address) -> int:
        """The account's nonce."""
        account = self.account(address)
        return 0 if account is None else account.nonce

    def code_hash(self, address: Address) -> Hash32:
        """The account's code hash; that of no code where there is no account."""
        account = self.account(address)
        return EMPTY_CODE_HASH if account is None else account.code_hash

    def code(self, address: Address) -> bytes:
        """The account's code."""
        return self.code_by_hash(self.code_hash(address))

    def code_by_hash(self, code_hash: Hash32) -> bytes:
        """Code that some account of this state has."""
        code = self._codes.get(code_hash)
        if code is None:
            code = self._codes[code_hash] = self.reader.code(code_hash)
            self.codes_read.add(code_hash)
        return code

    def set_account(self, address: Address, account: Account | None) -> None:
        """Replaces or deletes an account that has been read before."""
        accounts = self.accounts
        self.journal.append((accounts, address, accounts[address]))
        accounts[address] = account

    def set_balance(self, address: Address, wei: int) -> None:
        """Sets a balance, creating the account if need be."""
        account = self.account(address) or EMPTY_ACCOUNT
        self.set_account(address, account._replace(balance=wei))

    def set_nonce(self, address: Address, nonce: int) -> None:
        """Sets a nonce, creating the account if need be."""
        account = self.account(address) or EMPTY_ACCOUNT
        self.set_account(address, account._replace(nonce=nonce))

    def set_code(self, address: Address, code: bytes) -> None:
        """Sets code, creating the account if need be."""
        code_hash = keccak256(code) if code else EMPTY_CODE_HASH
        if code:
            self._new_codes[code_hash] = code
            self.put(self._codes, code_hash, code)
        account = self.account(address) or EMPTY_ACCOUNT
        self.set_account(address, account._replace(code_hash=code_hash))

    def add_balance(self, address: Address, wei: int) -> None:
        """Credits an account; crediting nothing still touches it (EIP-161)."""
        nonce, balance, root, code_hash = self.account(address) or EMPTY_ACCOUNT
        self.set_account(address, Account(nonce, balance + wei, root, code_hash))
        if not wei and not balance:
            self.touch(address)

    def transfer(self, sender: Address, to: Address, wei: int) -> None:
        """Moves wei; the sender has them. Touches the receiver, which exists afterwards."""
        if wei:
            nonce, balance, root, code_hash = self.account(sender) or EMPTY_ACCOUNT
            self.set_account(sender, Account(nonce, balance - wei, root, code_hash))
        self.add_balance(to, wei)

    def touch(self, address: Address) -> None:
        """Marks for deletion at the transaction's end if it is empty then (EIP-161)."""
        if address == _UNTOUCHABLE:
            self._touched[address] = True
        elif address not in self._touched:
            self.put(self._touched, address, True)

    # --- storage

    def slots(self, address: Address) -> dict[int, int]:
        """The known slots of an account, live; a slot that is absent must be `load`ed."""
        slots = self._storage.get(address)
        if slots is None:
            slots = self._storage[address] = {}
        return slots

    def load(self, address: Address, slot: int) -> int:
        """Reads a slot for the first time."""
        if address in self._wiped:
            value = 0
        else:
            value = self.reader.storage(address, slot) if self._is_stored(address) else 0
            self.base_storage.setdefault(address, {})[slot] = value
        self.slots(address)[slot] = value
        return value

    def _is_stored(self, address: Address) -> bool:
        """Whether the reader has any storage of the account."""
        self.account(address)
        account = self.base_accounts[address]
        return account is not None and account.storage_root != EMPTY_TRIE_ROOT

    def storage(self, address: Address, slot: int) -> int:
        """The value in a slot now."""
        value = self.slots(address).get(slot)
        return self.load(address, slot) if value is None else value

    def set_storage(self, address: Address, slot: int, value: int) -> None:
        """Sets a slot."""
        self.storage(address, slot)
        self.put(self.slots(address), slot, value)

    def replace_storage(self, address: Address, slots: dict[int, int]) -> None:
        """Drops all of an account's storage in favour of these slots."""
        self.account(address)
        self.put(self._storage, address, dict(slots))
        self.put(self._wiped, address, True)

    def has_storage(self, address: Address) -> bool:
        """Whether any slot is non-zero (EIP-7610)."""
        account = self.account(address)
        stored = account is not None and account.storage_root != EMPTY_TRIE_ROOT
        if stored and address not in self._wiped:
            return True
        return any(self.slots(address).values())

    def warm(self, address: Address) -> dict[int, bool]:
        """The warm slots of an account, live (EIP-2929)."""
        warm = self.warm_slots.get(address)
        if warm is None:
            warm = self.warm_slots[address] = {}
        return warm

    # --- a transaction's end and the block's

    def add_refund(self, gas: int) -> None:
        """Changes the refund counter; gas may be negative."""
        counters = self.counters
        refund = counters["refund"]
        self.journal.append((counters, "refund", refund))
        counters["refund"] = refund + gas

    def add_log(self, log: Log) -> None:
        """Appends a log."""
        self.put(self.logs, len(self.logs), log)

    def end_transaction(self) -> None:
        """Deletes what self-destructed, and touched accounts that are empty (EIP-161)."""
        for address in self.destroyed:
            self._delete(address)
        if self.fork >= Fork.SPURIOUS_DRAGON:
            for address in self._touched:
                account = self.account(address)
                if account is not None and _is_empty(account):
                    self._delete(address)

    def _delete(self, address: Address) -> None:
        self.account(address)
        self.set_account(address, None)
        self.replace_storage(address, {})

    def changes(self) -> StateChanges:
        """The net effect since the world was opened."""
        changes = StateChanges()
        for address, slots in self._storage.items():
            changed = self._changed_slots(address, slots)
            if changed and self.account(address) is not None:
                changes.storage[address] = changed
        for address, account in self.accounts.items():
            base = self.base_accounts[address]
            if account != base or address in changes.storage:
                changes.accounts[address] = account
        for address in self._wiped:
            if self.base_accounts[address] is not None:
                changes.wiped.add(address)
                changes.accounts[address] = self.accounts[address]
        changes.codes = self._changed_codes(changes)
        return changes

    def _changed_slots(self, address: Address, slots: dict[int, int]) -> dict[int, int]:
        if address in self._wiped:
            return {slot: value for slot, value in slots.items() if value}
        base = self.base_storage.get(address, {})
        return {slot: value for slot, value in slots.items() if value != base[slot]}

    def _changed_codes(self, changes: StateChanges) -> dict[Hash32, bytes]:
        hashes = {account.code_hash for account in changes.accounts.values() if account}
        return {h: code for h, code in self._new_codes.items() if h in hashes}


def _is_empty(account: Account) -> bool:
    return not account.nonce and not account.balance and account.code_hash == EMPTY_CODE_HASH
