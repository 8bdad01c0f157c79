"""The option contracts as a client sees them: records, call data and EIP-712 digests.

Mirrors genesis/contracts/interfaces; the tests compare selectors, type hashes and ids with the
compiled contracts. Sources: Solidity ABI specification, EIP-712.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache, cached_property
from typing import Final

from eth_abi.abi import encode

from node.crypto import keccak256, sign
from node.types import ZERO_ADDRESS, Address, Hash32

ONE: Final = 10**18
"""One contract, one order unit, and one unit of quote in strikes and oracle prices."""

_TERMS: Final = "(address,address,address,bytes32,uint128,uint128,uint64,uint8,uint8)"
_FEED: Final = "(bytes32,(bytes32,address)[],uint8,uint32,uint32,uint32,uint32)"
_REPORT: Final = "(uint8,uint128,uint64,bytes)"
_ORDER: Final = (
    "(address,address,address,address,uint16,bool,bool,"
    "uint128,uint128,uint128,uint256,uint64,uint64,(uint256,bool,uint64)[])"
)

_DOMAIN_TYPE: Final = (
    b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
_PRICE_TYPE: Final = b"Price(bytes32 feed,uint128 price,uint64 timestamp)"
_LEG_TYPE: Final = b"Leg(uint256 series,bool buy,uint64 ratio)"
_ORDER_TYPE: Final = (
    b"Order(address maker,address taker,address asset,address vault,uint16 feeBps,bool pays,"
    b"bool write,uint128 price,uint128 quantity,uint128 minFill,uint256 nonce,uint64 epoch,"
    b"uint64 deadline,Leg[] legs)" + _LEG_TYPE
)


class OptionType(IntEnum):
    """Right of the holder, numbered as in Solidity."""

    CALL = 0
    PUT = 1


class Kind(IntEnum):
    """Asset of collateral and payoff: the underlying (INVERSE) or the quote (LINEAR)."""

    INVERSE = 0
    LINEAR = 1


@dataclass(frozen=True)
class Terms:
    """What defines a series. strike, bound: quote per underlying, 18 decimals; see Types.sol."""

    underlying: Address
    quote: Address
    settlement: Address
    feed: Hash32
    strike: int
    bound: int
    expiry: int
    option_type: OptionType
    kind: Kind

    @cached_property
    def id(self) -> int:
        """The series id: keccak256 of the ABI encoding."""
        return int.from_bytes(keccak256(encode([_TERMS], [self.values])), "big")

    @property
    def values(self) -> tuple[object, ...]:
        """Fields in the order of the Solidity struct."""
        return (
            self.underlying, self.quote, self.settlement, self.feed, self.strike, self.bound,
            self.expiry, int(self.option_type), int(self.kind),
        )  # fmt: skip


@dataclass(frozen=True)
class Feed:
    """An oracle feed. sources: (name, signer), signers ascending. Times in seconds."""

    description: bytes
    sources: tuple[tuple[bytes, Address], ...]
    minimum: int
    max_age: int
    spacing: int
    window: int
    fallback_delay: int

    @cached_property
    def id(self) -> Hash32:
        """The feed id: keccak256 of the ABI encoding."""
        return keccak256(encode([_FEED], [self.values]))

    @property
    def values(self) -> tuple[object, ...]:
        """Fields in the order of the Solidity struct."""
        return (
            self.description.ljust(32, b"\0"),
            [(name.ljust(32, b"\0"), signer) for name, signer in self.sources],
            self.minimum, self.max_age, self.spacing, self.window, self.fallback_delay,
        )  # fmt: skip


@dataclass(frozen=True)
class Leg:
    """One leg of an order; buy: the maker receives it."""

    series: int
    buy: bool
    ratio: int = 1


@dataclass(frozen=True)
class Order:
    """A maker's limit order. price: smallest units of `asset` for ONE order unit."""

    maker: Address
    asset: Address
    vault: Address
    fee_bps: int
    pays: bool
    price: int
    quantity: int
    nonce: int
    deadline: int
    legs: tuple[Leg, ...]
    write: bool = True
    taker: Address = ZERO_ADDRESS
    min_fill: int = 0
    epoch: int = 0

    @property
    def head(self) -> list[object]:
        """Fields before the legs, in the order of the Solidity struct."""
        return [
            self.maker, self.taker, self.asset, self.vault, self.fee_bps, self.pays, self.write,
            self.price, self.quantity, self.min_fill, self.nonce, self.epoch, self.deadline,
        ]  # fmt: skip

    @property
    def values(self) -> tuple[object, ...]:
        """Fields in the order of the Solidity struct."""
        return (*self.head, [(leg.series, leg.buy, leg.ratio) for leg in self.legs])

    def digest(self, domain: Hash32) -> Hash32:
        """What the maker signs (EIP-712)."""
        legs = b"".join(_leg_hash(leg) for leg in self.legs)
        types = ["bytes32"] + ["address"] * 4 + ["uint16", "bool", "bool"] + ["uint256"] * 6
        fields = [keccak256(_ORDER_TYPE), *self.head]
        encoded = encode([*types, "bytes32"], [*fields, keccak256(legs)])
        return typed_data_digest(domain, keccak256(encoded))


