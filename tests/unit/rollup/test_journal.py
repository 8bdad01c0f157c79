"""What a restart finds of the pool: everything, or all but a damaged tail."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.errors import StorageError
from node.rollup.journal import Journal
from tests.unit.rollup.conftest import MakePool
from tests.unit.rollup.ledger import ADDRESSES, GWEI, Ledger, head, transfer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mempool.journal"


SMALL = 4_096


@contextmanager
def small_files() -> Iterator[None]:
    """Files may grow to SMALL bytes only, as on a full disk; pytest's own output is a file too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_restart_keeps_the_pool(make_pool: MakePool, path: Path, ledger: Ledger) -> None:
    journal = Journal(path)
    pool = make_pool(journal)
    for nonce in (0, 1, 4):
        pool.add_transaction(transfer(0, nonce))
    pool.add_transaction(transfer(0, 1, tip=2 * GWEI, cap=20 * GWEI))
    journal.close()
    ledger.update(ADDRESSES[0], nonce=1)
    journal = Journal(path)
    again = make_pool(journal)

    assert again.restore() == 2
    assert [tx.nonce for tx in again.content_from(ADDRESSES[0])[0]] == [1]
    assert again.content_from(ADDRESSES[0])[0][0].max_priority_fee_per_gas == 2 * GWEI
    assert len(journal.load()) == 2
    journal.close()


def test_restoring_without_a_journal(make_pool: MakePool) -> None:
    assert make_pool().restore() == 0


@given(payloads=st.lists(st.binary(max_size=50), max_size=6), cut=st.integers(0, 400))
def test_damaged_tail_costs_only_itself(
    tmp_path_factory: pytest.TempPathFactory, payloads: list[bytes], cut: int
) -> None:
    path = tmp_path_factory.mktemp("journal") / "j"
    journal = Journal(path)
    ends = [0]
    for payload in payloads:
        journal.append(payload)
        ends.append(ends[-1] + 8 + len(payload))
    cut = min(cut, ends[-1])
    path.write_bytes(path.read_bytes()[:cut] + b"\xff" * 3)

    whole = sum(end <= cut for end in ends) - 1
    assert journal.load() == payloads[:whole]
    journal.close()


def test_flipped_bit_ends_the_reading(path: Path) -> None:
    journal = Journal(path)
    for payload in (b"one", b"two", b"three"):
        journal.append(payload)
    data = bytearray(path.read_bytes())
    data[8 + 3 + 8] ^= 1
    path.write_bytes(data)

    assert journal.load() == [b"one"]
    journal.close()


def test_refused_write_leaves_no_trace(path: Path) -> None:
    journal = Journal(path)
    with small_files():
        journal.append(bytes(4_000))
        with pytest.raises(StorageError, match="cannot write the transaction journal"):
            journal.append(bytes(1_000))
        journal.append(b"fits")

    assert journal.load() == [bytes(4_000), b"fits"]
    journal.close()


def test_refused_rewrite_keeps_the_old(path: Path) -> None:
    journal = Journal(path)
    journal.append(b"old")
    with (
        small_files(),
        pytest.raises(StorageError, match="cannot rewrite the transaction journal"),
    ):
        journal.rewrite([bytes(SMALL)])

    assert journal.load() == [b"old"]
    assert list(path.parent.iterdir()) == [path]
    journal.close()


def test_full_disk_does_not_refuse_transactions(make_pool: MakePool, path: Path) -> None:
    journal = Journal(path)
    pool = make_pool(journal)
    with small_files():
        tx_hash = pool.add_transaction(transfer(0, 0, data=bytes(5_000), gas_limit=500_000))

    assert tx_hash in pool
    assert journal.load() == []
    journal.close()


def test_unusable_path(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot open the transaction journal"):
        Journal(tmp_path / "absent" / "journal")


def test_dropped_transactions_do_not_come_back(
    make_pool: MakePool, path: Path, ledger: Ledger
) -> None:
    journal = Journal(path)
    pool = make_pool(journal)
    pool.restore()
    dropped = pool.add_transaction(transfer(0, 0))
    kept = transfer(1, 0)
    pool.add_transaction(kept)
    pool.drop(dropped, "test")
    pool.reset(head(ledger))

    assert journal.load() == [kept.encoded]
    pool.clear()
    pool.close()
    assert journal.load() == []
    journal.close()


def test_journal_is_compacted(make_pool: MakePool, path: Path, ledger: Ledger) -> None:
    journal = Journal(path)
    pool = make_pool(journal, global_slots=1, global_queue=1)
    pool.restore()
    for tip in range(1, 11):
        pool.add_transaction(transfer(0, 0, tip=2**tip * GWEI, cap=2**tip * 10 * GWEI))
    assert journal.records == 10
    pool.reset(head(ledger))

    assert journal.records == 1
    journal.close()
