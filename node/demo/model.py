"""What the contracts must do, computed off chain: whole numbers and fractions, no EVM.

Written from the rules (the interfaces' NatSpec), not from the contracts' code: the replay compares
every premium, fee, collateral, price, payoff and balance with the chain, to the last unit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import TypeAlias

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
    Observation,
    Post,
    SetOperator,
    Settle,
    Write,
)
from node.demo.contracts import ONE, Feed, Kind, OptionType, Terms
from node.errors import InvalidInput
from node.types import Hash32


@dataclass(frozen=True)
class Filled:
    """A trade: premium and fee in smallest units of the order's asset."""

    quantity: int
    premium: int
    fee: int


@dataclass(frozen=True)
class Written:
    """Contracts written, and the collateral locked for them."""

    series: int
    writer: Account
    quantity: int
    collateral: int


@dataclass(frozen=True)
class Closed:
    """Contracts burned long against short, and the collateral that came back."""

    series: int
    writer: Account
    quantity: int
    collateral: int


@dataclass(frozen=True)
class Checkpoint:
    """A median that the oracle recorded."""

    feed: Hash32
    price: int
    timestamp: int


@dataclass(frozen=True)
class Fixed:
    """A settlement price, once and for all."""

    feed: Hash32
    expiry: int
    price: int


@dataclass(frozen=True)
class Discharged:
    """A position cleared: contracts long and short, and what was paid for both."""

    series: int
    account: Account
    long: int
    short: int
    paid: int


Event: TypeAlias = Filled | Written | Closed | Checkpoint | Fixed | Discharged
"""What an action must cause, in the order in which the contracts log it."""


@dataclass
class _Prices:
    """One feed: the last report of each source, and the checkpoints."""

    feed: Feed
    reports: dict[int, Observation] = field(default_factory=dict)
    checkpoints: list[tuple[int, int]] = field(default_factory=list)
    """(time, price), ascending."""


