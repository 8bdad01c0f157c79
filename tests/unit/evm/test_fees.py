from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from node.evm.block import Header
from node.evm.chain_config import GAS_PER_BLOB, ChainConfig
from node.evm.fees import (
    MAX_GAS_LIMIT,
    MIN_GAS_LIMIT,
    blob_base_fee,
    excess_blob_gas,
    fake_exponential,
    header_blob_base_fee,
    next_base_fee,
    next_gas_limit,
    parent_gas_limit,
)
from tests.unit.evm.chains import genesis_json

CONFIG = ChainConfig.from_json(genesis_json()["config"])
LONDON_AT_5 = ChainConfig.from_json(
    {"chainId": 1, "homesteadBlock": 0, "berlinBlock": 0, "londonBlock": 5}
)
PARENT = Header(
    bytes(32), gas_limit=30_000_000, base_fee_per_gas=10**9, blob_gas_used=0, excess_blob_gas=0
)


def test_the_base_fee_moves_by_at_most_an_eighth() -> None:
    used = {0: 875_000_000, 15_000_000: 10**9, 30_000_000: 1_125_000_000, 15_000_001: 10**9 + 8}
    for gas_used, expected in used.items():
        assert next_base_fee(CONFIG, replace(PARENT, gas_used=gas_used), 2) == expected


def test_the_base_fee_rises_by_at_least_one_wei() -> None:
    parent = replace(PARENT, base_fee_per_gas=1, gas_used=15_000_001)
    assert next_base_fee(CONFIG, parent, 2) == 2


def test_london_starts_at_one_gwei_and_doubles_the_gas_limit() -> None:
    before = Header(bytes(32), number=3, gas_limit=8_000_000)
    assert next_base_fee(LONDON_AT_5, before, 2) is None
    assert parent_gas_limit(LONDON_AT_5, before, 2) == 8_000_000
    last = replace(before, number=4)
    assert next_base_fee(LONDON_AT_5, last, 2) == 10**9
    assert parent_gas_limit(LONDON_AT_5, last, 2) == 16_000_000


@given(st.integers(MIN_GAS_LIMIT, 2**40), st.integers(0, MAX_GAS_LIMIT))
def test_the_next_gas_limit_is_allowed_and_as_close_as_allowed(parent: int, desired: int) -> None:
    limit = next_gas_limit(parent, desired)
    assert limit >= MIN_GAS_LIMIT
    assert abs(limit - parent) < max(parent // 1024, 1)
    if limit != desired and limit > MIN_GAS_LIMIT:
        assert abs(limit - parent) == parent // 1024 - 1
        assert (limit > parent) == (desired > parent)


def test_the_excess_is_what_exceeds_the_target() -> None:
    dear = replace(PARENT, base_fee_per_gas=1)
    excess = {0: 0, 5: 0, 6: 0, 7: GAS_PER_BLOB, 9: 3 * GAS_PER_BLOB}
    for blobs, expected in excess.items():
        parent = replace(dear, blob_gas_used=blobs * GAS_PER_BLOB)
        assert excess_blob_gas(CONFIG, parent, 2) == expected


def test_cheap_blobs_get_dearer_under_eip_7918() -> None:
    """Blob gas at 1 wei against execution gas at 1 gwei: a third of the use becomes excess."""
    parent = replace(PARENT, blob_gas_used=6 * GAS_PER_BLOB)
    assert excess_blob_gas(CONFIG, parent, 2) == 2 * GAS_PER_BLOB
    before_osaka = ChainConfig.from_json(genesis_json(osakaTime=None)["config"])
    assert excess_blob_gas(before_osaka, parent, 2) == 0


def test_blob_base_fee_of_eip_4844() -> None:
    schedule = CONFIG.blob_schedule_at(0)
    assert schedule is not None
    assert blob_base_fee(schedule, 0) == 1
    assert header_blob_base_fee(CONFIG, PARENT) == 1
    assert header_blob_base_fee(CONFIG, replace(PARENT, excess_blob_gas=None)) == 0
    assert fake_exponential(1, 2_314_058, 3_338_477) == 2  # ln 2 of the fraction
    assert fake_exponential(1, 2_314_057, 3_338_477) == 1


@given(st.integers(0, 10**8), st.integers(0, 10**7))
def test_the_blob_base_fee_never_falls_with_the_excess(excess: int, more: int) -> None:
    schedule = CONFIG.blob_schedule_at(0)
    assert schedule is not None
    assert blob_base_fee(schedule, excess) <= blob_base_fee(schedule, excess + more)
