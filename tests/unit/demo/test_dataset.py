"""The committed data set: sound, readable, and exactly what the snapshots give."""

from __future__ import annotations

import json
import lzma

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.demo import dataset
from node.demo.dataset import Instrument, MarketData, Quote, decode, encode
from node.demo.derive import derive
from node.errors import CorruptData
from tests.suites import suite_path

DAY = 24 * 3600


@pytest.fixture(scope="module")
def data() -> MarketData:
    return dataset.load()


def test_holds_a_month_of_both_chains(data):
    assert len(data.snapshots) == 46
    assert len(data.quotes) == 78_904
    assert len(data.instruments) == 4_842
    assert {i.underlying for i in data.instruments} == {"BTC", "ETH"}
    inside = {i.expiry for i in data.instruments if i.expiry <= data.snapshots[-1] + DAY}
    assert len(inside) >= 31


def test_quotes_are_ordered_and_sane(data):
    keys = [(q.instrument, q.snapshot) for q in data.quotes]
    assert keys == sorted(set(keys))
    for quote in data.quotes:
        assert quote.mark >= 0
        assert quote.bid is None or quote.ask is None or 0 <= quote.bid <= quote.ask
        assert quote.instrument.expiry % DAY == 8 * 3600, "expiries are at 08:00 UTC"


def test_every_snapshot_has_an_index_path_of_both(data):
    for underlying, low, high in (("BTC", 5_000_000, 8_000_000), ("ETH", 100_000, 300_000)):
        assert len(data.index[underlying]) == len(data.snapshots)
        for path in data.index[underlying]:
            assert len(path) >= 20
            assert all(low < price < high for price in path)


def test_names_are_the_market_s():
    call = Instrument("BTC", 1782460800, 60000, is_call=True)
    assert call.name == "BTC-26JUN26-60000-C"
    assert Instrument("ETH", 1780646400, 1900, is_call=False).name == "ETH-5JUN26-1900-P"


def test_derivation_is_reproducible(data):
    assert dataset.document(derive(suite_path("deribit"))) == dataset.document(data)
    committed = lzma.decompress(
        (dataset.files("node.demo") / "data" / dataset.DATA_FILE).read_bytes()
    )
    assert committed == dataset.document(data)


instruments = st.builds(
    Instrument,
    underlying=st.sampled_from(dataset.UNDERLYINGS),
    expiry=st.integers(0, 2**32),
    strike=st.integers(1, 10**6),
    is_call=st.booleans(),
)
prices = st.none() | st.integers(0, 10**6)
quotes = st.builds(
    Quote,
    instrument=instruments,
    snapshot=st.integers(0, 3),
    bid=prices,
    ask=prices,
    mark=st.integers(0, 10**12),
    iv=st.integers(0, 10**5),
    open_interest=st.integers(0, 10**6),
)


@settings(deadline=None)
@given(st.lists(quotes, unique_by=lambda q: (q.instrument, q.snapshot)))
def test_encoding_round_trips(some):
    some.sort(key=lambda q: (q.instrument, q.snapshot))
    data = MarketData((1, 2, 3, 4), {"BTC": ((1,), (2, 3)), "ETH": ()}, tuple(some))
    assert decode(encode(data)) == data


def test_damage_is_named():
    with pytest.raises(CorruptData, match="reinstall strikefold"):
        decode(b"not xz")
    with pytest.raises(CorruptData, match="unreadable"):
        decode(encode(MarketData((), {"BTC": (), "ETH": ()}, ()))[:-9])
    with pytest.raises(CorruptData, match="format is 'other'"):
        decode(lzma.compress(json.dumps({"format": "other"}).encode()))
