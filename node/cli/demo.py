"""`strikefold demo`: what the chain is for, on real data."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from node.demo import dataset
from node.demo.actions import Block
from node.demo.devnet import devnet
from node.demo.plan import FULL, QUICK, Plan, build, start
from node.demo.replay import Outcome, blocks_on_demand, replay, survey
from node.demo.summary import summarize
from node.demo.tables import render
from node.rpc.client import Rpc

app = typer.Typer(name="demo", help="Demonstrations on real market data.", no_args_is_help=True)


@app.callback()
def demo() -> None:
    """Demonstrations on real market data."""


@app.command()
def options(
    *,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Nine days of the month, with two Fridays: some seconds."),
    ] = False,
    rpc: Annotated[
        str | None,
        typer.Option(help="URL of a devnet's JSON-RPC; without it, one is started and stopped."),
    ] = None,
) -> None:
    """Trade and settle a month of real BTC and ETH option chains on a rollup node.

    Every action is a signed transaction over JSON-RPC; every result is compared with the same
    computed off chain, to the last wei. Exit code 1 if anything differs.
    """
    console = Console()
    with console.status("Reading the option chains"):
        data = dataset.load()
    node: AbstractContextManager[str] = (
        devnet(start(data) - 60) if rpc is None else nullcontext(rpc)
    )
    with node as url, Rpc(url) as client, blocks_on_demand(client):
        venue = survey(client, start(data))
        plan = build(data, QUICK if quick else FULL, venue.shift, venue.run)
        console.print(
            f"{len(plan.listings)} series, {plan.trades} trades, real prices of Deribit"
            f" from {_day(data.snapshots[0])} on; chain {venue.chain_id} at {url}"
        )
        outcome = _with_progress(console, client, plan, venue.chain_id, venue.shift)
    console.print(render(outcome, summarize(outcome)))


def _with_progress(console: Console, client: Rpc, plan: Plan, chain_id: int, shift: int) -> Outcome:
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("transactions"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("accounts", total=sum(1 for _ in plan.actions))

        def advance(done: int, block: Block) -> None:
            label = f"{_day(block.time - shift)} {block.stage}"
            progress.update(task, completed=done, description=label)

        return replay(client, plan, chain_id, advance)


def _day(timestamp: int) -> str:
    return f"{datetime.fromtimestamp(timestamp, UTC):%a %d %b %H:%M}"
