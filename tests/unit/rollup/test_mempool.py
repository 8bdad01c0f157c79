"""The pool's own rules: lists, replacement, limits, eviction, following the chain."""

from __future__ import annotations

import pytest

from node.errors import InvalidTransaction, TxFault
from node.evm.transactions import Transaction
from node.rollup.fates import Status
from node.rollup.mempool import Mempool
from tests.unit.rollup.conftest import MakePool
from tests.unit.rollup.ledger import (
    ADDRESSES,
    ETHER,
    GWEI,
    Clock,
    Ledger,
    delegation,
    head,
    transfer,
)


def nonces(transactions: list[Transaction]) -> list[int]:
    return [tx.nonce for tx in transactions]


def drain(pool: Mempool, base_fee: int | None = None, min_tip: int = 0) -> list[Transaction]:
    candidates = pool.candidates(base_fee, min_tip)
    order = []
    while (entry := candidates.peek()) is not None:
        order.append(entry.tx)
        candidates.shift()
    return order


# Lists


def test_gapless_nonces_are_executable_and_others_wait(pool: Mempool) -> None:
    for nonce in (0, 1, 3):
        pool.add_transaction(transfer(nonce=nonce))

    assert [nonces(part) for part in pool.content_from(ADDRESSES[0])] == [[0, 1], [3]]
    assert pool.status() == (2, 1)
    assert pool.nonce_of(ADDRESSES[0]) == 2
    pool.add_transaction(transfer(nonce=2))
    assert [nonces(part) for part in pool.content_from(ADDRESSES[0])] == [[0, 1, 2, 3], []]
    assert pool.status() == (4, 0)


def test_content_groups_by_sender(pool: Mempool) -> None:
    pool.add_transaction(transfer(0, 0))
    pool.add_transaction(transfer(1, 4))
    pending, queued = pool.content()

    assert {sender: nonces(txs) for sender, txs in pending.items()} == {ADDRESSES[0]: [0]}
    assert {sender: nonces(txs) for sender, txs in queued.items()} == {ADDRESSES[1]: [4]}


def test_known_transaction(pool: Mempool) -> None:
    raw = transfer().encoded
    assert pool.get(pool.add(raw)) == transfer()

    with pytest.raises(InvalidTransaction, match=r"^already known$") as caught:
        pool.add(raw)
    assert caught.value.fault is TxFault.ALREADY_KNOWN


def test_events_name_what_became_executable(make_pool: MakePool) -> None:
    seen: list[int] = []
    pool = make_pool(on_pending=lambda tx: seen.append(tx.nonce))
    for nonce in (2, 1, 0):
        pool.add_transaction(transfer(nonce=nonce))
    pool.add_transaction(transfer(nonce=1, tip=2 * GWEI, cap=20 * GWEI))

    assert seen == [0, 1, 2, 1]


# Replacement


@pytest.mark.parametrize(
    ("tip", "cap", "accepted"),
    [
        (1_100, 11_000, True),
        (1_099, 11_000, False),
        (1_100, 10_999, False),
        (1_000, 20_000, False),
        (2_000, 10_000, False),
    ],
)
@pytest.mark.parametrize("nonce", [0, 7])
def test_price_bump_of_both_fees(
    pool: Mempool, nonce: int, tip: int, cap: int, *, accepted: bool
) -> None:
    old = pool.add_transaction(transfer(nonce=nonce, tip=1_000, cap=10_000))
    new = transfer(nonce=nonce, tip=tip, cap=cap)
    if not accepted:
        with pytest.raises(
            InvalidTransaction, match=r"^replacement transaction underpriced$"
        ) as caught:
            pool.add_transaction(new)
        assert caught.value.fault is TxFault.REPLACEMENT_UNDERPRICED
        assert old in pool
        return

    assert pool.add_transaction(new) in pool
    assert old not in pool
    assert len(pool) == 1
    fate = pool.fate(old)
    assert fate is not None
    assert (fate.status, fate.reason) == (Status.REPLACED, f"by 0x{new.hash.hex()}")


def test_bump_of_a_few_wei_must_still_pay_more(pool: Mempool) -> None:
    pool.add_transaction(transfer(tip=1, cap=1))

    with pytest.raises(InvalidTransaction, match="replacement"):
        pool.add_transaction(transfer(tip=1, cap=1, value=2))
    assert pool.add_transaction(transfer(tip=2, cap=2)) in pool


# Limits


def test_account_queue_is_full(make_pool: MakePool) -> None:
    pool = make_pool(account_queue=3)
    for nonce in (2, 3, 5):
        pool.add_transaction(transfer(nonce=nonce))

    with pytest.raises(InvalidTransaction, match=r"^account limit exceeded: pooled 3 txs$"):
        pool.add_transaction(transfer(nonce=6))
    pool.add_transaction(transfer(nonce=4))
    assert nonces(pool.content_from(ADDRESSES[0])[1]) == [2, 3, 4]


