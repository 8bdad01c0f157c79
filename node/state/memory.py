"""A whole state in memory: fixtures, genesis, calls and tests."""

from __future__ import annotations

from node.crypto import EMPTY_TRIE_ROOT, keccak256
from node.errors import CorruptData
from node.state.account import Account, StateChanges
from node.state.roots import StateUpdate, compute_update
from node.types import Address, Hash32


class MemoryState:
    """A `StateView` in dictionaries. `apply` changes it in place."""

    def __init__(self) -> None:
        self.root: Hash32 = EMPTY_TRIE_ROOT
        self._accounts: dict[Address, Account] = {}
        self._storage: dict[Address, dict[int, int]] = {}
        self._codes: dict[Hash32, bytes] = {}
        self._nodes: dict[bytes, dict[bytes, bytes]] = {}

    @classmethod
    def of(cls, alloc: StateChanges) -> MemoryState:
        """The state that holds exactly `alloc`, for instance a genesis allocation."""
        state = cls()
        state.apply(compute_update(state, alloc))
        return state

    def account(self, address: Address) -> Account | None:
        """See StateReader."""
        return self._accounts.get(address)

    def storage(self, address: Address, slot: int) -> int:
        """See StateReader."""
        slots = self._storage.get(address)
        return slots.get(slot, 0) if slots else 0

    def code(self, code_hash: Hash32) -> bytes:
        """See StateReader. Raises CorruptData for a hash it does not hold."""
        try:
            return self._codes[code_hash]
        except KeyError:
            raise CorruptData(f"state has no code with hash 0x{code_hash.hex()}") from None

    def node(self, owner: bytes, path: bytes, node_hash: Hash32) -> bytes:
        """See NodeReader."""
        try:
            return self._nodes[owner][path]
        except KeyError:
            raise CorruptData(
                f"state has no trie node 0x{node_hash.hex()} at path {path.hex()!r}"
            ) from None

    def accounts(self) -> dict[Address, Account]:
        """Every account, a copy."""
        return dict(self._accounts)

    def slots(self, address: Address) -> dict[int, int]:
        """Every non-zero slot of an account, a copy."""
        return dict(self._storage.get(address, {}))

    def nodes(self) -> tuple[bytes, ...]:
        """Every trie node, as a witness of the whole state holds them."""
        return tuple(data for stored in self._nodes.values() for data in stored.values())

    def codes(self) -> tuple[bytes, ...]:
        """Every code it has ever held."""
        return tuple(self._codes.values())

    def apply(self, update: StateUpdate) -> None:
        """Moves on to the state that `compute_update` computed on this one."""
        changes = update.changes
        for address in changes.wiped:
            self._storage.pop(address, None)
            self._nodes.pop(keccak256(address), None)
        for address, slots in changes.storage.items():
            self._write_slots(address, slots)
        for address, account in changes.accounts.items():
            if account is None:
                self._accounts.pop(address, None)
            else:
                self._accounts[address] = account
        self._codes.update(changes.codes)
        for (owner, path), data in update.nodes.items():
            stored = self._nodes.setdefault(owner, {})
            if data is None:
                stored.pop(path, None)
            else:
                stored[path] = data
        self.root = update.root

    def _write_slots(self, address: Address, slots: dict[int, int]) -> None:
        stored = self._storage.setdefault(address, {})
        for slot, value in slots.items():
            if value:
                stored[slot] = value
            else:
                stored.pop(slot, None)
