"""eth_* and txpool_*: transactions on their way into a block."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any, Final

import orjson

from node.crypto import keccak256
from node.evm.transactions import ACCESS_LIST, BLOB, LEGACY, Transaction, decode_transaction
from node.rollup.admission import check_rpc_policy
from node.rpc import codec, shapes
from node.rpc.calls import check_args
from node.rpc.codec import (
    OBJECT,
    AddressArg,
    DataArg,
    HashJson,
    Kind,
    Uint64Arg,
    checksum_address,
    data,
    quantity,
)
from node.rpc.context import Context
from node.rpc.errors import (
    SYNC_NONCE_GAP,
    SYNC_NOT_QUEUED,
    SYNC_TIMEOUT,
    RpcError,
    server_error,
)
from node.rpc.eth_blocks import MaybeObject, get_transaction_receipt
from node.rpc.params import TransactionArg, TransactionArgs
from node.rpc.registry import method
from node.types import Hash32

_DEFAULT_WAIT_MS: Final = 20_000
_MAX_WAIT_MS: Final = 60_000
_POLL_S: Final = 0.02
_LIST: Final = Kind("Transactions", codec.parse_object, {"type": "array"})


@method("eth_sendRawTransaction")
def send_raw_transaction(context: Context, raw: DataArg) -> HashJson:
    """Takes a signed transaction into the pool; returns its hash."""
    return data(context.submit(_decoded(context, raw)))


def _decoded(context: Context, raw: bytes) -> Transaction:
    """The transaction, if the rules of this interface let it pass. Raises InvalidTransaction."""
    if raw[:1] == bytes((BLOB,)):  # also with its blobs beside it, a form that no block holds
        raise server_error("transaction type not supported")
    tx = decode_transaction(raw)
    check_rpc_policy(tx, context.config.tx_fee_cap_ether, allow_unprotected=False)
    return tx


@method("eth_sendRawTransactionSync")
async def send_raw_transaction_sync(
    context: Context, raw: DataArg, timeout_ms: Uint64Arg = _DEFAULT_WAIT_MS
) -> MaybeObject:
    """Like eth_sendRawTransaction, and waits for the receipt (EIP-7966)."""
    tx = _decoded(context, raw)
    expected = context.pool.nonce_of(tx.sender)
    if tx.nonce > expected:
        message = f"nonce gap: transaction nonce {tx.nonce}, expected {expected}"
        raise RpcError(SYNC_NONCE_GAP, message, quantity(expected))
    tx_hash = context.submit(tx)
    await _included(context, tx_hash, min(timeout_ms, _MAX_WAIT_MS) / 1000)
    return await get_transaction_receipt(context, tx_hash)


async def _included(context: Context, tx_hash: Hash32, timeout_s: float) -> None:
    """Waits until a transaction is in a block. Raises RpcError if it is not in time."""
    deadline = time.monotonic() + timeout_s
    while context.chain.locate(tx_hash) is None:
        if context.pool.get(tx_hash) is None and context.chain.locate(tx_hash) is None:
            raise RpcError(
                SYNC_NOT_QUEUED, "the transaction left the pool without a block", data(tx_hash)
            )
        if time.monotonic() > deadline:
            raise RpcError(
                SYNC_TIMEOUT,
                "the transaction was added to the pool but not included within "
                f"{timeout_s * 1000:.0f} ms",
                data(tx_hash),
            )
        await asyncio.sleep(_POLL_S)


@method("eth_fillTransaction")
async def fill_transaction(
    context: Context, transaction: TransactionArg
) -> Annotated[dict[str, Any], OBJECT]:
    """A transaction with everything filled in that the caller left out, ready to be signed."""
    check_args(transaction, context.chain.config.chain_id)
    if transaction.sender is None:
        raise server_error('missing "from" in transaction')
    tx = await _filled(context, transaction, transaction.sender)
    return {"raw": data(tx.encoded), "tx": _unsigned_json(tx)}


async def _filled(context: Context, args: TransactionArgs, sender: bytes) -> Transaction:
    head = context.chain.heads.latest
    tip = args.max_priority_fee_per_gas
    if tip is None and args.gas_price is None:
        tip = await _ask_number(context, "eth_maxPriorityFeePerGas", [])
    cap = args.max_fee_per_gas
    if cap is None:
        cap = (tip or 0) + 2 * (head.base_fee_per_gas or 0)
    if args.gas_price is None and cap < (tip or 0):
        raise server_error(f"maxFeePerGas ({cap}) < maxPriorityFeePerGas ({tip})")
    gas = args.gas
    if gas is None:
        gas = await _ask_number(context, "eth_estimateGas", [_call_json(args, sender)])
    price = args.gas_price
    kind = (ACCESS_LIST if args.access_list else LEGACY) if price is not None else ACCESS_LIST + 1
    if args.authorizations:
        kind = 4
    return Transaction(
        type=kind,
        chain_id=context.chain.config.chain_id,
        nonce=context.pool.nonce_of(sender) if args.nonce is None else args.nonce,
        max_priority_fee_per_gas=price if price is not None else tip or 0,
        max_fee_per_gas=price if price is not None else cap,
        gas_limit=gas,
        to=args.to,
        value=args.value or 0,
        data=args.payload,
        access_list=args.access_list or (),
        authorizations=args.authorizations or (),
    )


async def _ask_number(context: Context, name: str, params: list[Any]) -> int:
    return int(orjson.loads(orjson.dumps(await context.run_heavy(name, params))), 16)


def _call_json(args: TransactionArgs, sender: bytes) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "from": data(sender),
        "value": quantity(args.value or 0),
        "input": data(args.payload),
    }
    if args.to is not None:
        shape["to"] = data(args.to)
    if args.access_list is not None:
        shape["accessList"] = shapes.access_list_json(args.access_list)
    if args.authorizations:
        shape["authorizationList"] = [shapes.authorization_json(a) for a in args.authorizations]
    return shape


def _unsigned_json(tx: Transaction) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "type": quantity(tx.type),
        "chainId": quantity(tx.chain_id or 0),
        "nonce": quantity(tx.nonce),
        "to": data(tx.to) if tx.to is not None else None,
        "gas": quantity(tx.gas_limit),
        "gasPrice": None,
        "maxFeePerGas": None,
        "maxPriorityFeePerGas": None,
        "value": quantity(tx.value),
        "input": data(tx.data),
        "v": "0x0",
        "r": "0x0",
        "s": "0x0",
        "hash": data(keccak256(tx.encoded)),
    }
    if tx.type <= ACCESS_LIST:
        shape["gasPrice"] = quantity(tx.max_fee_per_gas)
    else:
        shape["maxFeePerGas"] = quantity(tx.max_fee_per_gas)
        shape["maxPriorityFeePerGas"] = quantity(tx.max_priority_fee_per_gas)
    if tx.type >= ACCESS_LIST:
        shape["accessList"] = shapes.access_list_json(tx.access_list)
    if tx.authorizations:
        shape["authorizationList"] = [shapes.authorization_json(a) for a in tx.authorizations]
    return shape


@method("eth_pendingTransactions")
def pending_transactions(_: Context) -> Annotated[list[Any], _LIST]:
    """Pending transactions of the node's own accounts: it has none, so always empty."""
    return []


