"""Blocks that a real chain is full of, for measuring engines: one sender, one kind each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from node.crypto import EMPTY_TRIE_ROOT, address_of, keccak256
from node.evm.builder import BlockAttributes, BlockBuilder
from node.evm.chain_config import ChainConfig
from node.evm.execution import ExecutedBlock
from node.evm.genesis import Genesis
from node.evm.python_engine import python_engine
from node.evm.transactions import DYNAMIC_FEE, Transaction, decode_transaction
from node.state.account import Account, StateChanges
from node.types import Address
from tests.unit.evm.chains import genesis_json

SECRET: Final = b"\x01" * 32
SENDER: Final = address_of(SECRET)
TOKEN: Final[Address] = b"\x11" * 20
PRICER: Final[Address] = b"\x22" * 20
WRITER: Final[Address] = b"\x44" * 20
HASHER: Final[Address] = b"\x55" * 20
CHAIN_ID: Final = 1
BASE_FEE: Final = 10
_GAS_LIMIT: Final = 60_000_000

_CONTRACTS: Final = json.loads(
    (Path(__file__).parent / "contracts" / "contracts.json").read_bytes()
)
_ONE: Final = 10**18
_WRITES: Final = bytes.fromhex("5f3560145b8082018055600190038060045700")
"""Writes 20 slots, new ones for another word of call data."""
_HASHES: Final = bytes.fromhex("60645b6104005f205f52600190038060025700")
"""Hashes a kibibyte of memory a hundred times."""


def genesis() -> StateChanges:
    """The sender's account, a token it holds and the option pricer."""
    changes = StateChanges(accounts={SENDER: Account(balance=10**24)})
    codes = {
        TOKEN: bytes.fromhex(_CONTRACTS["Token"]["code"][2:]),
        PRICER: bytes.fromhex(_CONTRACTS["BlackScholes"]["code"][2:]),
        WRITER: _WRITES,
        HASHER: _HASHES,
    }
    for address, code in codes.items():
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


def store(i: int) -> tuple[Address, int, bytes, int]:
    """Twenty new slots of storage."""
    return WRITER, 0, (10**30 + 1000 * i).to_bytes(32), 700_000


def keccak(i: int) -> tuple[Address, int, bytes, int]:
    """A hundred hashes of a kibibyte."""
    return HASHER, 0, i.to_bytes(32), 200_000


WORKLOADS: Final = {
    "transfers": transfer,
    "erc20": erc20_transfer,
    "black_scholes": option_price,
    "sstore": store,
    "keccak": keccak,
}


def signed_transactions(workload: str, count: int) -> list[bytes]:
    """Encoded transactions, in order of nonce."""
    made = []
    for i in range(count):
        to, value, data, gas = WORKLOADS[workload](i)
        tx = Transaction(DYNAMIC_FEE, CHAIN_ID, i, 1, 100, gas, to, value, data)
        made.append(tx.signed(SECRET).encoded)
    return made


def chain_of_workloads() -> Genesis:
    """The workloads' accounts on a chain with every fork active."""
    state, document = genesis(), genesis_json(chainId=CHAIN_ID)
    document |= {"gasLimit": hex(_GAS_LIMIT), "baseFeePerGas": hex(BASE_FEE)}
    for address, account in state.accounts.items():
        assert account is not None
        slots = state.storage.get(address, {})
        document["alloc"][address.hex()] = {
            "balance": hex(account.balance),
            "nonce": hex(account.nonce),
            "code": "0x" + state.codes.get(account.code_hash, b"").hex(),
            "storage": {f"0x{slot:064x}": hex(value) for slot, value in slots.items()},
        }
    return Genesis.from_json(document)


def block_of(workload: str, count: int) -> tuple[ChainConfig, ExecutedBlock]:
    """A block of one kind of transaction, with its witness."""
    start = chain_of_workloads()
    attributes = BlockAttributes(timestamp=3, coinbase=b"\x33" * 20, gas_limit=_GAS_LIMIT)
    builder = BlockBuilder(
        python_engine,
        start.config,
        start.header,
        start.state(),
        attributes,
        header_at=[start.header].__getitem__,
    )
    for raw in signed_transactions(workload, count):
        builder.add(decode_transaction(raw))
    return start.config, builder.seal()
