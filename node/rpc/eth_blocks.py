"""eth_*: blocks, transactions and receipts."""

from __future__ import annotations

from typing import Annotated, Any, Final

from node.crypto import keccak256
from node.evm.block import Block
from node.evm.fees import header_blob_base_fee
from node.rpc import blocks, codec, shapes
from node.rpc.backend import PENDING, ReadContext
from node.rpc.codec import AddressArg, BoolArg, HashArg, Kind, Uint64Arg, data, quantity
from node.rpc.context import Context
from node.rpc.params import BlockNumberArg, BlockRef, BlockRefArg
from node.rpc.registry import method

_OBJECT_OR_NULL: Final = Kind(
    "ObjectOrNull", codec.parse_object, {"oneOf": [{"type": "object"}, {"type": "null"}]}
)
_LIST_OR_NULL: Final = Kind(
    "ListOrNull", codec.parse_object, {"oneOf": [{"type": "array"}, {"type": "null"}]}
)
_DATA_OR_NULL: Final = Kind(
    "DataOrNull", codec.parse_data, {"oneOf": [codec.DATA.schema, {"type": "null"}]}
)
MaybeObject = Annotated[dict[str, Any] | None, _OBJECT_OR_NULL]
MaybeList = Annotated[list[Any] | None, _LIST_OR_NULL]
MaybeData = Annotated[str | None, _DATA_OR_NULL]


def _block(context: ReadContext, ref: BlockRef) -> Block | None:
    """The block meant, sealed or being built."""
    number = blocks.find(context.chain, ref)
    if number == PENDING:
        pending = context.chain.pending()
        return pending.block if pending else None
    return context.chain.block(number)


def _block_json(context: ReadContext, ref: BlockRef, *, full: bool) -> dict[str, Any] | None:
    block = _block(context, ref)
    if block is None:
        return None
    if ref.is_pending:
        return shapes.pending_block_json(block, full=full)
    return shapes.block_json(block, full=full)


@method("eth_getBlockByNumber", heavy=True)
def get_block_by_number(
    context: ReadContext, block: BlockNumberArg, full: BoolArg = False
) -> MaybeObject:
    """A block by number or tag; null if there is none."""
    return _block_json(context, block, full=full)


@method("eth_getBlockByHash", heavy=True)
def get_block_by_hash(context: ReadContext, block: HashArg, full: BoolArg = False) -> MaybeObject:
    """A block by hash; null if there is none."""
    return _block_json(context, BlockRef(hash=block), full=full)


@method("eth_getHeaderByNumber", heavy=True)
def get_header_by_number(context: ReadContext, block: BlockNumberArg) -> MaybeObject:
    """A header by number or tag; null if there is none."""
    if block.is_pending:
        pending = context.chain.pending()
        return shapes.header_json(pending.block.header) if pending else None
    header = context.chain.header(blocks.find(context.chain, block))
    return shapes.header_json(header) if header else None


@method("eth_getHeaderByHash", heavy=True)
def get_header_by_hash(context: ReadContext, block: HashArg) -> MaybeObject:
    """A header by hash; null if there is none."""
    return get_header_by_number(context, BlockRef(hash=block))


@method("eth_getBlockTransactionCountByNumber", heavy=True)
def count_by_number(context: ReadContext, block: BlockNumberArg) -> MaybeData:
    """How many transactions a block holds."""
    found = _block(context, block)
    return quantity(len(found.transactions)) if found else None


@method("eth_getBlockTransactionCountByHash", heavy=True)
def count_by_hash(context: ReadContext, block: HashArg) -> MaybeData:
    """How many transactions a block holds."""
    return count_by_number(context, BlockRef(hash=block))


@method("eth_getBlockReceipts", heavy=True)
def get_block_receipts(context: ReadContext, block: BlockRefArg) -> MaybeList:
    """All receipts of a block; null if there is no such block."""
    found, number = _block(context, block), blocks.find(context.chain, block)
    if found is None:
        return None
    pending = context.chain.pending() if number == PENDING else None
    receipts = pending.receipts if pending else context.chain.receipts(number)
    fee = header_blob_base_fee(context.chain.config, found.header)
    return None if receipts is None else shapes.receipts_json(found, receipts, fee)


@method("internal_receipt", heavy=True)
def receipt_at(context: ReadContext, number: Uint64Arg, index: Uint64Arg) -> MaybeObject:
    """The receipt of the transaction at a place in the chain."""
    block, receipts = context.chain.block(number), context.chain.receipts(number)
    if block is None or receipts is None:
        return None
    fee = header_blob_base_fee(context.chain.config, block.header)
    return shapes.receipts_json(block, receipts, fee, only=index)[0]


@method("eth_getTransactionReceipt")
async def get_transaction_receipt(context: Context, tx_hash: HashArg) -> MaybeObject:
    """The receipt of a transaction that is in a block; null if it is not."""
    place = context.chain.locate(tx_hash)
    if place is None:
        return None
    receipt: MaybeObject = await context.run_heavy("internal_receipt", [*map(quantity, place)])
    return receipt


