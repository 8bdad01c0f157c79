"""eth_*: calls, gas estimates and access lists."""

from __future__ import annotations

from typing import Annotated, Any, Final

from node.codec import encode, int_to_bytes
from node.crypto import keccak256
from node.evm.engine import CallRequest, TxOutcome
from node.evm.forks import Fork
from node.rpc import codec, shapes
from node.rpc.access_list import AccessListTracer
from node.rpc.backend import ReadContext
from node.rpc.calls import REVERTED, CallEnvironment, failure, fees_of, has_code
from node.rpc.codec import DataJson, Kind, QuantityJson, data, quantity
from node.rpc.errors import RpcError, server_error
from node.rpc.params import (
    LATEST,
    BlockOverridesArg,
    BlockRefArg,
    StateOverridesArg,
    TransactionArg,
    TransactionArgs,
)
from node.rpc.registry import method

_TRANSFER_GAS: Final = 21_000
_CALL_STIPEND: Final = 2_300
_MAX_TX_GAS: Final = 2**24
"""EIP-7825."""
_TOLERANCE: Final = 0.015
"""Geth's: an estimate may be this share too high, which saves half of the executions."""
_LIST_RESULT: Final = Kind("AccessListResult", codec.parse_object, {"type": "object"})


@method("eth_call", heavy=True)
def call(
    context: ReadContext,
    transaction: TransactionArg,
    block: BlockRefArg = LATEST,
    state_overrides: StateOverridesArg | None = None,
    block_overrides: BlockOverridesArg | None = None,
) -> DataJson:
    """Executes a call on a state and returns its output; nothing is kept."""
    environment = CallEnvironment(context, block, state_overrides or {}, block_overrides or {})
    outcome = environment.run(environment.request(transaction))
    if not outcome.success:
        raise failure(outcome)
    return data(outcome.output)


@method("eth_estimateGas", heavy=True)
def estimate_gas(
    context: ReadContext,
    transaction: TransactionArg,
    block: BlockRefArg = LATEST,
    state_overrides: StateOverridesArg | None = None,
    block_overrides: BlockOverridesArg | None = None,
) -> QuantityJson:
    """The gas limit with which a transaction succeeds, at most 1.5 % too high."""
    environment = CallEnvironment(context, block, state_overrides or {}, block_overrides or {})
    return quantity(_estimate(environment, transaction))


def _estimate(environment: CallEnvironment, args: TransactionArgs) -> int:
    high = _most_gas(environment, args)
    if _is_transfer(environment, args):
        outcome = environment.run(environment.request(args, gas=_TRANSFER_GAS))
        if outcome.success:
            return _TRANSFER_GAS
    outcome = environment.run(environment.request(args, gas=high))
    if not outcome.success:
        if outcome.error == "out of gas":
            raise server_error(f"gas required exceeds allowance ({high})")
        raise failure(outcome)
    return _bisect(environment, args, outcome, high)


def _bisect(
    environment: CallEnvironment, args: TransactionArgs, outcome: TxOutcome, high: int
) -> int:
    """Between the gas that was used and what is known to suffice."""
    low = max(outcome.gas_used, _TRANSFER_GAS) - 1
    likely = (max(outcome.max_gas_used, outcome.gas_used) + _CALL_STIPEND) * 64 // 63
    if likely < high:
        if _suffices(environment, args, likely):
            high = likely
        else:
            low = likely
    while low + 1 < high and (high - low) / high >= _TOLERANCE:
        middle = min((high + low) // 2, 2 * low)
        if _suffices(environment, args, middle):
            high = middle
        else:
            low = middle
    return high


def _suffices(environment: CallEnvironment, args: TransactionArgs, gas: int) -> bool:
    try:
        return environment.run(environment.request(args, gas=gas)).success
    except RpcError:
        return False


def _most_gas(environment: CallEnvironment, args: TransactionArgs) -> int:
    """The highest limit worth trying: the block's, the cap, and what the sender can pay for."""
    limit = environment.env.gas_limit
    if args.gas is not None and args.gas >= _TRANSFER_GAS:
        limit = args.gas
    if environment.env.fork >= Fork.OSAKA:
        limit = min(limit, _MAX_TX_GAS)
    limit = min(limit, environment.context.config.gas_cap)
    cap = fees_of(args, environment.env.base_fee).cap
    if cap:
        account = environment.session.account(args.sender or bytes(20))
        available = (account.balance if account else 0) - (args.value or 0)
        if available < 0:
            raise server_error("insufficient funds for transfer")
        limit = min(limit, available // cap)
    return limit


def _is_transfer(environment: CallEnvironment, args: TransactionArgs) -> bool:
    plain = not args.payload and not args.access_list and not args.authorizations
    return plain and args.to is not None and not has_code(environment.state, args.to)


@method("eth_createAccessList", heavy=True)
def create_access_list(
    context: ReadContext,
    transaction: TransactionArg,
    block: BlockRefArg = LATEST,
    state_overrides: StateOverridesArg | None = None,
) -> Annotated[dict[str, Any], _LIST_RESULT]:
    """The accounts and slots a transaction touches, found by executing until nothing changes."""
    environment = CallEnvironment(context, block, state_overrides or {}, {})
    request = environment.request(transaction)
    excluded = {request.sender, request.to or _created(environment, request)}
    excluded |= {a.authority for a in request.authorizations if a.authority is not None}
    while True:
        tracer = AccessListTracer(excluded, request.access_list, environment.env.fork)
        outcome = environment.run(request, tracer)
        if tracer.access_list == request.access_list:
            break
        request = CallRequest(**(vars(request) | {"access_list": tracer.access_list}))
    result: dict[str, Any] = {
        "accessList": shapes.access_list_json(request.access_list),
        "gasUsed": quantity(outcome.gas_used),
    }
    if not outcome.success:
        result["error"] = outcome.error or REVERTED
    return result


def _created(environment: CallEnvironment, request: CallRequest) -> bytes:
    account = environment.session.account(request.sender)
    nonce = account.nonce if account else 0
    return keccak256(encode([request.sender, int_to_bytes(nonce)]))[12:]
