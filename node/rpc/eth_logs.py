"""eth_*: logs and filters."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final

from node.rpc import codec
from node.rpc.backend import ReadContext
from node.rpc.codec import BoolArg, Kind, StringArg, Uint64Arg, data, quantity
from node.rpc.context import Context
from node.rpc.errors import server_error
from node.rpc.logs import block_range, find_logs
from node.rpc.params import BlockRef, FilterArg, FilterQuery
from node.rpc.registry import method

_LOGS: Final = Kind("Logs", codec.parse_object, {"type": "array"})
Logs = Annotated[list[Any], _LOGS]


@method("eth_getLogs", heavy=True)
def get_logs(context: ReadContext, query: FilterArg) -> Logs:
    """The logs of a range of blocks that match addresses and topics."""
    return find_logs(context.chain, query, context.config.max_logs)


@method("internal_logs", heavy=True)
def logs_between(context: ReadContext, query: FilterArg, first: Uint64Arg, last: Uint64Arg) -> Logs:
    """The logs of a filter in a range of blocks."""
    bounded = replace(
        query, from_block=BlockRef(number=first), to_block=BlockRef(number=last), block_hash=None
    )
    return find_logs(context.chain, bounded, context.config.max_logs)


@method("eth_newFilter")
def new_filter(context: Context, query: FilterArg) -> codec.QuantityJson:
    """Installs a log filter; returns its id."""
    following = context.chain.heads.latest.number + 1
    start = query.from_block.number if query.from_block else None
    if query.block_hash is None:
        past = start is not None and start < following
        block_range(context.chain, query if past else replace(query, from_block=None))
    return context.filters.install(max(following, start or 0), query)


@method("eth_newBlockFilter")
def new_block_filter(context: Context) -> codec.QuantityJson:
    """Installs a filter for new blocks; returns its id."""
    return context.filters.install(context.chain.heads.latest.number + 1)


@method("eth_newPendingTransactionFilter")
def new_pending_transaction_filter(context: Context, _: BoolArg = False) -> codec.QuantityJson:
    """Installs a filter for transactions that become executable; returns its id."""
    following = context.chain.heads.latest.number + 1
    return context.filters.install(following, transactions=True)


@method("eth_getFilterChanges")
async def get_filter_changes(context: Context, identity: StringArg) -> Logs:
    """What a filter has found since it was asked last."""
    entry = context.filters.get(identity)
    if entry.hashes is not None:
        arrived = [data(tx_hash) for tx_hash in entry.hashes]
        entry.hashes.clear()
        return arrived
    first, last = entry.next_block, context.chain.heads.latest.number
    if first > last:
        return []
    entry.next_block = last + 1
    if entry.query is not None:
        return await _logs(context, entry.query, first, last)
    headers = (context.chain.header(number) for number in range(first, last + 1))
    return [data(header.hash) for header in headers if header is not None]


@method("eth_getFilterLogs")
async def get_filter_logs(context: Context, identity: StringArg) -> Logs:
    """All logs that match an installed log filter."""
    query = context.filters.get(identity).query
    if query is None:
        raise server_error("filter not found")
    first, last = block_range(context.chain, query)
    return await _logs(context, query, first, last)


@method("eth_uninstallFilter")
def uninstall_filter(context: Context, identity: StringArg) -> Annotated[bool, codec.BOOL]:
    """Removes a filter; whether there was one."""
    return context.filters.uninstall(identity)


async def _logs(context: Context, query: FilterQuery, first: int, last: int) -> list[Any]:
    """Logs found on a worker, ready to be written."""
    shape = {
        "address": [data(address) for address in query.addresses],
        "topics": [[data(topic) for topic in group] or None for group in query.topics],
    }
    logs: list[Any] = await context.run_heavy(
        "internal_logs", [shape, quantity(first), quantity(last)]
    )
    return logs
