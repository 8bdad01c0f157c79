"""The off-chain model: known payoffs, bounds, and solvency whatever happens."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from genesis import addresses
from node.demo import model
from node.demo.actions import (
    Block,
    Close,
    CreateFeed,
    CreateSeries,
    Mint,
    Observation,
    Post,
    Settle,
    Write,
)
from node.demo.contracts import ONE, Feed, Kind, OptionType, Terms
from node.demo.model import Checkpoint, Closed, Discharged, Fixed, Ledger, Written
from node.errors import InvalidInput

CALL, PUT = OptionType.CALL, OptionType.PUT
INVERSE, LINEAR = Kind.INVERSE, Kind.LINEAR
FEED = b"\x07" * 32


def terms(option_type, kind, strike, bound=0, expiry=10_000, feed=FEED):
    coin = addresses.DEVNET_BTC
    settlement = addresses.DEVNET_USD if kind == LINEAR else coin
    return Terms(
        coin, addresses.DEVNET_USD, settlement, feed, strike * ONE, bound * ONE, expiry,
        option_type, kind,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("contract", "price", "expected"),
    [
        # one contract in smallest units: 8 decimals in coins, 6 in dollars
        (terms(CALL, INVERSE, 60_000), 80_000, Fraction(10**8, 4)),
        (terms(CALL, INVERSE, 60_000), 59_999, 0),
        (terms(PUT, INVERSE, 60_000, 30_000), 50_000, Fraction(10**8, 5)),
        (terms(PUT, INVERSE, 60_000, 30_000), 10_000, 10**8),
        (terms(CALL, LINEAR, 60_000, 120_000), 60_001, 10**6),
        (terms(CALL, LINEAR, 60_000, 120_000), 200_000, 60_000 * 10**6),
        (terms(PUT, LINEAR, 60_000), 45_000, 15_000 * 10**6),
        (terms(PUT, LINEAR, 60_000), 70_000, 0),
    ],
)
def test_payoff_of_one_contract(contract, price, expected):
    assert model.payoff(contract, ONE, price * ONE) == expected


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        (terms(CALL, INVERSE, 60_000), 10**8),
        (terms(PUT, INVERSE, 60_000, 30_000), 10**8),
        (terms(CALL, LINEAR, 60_000, 120_000), 60_000 * 10**6),
        (terms(PUT, LINEAR, 60_000), 60_000 * 10**6),
        (terms(PUT, LINEAR, 60_000, 45_000), 15_000 * 10**6),
    ],
)
def test_collateral_of_one_contract(contract, expected):
    assert model.collateral(contract, ONE) == expected
    assert model.collateral(contract, 1) == 1, "rounded up, even for the smallest quantity"
    assert model.collateral(contract, 0) == 0


contracts_ = st.one_of(
    st.builds(lambda k: terms(CALL, INVERSE, k), st.integers(1, 10**6)),
    st.builds(lambda k, c: terms(CALL, LINEAR, k, k + c), *[st.integers(1, 10**6)] * 2),
    st.builds(lambda f, k: terms(PUT, INVERSE, f + k, f), *[st.integers(1, 10**6)] * 2),
    st.builds(lambda k: terms(PUT, LINEAR, k), st.integers(1, 10**6)),
)


@settings(deadline=None)
@given(contracts_, st.integers(1, 10**25), st.integers(1, 10**26))
def test_collateral_covers_every_payoff(contract, quantity, price):
    assert ceil(model.payoff(contract, quantity, price)) <= model.collateral(contract, quantity)


@settings(deadline=None)
@given(contracts_, st.lists(st.integers(1, 10**20), min_size=1), st.integers(1, 10**26))
def test_splitting_a_position_never_pays_more(contract, parts, price):
    split = sum(floor(model.payoff(contract, part, price)) for part in parts)
    assert split <= floor(model.payoff(contract, sum(parts), price))


def test_medians():
    assert model.median([5, 1, 3]) == 3
    assert model.median([1, 4, 2, 9]) == 3
    assert model.median([1, 2]) == 1, "the mean is rounded down"
    assert model.weighted_median([(10, 1), (20, 1)]) == 10, "half of the weight suffices"
    assert model.weighted_median([(30, 5), (10, 1), (20, 3)]) == 30
    assert model.weighted_median([(30, 4), (10, 1), (20, 3)]) == 20


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 100), st.integers(1, 100)), min_size=1))
def test_weighted_median_splits_the_weight(weights):
    value = model.weighted_median(weights)
    total = sum(weight for _, weight in weights)
    assert 2 * sum(w for v, w in weights if v <= value) >= total
    assert 2 * sum(w for v, w in weights if v < value) < total


def feed(minimum=2, max_age=600, spacing=60, window=1800):
    sources = tuple((b"s", bytes([n]) * 20) for n in (1, 2, 3))
    return Feed(b"BTC/USD", sources, minimum, max_age, spacing, window, 3600)


def posted(ledger, the_feed, time, *observed):
    """Posts (source, price in quote, timestamp) at a block time; what it caused."""
    observations = tuple(Observation(s, f"source {s}", p * ONE, t) for s, p, t in observed)
    return ledger.execute(Block(time, "", (Post("operator", the_feed.id, observations),)))[0]


@pytest.fixture
def oracle():
    ledger, the_feed = Ledger("vault"), feed()
    ledger.execute(Block(0, "", (CreateFeed("operator", the_feed),)))
    return ledger, the_feed


def test_checkpoints_need_enough_fresh_sources(oracle):
    ledger, btc = oracle
    assert posted(ledger, btc, 1000, (0, 100, 1000)) == ()
    assert posted(ledger, btc, 1001, (1, 200, 1001)) == (Checkpoint(btc.id, 150 * ONE, 1001),)
    assert posted(ledger, btc, 1030, (2, 900, 1030)) == (), "spacing"
    assert posted(ledger, btc, 1100, (2, 800, 1030)) == (), "no newer report"
    assert posted(ledger, btc, 1601, (1, 300, 1601)) == (Checkpoint(btc.id, 600 * ONE, 1601),)


def test_settlement_price_weighs_by_time(oracle):
    ledger, btc = oracle
    for time, price in ((8000, 100), (8600, 300), (9000, 200)):
        posted(ledger, btc, time, (0, price, time), (1, price, time))
    # [8200, 10000]: 100 for 400 s, 300 for 400 s, 200 for 600 s, then stale
    put = terms(PUT, LINEAR, 500, feed=btc.id)
    ledger.execute(Block(9001, "", (CreateSeries("operator", put),)))
    assert ledger._window_price(put) == 200 * ONE


def test_a_window_without_prices_is_named(oracle):
    ledger, btc = oracle
    posted(ledger, btc, 9500, (0, 100, 9500), (1, 100, 9500))
    with pytest.raises(InvalidInput, match="prices cover 500 s of the window before 10000"):
        ledger._window_price(terms(PUT, LINEAR, 500, feed=btc.id))


def test_writing_and_settling(oracle):
    ledger, btc = oracle
    call = terms(CALL, INVERSE, 60_000, feed=btc.id)
    created = (Mint("ann", model.Asset.BTC, 10**9), CreateSeries("operator", call))
    ledger.execute(Block(9000, "", (*created, Write("ann", call.id, 2 * ONE + 1))))
    assert ledger.tokens[model.Asset.BTC, "ann"] == 10**9 - 2 * 10**8 - 1
    for time in (8200, 8800, 9400):
        posted(ledger, btc, time, (0, 80_000, time), (1, 80_000, time))
    positions = ((call.id, "ann"), (call.id, "bob"), (call.id, "ann"))
    (events,) = ledger.execute(Block(10_001, "", (Settle("operator", positions),)))
    # long floor(0.5 coin + dust), short owes one unit more, of a unit more collateral
    assert events == (
        Fixed(btc.id, 10_000, 80_000 * ONE),
        Discharged(call.id, "ann", 2 * ONE + 1, 2 * ONE + 1, 2 * 10**8),
    )
    assert ledger.locked[call.id] == 1
    assert ledger.supply(call.id) == 0
    assert ledger.in_pool(model.Asset.BTC) == 1


def test_collateral_of_a_second_write_is_the_difference(oracle):
    ledger, btc = oracle
    call = terms(CALL, INVERSE, 60_000, feed=btc.id)
    actions = (
        Mint("ann", model.Asset.BTC, 10**9),
        CreateSeries("operator", call),
        Write("ann", call.id, 1),
        Write("ann", call.id, 1),
    )
    *_, first, second = ledger.execute(Block(9000, "", actions))
    assert first == (Written(call.id, "ann", 1, 1),)
    assert second == (Written(call.id, "ann", 1, 0),), "one unit already covers both"


def test_closing_frees_what_the_rest_does_not_need(oracle):
    ledger, btc = oracle
    call = terms(CALL, INVERSE, 60_000, feed=btc.id)
    actions = (
        Mint("ann", model.Asset.BTC, 10**9),
        CreateSeries("operator", call),
        Write("ann", call.id, 2 * ONE + 1),
        Close("ann", call.id, ONE),
        Close("ann", call.id, ONE),
    )
    *_, first, second = ledger.execute(Block(9000, "", actions))
    assert first == second == (Closed(call.id, "ann", ONE, 10**8),)
    assert ledger.locked[call.id] == 1, "of one contract in 10**18 left"
    assert ledger.supply(call.id) == 1


@settings(deadline=None)
@given(st.integers(1, 10**9))
def test_nobody_spends_what_isn_t_there(amount):
    assume(amount > 5)
    ledger = Ledger("vault")
    call = terms(CALL, INVERSE, 60_000)
    block = Block(1, "", (Mint("ann", model.Asset.BTC, 5), CreateSeries("operator", call)))
    ledger.execute(block)
    with pytest.raises(InvalidInput, match="ann has 5 BTC of"):
        ledger.execute(Block(2, "", (Write("ann", call.id, amount * 10**10),)))
