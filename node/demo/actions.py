"""What the participants of the replay do; every action becomes one signed transaction.

An account is named here and gets its key from that name (`secret_of`), so a plan needs no secrets
and is the same on every machine. Amounts are in smallest units, quantities in 1e-18 contracts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TypeAlias

from genesis import addresses
from node.crypto import address_of, keccak256
from node.demo.contracts import Feed, Order, Terms
from node.types import Address, Hash32

Account: TypeAlias = str
"""Name of a participant."""


class Asset(StrEnum):
    """The devnet's test tokens."""

    BTC = "BTC"
    ETH = "ETH"
    USD = "USD"

    @property
    def address(self) -> Address:
        """The token contract."""
        tokens = {
            Asset.BTC: addresses.DEVNET_BTC,
            Asset.ETH: addresses.DEVNET_ETH,
            Asset.USD: addresses.DEVNET_USD,
        }
        return tokens[self]

    @property
    def decimals(self) -> int:
        """Digits after the point of one whole token."""
        return {Asset.BTC: 8, Asset.ETH: 18, Asset.USD: 6}[self]

    @property
    def unit(self) -> int:
        """Smallest units of one whole token."""
        return int(10**self.decimals)


@cache
def secret_of(account: Account) -> bytes:
    """The participant's private key. Public by design: for development networks only."""
    return keccak256(b"strikefold option demo: " + account.encode())


@cache
def address(account: Account) -> Address:
    """The participant's address."""
    return address_of(secret_of(account))


@dataclass(frozen=True)
class Mint:
    """Takes tokens from the faucet."""

    sender: Account
    asset: Asset
    amount: int


@dataclass(frozen=True)
class Approve:
    """Lets a contract take a token without limit."""

    sender: Account
    asset: Asset
    spender: Address


@dataclass(frozen=True)
class SetOperator:
    """Makes the Exchange an operator of the sender's longs (Series) or shorts (Pool)."""

    sender: Account
    contract: Address


@dataclass(frozen=True)
class CreateFeed:
    """Registers an oracle feed."""

    sender: Account
    feed: Feed


@dataclass(frozen=True)
class Observation:
    """What one source saw: quote per underlying, 18 decimals, at a Unix time."""

    source: int
    signer: Account
    price: int
    timestamp: int


@dataclass(frozen=True)
class Post:
    """Posts the signed reports of several sources."""

    sender: Account
    feed: Hash32
    observations: tuple[Observation, ...]


@dataclass(frozen=True)
class CreateSeries:
    """Lists a series."""

    sender: Account
    terms: Terms


@dataclass(frozen=True)
class Write:
    """Locks collateral and receives the long contracts."""

    sender: Account
    series: int
    quantity: int


@dataclass(frozen=True)
class Close:
    """Burns the sender's own long contracts against its short ones, which frees collateral."""

    sender: Account
    series: int
    quantity: int


@dataclass(frozen=True)
class Fill:
    """Takes `quantity` of a maker's signed order; the sender may write what it doesn't hold."""

    sender: Account
    maker: Account
    order: Order
    quantity: int


@dataclass(frozen=True)
class Settle:
    """Settles positions (series, account) of expired series."""

    sender: Account
    positions: tuple[tuple[int, Account], ...]


Action: TypeAlias = (
    Mint | Approve | SetOperator | CreateFeed | Post | CreateSeries | Write | Close | Fill | Settle
)


@dataclass(frozen=True)
class Block:
    """Actions in the order in which the block executes them, at a Unix time."""

    time: int
    stage: str
    actions: tuple[Action, ...]
