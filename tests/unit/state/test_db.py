"""The database against a copy of every state in memory."""

from __future__ import annotations

import threading

import pytest

from node.crypto import EMPTY_TRIE_ROOT
from node.errors import CorruptData, HistoryPruned, InvalidInput, StorageError
from node.state.trie import prove


def test_empty_database(open_db) -> None:
    db = open_db()
    assert db.head is None
    assert db.view().root == EMPTY_TRIE_ROOT
    assert db.view().account(bytes(20)) is None
    assert (db.header(-1), db.header(2**64)) == (None, None)
    assert (db.header(0), db.hash_of(0), db.number_of(bytes(32))) == (None, None, None)
    assert (db.transaction(bytes(32)), db.metadata(b"x"), db.has_state(0)) == (None, None, False)
    with pytest.raises(InvalidInput, match="block 3 is not stored"):
        db.view(3)
    with pytest.raises(InvalidInput, match="cannot unwind"):
        db.unwind(0)


def test_every_state_in_the_window(open_db, chain, same_state) -> None:
    db = open_db()
    chain.grow(db, 40)
    for number in range(41):
        if number <= chain.head:
            same_state(db.view(number), chain.state(number))
            assert db.has_state(number)
    same_state(db.view(), chain.state(chain.head))
    assert db.head == (chain.head, chain.records[-1].hash)


def test_everything_survives_reopening(open_db, chain, same_state) -> None:
    db = open_db()
    chain.grow(db, 12)
    db.put_metadata(b"genesis", b"hash")
    db.close()
    db = open_db()
    assert db.metadata(b"genesis") == b"hash"
    assert db.head == (11, chain.records[-1].hash)
    for record in chain.records:
        n = record.number
        assert db.header(n) == record.header
        assert db.body(n) == record.body
        assert db.receipts(n) == record.receipts
        assert db.witness(n) == record.witness
        assert db.extra(n) == record.extra
        assert (db.hash_of(n), db.number_of(record.hash)) == (record.hash, n)
        assert db.root_of(n) == chain.state(n).root
        for index, tx_hash in enumerate(record.tx_hashes):
            assert db.transaction(tx_hash) == (n, index)
        same_state(db.view(n), chain.state(n))


def test_window_and_pruning(open_db, chain, same_state) -> None:
    db = open_db(window=5)
    chain.grow(db, 20)
    assert db.oldest_state == 14
    assert [n for n in range(25) if db.has_state(n)] == list(range(14, 20))
    for number in range(14, 20):
        same_state(db.view(number), chain.state(number))
    with pytest.raises(HistoryPruned, match="block 13 is no longer stored, the oldest is 14"):
        db.view(13)
    with pytest.raises(HistoryPruned, match="cannot unwind to block 13"):
        db.unwind(13)
    assert db.head[0] == 19
    db.close()
    with open_db()._store.iterator(prefix=b"d") as diffs:  # nothing stays of pruned blocks
        assert {int.from_bytes(key[-8:], "big") for key, _ in diffs} <= set(range(15, 20))


def test_archive_keeps_everything_and_can_shrink(open_db, chain, same_state) -> None:
    db = open_db(archive=True, window=2)
    chain.grow(db, 30)
    same_state(db.view(0), chain.state(0))
    db.close()
    db = open_db(window=4)
    chain.grow(db, 1)
    assert db.oldest_state == 8  # a few blocks at a time
    chain.grow(db, 3)
    assert db.oldest_state == db.head[0] - 4
    same_state(db.view(db.oldest_state), chain.state(db.oldest_state))


def test_unwinding(open_db, chain, same_state) -> None:
    db = open_db()
    chain.grow(db, 25)
    gone = chain.records[18:]
    db.unwind(17)
    chain.unwind(17)
    assert db.head == (17, chain.records[-1].hash)
    for record in gone:
        assert db.header(record.number) is None
        assert db.number_of(record.hash) is None
        assert not any(db.transaction(tx_hash) for tx_hash in record.tx_hashes)
    for number in range(18):
        same_state(db.view(number), chain.state(number))
    chain.grow(db, 10)
    db.close()
    db = open_db()
    for number in range(28):
        same_state(db.view(number), chain.state(number))
        assert db.witness(number) == chain.record(number).witness


# V     assert db.verify() == []


@pytest.mark.parametrize("seed", range(5))
def test_random_appends_unwinds_and_restarts(open_db, new_chain, same_state, seed) -> None:
    chain = new_chain(seed, first=1000 * seed)
    db = open_db(segment_bytes=3000)
    for _ in range(15):
        chain.grow(db, chain.rng.randrange(1, 6))
        if chain.rng.random() < 0.5:
            target = chain.rng.randrange(chain.first, chain.head + 1)
            db.unwind(target)
            chain.unwind(target)
        if chain.rng.random() < 0.3:
            db.close()
            db = open_db(segment_bytes=3000)
        number = chain.rng.randrange(chain.first, chain.head + 1)
        same_state(db.view(number), chain.state(number))
        assert db.receipts(number) == chain.record(number).receipts


# V     assert db.verify() == []


