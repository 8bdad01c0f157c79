"""History files and postings on their own."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.errors import CorruptData
from node.state.history import History, Part
from node.state.layout import Undo, after_prefix, decode_entry, decode_undo
from node.state.logindex import SECTION_BLOCKS, offsets, posting_with, posting_without


def parts(number: int) -> tuple[bytes, ...]:
    return tuple(bytes((number,)) * (10 * part + number) for part in range(5))


def test_segments_roll_over_and_are_cut(tmp_path) -> None:
    history = History(tmp_path / "history", segment_bytes=400)
    places = [history.append(number, parts(number)) for number in range(20)]
    assert history.segments() == list(range(places[-1].segment + 1))
    assert len(history.segments()) > 3
    for number, place in enumerate(places):
        assert tuple(history.read(place, part) for part in Part) == parts(number)
    history.cut(places[7])
    assert history.segments() == list(range(places[7].segment + 1))
    assert history.segment_path(places[7].segment).stat().st_size == places[7].end
    again = history.append(8, parts(8))
    assert history.read(again, Part.WITNESS) == parts(8)[3]
    assert history.read(places[7], Part.EXTRA) == parts(7)[4]
    history.cut(None)
    assert history.bytes_on_disk() == 0
    history.close()


def test_leftovers_of_an_interrupted_append_are_cut(tmp_path) -> None:
    history = History(tmp_path, segment_bytes=100)
    place = history.append(0, parts(1))
    history.append(1, parts(2))
    history.close()
    with history.segment_path(0).open("ab") as file:
        file.write(b"half a record")
    history = History(tmp_path)
    history.cut(place)
    assert history.bytes_on_disk() == place.end
    (tmp_path / "notes.txt").write_text("not ours")
    assert history.segments() == [0]
    history.close()


@pytest.mark.parametrize("offset", [0, 4, 8, 16, 17, 25])
def test_every_byte_of_a_record_is_checked(tmp_path, offset) -> None:
    history = History(tmp_path)
    place = history.append(3, (b"header--", b"body", b"", b"", b""))
    with history.segment_path(0).open("r+b") as file:
        file.seek(offset)
        file.write(b"\xee")
    broken = Part.HEADER if offset < 25 else Part.BODY
    with pytest.raises(CorruptData, match=f"{broken.name.lower()} of block 3.*0.seg at offset"):
        history.read(place, broken)
    assert history.read(place, Part.EXTRA) == b""
    history.close()


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(0, SECTION_BLOCKS - 1), max_size=400), st.data())
def test_postings(blocks: set[int], data: st.DataObject) -> None:
    posting, ordered = b"", sorted(blocks)
    for block in ordered:
        posting = posting_with(posting_with(posting, block), block)
        assert len(posting) <= SECTION_BLOCKS // 8
    assert offsets(posting) == ordered
    kept = data.draw(st.integers(0, len(ordered)))
    for block in reversed(ordered[kept:]):
        posting = posting_without(posting, block)
    assert offsets(posting) == ordered[:kept]


def test_a_full_section() -> None:
    posting = b""
    for block in range(SECTION_BLOCKS):
        posting = posting_with(posting, block)
    assert posting == b"\xff" * (SECTION_BLOCKS // 8)
    for block in reversed(range(SECTION_BLOCKS)):
        posting = posting_without(posting, block)
    assert posting == b""


keys = st.lists(st.binary(min_size=1, max_size=98), max_size=5).map(tuple)


@given(keys, keys, keys)
def test_undo_round_trip(state_keys, hashes, log_keys) -> None:
    undo = Undo(state_keys, hashes, log_keys)
    assert decode_undo(undo.encode()) == undo


def test_prefix_ends() -> None:
    assert after_prefix(b"sab") == b"sac"
    assert after_prefix(b"s\xff\xff") == b"t"


def test_a_block_entry_of_the_wrong_size() -> None:
    with pytest.raises(CorruptData, match="entry of block 5 has 3 bytes"):
        decode_entry(5, b"abc")
