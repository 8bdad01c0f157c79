"""debug_*: executing again what was executed, with somebody watching.

Source: go-ethereum `eth/tracers/api.go`; tracers and their shapes are in `node.evm.tracing`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Final

from node.crypto import keccak256
from node.errors import InvalidEncoding, InvalidInput
from node.evm.block import Block, decode_block
from node.evm.engine import Session, TxOutcome
from node.evm.requests import call_at_start
from node.evm.tracing.base import ResultTracer
from node.evm.tracing.flat_call import NOWHERE as NO_PLACE
from node.evm.tracing.flat_call import TxPlace
from node.evm.tracing.registry import named_tracer, struct_log_tracer
from node.rpc import blocks
from node.rpc.backend import PENDING, ReadContext
from node.rpc.blocks import NOWHERE
from node.rpc.calls import CallEnvironment, environment
from node.rpc.codec import (
    OBJECT,
    AddressArg,
    CountArg,
    DataArg,
    HashArg,
    data,
    word,
)
from node.rpc.debug import AnyList
from node.rpc.errors import invalid_params, server_error
from node.rpc.params import (
    LATEST,
    BlockNumberArg,
    BlockRef,
    BlockRefArg,
    TraceOptions,
    TraceOptionsArg,
    TransactionArg,
)
from node.rpc.registry import method
from node.state.roots import slot_key

_MAX_RANGE: Final = 1_024
_DEFAULT: Final = TraceOptions()


def _tracer(options: TraceOptions, place: TxPlace = NO_PLACE) -> ResultTracer:
    """A fresh tracer. Raises RpcError for a name or option this node does not have."""
    try:
        if options.tracer is None:
            return struct_log_tracer(options.options)
        return named_tracer(options.tracer, options.options, place)
    except InvalidInput as error:
        raise invalid_params(str(error)) from error


def _replay(context: ReadContext, block: Block) -> Session:
    """A session in which a block's transactions can be executed again, one after another."""
    header = block.header
    if header.number == 0:
        raise server_error("genesis is not traceable")
    env = environment(context.chain, header)
    session = context.engine.open(context.chain.state(header.number - 1), env)
    call_at_start(session, env.fork, header)
    return session


def _traced(context: ReadContext, block: Block, options: TraceOptions) -> Iterator[Any]:
    """The trace of every transaction of a block, in order."""
    session, first_log = _replay(context, block), 0
    for index, tx in enumerate(block.transactions):
        tracer = _tracer(options, TxPlace(block.header.hash, index, first_log))
        outcome = session.transact(tx, tracer)
        first_log += len(outcome.logs)
        yield tracer.result()


def _block_trace(context: ReadContext, block: Block, options: TraceOptions) -> list[Any]:
    results = _traced(context, block, options)
    hashes = (data(tx.hash) for tx in block.transactions)
    return [{"txHash": h, "result": r} for h, r in zip(hashes, results, strict=True)]


@method("debug_traceBlockByNumber", heavy=True)
def trace_block_by_number(
    context: ReadContext, block: BlockNumberArg, options: TraceOptionsArg = _DEFAULT
) -> AnyList:
    """The traces of a block's transactions."""
    number = blocks.require(context.chain, block) if block.number is None else block.number
    pending = context.chain.pending() if number == PENDING else None
    found = pending.block if pending else context.chain.block(number)
    if found is None:
        raise server_error(f"block #{number} not found")
    return _block_trace(context, found, options)


@method("debug_traceBlockByHash", heavy=True)
def trace_block_by_hash(
    context: ReadContext, block: HashArg, options: TraceOptionsArg = _DEFAULT
) -> AnyList:
    """The traces of a block's transactions."""
    number = blocks.find(context.chain, BlockRef(hash=block))
    found = context.chain.block(number) if number != NOWHERE else None
    if found is None:
        raise server_error(f"block {data(block)} not found")
    return _block_trace(context, found, options)


@method("debug_traceBlock", heavy=True)
def trace_block(
    context: ReadContext, block: DataArg, options: TraceOptionsArg = _DEFAULT
) -> AnyList:
    """The traces of the transactions of a block given as RLP, on top of its parent here."""
    try:
        decoded = decode_block(block)
    except InvalidEncoding as error:
        raise server_error(f"could not decode block: {error}") from error
    if context.chain.number_of(decoded.header.parent_hash) != decoded.header.number - 1:
        raise server_error(f"parent {data(decoded.header.parent_hash)} not found")
    return _block_trace(context, decoded, options)


@method("debug_traceTransaction", heavy=True)
def trace_transaction(
    context: ReadContext, tx_hash: HashArg, options: TraceOptionsArg = _DEFAULT
) -> Annotated[dict[str, Any], OBJECT]:
    """The trace of a transaction that is in a block."""
    place = context.chain.locate(tx_hash)
    block = context.chain.block(place[0]) if place else None
    if place is None or block is None:
        raise server_error("transaction not found")
    session, first_log = _replay(context, block), 0
    for tx in block.transactions[: place[1]]:
        first_log += len(session.transact(tx).logs)
    tracer = _tracer(options, TxPlace(block.header.hash, place[1], first_log))
    session.transact(block.transactions[place[1]], tracer)
    result: dict[str, Any] = tracer.result()
    return result


@method("debug_traceCall", heavy=True)
def trace_call(
    context: ReadContext,
    transaction: TransactionArg,
    block: BlockRefArg = LATEST,
    options: TraceOptionsArg = _DEFAULT,
) -> Annotated[dict[str, Any], OBJECT]:
    """The trace of a call on a state; nothing is kept."""
    opened = CallEnvironment(context, block, options.state_overrides, options.block_overrides)
    tracer = _tracer(options)
    _: TxOutcome = opened.run(opened.request(transaction), tracer)
    result: dict[str, Any] = tracer.result()
    return result


@method("debug_storageRangeAt", heavy=True)
def storage_range_at(
    context: ReadContext,
    block: HashArg,
    tx_index: CountArg,
    contract: AddressArg,
    start: DataArg,
    limit: CountArg,
) -> Annotated[dict[str, Any], OBJECT]:
    """A contract's slots as they were before a transaction of a block, in order of their hash.

    Slots are stored under their hashes, so `key` is known only of slots that the block wrote.
    """
    number = context.chain.number_of(block)
    found = None if number is None else context.chain.block(number)
    if found is None:
        raise server_error(f"block {data(block)} not found")
    written = _written_before(context, found, tx_index, contract)
    wanted = min(limit, _MAX_RANGE)
    # One more than asked for is the next page; what the block cleared must not leave it short.
    stored = context.chain.slots(
        found.header.number - 1, keccak256(contract), start, wanted + len(written) + 1
    )
    merged = dict(stored) | {key: value for key, (_, value) in written.items() if key >= start}
    present = sorted((key, value) for key, value in merged.items() if value)
    return {
        "storage": {
            data(key): {
                "key": word(written[key][0]) if key in written else None,
                "value": word(value),
            }
            for key, value in present[:wanted]
        },
        "nextKey": data(present[wanted][0]) if len(present) > wanted else None,
    }


def _written_before(
    context: ReadContext, block: Block, index: int, contract: bytes
) -> dict[bytes, tuple[int, int]]:
    """keccak(slot) -> (slot, value) of what a block's first transactions wrote to a contract."""
    session = _replay(context, block)
    for tx in block.transactions[:index]:
        session.transact(tx)
    changed = session.changes().storage.get(contract, {})
    return {slot_key(slot): (slot, value) for slot, value in changed.items()}