def test_filling_the_gap_beats_the_queue_limit(make_pool: MakePool) -> None:
    pool = make_pool(account_queue=2)
    for nonce in (1, 2, 0):
        pool.add_transaction(transfer(nonce=nonce))

    assert nonces(pool.content_from(ADDRESSES[0])[0]) == [0, 1, 2]


def test_global_queue_drops_the_account_silent_longest(make_pool: MakePool, clock: Clock) -> None:
    pool = make_pool(global_queue=4)
    hashes = {}
    for account in range(3):
        clock.now += 1
        for nonce in (5, 6):
            hashes[account, nonce] = pool.add_transaction(transfer(account, nonce))

    assert [key for key, value in hashes.items() if value not in pool] == [(0, 5), (0, 6)]
    fate = pool.fate(hashes[0, 5])
    assert fate is not None
    assert (fate.status, fate.reason) == (Status.DROPPED, "dropped: too many queued transactions")


def test_pending_over_the_limit_levels_the_largest_accounts(make_pool: MakePool) -> None:
    pool = make_pool(global_slots=8, account_slots=2)
    for account, count in enumerate((5, 4, 1)):
        for nonce in range(count):
            pool.add_transaction(transfer(account, nonce))
    pending, queued = pool.content()
    lengths = sorted(len(txs) for txs in pending.values())

    assert lengths == [1, 3, 4]
    assert all(nonces(txs) == list(range(len(txs))) for txs in pending.values())
    assert queued == {}


def test_every_account_keeps_its_slots(make_pool: MakePool) -> None:
    pool = make_pool(global_slots=4, global_queue=100, account_slots=2)
    for account in range(5):
        for nonce in range(2):
            pool.add_transaction(transfer(account, nonce))

    assert pool.status() == (10, 0)


def test_lifetime_of_queued_transactions(pool: Mempool, clock: Clock) -> None:
    waiting = pool.add_transaction(transfer(0, 3))
    executable = pool.add_transaction(transfer(1, 0))
    clock.now += 3 * 3600
    assert pool.expire() == 0
    clock.now += 1

    assert pool.expire() == 1
    assert waiting not in pool
    assert executable in pool
    fate = pool.fate(waiting)
    assert fate is not None
    assert fate.reason == "dropped: queued for more than 10800 s"


def test_activity_prolongs_the_lifetime(pool: Mempool, clock: Clock) -> None:
    pool.add_transaction(transfer(0, 3))
    clock.now += 3 * 3600
    pool.add_transaction(transfer(0, 0))
    clock.now += 3600

    assert pool.expire() == 0


# A full pool


def test_full_pool_refuses_what_pays_no_more(make_pool: MakePool) -> None:
    pool = make_pool(global_slots=3, global_queue=1)
    for account in range(4):
        pool.add_transaction(transfer(account, tip=(account + 2) * GWEI, cap=20 * GWEI))

    with pytest.raises(InvalidTransaction, match=r"^transaction underpriced$") as caught:
        pool.add_transaction(transfer(9, tip=2 * GWEI, cap=20 * GWEI))
    assert caught.value.fault is TxFault.UNDERPRICED
    pool.add_transaction(transfer(9, tip=3 * GWEI, cap=20 * GWEI))
    assert len(pool) == 4
    assert pool.content_from(ADDRESSES[0]) == ([], [])


def test_eviction_takes_the_highest_nonce_of_the_cheapest_account(make_pool: MakePool) -> None:
    """The cheap one at nonce 0 pins the account; dropping it would strand the two above."""
    pool = make_pool(global_slots=3, global_queue=1)
    pool.add_transaction(transfer(0, 0, tip=1 * GWEI))
    pool.add_transaction(transfer(0, 1, tip=9 * GWEI))
    pool.add_transaction(transfer(0, 2, tip=9 * GWEI))
    pool.add_transaction(transfer(1, 0, tip=4 * GWEI))
    evicted = transfer(0, 2, tip=9 * GWEI).hash
    pool.add_transaction(transfer(2, 0, tip=3 * GWEI))

    assert [nonces(part) for part in pool.content_from(ADDRESSES[0])] == [[0, 1], []]
    fate = pool.fate(evicted)
    assert fate is not None
    assert fate.reason == "evicted: the pool is full and this account paid least"


def test_large_transaction_makes_room_for_all_its_slots(make_pool: MakePool) -> None:
    pool = make_pool(global_slots=4, global_queue=1)
    for account in range(5):
        pool.add_transaction(transfer(account, tip=(account + 1) * GWEI, cap=20 * GWEI))
    big = transfer(9, tip=9 * GWEI, cap=20 * GWEI, data=bytes(70_000), gas_limit=1_000_000)
    pool.add_transaction(big)

    assert pool.slots == 5
    assert [bool(pool.content_from(address)[0]) for address in ADDRESSES[:5]] == [
        False, False, False, True, True,
    ]  # fmt: skip


