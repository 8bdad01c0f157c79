"""The final tables of a replay, for a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table

from node.demo.actions import Asset
from node.demo.contracts import ONE
from node.demo.replay import Outcome
from node.demo.summary import ChainRow, Summary


def render(outcome: Outcome, summary: Summary) -> RenderableType:
    """Everything a reader should see at the end."""
    return Group(_chains(summary), _assets(summary), *_verdict(outcome, summary))


def _table(title: str) -> Table:
    """Narrow enough for 80 columns."""
    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=0)


def _chains(summary: Summary) -> Table:
    table = _table("Option chains, traded and settled on chain")
    table.add_column("expiry", no_wrap=True)
    names = ("series", "trades", "open int.", "premium $", "payoff $", "settled $", "Mgas")
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for row in summary.chains:
        table.add_row(*_chain_cells(row))
    table.add_section()
    rows = summary.chains
    table.add_row(
        "total",
        f"{sum(row.series for row in rows):,}",
        f"{sum(row.trades for row in rows):,}",
        "",
        f"{float(sum(row.in_dollars(row.premium) for row in rows)):,.0f}",
        f"{float(sum(row.in_dollars(row.payoff) for row in rows)):,.0f}",
        "",
        f"{sum(row.gas for row in rows) / 1e6:,.0f}",
    )
    return table


def _chain_cells(row: ChainRow) -> tuple[str, ...]:
    return (
        f"{datetime.fromtimestamp(row.expiry, UTC):%a %d %b} {row.underlying}",
        f"{row.series:,}",
        f"{row.trades:,}",
        f"{row.open_interest / ONE:,.0f}",
        f"{float(row.in_dollars(row.premium)):,.0f}",
        f"{float(row.in_dollars(row.payoff)):,.0f}",
        f"{row.price / ONE:,.2f}",
        f"{row.gas / 1e6:,.0f}",
    )


def _assets(summary: Summary) -> Table:
    table = _table("Every unit that moved")
    table.add_column("")
    for row in summary.assets:
        table.add_column(row.asset, justify="right", no_wrap=True)
    lines: dict[str, list[str]] = {
        "premium": [exact(row.premium, row.asset) for row in summary.assets],
        "fees": [exact(row.fees, row.asset) for row in summary.assets],
        "collateral": [exact(row.locked, row.asset) for row in summary.assets],
        "payoff": [exact(row.payoff, row.asset) for row in summary.assets],
        "returned": [exact(row.returned, row.asset) for row in summary.assets],
        "rounding": [exact(row.left, row.asset) for row in summary.assets],
    }
    for name, cells in lines.items():
        table.add_row(name, *cells)
    return table


def exact(amount: int, asset: Asset) -> str:
    """An amount in whole tokens with all of its digits."""
    whole, rest = divmod(amount, asset.unit)
    return f"{whole:,}.{rest:0{asset.decimals}}"


def _verdict(outcome: Outcome, summary: Summary) -> tuple[str, ...]:
    gas = outcome.gas_used
    rate = Fraction(len(outcome.done)) / Fraction(max(outcome.seconds, 1e-9))
    return (
        f"{len(outcome.plan.listings):,} series, {outcome.plan.trades:,} trades,"
        f" {len(outcome.done):,} transactions in {outcome.blocks:,} blocks,"
        f" {gas / 1e6:,.1f} Mgas ({summary.other_gas / 1e6:,.1f} of it accounts and oracle)",
        f"{outcome.seconds:.1f} s: {float(rate):,.0f} transactions/s,"
        f" {gas / 1e6 / outcome.seconds:,.1f} Mgas/s",
        f"[green]settled on chain = computed off chain: equal to the last wei[/green]"
        f" ({summary.events:,} events and {outcome.compared:,} balances compared)",
    )