@dataclass
class Ledger:
    """Everything everyone has. Amounts in smallest units, quantities in 1e-18 contracts."""

    vault: Account
    tokens: dict[tuple[Asset, Account], int] = field(default_factory=lambda: defaultdict(int))
    longs: dict[tuple[int, Account], int] = field(default_factory=lambda: defaultdict(int))
    shorts: dict[tuple[int, Account], int] = field(default_factory=lambda: defaultdict(int))
    locked: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    terms: dict[int, Terms] = field(default_factory=dict)
    settlement_prices: dict[tuple[Hash32, int], int] = field(default_factory=dict)
    _prices: dict[Hash32, _Prices] = field(default_factory=dict)

    def execute(self, block: Block) -> list[tuple[Event, ...]]:
        """Applies a block; what each of its actions must cause."""
        return [tuple(self._apply(action, block.time)) for action in block.actions]

    def supply(self, series: int) -> int:
        """Contracts of a series that someone holds."""
        return sum(held for (held_series, _), held in self.longs.items() if held_series == series)

    def settlement_price(self, series: int) -> int:
        """The fixed settlement price of a series, or zero."""
        terms = self.terms[series]
        return self.settlement_prices.get((terms.feed, terms.expiry), 0)

    def in_pool(self, asset: Asset) -> int:
        """Collateral of all series in an asset."""
        return sum(
            locked for series, locked in self.locked.items()
            if settlement_asset(self.terms[series]) is asset
        )  # fmt: skip

    def _apply(self, action: Action, time: int) -> Iterable[Event]:
        match action:
            case Mint(sender, asset, amount):
                self.tokens[asset, sender] += amount
            case CreateFeed(_, feed):
                self._prices[feed.id] = _Prices(feed)
            case CreateSeries(_, terms):
                self.terms[terms.id] = terms
            case Write(sender, series, quantity):
                return [self._write(series, sender, sender, quantity)]
            case Close(sender, series, quantity):
                return [self._close(series, sender, quantity)]
            case Post():
                return self._post(action, time)
            case Fill():
                return self._fill(action)
            case Settle(_, positions):
                return self._settle(positions)
            case Approve() | SetOperator():  # every participant grants what it needs at the start
                pass
        return []

    def _post(self, action: Post, time: int) -> list[Event]:
        """Newer reports replace older ones; the median of the fresh ones becomes a checkpoint."""
        prices = self._prices[action.feed]
        newer = [
            o for o in action.observations
            if o.source not in prices.reports
            or o.timestamp > prices.reports[o.source].timestamp
        ]  # fmt: skip
        prices.reports |= {o.source: o for o in newer}
        feed = prices.feed
        fresh = [o.price for o in prices.reports.values() if time - o.timestamp <= feed.max_age]
        too_soon = prices.checkpoints and time - prices.checkpoints[-1][0] < feed.spacing
        if not newer or too_soon or len(fresh) < feed.minimum:
            return []
        prices.checkpoints.append((time, median(fresh)))
        return [Checkpoint(feed.id, median(fresh), time)]

    def _fill(self, action: Fill) -> list[Event]:
        order, maker, taker = action.order, action.maker, action.sender
        exact = Fraction(order.price * action.quantity, ONE)
        premium = floor(exact) if order.pays else ceil(exact)
        fee = ceil(Fraction(premium * order.fee_bps, 10_000))
        payer, payee = (maker, taker) if order.pays else (taker, maker)
        asset = next(asset for asset in Asset if asset.address == order.asset)
        net = premium - fee if order.pays else premium
        self._transfer(asset, payer, payee, net)
        self._transfer(asset, payer, self.vault, fee)
        events: list[Event] = [Filled(action.quantity, premium, fee)]
        for leg in order.legs:
            giver, receiver = (taker, maker) if leg.buy else (maker, taker)
            quantity = action.quantity * leg.ratio
            held = min(self.longs[leg.series, giver], quantity)
            if held < quantity:
                events.append(self._write(leg.series, giver, receiver, quantity - held))
            self.longs[leg.series, giver] -= held
            self.longs[leg.series, receiver] += held
        return events

    def _write(self, series: int, writer: Account, receiver: Account, quantity: int) -> Written:
        """The writer's collateral is always that of the whole short position."""
        terms = self.terms[series]
        before = collateral(terms, self.shorts[series, writer])
        self.shorts[series, writer] += quantity
        self.longs[series, receiver] += quantity
        amount = collateral(terms, self.shorts[series, writer]) - before
        self._take(settlement_asset(terms), writer, amount)
        self.locked[series] += amount
        return Written(series, writer, quantity, amount)

    def _close(self, series: int, account: Account, quantity: int) -> Closed:
        terms = self.terms[series]
        before = collateral(terms, self.shorts[series, account])
        self.shorts[series, account] -= quantity
        self.longs[series, account] -= quantity
        amount = before - collateral(terms, self.shorts[series, account])
        self.tokens[settlement_asset(terms), account] += amount
        self.locked[series] -= amount
        return Closed(series, account, quantity, amount)

    def _settle(self, positions: Iterable[tuple[int, Account]]) -> Iterable[Event]:
        for series, account in positions:
            terms = self.terms[series]
            if (terms.feed, terms.expiry) not in self.settlement_prices:
                price = self._window_price(terms)
                self.settlement_prices[terms.feed, terms.expiry] = price
                yield Fixed(terms.feed, terms.expiry, price)
            price = self.settlement_prices[terms.feed, terms.expiry]
            long = self.longs.pop((series, account), 0)
            short = self.shorts.pop((series, account), 0)
            if long or short:
                kept = collateral(terms, short) - ceil(payoff(terms, short, price))
                paid = floor(payoff(terms, long, price)) + kept
                self.locked[series] -= paid
                self.tokens[settlement_asset(terms), account] += paid
                yield Discharged(series, account, long, short, paid)

    def _window_price(self, terms: Terms) -> int:
        """Median over the window before the expiry, each checkpoint weighted by its seconds."""
        prices = self._prices[terms.feed]
        start, end = terms.expiry - prices.feed.window, terms.expiry
        known = [point for point in prices.checkpoints if point[0] <= end]
        weights = []
        for (since, price), (until, _) in pairwise([*known, (end, 0)]):
            seconds = min(until, since + prices.feed.max_age) - max(since, start)
            if seconds > 0:
                weights.append((price, seconds))
        covered = sum(seconds for _, seconds in weights)
        if 2 * covered < prices.feed.window or not covered:
            raise InvalidInput(
                f"prices cover {covered} s of the window before {end}: a replay posts more of them"
            )
        return weighted_median(weights)

    def _transfer(self, asset: Asset, payer: Account, payee: Account, amount: int) -> None:
        self._take(asset, payer, amount)
        self.tokens[asset, payee] += amount

    def _take(self, asset: Asset, account: Account, amount: int) -> None:
        if self.tokens[asset, account] < amount:
            have = self.tokens[asset, account]
            raise InvalidInput(f"{account} has {have} {asset} of {amount}: mint more in the plan")
        self.tokens[asset, account] -= amount


def settlement_asset(terms: Terms) -> Asset:
    """Asset of collateral and payoff."""
    return next(asset for asset in Asset if asset.address == terms.settlement)


def payoff(terms: Terms, quantity: int, price: int) -> Fraction:
    """Exact value of `quantity` contracts at a settlement price, in smallest units."""
    call = terms.option_type == OptionType.CALL
    if terms.bound:
        price = min(price, terms.bound) if call else max(price, terms.bound)
    intrinsic = max(0, price - terms.strike if call else terms.strike - price)
    in_quote = Fraction(quantity, ONE) * Fraction(intrinsic, ONE)
    whole = in_quote if terms.kind == Kind.LINEAR else in_quote / Fraction(price, ONE)
    return whole * settlement_asset(terms).unit


def collateral(terms: Terms, quantity: int) -> int:
    """The largest payoff there can be, rounded up."""
    if terms.bound or terms.option_type == OptionType.PUT:
        return ceil(payoff(terms, quantity, terms.bound))
    return ceil(Fraction(quantity, ONE) * settlement_asset(terms).unit)


def median(values: list[int]) -> int:
    """Middle value; the mean of the middle two, rounded down, if their number is even."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) // 2


def weighted_median(weights: Iterable[tuple[int, int]]) -> int:
    """Least value at or below which at least half of the weight lies, of (value, weight) pairs."""
    ordered = sorted(weights)
    total = sum(weight for _, weight in ordered)
    below = 0
    for value, weight in ordered:
        below += weight
        if 2 * below >= total:
            return value
    raise ValueError("no weights")
