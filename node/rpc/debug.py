"""debug_*: raw chain data, witnesses and traces."""

from __future__ import annotations

from typing import Annotated, Any, Final

from node.rpc import blocks, codec
from node.rpc.backend import ReadContext
from node.rpc.codec import DATA, OBJECT, HashArg, Kind, data
from node.rpc.errors import header_not_found
from node.rpc.eth_blocks import MaybeData, get_raw_transaction
from node.rpc.params import BlockRef, BlockRefArg
from node.rpc.registry import method

_LIST: Final = Kind("List", codec.parse_object, {"type": "array"})
AnyList = Annotated[list[Any], _LIST]


@method("debug_getRawHeader", heavy=True)
def get_raw_header(context: ReadContext, block: BlockRefArg) -> Annotated[str, DATA]:
    """The RLP of a header."""
    header = context.chain.header(blocks.require(context.chain, block))
    if header is None:
        raise header_not_found()
    return data(header.encoded)


@method("debug_getRawBlock", heavy=True)
def get_raw_block(context: ReadContext, block: BlockRefArg) -> Annotated[str, DATA]:
    """The RLP of a block."""
    found = context.chain.block(blocks.require(context.chain, block))
    if found is None:
        raise header_not_found()
    return data(found.encoded)


@method("debug_getRawReceipts", heavy=True)
def get_raw_receipts(context: ReadContext, block: BlockRefArg) -> AnyList:
    """The consensus encodings of a block's receipts."""
    receipts = context.chain.receipts(blocks.require(context.chain, block))
    return [data(receipt.encoded) for receipt in receipts or ()]


@method("debug_getRawTransaction", heavy=True)
def get_raw_transaction_bytes(context: ReadContext, tx_hash: HashArg) -> MaybeData:
    """The bytes of a transaction that is in a block."""
    return get_raw_transaction(context, tx_hash) or "0x"


@method("debug_getBadBlocks")
def get_bad_blocks(_: object) -> AnyList:
    """Always empty: a block that breaks a rule is refused, never kept."""
    return []


@method("debug_executionWitness", heavy=True)
def execution_witness(
    context: ReadContext, block: BlockRefArg
) -> Annotated[dict[str, Any], OBJECT]:
    """Everything needed to execute a block without the state: nodes, codes, keys, headers."""
    witness = context.chain.witness(blocks.require(context.chain, block))
    if witness is None:
        raise header_not_found()
    return witness


@method("debug_executionWitnessByBlockHash", heavy=True)
def execution_witness_by_hash(
    context: ReadContext, block: HashArg
) -> Annotated[dict[str, Any], OBJECT]:
    """Everything needed to execute a block without the state."""
    return execution_witness(context, BlockRef(hash=block))
