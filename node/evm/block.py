"""Headers, blocks, receipts: records and their RLP.

Source: Yellow Paper 4.3 and the EIPs that added each header field (named beside it).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import Final

from node.codec import RlpItem, as_bytes, as_int, as_list, decode, encode, int_to_bytes
from node.crypto import EMPTY_OMMERS_HASH, EMPTY_TRIE_ROOT, keccak256
from node.errors import InvalidEncoding
from node.evm.transactions import LEGACY, Transaction, decode_transaction
from node.types import ZERO_ADDRESS, ZERO_HASH, Address, Hash32

EMPTY_BLOOM: Final = bytes(256)
EMPTY_REQUESTS_HASH: Final[Hash32] = bytes.fromhex(
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)
"""sha256 of nothing (EIP-7685)."""


@dataclass(frozen=True)
class Header:
    """A block header of any fork; fields a fork lacks are None, and then so are all after them."""

    parent_hash: Hash32
    ommers_hash: Hash32 = EMPTY_OMMERS_HASH
    coinbase: Address = ZERO_ADDRESS
    state_root: Hash32 = EMPTY_TRIE_ROOT
    transactions_root: Hash32 = EMPTY_TRIE_ROOT
    receipts_root: Hash32 = EMPTY_TRIE_ROOT
    bloom: bytes = EMPTY_BLOOM
    difficulty: int = 0
    number: int = 0
    gas_limit: int = 0
    gas_used: int = 0
    timestamp: int = 0
    extra_data: bytes = b""
    prev_randao: Hash32 = ZERO_HASH
    nonce: bytes = bytes(8)
    base_fee_per_gas: int | None = None
    """EIP-1559."""
    withdrawals_root: Hash32 | None = None
    """EIP-4895."""
    blob_gas_used: int | None = None
    """EIP-4844."""
    excess_blob_gas: int | None = None
    """EIP-4844."""
    parent_beacon_block_root: Hash32 | None = None
    """EIP-4788; on the L2 it carries the L1 message anchor."""
    requests_hash: Hash32 | None = None
    """EIP-7685."""

    @cached_property
    def encoded(self) -> bytes:
        """The header's RLP."""
        return encode(self.items())

    @cached_property
    def hash(self) -> Hash32:
        """The block hash."""
        return keccak256(self.encoded)

    def items(self) -> list[RlpItem]:
        """The fields as RLP items, without trailing absent ones."""
        values = [getattr(self, name) for name in _HEADER_FIELDS]
        return [int_to_bytes(v) if isinstance(v, int) else v for v in values if v is not None]


_HEADER_FIELDS: Final = tuple(Header.__dataclass_fields__)
_HEADER_LENGTHS: Final = {
    "parent_hash": 32, "ommers_hash": 32, "coinbase": 20, "state_root": 32, "transactions_root": 32,
    "receipts_root": 32, "bloom": 256, "extra_data": None, "prev_randao": 32, "nonce": 8,
    "withdrawals_root": 32, "parent_beacon_block_root": 32, "requests_hash": 32,
}  # fmt: skip
"""Byte-string fields and their lengths; every other field is an integer."""


def header_from_items(item: RlpItem) -> Header:
    """Inverse of `Header.items`. Raises InvalidEncoding."""
    items = as_list(item, "header")
    if not 15 <= len(items) <= len(_HEADER_FIELDS):
        raise InvalidEncoding(f"header: {len(items)} fields, expected 15 to {len(_HEADER_FIELDS)}")
    values: dict[str, int | bytes] = {}
    for name, value in zip(_HEADER_FIELDS, items, strict=False):
        if name in _HEADER_LENGTHS:
            values[name] = as_bytes(value, name, _HEADER_LENGTHS[name])
        else:
            values[name] = as_int(
                value, name, 32 if name in ("difficulty", "base_fee_per_gas") else 8
            )
    return Header(**values)  # type: ignore[arg-type]  # names and types come from one table


@dataclass(frozen=True)
class Withdrawal:
    """EIP-4895. amount: gwei."""

    index: int
    validator_index: int
    address: Address
    amount: int

    def items(self) -> list[RlpItem]:
        """The fields as RLP items."""
        return [
            int_to_bytes(self.index), int_to_bytes(self.validator_index),
            self.address, int_to_bytes(self.amount),
        ]  # fmt: skip


@dataclass(frozen=True)
class Block:
    """A whole block. withdrawals is None before Shanghai."""

    header: Header
    transactions: tuple[Transaction, ...] = ()
    ommers: tuple[Header, ...] = ()
    withdrawals: tuple[Withdrawal, ...] | None = None

    @cached_property
    def encoded(self) -> bytes:
        """The block's RLP."""
        return encode([self.header.items(), *self.body_items()])

    def body_items(self) -> list[RlpItem]:
        """Everything but the header: [transactions, ommers(, withdrawals)]."""
        txs: list[RlpItem] = [
            decode(tx.encoded) if tx.type == LEGACY else tx.encoded for tx in self.transactions
        ]
        items: list[RlpItem] = [txs, [o.items() for o in self.ommers]]
        if self.withdrawals is not None:
            items.append([w.items() for w in self.withdrawals])
        return items


