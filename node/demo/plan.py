"""The replay plan: who does what and when, from nothing but the market data.

Everything is deterministic. The market decides what is listed (the series with the most open
interest), the prices (`trades`) and the index that the sources report (`prices`); choices that the
market leaves open (which participant, which side, what size) come from a hash.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Final

from genesis import addresses
from node.demo import prices
from node.demo.actions import (
    Account,
    Action,
    Approve,
    Asset,
    Block,
    CreateFeed,
    CreateSeries,
    Fill,
    Mint,
    SetOperator,
    Settle,
    Write,
)
from node.demo.blocks import pack
from node.demo.contracts import ONE, Kind, OptionType, Terms
from node.demo.dataset import UNDERLYINGS, Instrument, MarketData
from node.demo.trades import Desk, Listing, Market, pick

OPERATOR: Final = "operator"
"""Creates feeds and series, relays reports, settles; holds no position."""
VAULT: Final = "vault"
"""Receives the fees."""

_DAY: Final = 24 * 3600
_FRIDAY: Final = 4
_SETUP_LEAD_S: Final = 1200
_LAST_TRADE_S: Final = 300
"""How long before its expiry a series is traded for the last time."""
_SETTLE_DELAY_S: Final = 60
_POSITIONS_PER_BATCH: Final = 40
_FAUCET: Final = {Asset.BTC: 10**4 * 10**8, Asset.ETH: 10**6 * 10**18, Asset.USD: 10**10 * 10**6}

Event = tuple[int, str, Iterable[Action]]
"""Unix time, name of the stage, what happens."""


@dataclass(frozen=True)
class Scale:
    """How much of the market is replayed.

    days: how many, from the first. daily, friday: series listed for each underlying and expiry,
    on ordinary days and on Fridays.
    """

    days: int
    daily: int
    friday: int
    makers: int
    takers: int


FULL: Final = Scale(days=31, daily=8, friday=20, makers=12, takers=36)
QUICK: Final = Scale(days=3, daily=6, friday=10, makers=3, takers=6)


@dataclass(frozen=True)
class Plan:
    """A replay. listings: by series id."""

    blocks: tuple[Block, ...]
    listings: Mapping[int, Listing]
    accounts: tuple[Account, ...]

    @property
    def actions(self) -> Iterator[Action]:
        """All actions, in order."""
        return chain.from_iterable(block.actions for block in self.blocks)

    @property
    def trades(self) -> int:
        """How often an order is filled."""
        return sum(isinstance(action, Fill) for action in self.actions)


def build(data: MarketData, scale: Scale, shift: int = 0) -> Plan:
    """The plan of a replay that happens `shift` seconds after the data.

    shift: whole weeks, so that Fridays stay Fridays.
    """
    end = data.snapshots[0] + scale.days * _DAY
    expiries = sorted({i.expiry for i in data.instruments if i.expiry < end})
    makers = [f"maker {number}" for number in range(scale.makers)]
    takers = [f"taker {number}" for number in range(scale.takers)]
    desk = Desk(makers, takers, VAULT)
    listings = {
        listing.instrument: listing for listing in _select(data, expiries, scale, shift)
    }
    events: list[Event] = [
        (data.snapshots[0] + shift - _SETUP_LEAD_S, "accounts", _setup([*makers, *takers])),
        *_trading(data, listings, desk, end, shift),
    ]
    for expiry in expiries:
        windows = prices.window_posts(data, expiry, shift, OPERATOR)
        events += [(time, "oracle", posts) for time, posts in windows]
        events.append((expiry + shift + _SETTLE_DELAY_S, "settle", _settle(listings, desk, expiry)))
    events.sort(key=lambda event: event[0])
    used = {listing.terms.id: listing for listing in listings.values()
            if listing.terms.id in desk.holders}  # fmt: skip
    return Plan(pack(events), used, (OPERATOR, VAULT, *makers, *takers))


def _setup(traders: list[Account]) -> Iterator[Action]:
    for underlying in UNDERLYINGS:
        yield CreateFeed(OPERATOR, prices.feed_of(underlying))
    for trader in traders:
        for asset, amount in _FAUCET.items():
            yield Mint(trader, asset, amount)
            yield Approve(trader, asset, addresses.EXCHANGE)
            yield Approve(trader, asset, addresses.POOL)
        yield SetOperator(trader, addresses.SERIES)
        yield SetOperator(trader, addresses.POOL)


def _select(
    data: MarketData, expiries: list[int], scale: Scale, shift: int
) -> Iterator[Listing]:
    """The series with the most open interest of every chain, ties by their order in the chain."""
    interest: dict[Instrument, int] = defaultdict(int)
    for quote in data.quotes:
        tradable = data.snapshots[quote.snapshot] + _LAST_TRADE_S < quote.instrument.expiry
        if quote.instrument.expiry in expiries and tradable and (quote.bid or quote.ask):
            interest[quote.instrument] = max(interest[quote.instrument], quote.open_interest)
    chains: dict[tuple[str, int], list[Instrument]] = defaultdict(list)
    for instrument in interest:
        chains[instrument.underlying, instrument.expiry].append(instrument)
    for (_, expiry), members in sorted(chains.items()):
        friday = datetime.fromtimestamp(expiry, UTC).weekday() == _FRIDAY
        members.sort(key=lambda instrument: (-interest[instrument], instrument))
        for instrument in sorted(members[: scale.friday if friday else scale.daily]):
            yield Listing(instrument, _terms(instrument, shift))


def _terms(instrument: Instrument, shift: int) -> Terms:
    """Two in three are coin-settled, as most of the market is, the rest dollar-settled.

    Payoffs that grow without end are bounded at half the strike or twice it: collateral is full.
    """
    kind = Kind.LINEAR if pick(3, "kind", instrument.name) == 0 else Kind.INVERSE
    underlying = Asset(instrument.underlying).address
    strike = instrument.strike * ONE
    bounded = (kind == Kind.LINEAR) == instrument.is_call
    bound = (strike * 2 if instrument.is_call else strike // 2) if bounded else 0
    return Terms(
        underlying=underlying,
        quote=Asset.USD.address,
        settlement=Asset.USD.address if kind == Kind.LINEAR else underlying,
        feed=prices.feed_of(instrument.underlying).id,
        strike=strike,
        bound=bound,
        expiry=instrument.expiry + shift,
        option_type=OptionType.CALL if instrument.is_call else OptionType.PUT,
        kind=kind,
    )


def _trading(
    data: MarketData, listings: Mapping[Instrument, Listing], desk: Desk, end: int, shift: int
) -> Iterator[Event]:
    """At every snapshot: current prices, new series with their first writers, then the trades."""
    listed: set[Instrument] = set()
    for number, moment in enumerate(data.snapshots):
        if moment >= end:
            return
        time = moment + shift
        quotes = tuple(
            (listings[quote.instrument], quote)
            for quote in data.by_snapshot[number]
            if quote.instrument in listings
            and quote.instrument.expiry > moment + _LAST_TRADE_S
            and (quote.bid or quote.ask)
        )
        posts = [
            prices.post(OPERATOR, u, data.index[u][number], 0, time) for u in UNDERLYINGS
        ]
        fresh = [listing for listing, _ in quotes if listing.instrument not in listed]
        listed.update(listing.instrument for listing in fresh)
        yield time, "oracle", posts
        yield time + 1, "list", list(_list(fresh, desk))
        fills: list[Action] = []
        for underlying in UNDERLYINGS:
            chain_quotes = tuple(q for q in quotes if q[0].instrument.underlying == underlying)
            fills += desk.trade(Market(time, data.index[underlying][number][0], chain_quotes))
        yield time + 2, "trade", fills


def _list(fresh: Iterable[Listing], desk: Desk) -> Iterator[Action]:
    for listing in fresh:
        name = listing.instrument.name
        writer = desk.maker_of("writer", name)
        quantity = (5 + pick(20, "written", name)) * ONE // 10
        desk.hold(listing.terms.id, writer)
        yield CreateSeries(OPERATOR, listing.terms)
        yield Write(writer, listing.terms.id, quantity)


def _settle(
    listings: Mapping[Instrument, Listing], desk: Desk, expiry: int
) -> Iterator[Settle]:
    """Everyone who may hold a position, in batches; the first batch twice, which must pay nothing."""
    positions = [
        (listing.terms.id, account)
        for listing in listings.values()
        if listing.instrument.expiry == expiry
        for account in desk.holders[listing.terms.id]
    ]
    starts = list(range(0, len(positions), _POSITIONS_PER_BATCH))
    for start in starts + starts[:1]:
        yield Settle(OPERATOR, tuple(positions[start : start + _POSITIONS_PER_BATCH]))
