"""The plan: real prices, enough of them, and the same on every machine."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest

from node.crypto import keccak256
from node.demo import dataset
from node.demo.actions import Asset, Close, CreateSeries, Fill, Mint, Post, Settle, Write, address
from node.demo.blocks import BLOCK_GAS, gas_limit, pack
from node.demo.contracts import Kind
from node.demo.model import Discharged, Filled, Ledger
from node.demo.plan import FULL, QUICK, build, start

WEEK = 7 * 24 * 3600


@pytest.fixture(scope="module")
def data():
    return dataset.load()


@pytest.fixture(scope="module")
def full(data):
    return build(data, FULL)


@pytest.fixture(scope="module")
def quick(data):
    return build(data, QUICK)


def test_full_run_is_large_enough(full):
    assert len(full.listings) >= 500
    assert full.trades >= 5_000
    expiries = {listing.instrument.expiry for listing in full.listings.values()}
    assert len(expiries) == 31, "every daily expiry of the month"
    kinds = {(x.asset, x.terms.option_type) for x in full.listings.values()}
    assert len(kinds) == 6, "calls and puts settled in each asset"


def test_plan_is_the_same_everywhere(quick, data):
    """A change of the plan is fine; then this digest changes with it."""
    assert quick == build(data, QUICK)
    digest = keccak256(repr(quick.blocks).encode()).hex()
    assert digest == "70c6972dd47962282778dd799f1d1a5181fada2c6dea1ee9eaf31130bb561a41"


def test_time_goes_forward_and_blocks_fit(full, data):
    times = [block.time for block in full.blocks]
    assert times[0] == start(data)
    assert all(a < b for a, b in pairwise(times))
    assert all(sum(map(gas_limit, block.actions)) < BLOCK_GAS for block in full.blocks)
    assert all(block.actions for block in full.blocks)


def test_a_long_event_goes_on_in_later_blocks(full):
    fills = [a for a in full.actions if isinstance(a, Fill)][:200]
    blocks = list(pack([(100, "trade", fills), (101, "trade", fills[:1])]))
    assert [a for block in blocks for a in block.actions] == [*fills, fills[0]]
    assert [block.time for block in blocks] == list(range(100, 100 + len(blocks)))


def test_series_are_listed_before_and_traded_until_expiry(full):
    listed: dict[int, int] = {}
    for block in full.blocks:
        for action in block.actions:
            match action:
                case CreateSeries(_, terms):
                    listed[terms.id] = terms.expiry
                    assert block.time < terms.expiry
                case Write(_, series, _):
                    assert series in listed
                case Fill(_, _, order, _):
                    assert block.time <= order.deadline
                    assert all(block.time < listed[leg.series] for leg in order.legs)
                case Close(_, series, quantity):
                    assert quantity > 0
                    assert block.time < listed[series]
                case Settle(_, positions):
                    assert all(block.time >= listed[series] for series, _ in positions)
    assert listed.keys() == full.listings.keys()


def test_single_legs_trade_at_quoted_prices(full, data):
    quotes = {(q.instrument, data.snapshots[q.snapshot]): q for q in data.quotes}
    moments = sorted(data.snapshots)
    levels = defaultdict(int)
    for block in full.blocks:
        moment = max((m for m in moments if m <= block.time), default=0)
        for fill in (a for a in block.actions if isinstance(a, Fill)):
            if len(fill.order.legs) > 1:
                continue
            listing = full.listings[fill.order.legs[0].series]
            quote = quotes[listing.instrument, moment]
            level = _level(fill.order, listing, quote, data, moment)
            assert level, (fill, quote)
            levels[level] += 1
    assert all(levels[level] > 200 for level in ("bid", "ask", "mark")), levels


def _level(order, listing, quote, data, moment):
    """Which of the snapshot's prices an order has: coins, or dollars at the index."""
    index = data.index[listing.instrument.underlying][data.snapshots.index(moment)][0]
    for level, coins in (("bid", quote.bid), ("ask", quote.ask), ("mark", quote.mark)):
        if coins is None or (level == "bid" and not order.pays) or (level == "ask" and order.pays):
            continue
        digits = 8 if level == "mark" else 4
        price = coins * listing.asset.unit
        if listing.terms.kind == Kind.LINEAR:
            price = price * index // 100
        if price // 10**digits == order.price:
            return level
    return None


def test_spreads_are_all_or_none_over_one_chain(full):
    spreads = [a.order for a in full.actions if isinstance(a, Fill) and len(a.order.legs) > 1]
    assert len(spreads) > 300
    assert {len(order.legs) for order in spreads} == {2, 3}
    for order in spreads:
        listings = [full.listings[leg.series] for leg in order.legs]
        assert len({(x.instrument.underlying, x.instrument.expiry) for x in listings}) == 1
        assert {x.asset.address for x in listings} == {order.asset}
        assert [leg.series for leg in order.legs] == sorted(leg.series for leg in order.legs)


def test_prices_of_the_sources_differ_and_come_from_the_index(full, data):
    posts = [action for action in full.actions if isinstance(action, Post)]
    index = {cents * 10**16 for paths in data.index.values() for path in paths for cents in path}
    assert all(seen.price in index for post in posts for seen in post.observations)
    assert any(len({seen.price for seen in post.observations}) > 2 for post in posts)
    addresses = [address(seen.signer) for seen in posts[0].observations]
    assert addresses == sorted(addresses)


def test_another_run_shares_nothing_but_the_market(quick, data):
    later = build(data, QUICK, shift=3 * WEEK, run=1)
    assert not set(later.accounts) & set(quick.accounts)
    assert not later.listings.keys() & quick.listings.keys()
    assert later.blocks[0].time == quick.blocks[0].time + 3 * WEEK


@pytest.mark.parametrize("plan_name", ["quick", "full"])
def test_the_model_settles_everything(plan_name, request):
    plan = request.getfixturevalue(plan_name)
    ledger = Ledger(plan.vault)
    found = [e for b in plan.blocks for events in ledger.execute(b) for e in events]
    fees = sum(event.fee for event in found if isinstance(event, Filled))
    assert fees == sum(ledger.tokens[asset, plan.vault] for asset in Asset)
    assert all(ledger.supply(series) == 0 for series in plan.listings)
    assert all(left >= 0 for left in ledger.locked.values()), "every series stays solvent"
    settled = [event for event in found if isinstance(event, Discharged)]
    assert max(ledger.locked.values()) <= len(settled), "only rounding is left"
    mints = [action for action in plan.actions if isinstance(action, Mint)]
    for asset in Asset:
        held = sum(n for (kind, _), n in ledger.tokens.items() if kind is asset)
        minted = sum(mint.amount for mint in mints if mint.asset is asset)
        assert held + ledger.in_pool(asset) == minted, "nothing appears or vanishes"