def decode_block(data: bytes) -> Block:
    """Inverse of `Block.encoded`. Raises InvalidEncoding or InvalidTransaction."""
    items = as_list(decode(data), "block")
    if len(items) not in (3, 4):
        raise InvalidEncoding(f"block: {len(items)} items, expected 3 or 4")
    return block_from_parts(header_from_items(items[0]), list(items[1:]))


def block_from_parts(header: Header, body: list[RlpItem]) -> Block:
    """A block from its header and `Block.body_items`."""
    return Block(
        header,
        tuple(_transaction(tx) for tx in as_list(body[0], "transactions")),
        tuple(header_from_items(o) for o in as_list(body[1], "ommers")),
        tuple(_withdrawal(w) for w in as_list(body[2], "withdrawals")) if len(body) > 2 else None,
    )


def _transaction(item: RlpItem) -> Transaction:
    if isinstance(item, bytes):
        if item[:1] >= b"\xc0":
            raise InvalidEncoding("legacy transaction wrapped in a byte string")
        return decode_transaction(item)
    return decode_transaction(encode(item))


def _withdrawal(item: RlpItem) -> Withdrawal:
    index, validator, address, amount = as_list(item, "withdrawal", 4)
    return Withdrawal(
        as_int(index, "withdrawal index", 8),
        as_int(validator, "validator index", 8),
        as_bytes(address, "withdrawal address", 20),
        as_int(amount, "withdrawal amount", 8),
    )


@dataclass(frozen=True)
class Log:
    """One log entry. topics: 0 to 4 of 32 bytes."""

    address: Address
    topics: tuple[Hash32, ...]
    data: bytes

    def items(self) -> list[RlpItem]:
        """The fields as RLP items."""
        return [self.address, list(self.topics), self.data]


@dataclass(frozen=True)
class Receipt:
    """What consensus keeps of an executed transaction.

    status: 1 or 0 since Byzantium; the 32-byte intermediate state root before it.
    """

    type: int
    status: int | Hash32
    cumulative_gas_used: int
    logs: tuple[Log, ...] = field(default=())

    @cached_property
    def bloom(self) -> bytes:
        """The 2048-bit bloom of the logs (Yellow Paper 4.3.1)."""
        return bloom_of(self.logs)

    @cached_property
    def encoded(self) -> bytes:
        """Type byte and payload, or RLP list (EIP-2718)."""
        status = int_to_bytes(self.status) if isinstance(self.status, int) else self.status
        payload = encode([
            status, int_to_bytes(self.cumulative_gas_used), self.bloom,
            [log.items() for log in self.logs],
        ])  # fmt: skip
        return payload if self.type == LEGACY else bytes((self.type,)) + payload


def decode_receipt(data: bytes) -> Receipt:
    """Inverse of `Receipt.encoded`. Raises InvalidEncoding."""
    if not data:
        raise InvalidEncoding("receipt: no bytes")
    kind = LEGACY if data[0] >= 0xC0 else data[0]
    status, gas, bloom, logs = as_list(decode(data[1:] if kind else data), "receipt", 4)
    raw_status = as_bytes(status, "status")
    receipt = Receipt(
        kind,
        raw_status if len(raw_status) == 32 else as_int(raw_status, "status", 1),
        as_int(gas, "cumulative gas", 8),
        tuple(_log(log) for log in as_list(logs, "logs")),
    )
    if receipt.bloom != bloom:
        raise InvalidEncoding("receipt: bloom does not match the logs")
    return receipt


def _log(item: RlpItem) -> Log:
    address, topics, data = as_list(item, "log", 3)
    return Log(
        as_bytes(address, "log address", 20),
        tuple(as_bytes(t, "topic", 32) for t in as_list(topics, "topics")),
        as_bytes(data, "log data"),
    )


def bloom_of(logs: tuple[Log, ...]) -> bytes:
    """The bloom of these logs."""
    if not logs:
        return EMPTY_BLOOM
    entries = {entry for log in logs for entry in (log.address, *log.topics)}
    return reduce(int.__or__, map(bloom_bits, entries)).to_bytes(256, "big")


def bloom_bits(entry: bytes) -> int:
    """The three bloom bits of an address or topic, as an integer mask."""
    digest = keccak256(entry)
    return reduce(
        int.__or__, (1 << (int.from_bytes(digest[i : i + 2], "big") & 2047) for i in (0, 2, 4))
    )
