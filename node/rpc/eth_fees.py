"""eth_*: what gas costs and has cost.

Source: go-ethereum `eth/gasprice` (oracle and fee history), EIP-1559, EIP-4844.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Any, Final

from node.evm.block import Block, Header, Receipt
from node.evm.chain_config import ChainConfig
from node.evm.fees import (
    blob_base_fee,
    excess_blob_gas,
    header_blob_base_fee,
    next_base_fee,
)
from node.rpc import blocks, codec
from node.rpc.backend import PENDING, ChainReader, ReadContext
from node.rpc.codec import BadValue, CountArg, Kind, QuantityJson, quantity
from node.rpc.context import Context
from node.rpc.errors import header_not_found, invalid_params, server_error
from node.rpc.params import BlockNumberArg, BlockRef
from node.rpc.registry import method

_SAMPLED_BLOCKS: Final = 20
_SAMPLES_PER_BLOCK: Final = 3
_PERCENTILE: Final = 60
_IGNORED_TIP: Final = 2
"""Tips below this many wei say nothing about the market."""
_DEFAULT_TIP: Final = 10**9
_MAX_TIP: Final = 500 * 10**9
_MAX_HISTORY: Final = 1_024
_MAX_PERCENTILES: Final = 100


@method("eth_baseFee")
def base_fee(context: Context) -> QuantityJson:
    """The base fee of the next block in wei per gas."""
    return quantity(_next_base_fee(context.chain.config, context.chain.heads.latest))


@method("eth_blobBaseFee")
def blob_fee(context: Context) -> QuantityJson:
    """The blob base fee of the newest block in wei per blob gas."""
    return quantity(header_blob_base_fee(context.chain.config, context.chain.heads.latest))


@method("eth_maxPriorityFeePerGas", heavy=True)
def max_priority_fee(context: ReadContext) -> QuantityJson:
    """A tip in wei per gas that recent blocks suggest."""
    return quantity(suggest_tip(context.chain))


@method("eth_gasPrice", heavy=True)
def gas_price(context: ReadContext) -> QuantityJson:
    """The suggested tip on top of the newest base fee, in wei per gas."""
    head = context.chain.heads.latest
    return quantity(suggest_tip(context.chain) + (head.base_fee_per_gas or 0))


def suggest_tip(chain: ChainReader) -> int:
    """The 60th percentile of the lowest tips that recent blocks accepted."""
    head = chain.heads.latest.number
    tips: list[int] = []
    for number in range(head, max(head - _SAMPLED_BLOCKS, 0), -1):
        block = chain.block(number)
        tips += _lowest_tips(block) if block else ()
    if not tips:
        return _DEFAULT_TIP
    tips.sort()
    return min(tips[(len(tips) - 1) * _PERCENTILE // 100], _MAX_TIP)


@lru_cache(256)
def _lowest_tips(block: Block) -> tuple[int, ...]:
    """What the cheapest transactions of others than the block's maker paid."""
    paid = sorted(
        tip
        for tx in block.transactions
        if (tip := _tip(tx.effective_gas_price(block.header.base_fee_per_gas or 0), block.header))
        >= _IGNORED_TIP
    )
    return tuple(paid[:_SAMPLES_PER_BLOCK])


def _tip(price: int, header: Header) -> int:
    return price - (header.base_fee_per_gas or 0)


def _next_base_fee(config: ChainConfig, header: Header) -> int:
    return next_base_fee(config, header, header.timestamp + 1) or 0


def _next_blob_fee(config: ChainConfig, header: Header) -> int:
    schedule = config.blob_schedule_at(header.timestamp)
    excess = excess_blob_gas(config, header, header.timestamp)
    return 0 if schedule is None or excess is None else blob_base_fee(schedule, excess)


def _parse_percentiles(value: object) -> list[float]:
    if not isinstance(value, list):
        problem = f"json: cannot unmarshal {codec.json_type(value)}"
        raise BadValue(f"{problem} into Go value of type []float64")
    for entry in value:
        if not isinstance(entry, int | float) or isinstance(entry, bool):
            problem = f"json: cannot unmarshal {codec.json_type(entry)}"
            raise BadValue(f"{problem} into Go value of type float64")
    return [float(entry) for entry in value]


