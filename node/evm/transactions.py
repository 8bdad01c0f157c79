"""Transactions of types 0 to 4: codec, hashes, sender.

One frozen record for every type; fields a type lacks keep their neutral value. `gas_price` of types
0 and 1 is stored in both fee fields, as EIP-1559 defines their equivalence.
Sources: EIP-155, EIP-2718, EIP-2930, EIP-1559, EIP-4844, EIP-7702.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from node.codec import RlpItem, as_bytes, as_int, as_list, decode, encode, int_to_bytes
from node.crypto import SECP256K1_N, keccak256, recover_address, sign
from node.errors import InvalidEncoding, InvalidTransaction, TxFault
from node.types import Address, Hash32

LEGACY: Final = 0
ACCESS_LIST: Final = 1
DYNAMIC_FEE: Final = 2
BLOB: Final = 3
SET_CODE: Final = 4

_SET_CODE_MAGIC: Final = b"\x05"
_FIELD_COUNTS: Final = {LEGACY: 9, ACCESS_LIST: 11, DYNAMIC_FEE: 12, BLOB: 14, SET_CODE: 13}

AccessList = tuple[tuple[Address, tuple[int, ...]], ...]
"""(address, storage slots) in the order given; duplicates are charged, so they are kept."""


@dataclass(frozen=True)
class Authorization:
    """One EIP-7702 authorization tuple. Its signature may be anything: a bad one is skipped."""

    chain_id: int
    address: Address
    nonce: int
    y_parity: int
    r: int
    s: int

    @cached_property
    def authority(self) -> Address | None:
        """The account that signed, or None if the signature is not valid (EIP-7702, EIP-2)."""
        if self.s > SECP256K1_N // 2:
            return None
        message = encode([int_to_bytes(self.chain_id), self.address, int_to_bytes(self.nonce)])
        return recover_address(keccak256(_SET_CODE_MAGIC + message), self.y_parity, self.r, self.s)

    def _items(self) -> list[RlpItem]:
        return [
            int_to_bytes(self.chain_id),
            self.address,
            *map(int_to_bytes, (self.nonce, self.y_parity, self.r, self.s)),
        ]


@dataclass(frozen=True)
class Transaction:
    """A signed transaction (unsigned while r = s = 0).

    to: None creates a contract. chain_id: None for a legacy transaction without EIP-155.
    Fees in wei per gas; value in wei.
    """

    type: int
    chain_id: int | None
    nonce: int
    max_priority_fee_per_gas: int
    max_fee_per_gas: int
    gas_limit: int
    to: Address | None
    value: int
    data: bytes
    access_list: AccessList = ()
    max_fee_per_blob_gas: int = 0
    blob_hashes: tuple[Hash32, ...] = ()
    authorizations: tuple[Authorization, ...] = ()
    y_parity: int = 0
    r: int = 0
    s: int = 0

    @cached_property
    def encoded(self) -> bytes:
        """Type byte and payload, or RLP list: what eth_sendRawTransaction takes."""
        payload = encode(self._fields() + self._signature_fields())
        return payload if self.type == LEGACY else bytes((self.type,)) + payload

    @cached_property
    def hash(self) -> Hash32:
        """The transaction hash."""
        return keccak256(self.encoded)

    @cached_property
    def sender(self) -> Address:
        """Recovered from the signature (EIP-2, EIP-155). Raises InvalidTransaction if none is."""
        if self.s > SECP256K1_N // 2:
            raise InvalidTransaction(
                TxFault.INVALID_SIGNATURE, "invalid transaction v, r, s values"
            )
        sender = recover_address(self.signing_hash, self.y_parity, self.r, self.s)
        if sender is None:
            raise InvalidTransaction(
                TxFault.INVALID_SIGNATURE, "invalid transaction v, r, s values"
            )
        return sender

    @property
    def signing_hash(self) -> Hash32:
        """What the sender signs."""
        if self.type != LEGACY:
            return keccak256(bytes((self.type,)) + encode(self._fields()))
        suffix: list[RlpItem] = []
        if self.chain_id is not None:
            suffix = [int_to_bytes(self.chain_id), b"", b""]
        return keccak256(encode(self._fields() + suffix))

    @property
    def blob_gas(self) -> int:
        """Blob gas used (EIP-4844)."""
        return 2**17 * len(self.blob_hashes)

    def effective_gas_price(self, base_fee: int) -> int:
        """Wei per gas the sender pays in a block with this base fee (EIP-1559)."""
        return min(self.max_fee_per_gas, base_fee + self.max_priority_fee_per_gas)

    def signed(self, secret: bytes) -> Transaction:
        """This transaction signed with a 32-byte key."""
        y_parity, r, s = sign(secret, self.signing_hash)
        return replace(self, y_parity=y_parity, r=r, s=s)

    def _fields(self) -> list[RlpItem]:
        head = [] if self.type == LEGACY else [int_to_bytes(self.chain_id or 0)]
        fees = [int_to_bytes(self.max_fee_per_gas)]
        if self.type >= DYNAMIC_FEE:
            fees.insert(0, int_to_bytes(self.max_priority_fee_per_gas))
        fields: list[RlpItem] = [
            *head,
            int_to_bytes(self.nonce),
            *fees,
            int_to_bytes(self.gas_limit),
            self.to or b"",
            int_to_bytes(self.value),
            self.data,
        ]
        if self.type != LEGACY:
            fields.append([[a, [s.to_bytes(32, "big") for s in ss]] for a, ss in self.access_list])
        if self.type == BLOB:
            fields += [int_to_bytes(self.max_fee_per_blob_gas), list(self.blob_hashes)]
        if self.type == SET_CODE:
            fields.append([a._items() for a in self.authorizations])
        return fields

    def _signature_fields(self) -> list[RlpItem]:
        v = self.y_parity
        if self.type == LEGACY:
            v += 27 if self.chain_id is None else 35 + 2 * self.chain_id
        return [int_to_bytes(v), int_to_bytes(self.r), int_to_bytes(self.s)]


def decode_transaction(data: bytes) -> Transaction:
    """Decodes one transaction as `Transaction.encoded` writes it; nothing else is accepted.

    Raises InvalidTransaction (TYPE_NOT_SUPPORTED for an unknown type byte, RLP for the rest).
    """
    if not data:
        raise InvalidTransaction(TxFault.RLP, "typed transaction too short")
    try:
        if data[0] >= 0xC0:
            tx = _from_items(LEGACY, as_list(decode(data), "transaction"))
        elif data[0] in _FIELD_COUNTS and data[0] != LEGACY:
            tx = _from_items(data[0], as_list(decode(data[1:]), "transaction"))
        else:
            raise InvalidTransaction(TxFault.TYPE_NOT_SUPPORTED, "transaction type not supported")
    except InvalidEncoding as error:
        raise InvalidTransaction(TxFault.RLP, f"rlp: {error}") from error
    tx.__dict__["encoded"] = data  # there is one encoding only, so it need not be made again
    return tx


def _from_items(kind: int, items: Sequence[RlpItem]) -> Transaction:
    as_list(items, "transaction", _FIELD_COUNTS[kind])
    fields = iter(items)
    chain_id = None if kind == LEGACY else as_int(next(fields), "chain id")
    nonce = as_int(next(fields), "nonce", 8)
    tip = as_int(next(fields), "gas price")
    cap = as_int(next(fields), "max fee per gas") if kind >= DYNAMIC_FEE else tip
    gas_limit = as_int(next(fields), "gas limit", 8)
    to = as_bytes(next(fields), "to")
    if len(to) not in (0, 20):
        raise InvalidEncoding(f"to: expected 0 or 20 bytes, got {len(to)}")
    value = as_int(next(fields), "value")
    payload = as_bytes(next(fields), "data")
    access_list = () if kind == LEGACY else _access_list(next(fields))
    blob_fee = as_int(next(fields), "max fee per blob gas") if kind == BLOB else 0
    blobs = (
        tuple(as_bytes(h, "blob hash", 32) for h in as_list(next(fields), "blob hashes"))
        if kind == BLOB
        else ()
    )
    authorizations = (
        tuple(_authorization(a) for a in as_list(next(fields), "authorizations"))
        if kind == SET_CODE
        else ()
    )
    y_parity = as_int(next(fields), "v")
    if kind == LEGACY:
        chain_id, y_parity = _split_v(y_parity)
    elif y_parity > 1:
        raise InvalidTransaction(TxFault.INVALID_SIGNATURE, "invalid transaction v, r, s values")
    return Transaction(
        kind, chain_id, nonce, tip, cap, gas_limit, to or None, value, payload, access_list,
        blob_fee, blobs, authorizations, y_parity,
        r=as_int(next(fields), "r"), s=as_int(next(fields), "s"),
    )  # fmt: skip


def _split_v(v: int) -> tuple[int | None, int]:
    """(chain id, y parity) of a legacy v (EIP-155)."""
    if v in (27, 28):
        return None, v - 27
    if v < 35:
        raise InvalidTransaction(TxFault.INVALID_SIGNATURE, "invalid transaction v, r, s values")
    return (v - 35) // 2, (v - 35) % 2


def _access_list(item: RlpItem) -> AccessList:
    entries = []
    for entry in as_list(item, "access list"):
        address, slots = as_list(entry, "access list entry", 2)
        keys = (as_bytes(s, "storage key", 32) for s in as_list(slots, "storage keys"))
        entries.append(
            (as_bytes(address, "address", 20), tuple(int.from_bytes(k, "big") for k in keys))
        )
    return tuple(entries)


def _authorization(item: RlpItem) -> Authorization:
    chain_id, address, nonce, y_parity, r, s = as_list(item, "authorization", 6)
    return Authorization(
        as_int(chain_id, "authorization chain id"),
        as_bytes(address, "authorization address", 20),
        as_int(nonce, "authorization nonce", 8),
        as_int(y_parity, "authorization y parity", 1),
        as_int(r, "authorization r"),
        as_int(s, "authorization s"),
    )
