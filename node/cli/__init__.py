"""The `strikefold` command: one module a subcommand, registered here.

Exit codes: 0 done, 1 the command failed for a reason it printed, 2 wrong usage or configuration.
"""

from __future__ import annotations

import sys

import typer

from node import __version__
from node.cli import blocks, db, demo, zk
from node.cli.config import config
from node.cli.devnet import devnet
from node.cli.recheck import recheck
from node.cli.run import run
from node.cli.security import security
from node.errors import ConfigError, StrikefoldError

app = typer.Typer(
    name="strikefold",
    help="A recursive rollup node for option markets.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.command()(devnet)
app.command()(run)
app.command()(config)
app.command()(recheck)
app.command()(security)
app.add_typer(demo.app)
app.add_typer(db.app)
app.add_typer(zk.app)
app.add_typer(blocks.prove)
app.command()(blocks.verify)
app.add_typer(blocks.profile)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(f"strikefold {__version__}")


def main() -> None:
    """Entry point of the command: our errors become one line and an exit code."""
    try:
        app()
    except StrikefoldError as error:
        typer.echo(f"strikefold: {error}", err=True)
        sys.exit(2 if isinstance(error, ConfigError) else 1)