_PERCENTILES: Final = Kind(
    "Percentiles", _parse_percentiles, {"type": "array", "items": {"type": "number"}}
)
_HISTORY: Final = Kind("FeeHistory", codec.parse_object, {"type": "object"})


@method("eth_feeHistory", heavy=True)
def fee_history(
    context: ReadContext,
    block_count: CountArg,
    newest_block: BlockNumberArg,
    percentiles: Annotated[list[float], _PERCENTILES] | None = None,
) -> Annotated[dict[str, Any], _HISTORY]:
    """Base fees, use of space and paid tips of a range of blocks."""
    wanted = percentiles or []
    _check_percentiles(wanted)
    if block_count == 0:
        return {"oldestBlock": "0x0", "gasUsedRatio": None}
    last = _last_block(context.chain, newest_block)
    first = max(last - min(block_count, _MAX_HISTORY) + 1, 0)
    headers = [_header(context.chain, number) for number in range(first, last + 1)]
    config, newest = context.chain.config, headers[-1]
    history: dict[str, Any] = {
        "oldestBlock": quantity(first),
        "baseFeePerGas": [quantity(h.base_fee_per_gas or 0) for h in headers]
        + [quantity(_next_base_fee(config, newest))],
        "gasUsedRatio": [h.gas_used / h.gas_limit if h.gas_limit else 0 for h in headers],
        "baseFeePerBlobGas": [quantity(header_blob_base_fee(config, h)) for h in headers]
        + [quantity(_next_blob_fee(config, newest))],
        "blobGasUsedRatio": [_blob_ratio(config, h) for h in headers],
    }
    if wanted:
        history["reward"] = [_rewards(context.chain, h.number, wanted) for h in headers]
    return history


def _check_percentiles(wanted: Sequence[float]) -> None:
    if len(wanted) > _MAX_PERCENTILES:
        raise invalid_params(f"invalid reward percentile: over the query limit {_MAX_PERCENTILES}")
    for index, value in enumerate(wanted):
        if not 0 <= value <= 100:
            raise server_error(f"invalid reward percentile: {value:f}")
        if index and value <= wanted[index - 1]:
            raise server_error(
                f"invalid reward percentile: "
                f"#{index - 1}:{wanted[index - 1]:f} >= #{index}:{value:f}"
            )


def _last_block(chain: ChainReader, ref: BlockRef) -> int:
    head = chain.heads.latest.number
    if ref.number is not None and ref.number > head:
        raise server_error(f"request beyond head block: requested {ref.number}, head {head}")
    number = blocks.find(chain, ref)
    return head if number == PENDING else number


def _header(chain: ChainReader, number: int) -> Header:
    header = chain.header(number)
    if header is None:
        raise header_not_found()
    return header


def _blob_ratio(config: ChainConfig, header: Header) -> float:
    schedule = config.blob_schedule_at(header.timestamp)
    if schedule is None or not header.blob_gas_used:
        return 0
    return header.blob_gas_used / schedule.max_gas


def _rewards(chain: ChainReader, number: int, percentiles: Sequence[float]) -> list[str]:
    block, receipts = chain.block(number), chain.receipts(number)
    if block is None or not receipts:
        return ["0x0"] * len(percentiles)
    return [quantity(tip) for tip in _tips_at(block, receipts, percentiles)]


def _tips_at(block: Block, receipts: Sequence[Receipt], percentiles: Sequence[float]) -> list[int]:
    """The tips at percentiles of a block's gas."""
    ends = [0, *(receipt.cumulative_gas_used for receipt in receipts)]
    fee = block.header.base_fee_per_gas or 0
    paid = sorted(
        (tx.effective_gas_price(fee) - fee, after - before)
        for tx, (before, after) in zip(block.transactions, pairwise(ends), strict=True)
    )
    tips, index, gas = [], 0, paid[0][1]
    for percentile in percentiles:
        threshold = int(block.header.gas_used * percentile / 100)
        while gas < threshold and index < len(paid) - 1:
            index += 1
            gas += paid[index][1]
        tips.append(paid[index][0])
    return tips
