"""Executing calls: from a caller's arguments to a session, a request and an outcome.

Source: go-ethereum `internal/ethapi` (DoCall, ToMessage, overrides), whose texts clients match.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from node.crypto import EMPTY_CODE_HASH
from node.errors import InvalidTransaction
from node.evm.block import Header
from node.evm.engine import BlockEnv, CallRequest, Session, TxOutcome
from node.evm.execution import block_env
from node.evm.tracing.hooks import Tracer
from node.rpc import blocks
from node.rpc.backend import ChainReader, ReadContext
from node.rpc.codec import checksum_address
from node.rpc.errors import RpcError, invalid_params, reverted, server_error
from node.rpc.params import BlockRef, StateOverrides, TransactionArgs
from node.state.account import StateReader
from node.types import ZERO_ADDRESS, Address, Hash32

REVERTED = "execution reverted"


@dataclass(frozen=True)
class Fees:
    """What a call offers per gas in wei, and what it would pay in its block."""

    cap: int
    tip: int
    price: int


class CallEnvironment:
    """A block's state and surroundings, opened for calls."""

    def __init__(
        self,
        context: ReadContext,
        ref: BlockRef,
        state_overrides: StateOverrides,
        block_overrides: dict[str, Any],
    ) -> None:
        """Raises RpcError where the block is not there or an override is impossible."""
        self.context = context
        self.header, self.state = blocks.header_and_state(context.chain, ref)
        self.env = overridden(environment(context.chain, self.header), block_overrides)
        self.session = context.engine.open(self.state, self.env)
        apply_overrides(self.session, state_overrides)

    def request(self, args: TransactionArgs, *, gas: int | None = None) -> CallRequest:
        """The call that `args` describe. gas: the limit; the caller's, at most the cap, if None.

        Raises RpcError.
        """
        check_args(args, self.env.chain_id)
        fees = fees_of(args, self.env.base_fee)
        cap = self.context.config.gas_cap
        limit = min(args.gas if args.gas is not None else cap, cap) if gas is None else gas
        request = CallRequest(
            sender=args.sender or ZERO_ADDRESS,
            to=args.to,
            value=args.value or 0,
            data=args.payload,
            gas=limit,
            gas_price=fees.price,
            access_list=args.access_list or (),
            authorizations=args.authorizations or (),
            blob_hashes=args.blob_hashes or (),
        )
        self._check_fees(request, fees)
        return request

    def _check_fees(self, request: CallRequest, fees: Fees) -> None:
        who = f"address {checksum_address(request.sender)}"
        if (fees.cap or fees.tip) and fees.tip > fees.cap:
            raise server_error(
                f"max priority fee per gas higher than max fee per gas: {who}, "
                f"maxPriorityFeePerGas: {fees.tip}, maxFeePerGas: {fees.cap}"
            )
        if (fees.cap or fees.tip) and fees.cap < self.env.base_fee:
            raise server_error(
                f"max fee per gas less than block base fee: {who}, "
                f"maxFeePerGas: {fees.cap}, baseFee: {self.env.base_fee}"
            )
        account = self.session.account(request.sender)
        have, want = account.balance if account else 0, request.gas * fees.cap + request.value
        if have < want:
            raise server_error(
                f"err: insufficient funds for gas * price + value: {who} have {have} want {want} "
                f"(supplied gas {request.gas})"
            )

    def run(self, request: CallRequest, tracer: Tracer | None = None) -> TxOutcome:
        """Executes a call and takes its effects back. Raises RpcError if it cannot start."""
        before = self.session.snapshot()
        try:
            return self.session.call(request, tracer)
        except InvalidTransaction as error:
            raise server_error(f"err: {error} (supplied gas {request.gas})") from error
        finally:
            self.session.revert(before)


def environment(chain: ChainReader, header: Header) -> BlockEnv:
    """What execution sees of a block of this chain."""

    def block_hash(number: int) -> Hash32:
        ancestor = chain.header(number)
        return ancestor.hash if ancestor else bytes(32)

    return block_env(chain.config, header, block_hash)


def overridden(env: BlockEnv, overrides: dict[str, Any]) -> BlockEnv:
    """The environment with a caller's block overrides. Raises RpcError."""
    for name in ("beaconRoot", "withdrawals"):
        if name in overrides:
            raise server_error(f'block override "{name}" is not supported for this RPC method')
    names = {
        "number": "number",
        "time": "timestamp",
        "gasLimit": "gas_limit",
        "feeRecipient": "coinbase",
        "prevRandao": "prev_randao",
        "baseFeePerGas": "base_fee",
        "blobBaseFee": "blob_base_fee",
    }
    given = {names[key]: value for key, value in overrides.items() if key in names}
    return replace(env, **given)


def apply_overrides(session: Session, overrides: StateOverrides) -> None:
    """Makes a session pretend what a caller wants. Raises RpcError."""
    for address, override in overrides.items():
        if override.moves_precompile:
            raise invalid_params("movePrecompileToAddress is not supported")
        if override.state is not None and override.state_diff is not None:
            raise server_error(
                f"account {checksum_address(address)} has both 'state' and 'stateDiff'"
            )
        if override.nonce is not None:
            session.set_nonce(address, override.nonce)
        if override.code is not None:
            session.set_code(address, override.code)
        if override.balance is not None:
            session.set_balance(address, override.balance)
        if override.state is not None:
            session.replace_storage(address, override.state)
        for slot, value in (override.state_diff or {}).items():
            session.set_storage(address, slot, value)


def check_args(args: TransactionArgs, chain_id: int) -> None:
    """What contradicts itself in a call's arguments. Raises RpcError."""
    if args.data is not None and args.input is not None and args.data != args.input:
        raise server_error(
            'both "data" and "input" are set and not equal. '
            'Please use "input" to pass transaction call data'
        )
    dynamic = args.max_fee_per_gas is not None or args.max_priority_fee_per_gas is not None
    if args.gas_price is not None and dynamic:
        raise server_error("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified")
    if args.chain_id is not None and args.chain_id != chain_id:
        raise server_error(f"chainId does not match node's (have={args.chain_id}, want={chain_id})")
    if args.blob_hashes is not None and not args.blob_hashes:
        raise server_error("need at least 1 blob for a blob transaction")
    if args.blob_hashes and args.to is None:
        raise server_error('missing "to" in blob transaction')


def fees_of(args: TransactionArgs, base_fee: int) -> Fees:
    """What the caller offers; nothing offered is nothing paid."""
    if args.gas_price is not None:
        return Fees(args.gas_price, args.gas_price, args.gas_price)
    cap, tip = args.max_fee_per_gas or 0, args.max_priority_fee_per_gas or 0
    return Fees(cap, tip, min(base_fee + tip, cap) if cap or tip else 0)


def failure(outcome: TxOutcome) -> RpcError:
    """The error that an outcome without success is answered with."""
    if outcome.error == REVERTED:
        return reverted(outcome.output)
    return server_error(outcome.error or "execution failed")


def has_code(state: StateReader, address: Address) -> bool:
    """Whether an account has code."""
    account = state.account(address)
    return account is not None and account.code_hash != EMPTY_CODE_HASH
