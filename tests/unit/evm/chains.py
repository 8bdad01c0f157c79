"""Small chains for tests: a genesis with funded accounts, and blocks on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from node.crypto import address_of
from node.evm.block import Block, Header
from node.evm.builder import BlockAttributes, BlockBuilder
from node.evm.execution import ExecutedBlock
from node.evm.genesis import Genesis
from node.evm.transactions import DYNAMIC_FEE, Transaction
from node.state.memory import MemoryState
from node.types import Address
from tests.unit.evm.programs import ENGINE

SECRETS = [bytes([0] * 31 + [n]) for n in range(1, 11)]
ACCOUNTS = [address_of(secret) for secret in SECRETS]
COINBASE = bytes.fromhex("c0") * 20
CHAIN_ID = 1337
ETHER = 10**18

COUNTER = bytes.fromhex("60015f54015f5500")
"""Adds one to slot 0."""
CLEARER = bytes.fromhex("5f35545f5f355500")
"""Reads and clears the slot that the call data names."""
STORER = bytes.fromhex("6020355f355500")
"""Stores the second word of the call data in the slot that the first names."""
BLOCK_HASHER = bytes.fromhex("5f35405f5500")
"""Stores in slot 0 the hash of the block that the call data names."""
COUNTER_AT, CLEARER_AT, STORER_AT, BLOCK_HASHER_AT = (bytes([n]) * 20 for n in (0xA, 0xB, 0xC, 0xD))

REQUEST_CONTRACTS = (
    "00000961ef480eb55e80d19ad83579a64c007002",
    "0000bbddc7ce488642fb579f8b00f3a590007251",
)
"""EIP-7002 and EIP-7251; a lone STOP stands in for them: no requests."""


def genesis_json(**config: Any) -> dict[str, Any]:
    """A geth genesis with every fork up to Osaka active, unless `config` says otherwise."""
    forks = dict.fromkeys(
        [
            "homesteadBlock", "eip150Block", "eip155Block", "eip158Block", "byzantiumBlock",
            "constantinopleBlock", "petersburgBlock", "istanbulBlock", "berlinBlock",
            "londonBlock", "terminalTotalDifficulty", "shanghaiTime", "cancunTime", "pragueTime",
            "osakaTime",
        ],
        0,
    )  # fmt: skip
    codes = {
        COUNTER_AT: COUNTER, CLEARER_AT: CLEARER, STORER_AT: STORER,
        BLOCK_HASHER_AT: BLOCK_HASHER,
    }  # fmt: skip
    alloc: dict[str, Any] = {a.hex(): {"balance": hex(1_000 * ETHER)} for a in ACCOUNTS}
    alloc |= {a.hex(): {"balance": "0x0", "code": c.hex()} for a, c in codes.items()}
    alloc |= {address: {"balance": "0x0", "code": "0x00"} for address in REQUEST_CONTRACTS}
    alloc[CLEARER_AT.hex()]["storage"] = {f"0x{n:064x}": f"0x{n + 7:x}" for n in range(20)}
    merged = {"chainId": CHAIN_ID, **forks, **config}
    return {
        "config": {key: value for key, value in merged.items() if value is not None},
        "alloc": alloc,
        "gasLimit": hex(30_000_000),
        "timestamp": "0x1",
        "baseFeePerGas": hex(10**9),
    }


def transaction(
    sender: int, nonce: int, to: Address | None, data: bytes = b"", **fields: Any
) -> Transaction:
    """A signed dynamic-fee transaction of account `sender`."""
    values = {
        "type": DYNAMIC_FEE, "chain_id": CHAIN_ID, "nonce": nonce, "to": to, "data": data,
        "max_priority_fee_per_gas": 10**9, "max_fee_per_gas": 20 * 10**9,
        "gas_limit": 100_000, "value": 0,
    }  # fmt: skip
    return Transaction(**(values | fields)).signed(SECRETS[sender])


class MemoryChain:
    """A chain in memory: builds on its head, keeps headers and state."""

    def __init__(self, genesis: Genesis) -> None:
        self.genesis = genesis
        self.config = genesis.config
        self.state: MemoryState = genesis.state()
        self.headers: list[Header] = [genesis.header]
        self.blocks: list[Block] = [genesis.block]

    @property
    def head(self) -> Header:
        return self.headers[-1]

    @property
    def header_at(self) -> Callable[[int], Header]:
        return self.headers.__getitem__

    def builder(self, **attributes: Any) -> BlockBuilder:
        values = {"timestamp": self.head.timestamp + 2, "coinbase": COINBASE} | attributes
        return BlockBuilder(
            ENGINE.get(),
            self.config,
            self.head,
            self.state,
            BlockAttributes(**values),
            header_at=self.header_at,
        )

    def append(self, executed: ExecutedBlock) -> None:
        self.state.apply(executed.update)
        self.headers.append(executed.block.header)
        self.blocks.append(executed.block)

    def build(self, *transactions: Transaction, **attributes: Any) -> ExecutedBlock:
        """Seals a block of these transactions on the head, which stays the head."""
        builder = self.builder(**attributes)
        for tx in transactions:
            builder.add(tx)
        return builder.seal()

    def grow(self, *transactions: Transaction, **attributes: Any) -> ExecutedBlock:
        """Seals and appends a block of these transactions."""
        executed = self.build(*transactions, **attributes)
        self.append(executed)
        return executed
