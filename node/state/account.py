"""What the state holds, and the two interfaces everything else is written against."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from node.crypto import EMPTY_CODE_HASH, EMPTY_TRIE_ROOT
from node.types import Address, Hash32


class Account(NamedTuple):
    """An account as the trie holds it. balance: wei."""

    nonce: int = 0
    balance: int = 0
    storage_root: Hash32 = EMPTY_TRIE_ROOT
    code_hash: Hash32 = EMPTY_CODE_HASH


class StateReader(Protocol):
    """The state at the end of some block. Reading has no side effect anyone can see."""

    def account(self, address: Address) -> Account | None:
        """The account, or None if it does not exist."""

    def storage(self, address: Address, slot: int) -> int:
        """The value in a storage slot; 0 where nothing is stored.

        Engines do not ask where the account's storage root is that of an empty trie.
        """

    def code(self, code_hash: Hash32) -> bytes:
        """The code with this hash (the caller never asks for the hash of no code)."""


@dataclass
class StateChanges:
    """The net effect of executing one block (or some transactions) on the state before it.

    accounts: new value or None where deleted; `storage_root` in it is ignored, the root
    computation fills it. storage: new slot values, 0 where cleared. wiped: accounts whose whole
    old storage went before `storage` applies (self-destruct before Cancun). codes: by hash.
    """

    accounts: dict[Address, Account | None] = field(default_factory=dict)
    storage: dict[Address, dict[int, int]] = field(default_factory=dict)
    wiped: set[Address] = field(default_factory=set)
    codes: dict[Hash32, bytes] = field(default_factory=dict)