def test_future_transactions_do_not_displace_executable_ones(make_pool: MakePool) -> None:
    pool = make_pool(global_slots=2, global_queue=1)
    for account in range(3):
        pool.add_transaction(transfer(account))

    with pytest.raises(
        InvalidTransaction, match=r"^future transaction tries to replace pending$"
    ) as caught:
        pool.add_transaction(transfer(9, 5, tip=9 * GWEI))
    assert caught.value.fault is TxFault.FUTURE_REPLACES_PENDING
    assert len(pool) == 3


def test_account_does_not_displace_its_own_lower_nonces(make_pool: MakePool) -> None:
    pool = make_pool(global_slots=2, global_queue=1)
    for nonce in range(3):
        pool.add_transaction(transfer(0, nonce))

    with pytest.raises(InvalidTransaction, match=r"^transaction underpriced$"):
        pool.add_transaction(transfer(0, 3, tip=9 * GWEI))
    assert nonces(pool.content_from(ADDRESSES[0])[0]) == [0, 1, 2]


def test_churn_between_two_heads_is_bounded(make_pool: MakePool, ledger: Ledger) -> None:
    pool = make_pool(global_slots=8, global_queue=0)
    for account in range(8):
        pool.add_transaction(transfer(account))
    for account in range(8, 11):
        pool.add_transaction(transfer(account, tip=2 * GWEI, cap=20 * GWEI))

    with pytest.raises(InvalidTransaction, match=r"^txpool is full$") as caught:
        pool.add_transaction(transfer(11, tip=3 * GWEI, cap=20 * GWEI))
    assert caught.value.fault is TxFault.POOL_FULL
    pool.reset(head(ledger))
    assert pool.add_transaction(transfer(11, tip=3 * GWEI, cap=20 * GWEI)) in pool


# EIP-7702


def test_delegated_account_gets_one_transaction_in_flight(pool: Mempool, ledger: Ledger) -> None:
    ledger.set_code(ADDRESSES[0], b"\xef\x01\x00" + bytes(20))
    with pytest.raises(
        InvalidTransaction, match=r"^gapped-nonce tx from delegated accounts$"
    ) as caught:
        pool.add_transaction(transfer(0, 1))
    assert caught.value.fault is TxFault.DELEGATED_GAP
    pool.add_transaction(transfer(0, 0))
    with pytest.raises(
        InvalidTransaction, match=r"^in-flight transaction limit reached for delegated accounts$"
    ) as caught:
        pool.add_transaction(transfer(0, 1))

    assert caught.value.fault is TxFault.DELEGATED_LIMIT
    assert pool.add_transaction(transfer(0, 0, tip=2 * GWEI, cap=20 * GWEI)) in pool


def test_pending_authorization_counts_as_delegation(pool: Mempool) -> None:
    carrier = pool.add_transaction(delegation(0, 1))
    pool.add_transaction(transfer(1, 0))
    with pytest.raises(InvalidTransaction, match="in-flight transaction limit"):
        pool.add_transaction(transfer(1, 1))

    pool.drop(carrier, "test")
    assert pool.add_transaction(transfer(1, 1)) in pool


def test_authority_with_transactions_in_flight_is_reserved(pool: Mempool) -> None:
    pool.add_transaction(transfer(1, 0))
    pool.add_transaction(transfer(1, 1))

    with pytest.raises(InvalidTransaction, match=r"^authority already reserved$") as caught:
        pool.add_transaction(delegation(0, 1))
    assert caught.value.fault is TxFault.AUTHORITY_RESERVED
    pool.add_transaction(transfer(2, 0))
    assert pool.add_transaction(delegation(0, 2)) in pool


# Order


def test_best_tip_first_then_arrival(pool: Mempool) -> None:
    for account, tip in enumerate((2, 5, 5, 3)):
        pool.add_transaction(transfer(account, tip=tip * GWEI))

    assert [ADDRESSES.index(tx.sender) for tx in drain(pool)] == [1, 2, 3, 0]


def test_tip_is_what_the_base_fee_leaves(pool: Mempool) -> None:
    pool.add_transaction(transfer(0, tip=5 * GWEI, cap=11 * GWEI))
    pool.add_transaction(transfer(1, tip=3 * GWEI, cap=20 * GWEI))

    assert [ADDRESSES.index(tx.sender) for tx in drain(pool, 5 * GWEI)] == [0, 1]
    assert [ADDRESSES.index(tx.sender) for tx in drain(pool, 9 * GWEI)] == [1, 0]
    assert [ADDRESSES.index(tx.sender) for tx in drain(pool, 12 * GWEI)] == [1]
    assert drain(pool, 5 * GWEI, min_tip=6 * GWEI) == []


