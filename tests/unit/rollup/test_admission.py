"""Each way a transaction is refused: the fault for programs, geth's words for clients."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from node.crypto import SECP256K1_N
from node.errors import InvalidTransaction, TxFault
from node.evm.forks import Fork
from node.evm.transactions import (
    ACCESS_LIST,
    BLOB,
    SET_CODE,
    Authorization,
    Transaction,
)
from node.rollup.admission import (
    AdmissionRules,
    check_rpc_policy,
    check_stateless,
)
from node.rollup.mempool import Mempool
from node.types import UINT64_MAX
from tests.unit.rollup.ledger import (
    ADDRESSES,
    CHAIN_ID,
    GWEI,
    Ledger,
    legacy,
    transfer,
)

AUTHORIZATION = Authorization(CHAIN_ID, bytes(20), 0, 0, 1, 1)


def refusal(pool: Mempool, tx: Transaction) -> InvalidTransaction:
    before = pool.version
    with pytest.raises(InvalidTransaction) as caught:
        pool.add_transaction(tx)
    assert pool.version == before
    return caught.value


STATELESS: list[tuple[dict[str, Any], TxFault, str]] = [
    (
        {"type": BLOB, "blob_hashes": (b"\x01" + bytes(31),), "max_fee_per_blob_gas": 1},
        TxFault.TYPE_NOT_SUPPORTED,
        "transaction type not supported: received type 3",
    ),
    (
        {"data": bytes(131_000), "gas_limit": 16_000_000},
        TxFault.OVERSIZED,
        "oversized data: transaction size 131118, limit 131072",
    ),
    (
        {"to": None, "data": bytes(49_153), "gas_limit": 5_000_000},
        TxFault.INITCODE_SIZE_EXCEEDED,
        "max initcode size exceeded: code size 49153 limit 49152",
    ),
    (
        {"gas_limit": 2**24 + 1},
        TxFault.GAS_LIMIT_EXCEEDS_MAXIMUM,
        "transaction gas limit too high (cap: 16777216, tx: 16777217)",
    ),
    (
        {"tip": 2, "cap": 1},
        TxFault.PRIORITY_ABOVE_MAX_FEE,
        "max priority fee per gas higher than max fee per gas",
    ),
    (
        {"chain_id": 1},
        TxFault.INVALID_CHAIN_ID,
        "invalid sender: invalid chain id for signer: have 1 want 1337",
    ),
    ({"nonce": UINT64_MAX}, TxFault.NONCE_IS_MAX, "nonce has max value"),
    (
        {"gas_limit": 20_999},
        TxFault.INTRINSIC_GAS_TOO_LOW,
        "intrinsic gas too low: gas 20999, minimum needed 21000",
    ),
    (
        {"to": None, "data": b"\x01", "gas_limit": 53_017},
        TxFault.INTRINSIC_GAS_TOO_LOW,
        "intrinsic gas too low: gas 53017, minimum needed 53018",
    ),
    (
        {"data": b"\x01" * 100, "gas_limit": 24_999},
        TxFault.FLOOR_GAS_TOO_LOW,
        "insufficient gas for floor data gas cost: gas 24999, minimum needed 25000",
    ),
    (
        {"tip": 0},
        TxFault.UNDERPRICED,
        "transaction gas price below minimum: gas tip cap 0, minimum needed 1",
    ),
    (
        {"type": SET_CODE, "gas_limit": 100_000},
        TxFault.SET_CODE_EMPTY,
        "set code tx must have at least one authorization tuple",
    ),
    (
        {"type": SET_CODE, "gas_limit": 100_000, "to": None, "authorizations": (AUTHORIZATION,)},
        TxFault.SET_CODE_CREATE,
        "EIP-7702 transaction cannot be used to create contract",
    ),
]


@pytest.mark.parametrize(("fields", "fault", "text"), STATELESS, ids=lambda value: str(value)[:40])
def test_stateless_refusals(
    pool: Mempool, fields: dict[str, Any], fault: TxFault, text: str
) -> None:
    error = refusal(pool, transfer(**fields))

    assert (error.fault, str(error)) == (fault, text)


def test_above_the_block_gas_limit(pool: Mempool) -> None:
    rules = AdmissionRules(Fork.OSAKA, CHAIN_ID, 20_000, 1)

    with pytest.raises(InvalidTransaction, match=r"^exceeds block gas limit$") as caught:
        check_stateless(transfer(), rules)
    assert caught.value.fault is TxFault.GAS_ALLOWANCE_EXCEEDED


def test_types_of_later_forks() -> None:
    rules = AdmissionRules(Fork.CANCUN, CHAIN_ID, 30_000_000, 1)

    check_stateless(transfer(type=ACCESS_LIST, tip=10 * GWEI), rules)
    with pytest.raises(InvalidTransaction, match="transaction type not supported"):
        check_stateless(transfer(type=SET_CODE, authorizations=(AUTHORIZATION,)), rules)


@pytest.mark.parametrize("fields", [{"r": 0}, {"s": 0}, {"s": SECP256K1_N // 2 + 1}])
def test_invalid_signature(pool: Mempool, fields: dict[str, Any]) -> None:
    error = refusal(pool, replace(transfer(), **fields))

    assert error.fault is TxFault.INVALID_SIGNATURE
    assert str(error) == "invalid sender: invalid transaction v, r, s values"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", "typed transaction too short"),
        (b"\x05\xc0", "transaction type not supported"),
        (b"\x02\xff", "rlp: "),
        (b"\xc1\x01", "rlp: "),
    ],
)
def test_undecodable(pool: Mempool, raw: bytes, text: str) -> None:
    with pytest.raises(InvalidTransaction, match=f"^{text}"):
        pool.add(raw)


def test_nonce_too_low(pool: Mempool, ledger: Ledger) -> None:
    ledger.update(ADDRESSES[0], nonce=5)
    error = refusal(pool, transfer(nonce=4))

    assert error.fault is TxFault.NONCE_TOO_LOW
    assert str(error) == "nonce too low: next nonce 5, tx nonce 4"


def test_insufficient_funds(pool: Mempool, ledger: Ledger) -> None:
    cost = 21_000 * 10 * GWEI + 1
    ledger.fund(ADDRESSES[0], cost - 3)
    error = refusal(pool, transfer())

    assert error.fault is TxFault.INSUFFICIENT_FUNDS
    assert str(error) == (
        "insufficient funds for gas * price + value: "
        f"balance {cost - 3}, tx cost {cost}, overshot 3"
    )


def test_unknown_account_has_no_funds(pool: Mempool, ledger: Ledger) -> None:
    del ledger.accounts[ADDRESSES[0]]

    assert refusal(pool, transfer()).fault is TxFault.INSUFFICIENT_FUNDS


def test_funds_must_cover_the_executable_ones_together(pool: Mempool, ledger: Ledger) -> None:
    cost = 21_000 * 10 * GWEI + 1
    ledger.fund(ADDRESSES[0], 2 * cost - 1)
    pool.add_transaction(transfer(nonce=0))
    error = refusal(pool, transfer(nonce=1))

    assert str(error) == (
        f"insufficient funds for gas * price + value: balance {2 * cost - 1}, "
        f"queued cost {cost}, tx cost {cost}, overshot 1"
    )


def test_funds_must_cover_a_replacement(pool: Mempool, ledger: Ledger) -> None:
    cost = 21_000 * 10 * GWEI + 1
    ledger.fund(ADDRESSES[0], 2 * cost + 5)
    pool.add_transaction(transfer(nonce=0))
    pool.add_transaction(transfer(nonce=1))
    error = refusal(pool, transfer(nonce=0, tip=2 * GWEI, cap=20 * GWEI))

    bump = 21_000 * 10 * GWEI
    assert str(error) == (
        f"insufficient funds for gas * price + value: balance {2 * cost + 5}, "
        f"queued cost {2 * cost}, tx bumped {bump}, overshot {bump - 5}"
    )


def test_sender_with_code(pool: Mempool, ledger: Ledger) -> None:
    ledger.set_code(ADDRESSES[0], b"\x60\x00")
    error = refusal(pool, transfer())

    assert error.fault is TxFault.SENDER_NOT_EOA
    assert str(error) == (f"sender not an eoa: address 0x{ADDRESSES[0].hex()}, len(code): 2")


def test_delegated_sender_is_welcome(pool: Mempool, ledger: Ledger) -> None:
    ledger.set_code(ADDRESSES[0], b"\xef\x01\x00" + bytes(20))

    assert pool.add_transaction(transfer()) in pool


def test_fee_cap_of_the_rpc() -> None:
    tx = transfer(cap=50_000 * GWEI)

    check_rpc_policy(tx, 0, allow_unprotected=False)
    check_rpc_policy(tx, 1.05, allow_unprotected=False)
    with pytest.raises(InvalidTransaction) as caught:
        check_rpc_policy(tx, 1.0, allow_unprotected=False)
    assert caught.value.fault is TxFault.FEE_CAP_EXCEEDED
    assert str(caught.value) == "tx fee (1.05 ether) exceeds the configured cap (1.00 ether)"


def test_unprotected_transactions(pool: Mempool) -> None:
    tx = legacy(chain_id=None)
    with pytest.raises(InvalidTransaction) as caught:
        check_rpc_policy(tx, 1.0, allow_unprotected=False)

    assert caught.value.fault is TxFault.NOT_REPLAY_PROTECTED
    assert str(caught.value) == "only replay-protected (EIP-155) transactions allowed over RPC"
    check_rpc_policy(tx, 1.0, allow_unprotected=True)
    assert pool.add_transaction(tx) in pool


def test_value_beyond_every_balance(pool: Mempool) -> None:
    assert refusal(pool, transfer(value=2**256 - 1)).fault is TxFault.INSUFFICIENT_FUNDS
    assert refusal(pool, transfer(cap=2**256 - 1)).fault is TxFault.INSUFFICIENT_FUNDS
