"""rr_getZkGas: what proving a transaction is expected to cost (docs/zk-gas.md)."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Annotated, Any, Final

from node.evm.native_engine import native_engine
from node.evm.zk_gas import zk_gas_of_block
from node.rpc import codec
from node.rpc.backend import ReadContext
from node.rpc.calls import CallEnvironment, environment
from node.rpc.codec import Kind, QuantityJson, quantity
from node.rpc.params import LATEST, TRANSACTION, BlockRefArg, TransactionArgs
from node.rpc.registry import method
from node.types import Hash32

MaybeQuantity = Annotated[str | None, codec.QUANTITY]


def _parse_subject(value: Any) -> Hash32 | TransactionArgs:  # noqa: ANN401  # JSON
    if isinstance(value, str):
        return codec.parse_hash(value)
    parsed: TransactionArgs = TRANSACTION.parse(value)
    return parsed


_SUBJECT: Final = Kind(
    "HashOrTransactionArgs", _parse_subject, {"oneOf": [codec.HASH.schema, TRANSACTION.schema]}
)
SubjectArg = Annotated[Hash32 | TransactionArgs, _SUBJECT]


@method("rr_getZkGas", heavy=True)
def get_zk_gas(
    context: ReadContext, subject: SubjectArg, block: BlockRefArg = LATEST
) -> MaybeQuantity:
    """Zk gas of a mined transaction in its block, by hash, null if it is in none; or of a call.

    A call is executed on the state of `block`, whatever its zk gas, and whether it succeeds.
    """
    if isinstance(subject, bytes):
        return _of_mined(context, subject)
    metered = replace(context, engine=native_engine)
    calls = CallEnvironment(metered, block, {}, {})
    return quantity(calls.run(calls.request(subject)).zk_gas)


def _of_mined(context: ReadContext, tx_hash: Hash32) -> QuantityJson | None:
    place = context.chain.locate(tx_hash)
    block = context.chain.block(place[0]) if place else None
    if place is None or block is None:
        return None
    number, index = place
    chain = context.chain
    metered = zk_gas_of_block(
        chain.config, block, chain.state(number - 1), environment(chain, block.header).block_hash
    )
    return quantity(next(islice(metered, index, None)))
