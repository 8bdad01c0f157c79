"""The market data the demo replays, and its compact encoding.

One JSON document, xz-compressed. Quotes lie in columns ordered by instrument, then snapshot;
every column holds differences to the value before it of the same instrument, which compresses to
about six bytes a quote. All numbers are integers; the units are in `Quote`.
Origin and derivation: node/demo/data/README.md.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.resources import files
from itertools import groupby
from typing import Any, Final, Literal, TypeAlias

from node.errors import CorruptData

Underlying: TypeAlias = Literal["BTC", "ETH"]
UNDERLYINGS: Final[tuple[Underlying, ...]] = ("BTC", "ETH")

DATA_FILE: Final = "options.json.xz"
FORMAT: Final = "strikefold option chains 1"
ORIGIN: Final = "znmahbub/SVCJ-Deribit-Inverse-Options-Pricer, commit 516b0cb"
TICK_PER_COIN: Final = 10**4
"""Bids and asks come in ten-thousandths of a coin, the market's own tick."""
MARK_PER_COIN: Final = 10**8
CENTS_PER_DOLLAR: Final = 100

_COLUMNS: Final = ("snapshot", "bid", "ask", "mark", "iv", "open_interest")
_NO_PRICE: Final = -1


@dataclass(frozen=True, order=True)
class Instrument:
    """One listed option. strike: whole US dollars; expiry: Unix seconds."""

    underlying: Underlying
    expiry: int
    strike: int
    is_call: bool

    @cached_property
    def name(self) -> str:
        """The exchange's name, such as BTC-26JUN26-60000-C."""
        day = datetime.fromtimestamp(self.expiry, UTC)
        kind = "C" if self.is_call else "P"
        return f"{self.underlying}-{day.day}{day:%b%y}-{self.strike}-{kind}".upper()


@dataclass(frozen=True)
class Quote:
    """One instrument in one snapshot; prices are coins per option, as the market quotes them.

    bid, ask: 1e-4 coin, None where nobody quoted. mark: 1e-8 coin. iv: 1e-4 (4200 is 42 %).
    open_interest: tenths of a coin.
    """

    instrument: Instrument
    snapshot: int
    bid: int | None
    ask: int | None
    mark: int
    iv: int
    open_interest: int


@dataclass(frozen=True)
class MarketData:
    """Every quote of every snapshot.

    snapshots: Unix seconds, ascending. index: per underlying and snapshot, the index price in US
    cents as it moved while the snapshot was taken (consecutive repetitions dropped).
    quotes: ordered by instrument, then snapshot.
    """

    snapshots: tuple[int, ...]
    index: Mapping[Underlying, tuple[tuple[int, ...], ...]]
    quotes: tuple[Quote, ...]

    @cached_property
    def instruments(self) -> tuple[Instrument, ...]:
        """Every instrument quoted at least once, in order."""
        return tuple(dict.fromkeys(quote.instrument for quote in self.quotes))

    @cached_property
    def by_snapshot(self) -> tuple[tuple[Quote, ...], ...]:
        """The quotes of each snapshot, in the order of their instruments."""
        chains: list[list[Quote]] = [[] for _ in self.snapshots]
        for quote in self.quotes:
            chains[quote.snapshot].append(quote)
        return tuple(map(tuple, chains))


def load() -> MarketData:
    """The data set this package carries."""
    return decode((files("node.demo") / "data" / DATA_FILE).read_bytes())


def encode(data: MarketData) -> bytes:
    """The document of `data`, compressed; `decode` is its inverse."""
    return lzma.compress(document(data), preset=9 | lzma.PRESET_EXTREME)


def document(data: MarketData) -> bytes:
    """The uncompressed document: the same bytes on every machine, whatever its liblzma."""
    content = {
        "format": FORMAT,
        "origin": ORIGIN,
        "snapshots": data.snapshots,
        "index": data.index,
        "instruments": [
            [i.underlying, i.expiry, i.strike, int(i.is_call), count]
            for i, count in _runs(data.quotes)
        ],
        "columns": {name: _differences(data.quotes, name) for name in _COLUMNS},
    }
    return json.dumps(content, separators=(",", ":")).encode()


def decode(compressed: bytes) -> MarketData:
    """Reads what `encode` wrote. Raises CorruptData on anything else."""
    try:
        content = json.loads(lzma.decompress(compressed))
        if content["format"] != FORMAT:
            raise ValueError(f"format is {content['format']!r}, expected {FORMAT!r}")
        return _from_content(content)
    except (lzma.LZMAError, ValueError, LookupError, TypeError) as error:
        raise CorruptData(f"option data set unreadable: {error}; reinstall strikefold") from error


def _from_content(content: Mapping[str, Any]) -> MarketData:
    columns = [content["columns"][name] for name in _COLUMNS]
    rows = zip(*columns, strict=True)
    quotes: list[Quote] = []
    for underlying, expiry, strike, is_call, count in content["instruments"]:
        instrument = Instrument(underlying, expiry, strike, bool(is_call))
        values = [0] * len(_COLUMNS)
        for _ in range(count):
            values = [a + b for a, b in zip(values, next(rows), strict=True)]
            quotes.append(_quote(instrument, values))
    if next(rows, None) is not None:
        raise ValueError("more quotes than its instruments count")
    index = {u: tuple(map(tuple, content["index"][u])) for u in UNDERLYINGS}
    return MarketData(tuple(content["snapshots"]), index, tuple(quotes))


def _quote(instrument: Instrument, values: Sequence[int]) -> Quote:
    snapshot, bid, ask, mark, iv, open_interest = values
    bid_or_none = None if bid == _NO_PRICE else bid
    ask_or_none = None if ask == _NO_PRICE else ask
    return Quote(instrument, snapshot, bid_or_none, ask_or_none, mark, iv, open_interest)


def _runs(quotes: Iterable[Quote]) -> list[tuple[Instrument, int]]:
    groups = groupby(quotes, key=lambda quote: quote.instrument)
    return [(instrument, sum(1 for _ in group)) for instrument, group in groups]


def _differences(quotes: Iterable[Quote], name: str) -> list[int]:
    differences = []
    for _, group in groupby(quotes, key=lambda quote: quote.instrument):
        previous = 0
        for quote in group:
            value = getattr(quote, name)
            value = _NO_PRICE if value is None else value
            differences.append(value - previous)
            previous = value
    return differences
