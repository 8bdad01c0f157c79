"""Derives node/demo/data/options.json.xz from the snapshots as they were collected.

    python -m node.demo.derive SNAPSHOT_FOLDER node/demo/data/options.json.xz

Takes every row; keeps expiry, strike, type, bid, ask, mark, implied volatility, open interest and
the path of the index price; drops what follows from those or is not replayed (Greeks, volume,
futures). The same snapshots give the same document, byte for byte (tests/unit/demo checks it).
"""

from __future__ import annotations

import csv
import lzma
import sys
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from node.demo.dataset import UNDERLYINGS, Instrument, MarketData, Quote, Underlying, encode


def derive(folder: Path) -> MarketData:
    """Reads every *.csv.xz of `folder`; their names order them in time."""
    snapshots = [_rows(path) for path in sorted(folder.glob("*.csv.xz"))]
    quotes = [_quote(row, number) for number, rows in enumerate(snapshots) for row in rows]
    quotes.sort(key=lambda quote: (quote.instrument, quote.snapshot))
    index = {
        underlying: tuple(_index_path(rows, underlying) for rows in snapshots)
        for underlying in UNDERLYINGS
    }
    times = tuple(_unix(rows[0]["timestamp"]) for rows in snapshots)
    return MarketData(times, index, tuple(quotes))


def _rows(path: Path) -> list[dict[str, str]]:
    with lzma.open(path, "rt", newline="") as file:
        return list(csv.DictReader(file))


def _quote(row: dict[str, str], snapshot: int) -> Quote:
    underlying, _, strike, kind = row["instrument_name"].split("-")
    coin: Underlying = "BTC" if underlying == "BTC" else "ETH"
    instrument = Instrument(coin, _unix(row["expiry_datetime"]), int(strike), kind == "C")
    if instrument.name != row["instrument_name"]:
        raise ValueError(f"{row['instrument_name']} read as {instrument.name}")
    bid, ask = (_scaled(row[f"{side}_price"], 4) if row[f"{side}_price"] else None
                for side in ("bid", "ask"))  # fmt: skip
    return Quote(
        instrument, snapshot, bid, ask,
        mark=_scaled(row["mark_price"], 8),
        iv=round(Decimal(row["implied_volatility"]).scaleb(4)),  # binary noise beyond 4 digits
        open_interest=_scaled(row["open_interest"], 1),
    )  # fmt: skip


def _index_path(rows: Iterable[dict[str, str]], underlying: str) -> tuple[int, ...]:
    """Cents. Rows lie in the order in which they were fetched, so this is the path in time."""
    prices = (_scaled(row["index_price"], 2) for row in rows if row["currency"] == underlying)
    return tuple(price for price, _ in groupby(prices))


def _scaled(text: str, digits: int) -> int:
    value = Decimal(text).scaleb(digits)
    if value != int(value):
        raise ValueError(f"{text} has more than {digits} digits")
    return int(value)


def _unix(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_bytes(encode(derive(source)))
