"""A ledger to run a pool on, and transactions of a few accounts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from node.codec import encode, int_to_bytes
from node.crypto import address_of, keccak256, sign
from node.evm.forks import Fork
from node.evm.transactions import DYNAMIC_FEE, LEGACY, SET_CODE, Authorization, Transaction
from node.rollup.mempool import PoolHead
from node.state.account import Account
from node.types import Address, Hash32

CHAIN_ID = 1337
GWEI = 10**9
ETHER = 10**18
KEYS = [keccak256(b"account %d" % n) for n in range(40)]
ADDRESSES = [address_of(key) for key in KEYS]
RECIPIENT = bytes(19) + b"\x99"


@dataclass
class Ledger:
    """Accounts that a test may change between two heads."""

    accounts: dict[Address, Account] = field(default_factory=dict)
    codes: dict[Hash32, bytes] = field(default_factory=dict)

    def account(self, address: Address) -> Account | None:
        return self.accounts.get(address)

    def storage(self, address: Address, slot: int) -> int:
        return 0

    def code(self, code_hash: Hash32) -> bytes:
        return self.codes[code_hash]

    def fund(self, address: Address, wei: int = 1_000 * ETHER) -> None:
        self.update(address, balance=wei)

    def update(self, address: Address, **fields: Any) -> None:
        account = self.accounts.get(address, Account())
        self.accounts[address] = account._replace(**fields)

    def set_code(self, address: Address, code: bytes) -> None:
        self.codes[keccak256(code)] = code
        self.update(address, code_hash=keccak256(code))


class Clock:
    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def transfer(
    account: int = 0,
    nonce: int = 0,
    *,
    tip: int = 1 * GWEI,
    cap: int | None = None,
    **fields: Any,
) -> Transaction:
    """A signed dynamic-fee transfer; `fields` replace any of its own."""
    tx = Transaction(
        type=DYNAMIC_FEE,
        chain_id=CHAIN_ID,
        nonce=nonce,
        max_priority_fee_per_gas=tip,
        max_fee_per_gas=10 * GWEI if cap is None else cap,
        gas_limit=21_000,
        to=RECIPIENT,
        value=1,
        data=b"",
    )
    return replace(tx, **fields).signed(KEYS[account])


def legacy(
    account: int = 0, nonce: int = 0, *, price: int = 1 * GWEI, **fields: Any
) -> Transaction:
    """A signed legacy transfer."""
    return transfer(account, nonce, tip=price, cap=price, **({"type": LEGACY} | fields))


def authorization(account: int, nonce: int = 0) -> Authorization:
    """A delegation to some contract, signed by the account (EIP-7702)."""
    target = b"\x11" * 20
    message = encode([int_to_bytes(CHAIN_ID), target, int_to_bytes(nonce)])
    return Authorization(
        CHAIN_ID, target, nonce, *sign(KEYS[account], keccak256(b"\x05" + message))
    )


def delegation(account: int, *authorities: int, nonce: int = 0, **fields: Any) -> Transaction:
    """A transaction of `account` that carries these accounts' authorizations."""
    signed = tuple(authorization(authority) for authority in authorities)
    own = {"type": SET_CODE, "gas_limit": 200_000, "authorizations": signed}
    return transfer(account, nonce, **(own | fields))


def head(ledger: Ledger, gas_limit: int = 30_000_000, base_fee: int = GWEI) -> PoolHead:
    return PoolHead(Fork.OSAKA, gas_limit, base_fee, ledger)
