"""What gas and blob gas cost: base fee, gas limit bounds, excess blob gas, blob base fee.

Sources: EIP-1559, EIP-4844, EIP-7691 and EIP-7892 (schedules), EIP-7918 (blob fee floor).
"""

from __future__ import annotations

from typing import Final

from node.evm.block import Header
from node.evm.chain_config import GAS_PER_BLOB, BlobSchedule, ChainConfig
from node.evm.forks import Fork

INITIAL_BASE_FEE: Final = 10**9
"""Wei per gas at the first London block."""
ELASTICITY: Final = 2
"""A block may use this many times its gas target."""
MIN_BLOB_BASE_FEE: Final = 1
GAS_LIMIT_DIVISOR: Final = 1024
MIN_GAS_LIMIT: Final = 5000
MAX_GAS_LIMIT: Final = 2**63 - 1

_BASE_FEE_DENOMINATOR: Final = 8
_BLOB_BASE_COST: Final = 2**13
"""EIP-7918: execution gas that a blob's data is worth."""


def next_base_fee(config: ChainConfig, parent: Header, timestamp: int) -> int | None:
    """The base fee of the block after `parent` in wei per gas, None before London (EIP-1559)."""
    if config.fork_at(parent.number + 1, timestamp) < Fork.LONDON:
        return None
    if parent.base_fee_per_gas is None:
        return INITIAL_BASE_FEE
    target = parent.gas_limit // ELASTICITY
    base_fee, used = parent.base_fee_per_gas, parent.gas_used
    if used == target:
        return base_fee
    step = base_fee * abs(used - target) // max(target, 1) // _BASE_FEE_DENOMINATOR
    return base_fee + max(step, 1) if used > target else base_fee - step


def parent_gas_limit(config: ChainConfig, parent: Header, timestamp: int) -> int:
    """The limit that bounds the next block's: the parent's, doubled at the first London block."""
    london = config.fork_at(parent.number + 1, timestamp) >= Fork.LONDON
    return parent.gas_limit * (ELASTICITY if london and parent.base_fee_per_gas is None else 1)


def next_gas_limit(parent_limit: int, desired: int) -> int:
    """The allowed limit closest to `desired`: it moves by less than 1/1024 a block."""
    step = parent_limit // GAS_LIMIT_DIVISOR - 1
    return max(min(max(desired, parent_limit - step), parent_limit + step), MIN_GAS_LIMIT)


def excess_blob_gas(config: ChainConfig, parent: Header, timestamp: int) -> int | None:
    """The excess blob gas of the block after `parent`, None before Cancun (EIP-4844, EIP-7918).

    The schedule is that of the new block, also where it is the first under it.
    """
    schedule = config.blob_schedule_at(timestamp)
    if schedule is None:
        return None
    excess, used = parent.excess_blob_gas or 0, parent.blob_gas_used or 0
    target = schedule.target * GAS_PER_BLOB
    if excess + used < target:
        return 0
    if config.fork_at(parent.number + 1, timestamp) >= Fork.OSAKA:
        floor = _BLOB_BASE_COST * (parent.base_fee_per_gas or 0)
        if floor > GAS_PER_BLOB * blob_base_fee(schedule, excess):
            return excess + used * (schedule.max - schedule.target) // schedule.max
    return excess + used - target


def blob_base_fee(schedule: BlobSchedule, excess: int) -> int:
    """Wei per blob gas at this excess (EIP-4844)."""
    return fake_exponential(MIN_BLOB_BASE_FEE, excess, schedule.base_fee_update_fraction)


def header_blob_base_fee(config: ChainConfig, header: Header) -> int:
    """Wei per blob gas in a block; 0 before Cancun."""
    schedule = config.blob_schedule_at(header.timestamp)
    if schedule is None or header.excess_blob_gas is None:
        return 0
    return blob_base_fee(schedule, header.excess_blob_gas)


def fake_exponential(factor: int, numerator: int, denominator: int) -> int:
    """The integer factor * e**(numerator / denominator), by its Taylor series (EIP-4844)."""
    total, term, i = 0, factor * denominator, 1
    while term > 0:
        total += term
        term = term * numerator // (denominator * i)
        i += 1
    return total // denominator