@method("eth_getTransactionByHash")
async def get_transaction_by_hash(context: Context, tx_hash: HashArg) -> MaybeObject:
    """A transaction in a block or in the pool; null if it is in neither."""
    pooled = context.pool.get(tx_hash)
    if pooled is not None:
        return shapes.transaction_json(pooled)
    place = context.chain.locate(tx_hash)
    if place is None:
        return None
    name = "eth_getTransactionByBlockNumberAndIndex"
    tx: MaybeObject = await context.run_heavy(name, [*map(quantity, place)])
    return tx


@method("eth_getTransactionByBlockNumberAndIndex", heavy=True)
def get_transaction_by_number(
    context: ReadContext, block: BlockNumberArg, index: Uint64Arg
) -> MaybeObject:
    """The transaction at a place in a block; null if there is none."""
    found = _block(context, block)
    if found is None or index >= len(found.transactions):
        return None
    if block.is_pending:
        return shapes.transaction_json(found.transactions[index])
    return shapes.transaction_json(found.transactions[index], found.header, index)


@method("eth_getTransactionByBlockHashAndIndex", heavy=True)
def get_transaction_by_block_hash(
    context: ReadContext, block: HashArg, index: Uint64Arg
) -> MaybeObject:
    """The transaction at a place in a block; null if there is none."""
    return get_transaction_by_number(context, BlockRef(hash=block), index)


@method("eth_getRawTransactionByHash", heavy=True)
def get_raw_transaction(context: ReadContext, tx_hash: HashArg) -> MaybeData:
    """The bytes of a transaction that is in a block; null if it is not."""
    place = context.chain.locate(tx_hash)
    block = context.chain.block(place[0]) if place else None
    return data(block.transactions[place[1]].encoded) if place and block else None


@method("eth_getRawTransactionByBlockNumberAndIndex", heavy=True)
def get_raw_transaction_by_number(
    context: ReadContext, block: BlockNumberArg, index: Uint64Arg
) -> MaybeData:
    """The bytes of the transaction at a place in a block; null if there is none."""
    found = _block(context, block)
    if found is None or index >= len(found.transactions):
        return None
    return data(found.transactions[index].encoded)


@method("eth_getRawTransactionByBlockHashAndIndex", heavy=True)
def get_raw_transaction_by_block_hash(
    context: ReadContext, block: HashArg, index: Uint64Arg
) -> MaybeData:
    """The bytes of the transaction at a place in a block; null if there is none."""
    return get_raw_transaction_by_number(context, BlockRef(hash=block), index)


@method("eth_getTransactionBySenderAndNonce", heavy=True)
def get_transaction_by_sender_and_nonce(
    context: ReadContext, sender: AddressArg, nonce: Uint64Arg
) -> MaybeObject:
    """The transaction with which an account used a nonce, by bisecting the account's history."""
    low, high = 0, context.chain.heads.latest.number
    if _nonce(context, sender, high) <= nonce:
        return None
    while low < high:
        middle = (low + high) // 2
        if _nonce(context, sender, middle) > nonce:
            high = middle
        else:
            low = middle + 1
    block = context.chain.block(low)
    for index, tx in enumerate(block.transactions if block else ()):
        if tx.nonce == nonce and tx.sender == sender:
            return shapes.transaction_json(tx, block.header if block else None, index)
    return None


def _nonce(context: ReadContext, address: bytes, number: int) -> int:
    account = context.chain.state(number).account(address)
    return account.nonce if account else 0


@method("eth_getUncleCountByBlockNumber", heavy=True)
def uncle_count_by_number(context: ReadContext, block: BlockNumberArg) -> MaybeData:
    """How many ommers a block names; null if there is no such block."""
    found = _block(context, block)
    return quantity(len(found.ommers)) if found else None


@method("eth_getUncleCountByBlockHash", heavy=True)
def uncle_count_by_hash(context: ReadContext, block: HashArg) -> MaybeData:
    """How many ommers a block names; null if there is no such block."""
    return uncle_count_by_number(context, BlockRef(hash=block))


@method("eth_getUncleByBlockNumberAndIndex", heavy=True)
def uncle_by_number(context: ReadContext, block: BlockNumberArg, index: Uint64Arg) -> MaybeObject:
    """The header of an ommer; null if there is none."""
    found = _block(context, block)
    if found is None or index >= len(found.ommers):
        return None
    ommer = Block(found.ommers[index])
    return shapes.block_json(ommer, full=False) | {"transactions": [], "uncles": []}


@method("eth_getUncleByBlockHashAndIndex", heavy=True)
def uncle_by_hash(context: ReadContext, block: HashArg, index: Uint64Arg) -> MaybeObject:
    """The header of an ommer; null if there is none."""
    return uncle_by_number(context, BlockRef(hash=block), index)


@method("web3_sha3")
def sha3(_: Context, value: codec.DataArg) -> codec.DataJson:
    """The Keccak-256 of some bytes."""
    return data(keccak256(value))
