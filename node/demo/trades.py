"""Trades at the market's real prices: signed orders of makers, filled by takers.

A maker sells at the ask and buys at the bid of the snapshot, or trades at the mark; one trade in
ten is a spread of several legs, all or none. Premiums are in coins for coin-settled series, as the
market quotes them, and in dollars at the snapshot's index for dollar-settled ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from node.crypto import keccak256
from node.demo.actions import Account, Asset, Fill, address
from node.demo.contracts import ONE, Kind, Leg, Order, Terms
from node.demo.dataset import MARK_PER_COIN, TICK_PER_COIN, Instrument, Quote

FEE_BPS: Final = 25
_ORDER_LIFE_S: Final = 3600
_LOT: Final = {"BTC": ONE // 10, "ETH": ONE}
"""The market's smallest trade."""


def pick(count: int, *key: object) -> int:
    """A number below `count` that depends on the key alone, the same on every machine."""
    return int.from_bytes(keccak256(repr(key).encode()), "big") % count


@dataclass(frozen=True)
class Listing:
    """An instrument of the market and the series that stands for it."""

    instrument: Instrument
    terms: Terms

    @property
    def asset(self) -> Asset:
        """Asset of premium, collateral and payoff."""
        return Asset.USD if self.terms.kind == Kind.LINEAR else Asset(self.instrument.underlying)


@dataclass(frozen=True)
class Market:
    """The listed series that are quoted at one moment. index: US cents."""

    time: int
    index: int
    quotes: tuple[tuple[Listing, Quote], ...]

    def premium(self, listing: Listing, quote: Quote, level: str) -> int:
        """Premium of one contract at "bid", "ask" or "mark"; 0 where the market has none.

        In smallest units of the listing's asset, rounded down (a mark in dollars has more digits).
        """
        coins, unit = (
            (quote.mark, MARK_PER_COIN)
            if level == "mark"
            else ((quote.bid if level == "bid" else quote.ask) or 0, TICK_PER_COIN)
        )
        scale = listing.asset.unit
        if listing.asset is Asset.USD:
            return coins * self.index * scale // (unit * 100)
        return coins * scale // unit


@dataclass
class Desk:
    """Turns quotes into orders and fills, and remembers who may hold what."""

    makers: Sequence[Account]
    takers: Sequence[Account]
    vault: Account
    holders: dict[int, dict[Account, None]] = field(default_factory=lambda: defaultdict(dict))
    _nonces: dict[Account, int] = field(default_factory=lambda: defaultdict(int))

    def trade(self, market: Market) -> Iterator[Fill]:
        """One order per quoted series, each filled by one or two takers."""
        for listing, quote in market.quotes:
            key = (market.time, listing.instrument.name)
            legs = self._spread(market, listing, quote) if pick(10, "spread", key) == 0 else None
            order = self._order(market, legs or [self._single(market, listing, quote)], key)
            if order is not None:
                yield from self._fills(*order, key)

    def hold(self, series: int, account: Account) -> None:
        """Remembers that an account may have a position."""
        self.holders[series][account] = None

    def maker_of(self, *key: object) -> Account:
        """The maker who serves this key."""
        return self.makers[pick(len(self.makers), "maker", *key)]

    def _single(self, market: Market, listing: Listing, quote: Quote) -> tuple[Leg, Listing, int]:
        """Leg, and what the maker receives (positive) or pays (negative) for it."""
        draw = pick(20, "level", market.time, listing.instrument.name)
        buy = draw % 2 == 1
        level = "mark" if draw < 4 else "bid" if buy else "ask"
        premium = market.premium(listing, quote, level)
        if premium == 0:  # nobody quotes that side: trade the other one
            buy = not buy
            premium = market.premium(listing, quote, "bid" if buy else "ask")
        return Leg(listing.terms.id, buy), listing, -premium if buy else premium

    def _spread(
        self, market: Market, listing: Listing, quote: Quote
    ) -> list[tuple[Leg, Listing, int]] | None:
        """Two or three legs of the same chain and settlement, or None where quotes are missing.

        The maker sells the first at the ask, and either sells the second too (strangle) or buys
        it at the bid (vertical), or buys twice the second and sells a third (butterfly).
        """
        family = [
            (other, q)
            for other, q in market.quotes
            if other.instrument.underlying == listing.instrument.underlying
            and other.instrument.expiry == listing.instrument.expiry
            and other.terms.kind == listing.terms.kind
            and q.bid and q.ask
        ]  # fmt: skip
        if (listing, quote) not in family or len(family) < 3:
            return None
        start = family.index((listing, quote))
        chosen = [family[(start + step) % len(family)] for step in range(3)]
        shape = pick(3, "shape", market.time, listing.instrument.name)
        ratios = ([(-1), (-1)], [-1, 1], [-1, 2, -1])[shape]
        legs = []
        for ratio, (other, q) in zip(ratios, chosen, strict=False):
            premium = market.premium(other, q, "bid" if ratio > 0 else "ask")
            legs.append((Leg(other.terms.id, ratio > 0, abs(ratio)), other, -ratio * premium))
        return legs

    def _order(
        self, market: Market, legs: list[tuple[Leg, Listing, int]], key: tuple[object, ...]
    ) -> tuple[Account, Order, Listing] | None:
        net = sum(cash for _, _, cash in legs)
        if net == 0:
            return None
        maker = self.maker_of(key)
        self._nonces[maker] += 1
        lead = legs[0][1]
        order = Order(
            maker=address(maker),
            asset=lead.asset.address,
            vault=address(self.vault),
            fee_bps=FEE_BPS,
            pays=net < 0,
            price=abs(net),
            quantity=(1 + pick(20, "lots", key)) * _LOT[lead.instrument.underlying],
            nonce=self._nonces[maker],
            deadline=market.time + _ORDER_LIFE_S,
            legs=tuple(sorted((leg for leg, _, _ in legs), key=lambda leg: leg.series)),
        )
        return maker, order, lead

    def _fills(
        self, maker: Account, order: Order, lead: Listing, key: tuple[object, ...]
    ) -> Iterator[Fill]:
        """The whole order at once, or in two parts of uneven size (to exercise rounding)."""
        parts = [order.quantity]
        if pick(4, "parts", key) == 0:
            first = order.quantity // 3 + pick(10**12, "odd", key)
            parts = [first, order.quantity - first]
        for number, quantity in enumerate(parts):
            taker = self.takers[pick(len(self.takers), "taker", key, number)]
            for leg in order.legs:
                self.hold(leg.series, maker)
                self.hold(leg.series, taker)
            yield Fill(taker, maker, order, quantity)
