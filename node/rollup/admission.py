"""Which transactions a pool lets in: geth's rules, in geth's order, with geth's words.

Clients match on these texts. Source: go-ethereum core/txpool/validation.go (two stages: what the
transaction and the head decide, then what the sender's account decides) and
internal/ethapi/api.go (what only the RPC refuses).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from node.crypto import EMPTY_CODE_HASH
from node.errors import InvalidTransaction, TxFault
from node.evm.forks import Fork
from node.evm.transactions import ACCESS_LIST, DYNAMIC_FEE, LEGACY, SET_CODE, Transaction
from node.evm.validity import MAX_TX_GAS, check_initcode, intrinsic_gas
from node.evm.zk_gas import ZkGasExceeded, least_zk_gas
from node.state.account import Account, StateReader
from node.types import UINT64_MAX, Address

MAX_TX_BYTES: Final = 128 * 1024
"""Four slots of 32 KiB (geth, txMaxSize)."""
WEI_PER_ETHER: Final = 10**18

_ACCEPTED: Final = {
    LEGACY: Fork.FRONTIER,
    ACCESS_LIST: Fork.BERLIN,
    DYNAMIC_FEE: Fork.LONDON,
    SET_CODE: Fork.PRAGUE,
}
"""The types a pool takes, and since when. Blob transactions are never taken on the L2."""
_DELEGATION_PREFIX: Final = b"\xef\x01\x00"
_DELEGATION_BYTES: Final = 23


@dataclass(frozen=True)
class AdmissionRules:
    """What decides besides the transaction and its sender.

    price_limit: least tip, wei per gas. zk_gas_limit: of a block; 0: any.
    """

    fork: Fork
    chain_id: int
    block_gas_limit: int
    price_limit: int
    zk_gas_limit: int = 0


def check_rpc_policy(tx: Transaction, fee_cap_ether: float, *, allow_unprotected: bool) -> None:
    """What only the RPC refuses: a fee above the cap (0: no cap), a transaction without EIP-155."""
    fee = tx.max_fee_per_gas * tx.gas_limit / WEI_PER_ETHER
    if fee_cap_ether and fee > fee_cap_ether:
        raise InvalidTransaction(
            TxFault.FEE_CAP_EXCEEDED,
            f"tx fee ({fee:.2f} ether) exceeds the configured cap ({fee_cap_ether:.2f} ether)",
        )
    if tx.chain_id is None and not allow_unprotected:
        raise InvalidTransaction(
            TxFault.NOT_REPLAY_PROTECTED,
            "only replay-protected (EIP-155) transactions allowed over RPC",
        )


def check_stateless(tx: Transaction, rules: AdmissionRules) -> None:
    """Everything that needs no account. Raises InvalidTransaction."""
    if tx.type not in _ACCEPTED or rules.fork < _ACCEPTED[tx.type]:
        raise InvalidTransaction(
            TxFault.TYPE_NOT_SUPPORTED, f"transaction type not supported: received type {tx.type}"
        )
    _check_size(tx)
    if tx.to is None:
        check_initcode(tx.data, rules.fork)
    _check_gas_limits(tx, rules)
    if tx.max_priority_fee_per_gas > tx.max_fee_per_gas:
        raise InvalidTransaction(
            TxFault.PRIORITY_ABOVE_MAX_FEE,
            "max priority fee per gas higher than max fee per gas",
        )
    _check_signature(tx, rules.chain_id)
    if tx.nonce == UINT64_MAX:
        raise InvalidTransaction(TxFault.NONCE_IS_MAX, "nonce has max value")
    _check_intrinsic(tx, rules.fork)
    if tx.max_priority_fee_per_gas < rules.price_limit:
        raise InvalidTransaction(
            TxFault.UNDERPRICED,
            f"transaction gas price below minimum: gas tip cap {tx.max_priority_fee_per_gas}, "
            f"minimum needed {rules.price_limit}",
        )
    _check_set_code(tx)
    least = least_zk_gas(tx)
    if rules.zk_gas_limit and least > rules.zk_gas_limit:
        raise ZkGasExceeded(least, rules.zk_gas_limit)


def _check_size(tx: Transaction) -> None:
    size = len(tx.encoded)
    if size > MAX_TX_BYTES:
        raise InvalidTransaction(
            TxFault.OVERSIZED, f"oversized data: transaction size {size}, limit {MAX_TX_BYTES}"
        )


def _check_gas_limits(tx: Transaction, rules: AdmissionRules) -> None:
    if rules.fork >= Fork.OSAKA and tx.gas_limit > MAX_TX_GAS:
        raise InvalidTransaction(
            TxFault.GAS_LIMIT_EXCEEDS_MAXIMUM,
            f"transaction gas limit too high (cap: {MAX_TX_GAS}, tx: {tx.gas_limit})",
        )
    if tx.gas_limit > rules.block_gas_limit:
        raise InvalidTransaction(TxFault.GAS_ALLOWANCE_EXCEEDED, "exceeds block gas limit")


def _check_signature(tx: Transaction, chain_id: int) -> None:
    if tx.chain_id is not None and tx.chain_id != chain_id:
        raise InvalidTransaction(
            TxFault.INVALID_CHAIN_ID,
            f"invalid sender: invalid chain id for signer: have {tx.chain_id} want {chain_id}",
        )
    try:
        _ = tx.sender
    except InvalidTransaction as error:
        raise InvalidTransaction(error.fault, f"invalid sender: {error}") from error


def _check_intrinsic(tx: Transaction, fork: Fork) -> None:
    cost = intrinsic_gas(
        fork,
        data=tx.data,
        creates=tx.to is None,
        access_list=tx.access_list,
        authorizations=len(tx.authorizations),
    )
    if tx.gas_limit < cost.gas:
        raise InvalidTransaction(
            TxFault.INTRINSIC_GAS_TOO_LOW,
            f"intrinsic gas too low: gas {tx.gas_limit}, minimum needed {cost.gas}",
        )
    if tx.gas_limit < cost.floor:
        raise InvalidTransaction(
            TxFault.FLOOR_GAS_TOO_LOW,
            "insufficient gas for floor data gas cost: "
            f"gas {tx.gas_limit}, minimum needed {cost.floor}",
        )


def _check_set_code(tx: Transaction) -> None:
    if tx.type != SET_CODE:
        return
    if not tx.authorizations:
        raise InvalidTransaction(
            TxFault.SET_CODE_EMPTY, "set code tx must have at least one authorization tuple"
        )
    if tx.to is None:
        raise InvalidTransaction(
            TxFault.SET_CODE_CREATE, "EIP-7702 transaction cannot be used to create contract"
        )


def check_account(
    tx: Transaction, cost: int, account: Account, spent: int, replaced_cost: int | None
) -> None:
    """What the sender's account decides. Raises InvalidTransaction.

    spent: wei that the sender's executable transactions may take. replaced_cost: wei of the one
    among them whose nonce this transaction takes.
    """
    if tx.nonce < account.nonce:
        raise InvalidTransaction(
            TxFault.NONCE_TOO_LOW,
            f"nonce too low: next nonce {account.nonce}, tx nonce {tx.nonce}",
        )
    balance = account.balance
    if balance < cost:
        raise _insufficient(f"balance {balance}, tx cost {cost}, overshot {cost - balance}")
    bump = cost - (replaced_cost or 0)
    if balance < spent + bump:
        name = "tx cost" if replaced_cost is None else "tx bumped"
        raise _insufficient(
            f"balance {balance}, queued cost {spent}, {name} {bump}, "
            f"overshot {spent + bump - balance}"
        )


def _insufficient(numbers: str) -> InvalidTransaction:
    return InvalidTransaction(
        TxFault.INSUFFICIENT_FUNDS, f"insufficient funds for gas * price + value: {numbers}"
    )


def check_sender_code(sender: Address, account: Account, state: StateReader) -> None:
    """A sender with code must be a delegation (EIP-3607, EIP-7702). Raises InvalidTransaction."""
    if account.code_hash == EMPTY_CODE_HASH:
        return
    code = state.code(account.code_hash)
    if not (len(code) == _DELEGATION_BYTES and code.startswith(_DELEGATION_PREFIX)):
        raise InvalidTransaction(
            TxFault.SENDER_NOT_EOA,
            f"sender not an eoa: address 0x{sender.hex()}, len(code): {len(code)}",
        )
