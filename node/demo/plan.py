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
    Close,
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
from node.demo.model import Ledger
from node.demo.trades import Desk, Listing, Market, pick

_DAY: Final = 24 * 3600
_FRIDAY: Final = 4
_SETUP_LEAD_S: Final = 1200
_LAST_TRADE_S: Final = 300
"""How long before its expiry a series is traded for the last time."""
_CLOSING_LEAD_S: Final = 2100
"""When positions are closed: before the settlement window opens."""
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
QUICK: Final = Scale(days=9, daily=5, friday=10, makers=4, takers=8)


@dataclass(frozen=True)
class Plan:
    """A replay. listings: by series id."""

    blocks: tuple[Block, ...]
    listings: Mapping[int, Listing]
    accounts: tuple[Account, ...]
    vault: Account

    @property
    def actions(self) -> Iterator[Action]:
        """All actions, in order."""
        return chain.from_iterable(block.actions for block in self.blocks)

    @property
    def trades(self) -> int:
        """How often an order is filled."""
        return sum(isinstance(action, Fill) for action in self.actions)


def operator(run: int) -> Account:
    """Who creates feeds and series, relays reports and settles, and holds no position."""
    return f"operator {run}"


def start(data: MarketData) -> int:
    """Unix time of the first thing a plan without shift does."""
    return data.snapshots[0] - _SETUP_LEAD_S


def build(data: MarketData, scale: Scale, shift: int = 0, run: int = 0) -> Plan:
    """The plan of a replay that happens `shift` seconds after the data.

    shift: whole weeks, so that Fridays stay Fridays. run: participants of different runs differ,
    and so do their feeds and series: the same market can be replayed on the same chain again.
    """
    end = data.snapshots[0] + scale.days * _DAY
    expiries = sorted({i.expiry for i in data.instruments if i.expiry < end})
    oracle = prices.Sources(data, shift, operator(run), run)
    listings = {listing.instrument: listing for listing in _select(data, expiries, scale, oracle)}
    desk = Desk(
        makers=[f"maker {run}.{number}" for number in range(scale.makers)],
        takers=[f"taker {run}.{number}" for number in range(scale.takers)],
        vault=f"vault {run}",
    )
    ledger = Ledger(desk.vault)
    traders = [*desk.makers, *desk.takers]
    events: list[Event] = [
        (start(data) + shift, "accounts", _setup(traders, oracle)),
        *_trading(data, listings, desk, oracle, end),
    ]
    for expiry in expiries:
        events += [(time, "oracle", posts) for time, posts in oracle.window_posts(expiry)]
        closings = _close(ledger, listings, expiry)
        events.append((expiry + shift - _CLOSING_LEAD_S, "close", closings))
        settle = _settle(listings, desk, expiry, operator(run))
        events.append((expiry + shift + _SETTLE_DELAY_S, "settle", settle))
    events.sort(key=lambda event: event[0])
    blocks = []
    for block in pack(events):
        ledger.execute(block)
        blocks.append(block)
    by_id = {
        listing.terms.id: listing
        for listing in listings.values()
        if listing.terms.id in desk.holders
    }
    return Plan(tuple(blocks), by_id, (oracle.poster, desk.vault, *traders), desk.vault)


def _setup(traders: list[Account], oracle: prices.Sources) -> Iterator[Action]:
    for underlying in UNDERLYINGS:
        yield CreateFeed(oracle.poster, oracle.feed(underlying))
    for trader in traders:
        for asset, amount in _FAUCET.items():
            yield Mint(trader, asset, amount)
            yield Approve(trader, asset, addresses.EXCHANGE)
            yield Approve(trader, asset, addresses.POOL)
        yield SetOperator(trader, addresses.SERIES)
        yield SetOperator(trader, addresses.POOL)


def _select(
    data: MarketData, expiries: list[int], scale: Scale, oracle: prices.Sources
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
            yield Listing(instrument, _terms(instrument, oracle))


def _terms(instrument: Instrument, oracle: prices.Sources) -> Terms:
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
        feed=oracle.feed(instrument.underlying).id,
        strike=strike,
        bound=bound,
        expiry=instrument.expiry + oracle.shift,
        option_type=OptionType.CALL if instrument.is_call else OptionType.PUT,
        kind=kind,
    )


def _trading(
    data: MarketData,
    listings: Mapping[Instrument, Listing],
    desk: Desk,
    oracle: prices.Sources,
    end: int,
) -> Iterator[Event]:
    """At every snapshot: current prices, new series with their first writers, then the trades."""
    listed: set[Instrument] = set()
    for number, moment in enumerate(data.snapshots):
        if moment >= end:
            return
        time = moment + oracle.shift
        quotes = [
            (listings[quote.instrument], quote)
            for quote in data.by_snapshot[number]
            if quote.instrument in listings
            and quote.instrument.expiry > moment + _LAST_TRADE_S
            and (quote.bid or quote.ask)
        ]
        fresh = [listing for listing, _ in quotes if listing.instrument not in listed]
        listed.update(listing.instrument for listing in fresh)
        yield time, "oracle", oracle.posts(number, 0.0, time)
        yield time, "list", list(_list(fresh, desk, oracle.poster))
        yield time, "trade", list(chain.from_iterable(
            desk.trade(Market(time, data.index[underlying][number][0], tuple(
                pair for pair in quotes if pair[0].instrument.underlying == underlying
            )))
            for underlying in UNDERLYINGS
        ))  # fmt: skip


def _list(fresh: Iterable[Listing], desk: Desk, lister: Account) -> Iterator[Action]:
    for listing in fresh:
        name = listing.instrument.name
        writer = desk.maker_of("writer", name)
        quantity = (5 + pick(20, "written", name)) * ONE // 10
        desk.hold(listing.terms.id, writer)
        yield CreateSeries(lister, listing.terms)
        yield Write(writer, listing.terms.id, quantity)


def _close(ledger: Ledger, listings: Mapping[Instrument, Listing], expiry: int) -> Iterator[Close]:
    """Some of those who are both long and short before an expiry take their collateral back.

    Reads the ledger as it is when the event comes (see `pack`).
    """
    for instrument, listing in listings.items():
        series = listing.terms.id
        if instrument.expiry != expiry:
            continue
        for account in sorted(name for held, name in ledger.shorts if held == series):
            both = min(ledger.longs[series, account], ledger.shorts[series, account])
            if both and pick(2, "close", instrument.name, account.partition(".")[2]) == 0:
                yield Close(account, series, both)


def _settle(
    listings: Mapping[Instrument, Listing], desk: Desk, expiry: int, settler: Account
) -> Iterator[Settle]:
    """Everyone who may hold a position, in batches.

    The first batch of a chain is sent twice: the second time it must pay nothing.
    """
    for underlying in UNDERLYINGS:
        positions = [
            (listing.terms.id, account)
            for instrument, listing in listings.items()
            if instrument.underlying == underlying and instrument.expiry == expiry
            for account in desk.holders[listing.terms.id]
        ]
        starts = list(range(0, len(positions), _POSITIONS_PER_BATCH))
        for first in starts + starts[:1]:
            yield Settle(settler, tuple(positions[first : first + _POSITIONS_PER_BATCH]))
