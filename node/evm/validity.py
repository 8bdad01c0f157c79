"""When a transaction may be executed, and what it pays before it starts.

Checks follow geth's order (state transition's preCheck, then intrinsic gas), and so do the texts.
Sources: EIP-2, 155, 1559, 2028, 2681, 2930, 3607, 3860, 4844, 7594, 7623, 7702, 7825.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from node.crypto import EMPTY_CODE_HASH
from node.errors import InvalidTransaction, TxFault
from node.evm.engine import BlockEnv
from node.evm.forks import Fork
from node.evm.interpreter.messages import MAX_INITCODE_SIZE, delegation_of
from node.evm.transactions import ACCESS_LIST, BLOB, DYNAMIC_FEE, SET_CODE, AccessList, Transaction
from node.evm.world import World
from node.types import UINT64_MAX, UINT256_MAX, Address

MAX_TX_GAS: Final = 2**24
"""EIP-7825."""
MAX_TX_BLOBS: Final = 6
"""EIP-7594."""
_TX_GAS: Final = 21_000
_CREATE_GAS: Final = 32_000
_ZERO_BYTE_GAS: Final = 4
_INITCODE_WORD_GAS: Final = 2
_LISTED_ADDRESS_GAS: Final = 2_400
_LISTED_SLOT_GAS: Final = 1_900
_AUTHORIZATION_GAS: Final = 25_000
_FLOOR_TOKEN_GAS: Final = 10
_BLOB_HASH_VERSION: Final = b"\x01"

_FIRST_FORK: Final = {
    ACCESS_LIST: Fork.BERLIN,
    DYNAMIC_FEE: Fork.LONDON,
    BLOB: Fork.CANCUN,
    SET_CODE: Fork.PRAGUE,
}


@dataclass(frozen=True, slots=True)
class IntrinsicGas:
    """What a transaction costs before it executes. floor: the least it pays at all (EIP-7623)."""

    gas: int
    floor: int


def intrinsic_gas(
    fork: Fork,
    *,
    data: bytes,
    creates: bool,
    access_list: AccessList = (),
    authorizations: int = 0,
) -> IntrinsicGas:
    """The intrinsic gas and the calldata floor; the floor is 0 before Prague."""
    nonzero = len(data) - data.count(0)
    zero = len(data) - nonzero
    gas = _TX_GAS + zero * _ZERO_BYTE_GAS + nonzero * (16 if fork >= Fork.ISTANBUL else 68)
    if creates and fork >= Fork.HOMESTEAD:
        gas += _CREATE_GAS
    if creates and fork >= Fork.SHANGHAI:
        gas += _INITCODE_WORD_GAS * ((len(data) + 31) // 32)
    if access_list:
        gas += _LISTED_ADDRESS_GAS * len(access_list)
        gas += _LISTED_SLOT_GAS * sum(len(slots) for _, slots in access_list)
    gas += _AUTHORIZATION_GAS * authorizations
    floor = 0
    if fork >= Fork.PRAGUE:
        floor = _TX_GAS + _FLOOR_TOKEN_GAS * (zero + 4 * nonzero)
    return IntrinsicGas(gas, floor)


def check_transaction(tx: Transaction, sender: Address, env: BlockEnv, world: World) -> None:
    """Raises InvalidTransaction for what does not depend on intrinsic gas or funds."""
    fork = env.fork
    if tx.type and fork < _FIRST_FORK[tx.type]:
        raise InvalidTransaction(TxFault.TYPE_NOT_SUPPORTED, "transaction type not supported")
    if tx.chain_id is not None and tx.chain_id != env.chain_id:
        raise InvalidTransaction(
            TxFault.INVALID_CHAIN_ID,
            f"invalid chain id for signer: have {tx.chain_id} want {env.chain_id}",
        )
    _check_nonce(tx, sender, world)
    if fork >= Fork.OSAKA and tx.gas_limit > MAX_TX_GAS:
        raise InvalidTransaction(
            TxFault.GAS_LIMIT_EXCEEDS_MAXIMUM,
            f"transaction gas limit too high (cap: {MAX_TX_GAS}, tx: {tx.gas_limit})",
        )
    _check_sender_code(sender, env, world)
    if fork >= Fork.LONDON:
        _check_fees(tx, sender, env)
    if tx.type == BLOB:
        _check_blobs(tx, sender, env)
    if tx.type == SET_CODE:
        _check_authorizations(tx, sender)
    if tx.to is None:
        check_initcode(tx.data, fork)


def _check_nonce(tx: Transaction, sender: Address, world: World) -> None:
    nonce = world.nonce(sender)
    who = f"address 0x{sender.hex()}"
    if tx.nonce < nonce:
        text = f"nonce too low: {who}, tx: {tx.nonce} state: {nonce}"
        raise InvalidTransaction(TxFault.NONCE_TOO_LOW, text)
    if tx.nonce > nonce:
        text = f"nonce too high: {who}, tx: {tx.nonce} state: {nonce}"
        raise InvalidTransaction(TxFault.NONCE_TOO_HIGH, text)
    if nonce >= UINT64_MAX:
        raise InvalidTransaction(
            TxFault.NONCE_IS_MAX, f"nonce has max value: {who}, nonce: {nonce}"
        )


def _check_sender_code(sender: Address, env: BlockEnv, world: World) -> None:
    """EIP-3607, for every fork as the EIP says; EIP-7702 excepts delegated accounts."""
    code_hash = world.code_hash(sender)
    if code_hash == EMPTY_CODE_HASH:
        return
    if env.fork >= Fork.PRAGUE and delegation_of(world, sender) is not None:
        return
    raise InvalidTransaction(
        TxFault.SENDER_NOT_EOA,
        f"sender not an eoa: address 0x{sender.hex()}, codehash: 0x{code_hash.hex()}",
    )


def _check_fees(tx: Transaction, sender: Address, env: BlockEnv) -> None:
    cap, tip, who = tx.max_fee_per_gas, tx.max_priority_fee_per_gas, f"address 0x{sender.hex()}"
    if cap < tip:
        raise InvalidTransaction(
            TxFault.PRIORITY_ABOVE_MAX_FEE,
            f"max priority fee per gas higher than max fee per gas: {who}, "
            f"maxPriorityFeePerGas: {tip}, maxFeePerGas: {cap}",
        )
    if cap < env.base_fee:
        raise InvalidTransaction(
            TxFault.INSUFFICIENT_MAX_FEE,
            f"max fee per gas less than block base fee: {who}, "
            f"maxFeePerGas: {cap}, baseFee: {env.base_fee}",
        )


def _check_blobs(tx: Transaction, sender: Address, env: BlockEnv) -> None:
    count, who = len(tx.blob_hashes), f"address 0x{sender.hex()}"
    if tx.to is None:
        raise InvalidTransaction(TxFault.BLOB_CREATE, "input string too short for common.Address")
    if not count:
        raise InvalidTransaction(TxFault.BLOB_ZERO, "blob transaction missing blob hashes")
    if count > env.max_blobs:
        raise InvalidTransaction(
            TxFault.BLOB_MAX_GAS_EXCEEDED,
            f"blob gas limit reached: have {count} blobs, a block carries {env.max_blobs}",
        )
    if env.fork >= Fork.OSAKA and count > MAX_TX_BLOBS:
        raise InvalidTransaction(
            TxFault.BLOB_COUNT_EXCEEDED,
            f"blob transaction has too many blobs (max {MAX_TX_BLOBS}): have {count}",
        )
    for i, blob_hash in enumerate(tx.blob_hashes):
        if blob_hash[:1] != _BLOB_HASH_VERSION:
            raise InvalidTransaction(
                TxFault.BLOB_HASH_VERSION, f"blob {i} has invalid hash version"
            )
    if tx.max_fee_per_blob_gas < env.blob_base_fee:
        raise InvalidTransaction(
            TxFault.BLOB_FEE_TOO_LOW,
            f"max fee per blob gas less than block blob gas fee: {who} "
            f"blobGasFeeCap: {tx.max_fee_per_blob_gas}, blobBaseFee: {env.blob_base_fee}",
        )


def _check_authorizations(tx: Transaction, sender: Address) -> None:
    if tx.to is None:
        raise InvalidTransaction(
            TxFault.SET_CODE_CREATE,
            f"EIP-7702 transaction cannot be used to create contract (sender 0x{sender.hex()})",
        )
    if not tx.authorizations:
        raise InvalidTransaction(
            TxFault.SET_CODE_EMPTY,
            f"EIP-7702 transaction with empty auth list (sender 0x{sender.hex()})",
        )


def check_initcode(data: bytes, fork: Fork) -> None:
    """EIP-3860."""
    if fork >= Fork.SHANGHAI and len(data) > MAX_INITCODE_SIZE:
        raise InvalidTransaction(
            TxFault.INITCODE_SIZE_EXCEEDED,
            f"max initcode size exceeded: code size {len(data)} limit {MAX_INITCODE_SIZE}",
        )


def check_intrinsic(cost: IntrinsicGas, gas_limit: int) -> None:
    """Whether the gas limit covers what is due before execution."""
    if gas_limit < cost.gas:
        raise InvalidTransaction(
            TxFault.INTRINSIC_GAS_TOO_LOW,
            f"intrinsic gas too low: have {gas_limit}, want {cost.gas}",
        )
    if gas_limit < cost.floor:
        raise InvalidTransaction(
            TxFault.FLOOR_GAS_TOO_LOW,
            f"insufficient gas for floor data gas cost: have {gas_limit}, want {cost.floor}",
        )


def check_funds(sender: Address, have: int, want: int) -> None:
    """Whether the sender can pay the most the transaction may cost. Both in wei."""
    if want > UINT256_MAX:
        raise InvalidTransaction(
            TxFault.INSUFFICIENT_FUNDS,
            f"insufficient funds for gas * price + value: address 0x{sender.hex()} "
            "required balance exceeds 256 bits",
        )
    if have < want:
        raise InvalidTransaction(
            TxFault.INSUFFICIENT_FUNDS,
            f"insufficient funds for gas * price + value: address 0x{sender.hex()} "
            f"have {have} want {want}",
        )