def test_log_index(open_db, chain) -> None:
    db = open_db()
    chain.grow(db, 60)
    db.unwind(50)
    chain.unwind(50)
    keys = sorted({key for record in chain.records for key in record.log_keys})
    for key in keys:
        expected = [r.number for r in chain.records if key in r.log_keys]
        assert list(db.log_blocks([[key]], 0, 100)) == expected
        assert list(db.log_blocks([[key]], 7, 30)) == [n for n in expected if 7 <= n <= 30]
    one, two, three = keys[0], keys[1], keys[-1]
    both = [r.number for r in chain.records if three in r.log_keys and {one, two} & {*r.log_keys}]
    assert list(db.log_blocks([[one, two], [three]], 0, 50)) == both
    assert list(db.log_blocks([[bytes(20)]], 0, 10**6)) == []


def test_proofs_of_past_states(open_db, chain) -> None:
    db = open_db()
    chain.grow(db, 20)
    for number in (3, 10, 19):
        state = chain.state(number)
        for address_hash, account in db.view(number).accounts():
            view = db.view(number)
            assert prove(view, b"", view.root, address_hash) == prove(
                state, b"", state.root, address_hash
            )
            for key, _ in db.view(number).slots(address_hash):
                root = account.storage_root
                proof = prove(view, address_hash, root, key)
                assert proof == prove(state, address_hash, root, key)


def test_scans_start_anywhere(open_db, chain) -> None:
    db = open_db()
    chain.grow(db, 30)
    for number in (10, 29):
        hashes = [key for key, _ in db.view(number).accounts()]
        for start in (hashes[0], hashes[len(hashes) // 2], b"\x80"):
            found = [key for key, _ in db.view(number).accounts(start)]
            assert found == [key for key in hashes if key >= start]


def test_a_view_stays_while_blocks_are_appended(open_db, chain, same_state) -> None:
    db = open_db(window=10)
    chain.grow(db, 20)
    view, past, number = db.view(), db.view(12), chain.head
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                same_state(view, chain.state(number))
                same_state(past, chain.state(12))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    chain.grow(db, 30)
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    same_state(past, chain.state(12))  # pruned meanwhile, but not from the view


def test_views_opened_at_any_moment_are_of_one_state(open_db, chain, same_state) -> None:
    """Views share a cache of the newest state; none may see a block before or after its own."""
    db = open_db()
    chain.grow(db, 3)
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                view = db.view()
                same_state(view, chain.state(view.number))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(8):
        chain.grow(db, 6)
        record, update = chain.next(db.view())
        for _ in range(3):  # the same block again and again
            db.append(record, update)
            db.unwind(record.number - 1)
        db.append(record, update)
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []


def test_blocks_that_are_exchanged_while_they_are_read(open_db, chain) -> None:
    """A reader gets one block of the height or the other or none, whole; never an error."""
    db = open_db(segment_bytes=500)
    chain.grow(db, 5)
    forks = []
    for _ in range(2):
        forks.append(chain.next(db.view()))
        chain.unwind(4)
    allowed = {None, *(record.witness for record, _ in forks)}
    failures: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                witness = db.witness(5)
            except BaseException as error:
                failures.append(error)
                return
            if witness not in allowed:
                failures.append(witness)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for turn in range(60):
        db.append(*forks[turn % 2])
        db.unwind(4)
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []


def test_blocks_that_do_not_follow_are_refused(open_db, chain) -> None:
    db = open_db()
    chain.grow(db, 3)
    record, update = chain.next()
    chain.next()
    late, late_update = chain.next()
    with pytest.raises(InvalidInput, match="block 5 cannot follow block 2"):
        db.append(late, late_update)
    db.append(record, update)
    with pytest.raises(InvalidInput, match="block 9 is not stored; the newest is 3"):
        db.view(9)
    with pytest.raises(HistoryPruned, match="state of block -1"):
        db.view(-1)


def test_a_second_opener_is_told_who_has_it(open_db) -> None:
    db = open_db()
    with pytest.raises(StorageError, match=r"in use by process \d+ \(.*\); stop it, or choose"):
        open_db()
    db.close()
    open_db()


def test_a_database_of_another_version(open_db) -> None:
    db = open_db()
    db._store.put(b"zschema", b"7")
    db.close()
    with pytest.raises(StorageError, match="schema 7, this version reads 1"):
        open_db()


def test_a_path_that_is_a_file(open_db, tmp_path) -> None:
    (tmp_path / "db").write_text("in the way")
    with pytest.raises(StorageError, match="cannot open database"):
        open_db()


def test_missing_state_is_corruption(open_db, chain) -> None:
    db = open_db()
    chain.grow(db, 5)
    with db._store.iterator(prefix=b"c") as entries:
        for key, _ in entries:
            db._store.delete(key)
    db._store.delete(b"A\x10")
    db.close()
    db = open_db()
    view = db.view()
    address, account = next(iter(chain.states[-1].accounts().items()))
    with pytest.raises(CorruptData, match=r"code 0x\w{64} is missing"):
        view.code(account.code_hash)
    with pytest.raises(CorruptData, match=r"trie node .* is missing; run `strikefold db verify"):
        prove(view, b"", view.root, address + bytes(12))
