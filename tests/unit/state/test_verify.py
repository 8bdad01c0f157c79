"""Damage of every kind: it is found, named, and repaired where the rest of the database allows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from node.codec import encode
from node.errors import CorruptData
from node.state.history import Part
from node.state.store import repair_store
from node.state.verify import Area


def flip(path: Path, offset: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes((byte ^ 0x40,)))


def areas(faults) -> set[Area]:
    return {fault.area for fault in faults}


@pytest.fixture
def grown(open_db, chain):
    db = open_db()
    chain.grow(db, 30)
    assert db.verify() == []
    assert db.verify(repair=True) == []
    return db


def first_key(db, prefix: bytes) -> bytes:
    with db._store.iterator(prefix=prefix, include_value=False) as keys:
        return next(keys)


def test_an_empty_database_is_whole(open_db) -> None:
    assert open_db().verify(repair=True) == []


@pytest.mark.parametrize("part", list(Part))
def test_a_damaged_record_is_named_and_unwound(grown, open_db, chain, same_state, part) -> None:
    place = grown._entry(20).location
    path = grown._history.segment_path(place.segment)
    grown.close()
    flip(path, place.offset_of(part) + 17 + place.lengths[part] // 2 - (place.lengths[part] == 0))
    db = open_db()  # the newest block is whole
    reader = [db.header, db.body, db.receipts, db.witness, db.extra][part]
    with pytest.raises(CorruptData, match=f"{part.name.lower()} of block 20, history file .*seg"):
        reader(20)
    faults = db.verify()
    assert (Area.BLOCKS, 20) in {(fault.area, fault.block) for fault in faults}
    assert db.verify(repair=True) == []
    assert db.head == (19, chain.record(19).hash)
    chain.unwind(19)
    same_state(db.view(), chain.state(19))
    chain.grow(db, 5)
    assert db.verify() == []


def test_a_damaged_newest_block_stops_the_opening(grown, open_db) -> None:
    place = grown._entry(29).location
    path = grown._history.segment_path(place.segment)
    grown.close()
    flip(path, place.offset + 20)
    with pytest.raises(CorruptData, match=r"header of block 29, .* at offset \d+: its checksum"):
        open_db()
    db = open_db(damaged=True)
    assert db.verify(repair=True) == []
    assert db.head[0] == 28


def test_a_shortened_history_file(grown, open_db) -> None:
    place = grown._entry(25).location
    path = grown._history.segment_path(place.segment)
    grown.close()
    os.truncate(path, place.offset + 7)
    with pytest.raises(
        CorruptData, match=r"has \d+ bytes, its blocks need \d+; run `strikefold db"
    ):
        open_db()
    db = open_db(damaged=True)
    with pytest.raises(CorruptData, match="the file ends before it"):
        db.header(25)
    assert db.verify(repair=True) == []
    assert db.head[0] == 24


def test_a_missing_history_file(grown, open_db) -> None:
    path = grown._history.segment_path(0)
    grown.close()
    path.unlink()
    with pytest.raises(CorruptData, match="has 0 bytes"):
        open_db()
    db = open_db(damaged=True)
    with pytest.raises(CorruptData, match="No such file"):
        db.header(3)
    faults = db.verify(repair=True)  # the first block is gone as well: nothing to go back to
    assert areas(faults) == {Area.BLOCKS}


def test_damage_behind_the_window_is_reported_only(open_db, chain) -> None:
    db = open_db(window=5)
    chain.grow(db, 30)
    place = db._entry(3).location
    flip(db._history.segment_path(0), place.offset + 30)
    assert areas(db.verify(repair=True)) == {Area.BLOCKS}
    assert db.head[0] == 29


def test_a_record_of_another_block_is_not_taken(grown) -> None:
    entry = grown._entry(7)
    grown._store.put(b"b" + (8).to_bytes(8, "big"), entry.encode())
    with pytest.raises(CorruptData, match="it belongs to something else"):
        grown.header(8)


@pytest.mark.parametrize("prefix", [b"A", b"S"])
@pytest.mark.parametrize("damage", ["missing", "wrong", "left over"])
def test_trie_nodes_are_rebuilt(grown, chain, same_state, prefix, damage) -> None:
    key = first_key(grown, prefix)
    if damage == "missing":
        grown._store.delete(key)
    elif damage == "wrong":
        grown._store.put(key, b"\xc0")
    else:
        grown._store.put(key[:-1] + b"\x01\x02\x03\x04\x05\x10", b"\xc0")
    [fault] = grown.verify()
    assert fault.area is Area.TRIE
    assert "1 nodes are missing, wrong or left over" in fault.message
    assert grown.verify(repair=True) == []
    same_state(grown.view(), chain.state(29))
    same_state(grown.view(9), chain.state(9))


@pytest.mark.parametrize("prefix", [b"a", b"s"])
@pytest.mark.parametrize("damage", ["missing", "wrong", "left over"])
def test_flat_state_is_rebuilt(grown, chain, same_state, prefix, damage) -> None:
    key = first_key(grown, prefix)
    if damage == "missing":
        grown._store.delete(key)
    elif damage == "wrong":
        grown._store.put(key, encode([b"bad"]))
    else:
        grown._store.put(key[:-1] + bytes((key[-1] ^ 1,)), grown._store.get(key))
    assert Area.FLAT in areas(grown.verify())
    assert grown.verify(repair=True) == []
    same_state(grown.view(), chain.state(29))


def test_flat_state_and_trie_both_gone(grown) -> None:
    grown._store.delete(first_key(grown, b"a"))
    grown._store.delete(b"A\x10")
    with pytest.raises(CorruptData, match="restore a backup or synchronise anew"):
        grown.verify(repair=True)


def test_storage_of_no_account(grown) -> None:
    grown._store.put(b"s" + bytes(64), b"\x01")
    grown._store.put(b"S" + bytes(32) + b"\x10", b"\xc0")
    assert areas(grown.verify()) == {Area.FLAT, Area.TRIE}
    assert grown.verify(repair=True) == []


def test_lost_code_is_reported(grown) -> None:
    account = next(account for _, account in grown.view().accounts())
    grown._store.put(b"c" + account.code_hash, b"other")
    [fault, *_] = grown.verify(repair=True)
    assert fault.area is Area.CODES
    assert account.code_hash.hex() in fault.message


@pytest.mark.parametrize("prefix", [b"h", b"t", b"l"])
@pytest.mark.parametrize("damage", ["missing", "left over"])
def test_indices_are_rebuilt(grown, chain, prefix, damage) -> None:
    key = first_key(grown, prefix)
    if damage == "missing":
        grown._store.delete(key)
    else:
        grown._store.put(key[:-1] + bytes((key[-1] ^ 1,)), grown._store.get(key))
    assert areas(grown.verify()) == {Area.INDEX}
    assert grown.verify(repair=True) == []
    for record in chain.records:
        assert grown.number_of(record.hash) == record.number
        for index, tx_hash in enumerate(record.tx_hashes):
            assert grown.transaction(tx_hash) == (record.number, index)


@pytest.mark.parametrize("prefix", [b"d", b"u"])
def test_missing_diffs_are_reported(grown, prefix) -> None:
    grown._store.delete(first_key(grown, prefix))
    assert Area.DIFFS in areas(grown.verify())


def test_missing_and_mixed_up_entries(grown, open_db) -> None:
    grown._store.delete(b"b" + (12).to_bytes(8, "big"))
    messages = [fault.message for fault in grown.verify()]
    assert "blocks 12 to 12 are missing" in messages
    grown._store.put(b"ztip", grown._store.get(b"ztip")[:8] + bytes(64))
    grown.close()
    db = open_db()
    assert "the head is not the newest block" in [fault.message for fault in db.verify()]


def test_a_missing_newest_entry(grown, open_db) -> None:
    grown._store.delete(b"b" + (29).to_bytes(8, "big"))
    grown.close()
    with pytest.raises(CorruptData, match="entry of the newest block, 29, is missing"):
        open_db()
    db = open_db(damaged=True)
    assert "the head is block 29, the newest entry 28" in [f.message for f in db.verify()]


def test_damaged_leveldb(grown, open_db, tmp_path) -> None:
    grown.compact()
    stats = grown.stats()
    assert stats["head"] == 29
    assert stats["history_bytes"] > 0
    grown.close()
    tables = sorted((tmp_path / "db" / "leveldb").glob("*.ldb"))
    for offset in range(50, tables[0].stat().st_size, 2000):
        flip(tables[0], offset)
    with pytest.raises(CorruptData, match="run `strikefold db verify --repair`"):
        open_db().verify()


def test_a_lost_manifest_is_repaired(grown, open_db, tmp_path, chain, same_state) -> None:
    grown.close()
    (tmp_path / "db" / "leveldb" / "CURRENT").write_text("MANIFEST-999999\n")
    with pytest.raises(CorruptData, match="db verify --repair"):
        open_db()
    repair_store(tmp_path / "db")
    db = open_db()
    assert db.verify(repair=True) == []
    same_state(db.view(), chain.state(29))
