"""What a full pool calls cheap: worst for the next block and worst by fee cap."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node.rollup.nonce_list import PoolEntry, pool_entry
from node.rollup.price_index import PriceIndex
from tests.unit.rollup.ledger import GWEI, transfer

BASE_FEE = 10 * GWEI
FEES = st.tuples(st.integers(1, 5), st.integers(5, 30))


def entries(fees: list[tuple[int, int]]) -> list[PoolEntry]:
    """One transaction an account, from (tip, cap) in gwei."""
    return [
        pool_entry(transfer(n, tip=tip * GWEI, cap=cap * GWEI), n)
        for n, (tip, cap) in enumerate(fees)
    ]


def drain(index: PriceIndex) -> list[PoolEntry]:
    order = []
    while (entry := index.pop_cheapest()) is not None:
        order.append(entry)
    return order


@given(st.lists(FEES, max_size=20))
def test_nobody_goes_before_one_who_pays_less_both_ways(fees: list[tuple[int, int]]) -> None:
    pooled = entries(fees)
    order = drain(PriceIndex(pooled, BASE_FEE, lambda _: True))

    assert sorted(order, key=lambda e: e.arrival) == pooled
    for place, gone in enumerate(order):
        for kept in order[place + 1 :]:
            cheaper_now = kept.tip(BASE_FEE) < gone.tip(BASE_FEE)
            assert not (cheaper_now and kept.tx.max_fee_per_gas < gone.tx.max_fee_per_gas)


def test_high_cap_saves_what_the_next_block_cannot_take() -> None:
    """At a base fee above every cap all tips are negative; the cap decides who waits best."""
    pooled = entries([(1, 9), (5, 8), (1, 30), (1, 29), (1, 28)])

    assert drain(PriceIndex(pooled, BASE_FEE, lambda _: True))[0] == pooled[1]


def test_underpriced_means_in_every_heap() -> None:
    pooled = entries([(2, 20)] * 10)
    index = PriceIndex(pooled, BASE_FEE, lambda _: True)
    newcomers = entries([(2, 20), (1, 20), (3, 20), (2, 21), (1, 30)])

    assert [index.is_underpriced(entry) for entry in newcomers] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert not PriceIndex([], BASE_FEE, lambda _: True).is_underpriced(pooled[0])


def test_removed_transactions_do_not_count() -> None:
    pooled = entries([(1, 20), (2, 20), (3, 20)])
    alive = {entry.hash for entry in pooled[1:]}
    index = PriceIndex(pooled, BASE_FEE, alive.__contains__)

    assert index.is_underpriced(pooled[1])
    assert not index.is_underpriced(pooled[2])
    assert drain(index) == pooled[1:]