@method("txpool_status")
def status(context: Context) -> Annotated[dict[str, str], OBJECT]:
    """How many transactions are executable and how many wait."""
    pending, queued = context.pool.status()
    return {"pending": quantity(pending), "queued": quantity(queued)}


@method("txpool_content")
def content(context: Context) -> Annotated[dict[str, Any], OBJECT]:
    """All transactions in the pool, by sender and nonce."""
    pending, queued = context.pool.content()
    return {
        name: {checksum_address(sender): _by_nonce(txs) for sender, txs in lists.items()}
        for name, lists in (("pending", pending), ("queued", queued))
    }


@method("txpool_contentFrom")
def content_from(context: Context, address: AddressArg) -> Annotated[dict[str, Any], OBJECT]:
    """One sender's transactions in the pool, by nonce."""
    pending, queued = context.pool.content_from(address)
    return {"pending": _by_nonce(pending), "queued": _by_nonce(queued)}


@method("txpool_inspect")
def inspect(context: Context) -> Annotated[dict[str, Any], OBJECT]:
    """All transactions in the pool in one line each, for people."""
    pending, queued = context.pool.content()
    return {
        name: {
            checksum_address(sender): {str(tx.nonce): _line(tx) for tx in txs}
            for sender, txs in lists.items()
        }
        for name, lists in (("pending", pending), ("queued", queued))
    }


def _by_nonce(txs: list[Transaction]) -> dict[str, Any]:
    return {str(tx.nonce): shapes.transaction_json(tx) for tx in txs}


def _line(tx: Transaction) -> str:
    target = "contract creation" if tx.to is None else checksum_address(tx.to)
    return f"{target}: {tx.value} wei + {tx.gas_limit} gas × {tx.max_fee_per_gas} wei"