def _leg_hash(leg: Leg) -> Hash32:
    types = ["bytes32", "uint256", "bool", "uint64"]
    return keccak256(encode(types, [keccak256(_LEG_TYPE), leg.series, leg.buy, leg.ratio]))


def price_digest(domain: Hash32, feed: Hash32, price: int, timestamp: int) -> Hash32:
    """What a price source signs (EIP-712)."""
    types = ["bytes32", "bytes32", "uint128", "uint64"]
    return typed_data_digest(
        domain, keccak256(encode(types, [keccak256(_PRICE_TYPE), feed, price, timestamp]))
    )


def domain_separator(name: str, chain_id: int, contract: Address) -> Hash32:
    """EIP-712 domain of one of our contracts (version 1)."""
    types = ["bytes32", "bytes32", "bytes32", "uint256", "address"]
    hashes = [keccak256(_DOMAIN_TYPE), keccak256(name.encode()), keccak256(b"1")]
    return keccak256(encode(types, [*hashes, chain_id, contract]))


def typed_data_digest(domain: Hash32, struct_hash: Hash32) -> Hash32:
    """The EIP-712 digest of a struct under a domain."""
    return keccak256(b"\x19\x01" + domain + struct_hash)


def sign_digest(secret: bytes, digest: Hash32) -> bytes:
    """65 bytes r, s, v as ecrecover wants them."""
    y_parity, r, s = sign(secret, digest)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes((27 + y_parity,))


@cache
def _selector(signature: str) -> bytes:
    return keccak256(signature.encode())[:4]


@cache
def _argument_types(signature: str) -> tuple[str, ...]:
    """Top-level types between the outer parentheses."""
    inner = signature[signature.index("(") + 1 : -1]
    types, depth, start = [], 0, 0
    for position, char in enumerate(inner):
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            types.append(inner[start:position])
            start = position + 1
    return (*types, inner[start:]) if inner else ()


def call(signature: str, *arguments: object) -> bytes:
    """Call data of a function, from its canonical signature and values."""
    return _selector(signature) + encode(_argument_types(signature), arguments)


CREATE_FEED: Final = f"createFeed({_FEED})"
POST: Final = f"post(bytes32,{_REPORT}[])"
CREATE_SERIES: Final = f"create({_TERMS})"
CLOSE: Final = "close(uint256,uint256)"
WRITE: Final = "write(uint256,uint256,address,address)"
FILL: Final = f"fill({_ORDER},bytes,uint128,bool)"
FIX: Final = "fix(uint256)"
SETTLE_POSITIONS: Final = "settle((uint256,address)[])"
MINT: Final = "mint(address,uint256)"
APPROVE: Final = "approve(address,uint256)"
SET_OPERATOR: Final = "setOperator(address,bool)"
BALANCE_OF: Final = "balanceOf(address)"
POSITION_OF: Final = "balanceOf(address,uint256)"
SHORT_OF: Final = "shortOf(uint256,address)"
LOCKED: Final = "locked(uint256)"
TOTAL_SUPPLY: Final = "totalSupply(uint256)"
PRICE_OF: Final = "priceOf(uint256)"
