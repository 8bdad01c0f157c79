"""Execution witnesses: what a block needs of the state before it, and nothing else.

A witness is recorded by standing between the engine and the state: every account, slot, code and
ancestor hash it reads, and every trie node the new root is computed from, passes through here. So
it is complete by construction, whatever the engine does. Executing from it alone trusts nothing in
it: nodes and codes are found by their hash, headers by the chain of parent hashes.

JSON shape: debug_executionWitness, `{state, codes, keys, headers}` of hex strings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from node.codec import RlpItem, as_bytes, as_list, decode, encode
from node.crypto import EMPTY_CODE_HASH, EMPTY_TRIE_ROOT, keccak256
from node.errors import InvalidEncoding, InvalidWitness
from node.evm.block import Header, header_from_items
from node.state.account import Account, StateChanges
from node.state.roots import ACCOUNT_TRIE, StateView, decode_account, decode_slot, slot_key
from node.state.trie import lookup
from node.types import Address, Hash32

_MAX_ANCESTORS: Final = 256


@dataclass(frozen=True)
class Witness:
    """Everything needed to execute one block.

    state: RLP of trie nodes. codes: bytecodes. keys: preimages of what was read, addresses of 20
    and slots of 32 bytes; no check depends on them. headers: RLP of ancestors without a gap,
    oldest first, the parent last.
    """

    state: tuple[bytes, ...]
    codes: tuple[bytes, ...]
    keys: tuple[bytes, ...]
    headers: tuple[bytes, ...]

    def encode(self) -> bytes:
        """RLP for storage: [state, codes, keys, headers]."""
        return encode([list(part) for part in (self.state, self.codes, self.keys, self.headers)])

    def to_json(self) -> dict[str, list[str]]:
        """The result of debug_executionWitness."""
        return {
            name: [f"0x{item.hex()}" for item in getattr(self, name)]
            for name in ("state", "codes", "keys", "headers")
        }


NO_WITNESS: Final = Witness((), (), (), ())
"""Where there is nothing to execute (genesis), or nobody asked (the pending block)."""


def decode_witness(data: bytes) -> Witness:
    """Inverse of `Witness.encode`. Raises InvalidWitness."""
    try:
        parts = as_list(decode(data), "witness", 4)
        return Witness(*(_byte_strings(part) for part in parts))
    except InvalidEncoding as error:
        raise InvalidWitness(f"witness does not decode: {error}") from error


def witness_from_json(value: Mapping[str, Any]) -> Witness:
    """Inverse of `Witness.to_json`; keys may be absent. Raises InvalidWitness."""
    try:
        parts = {
            name: tuple(bytes.fromhex(item.removeprefix("0x")) for item in value.get(name) or ())
            for name in ("state", "codes", "keys", "headers")
        }
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidWitness(f"witness JSON: expected lists of hex strings: {error}") from error
    return Witness(**parts)


def _byte_strings(part: RlpItem) -> tuple[bytes, ...]:
    return tuple(as_bytes(item, "witness item") for item in as_list(part, "witness part"))


class WitnessRecorder:
    """A `StateView` that remembers what is read through it."""

    def __init__(self, view: StateView, header_at: Callable[[int], Header]) -> None:
        """header_at: ancestor headers of the block by number."""
        self.root = view.root
        self._view = view
        self._header_at = header_at
        self._accounts: dict[Address, Account | None] = {}
        self._slots: set[tuple[Address, int]] = set()
        self._codes: dict[Hash32, bytes] = {}
        self._nodes: dict[Hash32, bytes] = {}
        self._oldest: int | None = None

    def account(self, address: Address) -> Account | None:
        """See StateReader."""
        account = self._accounts[address] = self._view.account(address)
        return account

    def storage(self, address: Address, slot: int) -> int:
        """See StateReader."""
        self._slots.add((address, slot))
        return self._view.storage(address, slot)

    def code(self, code_hash: Hash32) -> bytes:
        """See StateReader."""
        code = self._codes[code_hash] = self._view.code(code_hash)
        return code

    def node(self, owner: bytes, path: bytes, node_hash: Hash32) -> bytes:
        """See NodeReader."""
        data = self._nodes[node_hash] = self._view.node(owner, path, node_hash)
        return data

    def block_hash(self, number: int) -> Hash32:
        """The hash of an ancestor."""
        self._oldest = number if self._oldest is None else min(self._oldest, number)
        return self._header_at(number).hash

    def witness(self, parent: Header, written: StateChanges) -> Witness:
        """The witness of all that was read so far.

        written: the complete changes of the update computed through this recorder: the paths to
        them have been recorded then, those of mere reads are walked now.
        """
        for address, slot in self._slots:
            if slot in written.storage.get(address, ()) and address not in written.wiped:
                continue
            account = self.account(address)
            if account is not None and account.storage_root != EMPTY_TRIE_ROOT:
                lookup(self, keccak256(address), account.storage_root, slot_key(slot))
        for address in self._accounts.keys() - written.accounts.keys():
            lookup(self, ACCOUNT_TRIE, self.root, keccak256(address))
        return Witness(
            state=tuple(sorted(self._nodes.values())),
            codes=tuple(sorted(self._codes.values())),
            keys=self._keys(),
            headers=self._headers(parent),
        )

    def _keys(self) -> tuple[bytes, ...]:
        """Each address, followed by its slots."""
        slots: dict[Address, list[int]] = {address: [] for address in self._accounts}
        for address, slot in self._slots:
            slots.setdefault(address, []).append(slot)
        keys: list[bytes] = []
        for address in sorted(slots):
            keys.append(address)
            keys.extend(slot.to_bytes(32, "big") for slot in sorted(slots[address]))
        return tuple(keys)

    def _headers(self, parent: Header) -> tuple[bytes, ...]:
        oldest = parent.number if self._oldest is None else min(self._oldest, parent.number)
        older = (self._header_at(number).encoded for number in range(oldest, parent.number))
        return (*older, parent.encoded)


class WitnessState:
    """A `StateView` served from a witness: nodes and codes by hash, missing ones InvalidWitness."""

    def __init__(self, witness: Witness, root: Hash32) -> None:
        self.root = root
        self._nodes = {keccak256(data): data for data in witness.state}
        self._codes = {keccak256(code): code for code in witness.codes}
        self._accounts: dict[Address, Account | None] = {}

    def account(self, address: Address) -> Account | None:
        """See StateReader."""
        if address not in self._accounts:
            leaf = lookup(self, ACCOUNT_TRIE, self.root, keccak256(address))
            self._accounts[address] = decode_account(leaf) if leaf else None
        return self._accounts[address]

    def storage(self, address: Address, slot: int) -> int:
        """See StateReader."""
        account = self.account(address)
        if account is None or account.storage_root == EMPTY_TRIE_ROOT:
            return 0
        leaf = lookup(self, keccak256(address), account.storage_root, slot_key(slot))
        return decode_slot(leaf) if leaf else 0

    def code(self, code_hash: Hash32) -> bytes:
        """See StateReader."""
        code = self._codes.get(code_hash)
        if code is None and code_hash != EMPTY_CODE_HASH:
            raise InvalidWitness(f"witness has no code with hash 0x{code_hash.hex()}")
        return code or b""

    def node(self, owner: bytes, path: bytes, node_hash: Hash32) -> bytes:
        """See NodeReader."""
        data = self._nodes.get(node_hash)
        if data is None:
            trie = f"storage trie 0x{owner.hex()}" if owner else "account trie"
            raise InvalidWitness(
                f"witness has no node 0x{node_hash.hex()} of the {trie} at path {path.hex()!r}"
            )
        return data


def witness_headers(witness: Witness, parent_hash: Hash32) -> dict[int, Header]:
    """The witness's ancestors by number, each proven to be one. Raises InvalidWitness."""
    if not 0 < len(witness.headers) <= _MAX_ANCESTORS:
        raise InvalidWitness(f"witness has {len(witness.headers)} headers, expected 1 to 256")
    headers: dict[int, Header] = {}
    expected = parent_hash
    for data in reversed(witness.headers):
        try:
            header = header_from_items(decode(data))
        except InvalidEncoding as error:
            raise InvalidWitness(f"witness header does not decode: {error}") from error
        if header.hash != expected:
            raise InvalidWitness(
                f"witness header 0x{header.hash.hex()} breaks the chain: expected"
                f" 0x{expected.hex()}"
            )
        headers[header.number] = header
        expected = header.parent_hash
    return headers
