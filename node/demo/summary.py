"""What a replay amounted to, chain by chain and asset by asset."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from node.demo.actions import (
    Approve,
    Asset,
    Close,
    CreateFeed,
    CreateSeries,
    Fill,
    Mint,
    Post,
    SetOperator,
    Settle,
    Write,
)
from node.demo.contracts import ONE
from node.demo.dataset import Underlying
from node.demo.model import Checkpoint, Closed, Discharged, Filled, Fixed, Written, payoff
from node.demo.replay import Done, Outcome
from node.demo.trades import Listing


@dataclass
class ChainRow:
    """One underlying's options of one expiry. Amounts by asset, in smallest units.

    open_interest: contracts (1e-18) held at expiry. price: settlement price, 18 decimals.
    """

    expiry: int
    underlying: Underlying
    price: int = 0
    series: int = 0
    trades: int = 0
    open_interest: int = 0
    gas: int = 0
    premium: Counter[Asset] = field(default_factory=Counter)
    payoff: Counter[Asset] = field(default_factory=Counter)

    def in_dollars(self, amounts: Counter[Asset]) -> Fraction:
        """Amounts valued at the settlement price."""
        price = Fraction(self.price, ONE)
        return sum(
            (
                Fraction(amount, asset.unit) * (1 if asset is Asset.USD else price)
                for asset, amount in amounts.items()
            ),
            Fraction(0),
        )


@dataclass
class AssetRow:
    """Everything that moved in one asset, in smallest units.

    locked: collateral ever taken. returned: what writers got back, early or at expiry.
    """

    asset: Asset
    premium: int = 0
    fees: int = 0
    locked: int = 0
    payoff: int = 0
    returned: int = 0

    @property
    def left(self) -> int:
        """What remains in the Pool after everyone was paid."""
        return self.locked - self.payoff - self.returned


@dataclass
class Summary:
    """The rows of the final tables. other_gas: accounts and oracle, which serve every chain."""

    chains: list[ChainRow]
    assets: list[AssetRow]
    events: int
    other_gas: int


def summarize(outcome: Outcome) -> Summary:
    """Adds up an outcome."""
    chains: dict[tuple[int, Underlying], ChainRow] = {}
    assets = {asset: AssetRow(asset) for asset in Asset}
    other_gas = 0
    for done in outcome.done:
        listing = _listing_of(outcome, done)
        if listing is None:
            other_gas += done.gas_used
            continue
        key = (listing.instrument.expiry, listing.instrument.underlying)
        row = chains.setdefault(key, ChainRow(*key))
        row.gas += done.gas_used
        row.series += isinstance(done.action, CreateSeries)
        row.trades += isinstance(done.action, Fill)
        _count(outcome, done, listing, row, assets)
    return Summary(
        [chains[key] for key in sorted(chains)],
        list(assets.values()),
        sum(len(done.events) for done in outcome.done),
        other_gas,
    )


def _listing_of(outcome: Outcome, done: Done) -> Listing | None:
    """The series an action is about; the first one where it is about several of a chain."""
    match done.action:
        case CreateSeries(_, terms):
            return outcome.plan.listings[terms.id]
        case Write(_, series, _) | Close(_, series, _):
            return outcome.plan.listings[series]
        case Fill(_, _, order, _):
            return outcome.plan.listings[order.legs[0].series]
        case Settle(_, positions):
            return outcome.plan.listings[positions[0][0]]
        case Mint() | Approve() | SetOperator() | CreateFeed() | Post():
            return None


def _count(
    outcome: Outcome, done: Done, listing: Listing, row: ChainRow, assets: dict[Asset, AssetRow]
) -> None:
    for event in done.events:
        match event:
            case Filled(_, premium, fee):
                row.premium[listing.asset] += premium
                assets[listing.asset].premium += premium
                assets[listing.asset].fees += fee
            case Written(series, _, _, collateral):
                assets[outcome.plan.listings[series].asset].locked += collateral
            case Closed(series, _, _, collateral):
                assets[outcome.plan.listings[series].asset].returned += collateral
            case Discharged():
                _count_discharge(outcome, event, row, assets)
            case Checkpoint() | Fixed():
                pass


def _count_discharge(
    outcome: Outcome, event: Discharged, row: ChainRow, assets: dict[Asset, AssetRow]
) -> None:
    listing = outcome.plan.listings[event.series]
    row.price = outcome.ledger.settlement_price(event.series)
    row.open_interest += event.long
    holder = floor(payoff(listing.terms, event.long, row.price))
    row.payoff[listing.asset] += holder
    assets[listing.asset].payoff += holder
    assets[listing.asset].returned += event.paid - holder
