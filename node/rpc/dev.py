"""evm_*, anvil_* and hardhat_*: what contract developers' test suites do to a development chain.

Served only where these namespaces are switched on. Numbers may be hex strings or plain; intervals
are seconds, as anvil has it. Errors are -32000 with a reason.
"""

from __future__ import annotations

from typing import Annotated, Final

from node.rollup.devtools import DevTools
from node.rpc import codec
from node.rpc.codec import BOOL, BadValue, BoolArg, CountArg, HashArg, Kind, QuantityJson, quantity
from node.rpc.context import Context
from node.rpc.errors import server_error
from node.rpc.registry import method


def _parse_mine_options(value: object) -> tuple[int | None, int]:
    """(timestamp, blocks) from a timestamp or from anvil's {timestamp, blocks}."""
    if not isinstance(value, dict):
        return codec.parse_uint64_or_number(value), 1
    unknown = sorted(value.keys() - {"timestamp", "blocks"})
    if unknown:
        raise BadValue(f"unknown mining option {unknown[0]!r}")
    timestamp, blocks = value.get("timestamp"), value.get("blocks")
    return (
        None if timestamp is None else codec.parse_uint64_or_number(timestamp),
        1 if blocks is None else codec.parse_uint64_or_number(blocks),
    )


_MINE_OPTIONS: Final = Kind(
    "MineOptions", _parse_mine_options, {"oneOf": [codec.UINT64.schema, {"type": "object"}]}
)
MineOptionsArg = Annotated[tuple[int | None, int], _MINE_OPTIONS]
BoolJson = Annotated[bool, BOOL]
_ONE_BLOCK: Final = (None, 1)


def _tools(context: Context) -> DevTools:
    if context.dev is None:
        raise server_error("this node has no development tools")
    return context.dev


@method("evm_mine")
async def mine(context: Context, options: MineOptionsArg = _ONE_BLOCK) -> QuantityJson:
    """Seals a block now, or several; a timestamp given is the first one's."""
    timestamp, blocks = options
    await _tools(context).mine(blocks, timestamp=timestamp)
    return quantity(0)


async def _mine_blocks(context: Context, blocks: int, interval: int) -> None:
    await _tools(context).mine(blocks, interval_s=interval)


@method("anvil_mine")
async def anvil_mine(context: Context, blocks: CountArg = 1, interval: CountArg = 1) -> None:
    """Seals blocks whose timestamps are `interval` seconds apart."""
    await _mine_blocks(context, blocks, interval)


@method("hardhat_mine")
async def hardhat_mine(context: Context, blocks: CountArg = 1, interval: CountArg = 1) -> BoolJson:
    """Seals blocks whose timestamps are `interval` seconds apart."""
    await _mine_blocks(context, blocks, interval)
    return True


@method("evm_increaseTime")
def increase_time(context: Context, seconds: CountArg) -> int:
    """Moves block time forward; returns by how many seconds it is ahead of the wall clock."""
    return _tools(context).increase_time(seconds)


@method("evm_setNextBlockTimestamp")
def set_next_block_timestamp(context: Context, timestamp: CountArg) -> None:
    """The timestamp of the next block, from which block time goes on."""
    _tools(context).set_next_timestamp(timestamp)


@method("evm_setAutomine")
def set_automine(context: Context, enabled: BoolArg) -> BoolJson:
    """Whether a transaction gets a block as soon as it arrives."""
    _tools(context).set_automine(enabled=enabled)
    return True


@method("anvil_getAutomine")
def get_automine(context: Context) -> BoolJson:
    """Whether a transaction gets a block as soon as it arrives."""
    return _tools(context).automine


@method("evm_setIntervalMining")
def set_interval_mining(context: Context, seconds: CountArg) -> BoolJson:
    """A block every so many seconds; 0: none by the clock."""
    _tools(context).set_interval(seconds)
    return True


@method("anvil_getIntervalMining")
def get_interval_mining(context: Context) -> int | None:
    """Seconds between blocks; null: none by the clock."""
    return _tools(context).interval_s


@method("evm_snapshot")
def snapshot(context: Context) -> QuantityJson:
    """Remembers the chain, the pool and the time; returns the snapshot's number."""
    return quantity(_tools(context).snapshot())


@method("evm_revert")
async def revert(context: Context, snapshot: CountArg) -> BoolJson:
    """Goes back to a snapshot; false if there is none of this number."""
    return await _tools(context).revert(snapshot)


@method("anvil_dropTransaction")
def drop_transaction(context: Context, tx_hash: HashArg) -> str | None:
    """Takes a transaction out of the pool; returns its hash, null if it was not there."""
    return f"0x{tx_hash.hex()}" if _tools(context).drop_transaction(tx_hash) else None
