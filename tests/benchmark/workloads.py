"""Blocks that a real chain is full of, for measuring engines: one sender, one kind each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from node.crypto import EMPTY_TRIE_ROOT, address_of, keccak256
from node.evm.transactions import DYNAMIC_FEE, Transaction
from node.state.account import Account, StateChanges
from node.types import Address

SECRET: Final = b"\x01" * 32
SENDER: Final = address_of(SECRET)
TOKEN: Final[Address] = b"\x11" * 20
PRICER: Final[Address] = b"\x22" * 20
CHAIN_ID: Final = 1
BASE_FEE: Final = 10

_CONTRACTS: Final = json.loads(
    (Path(__file__).parent / "contracts" / "contracts.json").read_bytes()
)
_ONE: Final = 10**18


def genesis() -> StateChanges:
    """The sender's account, a token it holds and the option pricer."""
    changes = StateChanges(accounts={SENDER: Account(balance=10**24)})
    for address, name in ((TOKEN, "Token"), (PRICER, "BlackScholes")):
        code = bytes.fromhex(_CONTRACTS[name]["code"][2:])
        code_hash = keccak256(code)
        changes.accounts[address] = Account(1, 0, EMPTY_TRIE_ROOT, code_hash)
        changes.codes[code_hash] = code
    balance_slot = keccak256(SENDER.rjust(32, b"\0") + bytes(32))
    changes.storage[TOKEN] = {int.from_bytes(balance_slot): 10**30}
    return changes


def _calldata(contract: str, function: str, *arguments: int) -> bytes:
    methods = _CONTRACTS[contract]["methods"]
    selector = next(value for name, value in methods.items() if name.startswith(function + "("))
    return bytes.fromhex(selector) + b"".join(a.to_bytes(32) for a in arguments)


def transfer(i: int) -> tuple[Address, int, bytes, int]:
    """Ether to a new account: (to, value, data, gas limit)."""
    return (10**30 + i).to_bytes(20), 1, b"", 21_000


def erc20_transfer(i: int) -> tuple[Address, int, bytes, int]:
    """Tokens to a new holder."""
    return TOKEN, 0, _calldata("Token", "transfer", 10**30 + i, 5 + i), 100_000


def option_price(i: int) -> tuple[Address, int, bytes, int]:
    """A Black-Scholes price in fixed point, 87,000 gas of arithmetic."""
    spot, strike, volatility = (3000 + i) * _ONE, 3000 * _ONE, 6 * _ONE // 10
    data = _calldata("BlackScholes", "price", spot, strike, volatility, _ONE // 20, 3 * _ONE // 10)
    return PRICER, 0, data, 500_000


WORKLOADS: Final = {
    "transfers": transfer,
    "erc20": erc20_transfer,
    "black_scholes": option_price,
}


def signed_transactions(workload: str, count: int) -> list[bytes]:
    """Encoded transactions, in order of nonce."""
    made = []
    for i in range(count):
        to, value, data, gas = WORKLOADS[workload](i)
        tx = Transaction(DYNAMIC_FEE, CHAIN_ID, i, 1, 100, gas, to, value, data)
        made.append(tx.signed(SECRET).encoded)
    return made
