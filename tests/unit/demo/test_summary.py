"""The final tables add up."""

from __future__ import annotations

import pytest
from rich.console import Console

from node.demo import dataset
from node.demo.actions import Asset, CreateSeries, Fill
from node.demo.model import Ledger
from node.demo.plan import FULL, QUICK, build
from node.demo.replay import Done, Outcome
from node.demo.summary import summarize
from node.demo.tables import exact, render

GAS = 100_000


def outcome_of(scale):
    """As a replay on a chain that does what the model does, at 100,000 gas an action."""
    plan = build(dataset.load(), scale)
    outcome = Outcome(plan, Ledger(plan.vault), blocks=len(plan.blocks), seconds=10.0)
    for block in plan.blocks:
        events = outcome.ledger.execute(block)
        outcome.done += map(Done, block.actions, events, [GAS] * len(events))
    return outcome


@pytest.fixture(scope="module")
def quick():
    return outcome_of(QUICK)


def test_rows_add_up(quick):
    summary = summarize(quick)
    assert sum(row.series for row in summary.chains) == len(quick.plan.listings)
    assert sum(row.trades for row in summary.chains) == quick.plan.trades
    assert sum(row.gas for row in summary.chains) + summary.other_gas == quick.gas_used
    for asset in summary.assets:
        assert asset.premium == sum(row.premium[asset.asset] for row in summary.chains)
        assert asset.payoff == sum(row.payoff[asset.asset] for row in summary.chains)
        assert asset.fees == quick.ledger.tokens[asset.asset, quick.plan.vault]
        assert asset.left == quick.ledger.in_pool(asset.asset)


def test_payoff_of_a_chain_by_hand(quick):
    summary = summarize(quick)
    row = summary.chains[0]
    assert row.series == sum(
        isinstance(done.action, CreateSeries)
        and done.action.terms.expiry == row.expiry
        and quick.plan.listings[done.action.terms.id].instrument.underlying == row.underlying
        for done in quick.done
    )
    assert 70_000 * 10**18 < row.price < 76_000 * 10**18
    dollars = row.premium[Asset.USD] / 10**6 + row.premium[Asset.BTC] * row.price / 10**26
    assert float(row.in_dollars(row.premium)) == pytest.approx(dollars)


def test_exact_amounts_keep_all_digits():
    assert exact(123456789, Asset.BTC) == "1.23456789"
    assert exact(5, Asset.USD) == "0.000005"
    assert exact(1_234_567 * 10**18 + 1, Asset.ETH) == "1,234,567.000000000000000001"


@pytest.mark.parametrize("scale", [QUICK, FULL], ids=["quick", "full"])
def test_tables_fit_80_columns(scale):
    outcome = outcome_of(scale)
    console = Console(width=80, record=True, color_system=None)
    console.print(render(outcome, summarize(outcome)))
    text = console.export_text()
    assert "…" not in text
    assert "settled on chain = computed off chain: equal to the last wei" in text
    assert f"{len(outcome.plan.listings):,} series, {outcome.plan.trades:,} trades" in text
    assert sum(isinstance(d.action, Fill) for d in outcome.done) == outcome.plan.trades