def test_cheap_front_holds_back_its_account(pool: Mempool) -> None:
    pool.add_transaction(transfer(0, 0, tip=1 * GWEI))
    pool.add_transaction(transfer(0, 1, tip=9 * GWEI))
    pool.add_transaction(transfer(1, 0, tip=2 * GWEI))
    order = drain(pool)

    assert [(ADDRESSES.index(tx.sender), tx.nonce) for tx in order] == [(1, 0), (0, 0), (0, 1)]


# Following the chain


def test_included_and_stale_leave(pool: Mempool, ledger: Ledger) -> None:
    included = pool.add_transaction(transfer(0, 0))
    overtaken = pool.add_transaction(transfer(0, 1))
    next_one = pool.add_transaction(transfer(0, 2))
    ledger.update(ADDRESSES[0], nonce=2)
    pool.reset(head(ledger), changed={ADDRESSES[0]}, included=[included])

    assert (included in pool, overtaken in pool, next_one in pool) == (False, False, True)
    fates = [pool.fate(tx_hash) for tx_hash in (included, overtaken, next_one)]
    assert [fate and (fate.status, fate.reason) for fate in fates] == [
        (Status.INCLUDED, ""),
        (Status.DROPPED, "another took its nonce"),
        (Status.PENDING, ""),
    ]


def test_unaffordable_leave_and_their_successors_wait(pool: Mempool, ledger: Ledger) -> None:
    pool.add_transaction(transfer(0, 0))
    dear = pool.add_transaction(transfer(0, 1, value=500 * ETHER))
    pool.add_transaction(transfer(0, 2))
    ledger.fund(ADDRESSES[0], 400 * ETHER)
    pool.reset(head(ledger), changed={ADDRESSES[0]})

    assert [nonces(part) for part in pool.content_from(ADDRESSES[0])] == [[0], [2]]
    fate = pool.fate(dear)
    assert fate is not None
    assert "insufficient funds" in fate.reason


def test_lower_gas_limit_drops_what_no_longer_fits(pool: Mempool, ledger: Ledger) -> None:
    big = pool.add_transaction(transfer(0, 0, gas_limit=10_000_000))
    pool.add_transaction(transfer(1, 0))
    pool.reset(head(ledger, gas_limit=9_000_000), changed=set())

    assert big not in pool
    assert pool.status() == (1, 0)


def test_funds_that_arrive_do_not_wake_what_still_has_a_gap(pool: Mempool, ledger: Ledger) -> None:
    pool.add_transaction(transfer(0, 2))
    ledger.update(ADDRESSES[0], nonce=2)
    pool.reset(head(ledger), changed={ADDRESSES[0]})

    assert pool.status() == (1, 0)


def test_unwinding_puts_back(pool: Mempool, ledger: Ledger) -> None:
    first, second = transfer(0, 0), transfer(0, 1)
    for tx in (first, second):
        pool.add_transaction(tx)
    ledger.update(ADDRESSES[0], nonce=1)
    pool.reset(head(ledger), changed={ADDRESSES[0]}, included=[first.hash])
    ledger.update(ADDRESSES[0], nonce=0)
    pool.reset(head(ledger), reinjected=[first])

    assert nonces(pool.content_from(ADDRESSES[0])[0]) == [0, 1]
    fate = pool.fate(first.hash)
    assert fate is not None
    assert fate.status is Status.PENDING


def test_unwinding_keeps_the_reason_of_what_cannot_come_back(pool: Mempool, ledger: Ledger) -> None:
    tx = transfer(0, 0)
    ledger.fund(ADDRESSES[0], 0)
    pool.reset(head(ledger), reinjected=[tx])
    fate = pool.fate(tx.hash)

    assert fate is not None
    assert fate.reason.startswith("after its block was unwound: insufficient funds")


def test_dropped_by_the_builder(pool: Mempool) -> None:
    tx_hash = pool.add_transaction(transfer(0, 0))
    pool.add_transaction(transfer(0, 1))
    pool.drop(tx_hash, "why")

    assert [nonces(part) for part in pool.content_from(ADDRESSES[0])] == [[], [1]]
    fate = pool.fate(tx_hash)
    assert fate is not None
    assert fate.reason == "why"
    pool.drop(tx_hash, "again")
    assert pool.add_transaction(transfer(0, 0)) in pool


def test_clear(pool: Mempool) -> None:
    for nonce in (0, 1, 5):
        pool.add_transaction(transfer(0, nonce))
    pool.clear()

    assert (len(pool), pool.slots, pool.status(), drain(pool)) == (0, 0, (0, 0), [])


def test_fate_of_the_unknown(pool: Mempool) -> None:
    assert pool.fate(bytes(32)) is None
