"""The genesis block: a geth genesis file in, allocations and header out.

Source: geth's core/genesis.go for keys, defaults and which fork's fields the header carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from node.crypto import EMPTY_TRIE_ROOT, keccak256
from node.errors import InvalidGenesis
from node.evm.block import EMPTY_REQUESTS_HASH, Block, Header
from node.evm.chain_config import ChainConfig
from node.evm.fees import INITIAL_BASE_FEE
from node.evm.forks import Fork
from node.evm.json_fields import read_address, read_bytes, read_object, read_quantity, read_word
from node.state.account import Account, StateChanges
from node.state.memory import MemoryState
from node.state.roots import StateUpdate, compute_update
from node.types import ZERO_HASH, Address

_ACCOUNT_KEYS: Final = frozenset(
    {"balance", "nonce", "code", "storage", "secretKey", "privateKey", "comment"}
)
"""Of an allocation; other clients' files carry the last three, which say nothing of the state."""
_DEFAULT_GAS_LIMIT: Final = 4_712_388


@dataclass(frozen=True)
class GenesisAccount:
    """One allocation. balance: wei. storage: values by slot, none of them zero."""

    balance: int = 0
    nonce: int = 0
    code: bytes = b""
    storage: Mapping[int, int] | None = None


@dataclass(frozen=True)
class Genesis:
    """A parsed genesis: configuration, allocations and the fields of the header that are chosen."""

    config: ChainConfig
    alloc: Mapping[Address, GenesisAccount]
    template: Header
    """The header before its state root is known."""

    @classmethod
    def from_json(cls, genesis: Mapping[str, Any]) -> Genesis:
        """From the JSON object of a geth genesis file. Raises InvalidGenesis, naming the key."""
        config, alloc = genesis.get("config"), genesis.get("alloc")
        if not isinstance(config, Mapping) or not isinstance(alloc, Mapping):
            raise InvalidGenesis('genesis: needs the objects "config" and "alloc"')
        parsed = ChainConfig.from_json(config)
        return cls(parsed, read_alloc(alloc), _header(genesis, parsed))

    @cached_property
    def changes(self) -> StateChanges:
        """The allocations as changes to the empty state."""
        changes = StateChanges()
        for address, account in self.alloc.items():
            code_hash = keccak256(account.code)
            changes.accounts[address] = Account(
                account.nonce, account.balance, EMPTY_TRIE_ROOT, code_hash
            )
            if account.code:
                changes.codes[code_hash] = account.code
            if account.storage:
                changes.storage[address] = dict(account.storage)
        return changes

    @cached_property
    def update(self) -> StateUpdate:
        """The genesis state as an update of the empty state."""
        return compute_update(MemoryState(), self.changes)

    @cached_property
    def header(self) -> Header:
        """The genesis header; its hash names the chain."""
        return replace(self.template, state_root=self.update.root)

    @cached_property
    def block(self) -> Block:
        """The genesis block."""
        return Block(self.header, withdrawals=None if self.header.withdrawals_root is None else ())

    def state(self) -> MemoryState:
        """A fresh in-memory copy of the genesis state."""
        state = MemoryState()
        state.apply(self.update)
        return state


def read_alloc(alloc: Mapping[str, Any]) -> dict[Address, GenesisAccount]:
    """Allocations from JSON: address (with or without 0x) -> balance, nonce, code, storage."""
    accounts: dict[Address, GenesisAccount] = {}
    for key, entry in alloc.items():
        address = read_address(key, "genesis alloc")
        name = f"genesis alloc 0x{address.hex()}"
        if address in accounts:
            raise InvalidGenesis(f"{name}: allocated twice")
        fields = read_object(entry, name)
        unknown = sorted(fields.keys() - _ACCOUNT_KEYS)
        if unknown:
            raise InvalidGenesis(f"{name}: unknown key {unknown[0]!r}; a misspelt one loses funds")
        slots = {
            read_word(slot, f"{name} storage slot"): read_word(value, f"{name} storage value")
            for slot, value in read_object(fields.get("storage"), f"{name} storage").items()
        }
        accounts[address] = GenesisAccount(
            read_quantity(fields.get("balance", 0), f"{name} balance"),
            read_quantity(fields.get("nonce", 0), f"{name} nonce", 8),
            read_bytes(fields.get("code") or "0x", f"{name} code"),
            {slot: value for slot, value in slots.items() if value},
        )
    return accounts


def _header(genesis: Mapping[str, Any], config: ChainConfig) -> Header:
    def number(key: str, default: int = 0, size: int = 8) -> int:
        return read_quantity(genesis.get(key, default), f"genesis {key}", size)

    def word(key: str) -> bytes:
        return read_word(genesis.get(key) or "0x", f"genesis {key}").to_bytes(32, "big")

    timestamp = number("timestamp")
    if number("number"):
        raise InvalidGenesis(f"genesis number: {number('number')}; a genesis block is block 0")
    fork = config.fork_at(0, timestamp)
    return Header(
        parent_hash=word("parentHash"),
        coinbase=read_address(genesis.get("coinbase") or "0x" + "00" * 20, "genesis coinbase"),
        difficulty=number("difficulty", 0 if fork >= Fork.PARIS else 2**17, 32),
        gas_limit=number("gasLimit", _DEFAULT_GAS_LIMIT) or _DEFAULT_GAS_LIMIT,
        gas_used=number("gasUsed"),
        timestamp=timestamp,
        extra_data=read_bytes(genesis.get("extraData") or "0x", "genesis extraData"),
        prev_randao=word("mixHash"),
        nonce=number("nonce").to_bytes(8, "big"),
        base_fee_per_gas=number("baseFeePerGas", INITIAL_BASE_FEE) if fork >= Fork.LONDON else None,
        withdrawals_root=EMPTY_TRIE_ROOT if fork >= Fork.SHANGHAI else None,
        blob_gas_used=number("blobGasUsed") if fork >= Fork.CANCUN else None,
        excess_blob_gas=number("excessBlobGas") if fork >= Fork.CANCUN else None,
        parent_beacon_block_root=ZERO_HASH if fork >= Fork.CANCUN else None,
        requests_hash=EMPTY_REQUESTS_HASH if fork >= Fork.PRAGUE else None,
    )
