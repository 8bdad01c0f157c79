"""Finding logs: candidate blocks from the index, then every log against the query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain as concatenated
from typing import Any, Final

from node.evm.block import Block, Log, Receipt
from node.rpc import blocks, shapes
from node.rpc.backend import PENDING, ChainReader
from node.rpc.blocks import NOWHERE
from node.rpc.codec import quantity
from node.rpc.errors import LIMIT_EXCEEDED, RpcError, invalid_params, server_error
from node.rpc.params import BlockRef, FilterQuery

_HEAD: Final = BlockRef(tag="latest")


def find_logs(chain: ChainReader, query: FilterQuery, limit: int) -> list[dict[str, Any]]:
    """The logs that eth_getLogs answers with. limit: results beyond which it refuses.

    A single block is always served whole. Raises RpcError.
    """
    first, last = block_range(chain, query)
    found: list[dict[str, Any]] = []
    for number in _candidates(chain, query, first, last):
        matching = list(logs_in(chain, query, number))
        if found and len(found) + len(matching) > limit:
            raise too_many(limit, first, number - 1)
        found += matching
    return found


def too_many(limit: int, first: int, served: int) -> RpcError:
    """More results than allowed; `data` names the range that was served within the limit."""
    return RpcError(
        LIMIT_EXCEEDED,
        f"query returned more than {limit} results",
        {"from": quantity(first), "to": quantity(served), "limit": limit},
    )


def block_range(chain: ChainReader, query: FilterQuery) -> tuple[int, int]:
    """The first and last block of a query. Raises RpcError."""
    if query.block_hash is not None:
        number = chain.number_of(query.block_hash)
        if number is None:
            raise server_error("unknown block")
        return number, number
    head = chain.heads.latest.number
    first, last = (_bound(chain, ref) for ref in (query.from_block, query.to_block))
    if first > last:
        raise invalid_params("invalid block range params")
    if last > head:
        raise invalid_params("block range extends beyond current head block")
    return first, last


def _bound(chain: ChainReader, ref: BlockRef | None) -> int:
    """A bound as given, also beyond the head."""
    if ref is not None and ref.number is not None:
        return ref.number
    number = blocks.find(chain, ref or _HEAD)
    return chain.heads.latest.number if number in (PENDING, NOWHERE) else number


def _candidates(
    chain: ChainReader, query: FilterQuery, first: int, last: int
) -> Iterator[int] | range:
    """Blocks that may hold a match; all of them where the query names nothing."""
    if first == last or not (query.addresses or any(query.topics)):
        return range(first, last + 1)
    return iter(chain.log_blocks(query, first, last))


def logs_in(chain: ChainReader, query: FilterQuery, number: int) -> Iterator[dict[str, Any]]:
    """The matching logs of one block, in order."""
    header = chain.header(number)
    if header is None or not any(header.bloom):
        return
    receipts = chain.receipts(number) or ()
    if not any(matches(query, log) for log in _all_logs(receipts)):
        return
    block = chain.block(number)
    if block is not None:
        yield from matching_logs(query, block, receipts)


def _all_logs(receipts: Sequence[Receipt]) -> Iterator[Log]:
    return concatenated.from_iterable(receipt.logs for receipt in receipts)


def matching_logs(
    query: FilterQuery, block: Block, receipts: Sequence[Receipt]
) -> Iterator[dict[str, Any]]:
    """The logs of a block that match, as JSON."""
    index = 0
    for tx_index, entry in enumerate(receipts):
        for log in entry.logs:
            if matches(query, log):
                tx = block.transactions[tx_index]
                yield shapes.log_json(block.header, tx, tx_index, log, index)
            index += 1


def matches(query: FilterQuery, log: Log) -> bool:
    """Whether a log is what a query asks for."""
    if query.addresses and log.address not in query.addresses:
        return False
    if len(query.topics) > len(log.topics):
        return False
    return all(
        not wanted or topic in wanted
        for wanted, topic in zip(query.topics, log.topics, strict=False)
    )
