from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from node.codec import encode, int_to_bytes
from node.crypto import address_of, keccak256, sign
from node.errors import InvalidBlock, InvalidInput, InvalidTransaction, TxFault
from node.evm.engine import CallRequest, Session
from node.evm.forks import Fork, fork_named
from node.evm.transactions import BLOB, SET_CODE, Authorization, Transaction
from node.state.account import Account
from node.state.roots import compute_update
from node.types import UINT64_MAX
from tests.unit.evm.programs import (
    ADD,
    CALLDATALOAD,
    COINBASE,
    CONTRACT,
    ENGINE,
    ENV,
    INVALID,
    OTHER,
    SENDER,
    SLOAD,
    SSTORE,
    asm,
    op,
    open_session,
    push,
    return_top,
    state_of,
    transaction,
)

pytestmark = pytest.mark.usefixtures("each_engine")
WHO = f"address 0x{SENDER.hex()}"
COUNT = asm(op(SLOAD, 0), push(1), ADD, push(0), SSTORE)
BLOB_HASH = b"\x01" + bytes(31)


def rejected(tx: Transaction, session: Session | None = None) -> tuple[TxFault, str]:
    """The fault and text, after checking that nothing changed."""
    session = session or open_session({CONTRACT: COUNT})
    before = session.changes()
    with pytest.raises(InvalidTransaction) as caught:
        session.transact(tx)
    assert session.changes() == before
    return caught.value.fault, str(caught.value)


def blob_tx(count: int = 1, **changes: Any) -> Transaction:
    return transaction(
        type=BLOB, blob_hashes=(BLOB_HASH,) * count, max_fee_per_blob_gas=1, **changes
    )


@pytest.mark.parametrize(
    ("tx", "fault", "text"),
    [
        (transaction(1), TxFault.NONCE_TOO_HIGH, f"nonce too high: {WHO}, tx: 1 state: 0"),
        (
            transaction(value=10**30),
            TxFault.INSUFFICIENT_FUNDS,
            f"insufficient funds for gas * price + value: {WHO} "
            f"have {10**24} want {10**30 + 200_000 * 100}",
        ),
        (
            transaction(max_fee_per_gas=9),
            TxFault.INSUFFICIENT_MAX_FEE,
            f"max fee per gas less than block base fee: {WHO}, maxFeePerGas: 9, baseFee: 10",
        ),
        (
            transaction(max_priority_fee_per_gas=101),
            TxFault.PRIORITY_ABOVE_MAX_FEE,
            f"max priority fee per gas higher than max fee per gas: {WHO}, "
            "maxPriorityFeePerGas: 101, maxFeePerGas: 100",
        ),
        (
            transaction(gas_limit=20_999),
            TxFault.INTRINSIC_GAS_TOO_LOW,
            "intrinsic gas too low: have 20999, want 21000",
        ),
        (
            transaction(gas_limit=22_000, data=b"\x01" * 50),
            TxFault.FLOOR_GAS_TOO_LOW,
            "insufficient gas for floor data gas cost: have 22000, want 23000",
        ),
        (
            transaction(gas_limit=2**24 + 1),
            TxFault.GAS_LIMIT_EXCEEDS_MAXIMUM,
            "transaction gas limit too high (cap: 16777216, tx: 16777217)",
        ),
        (
            transaction(to=None, data=bytes(49_153), gas_limit=10**6),
            TxFault.INITCODE_SIZE_EXCEEDED,
            "max initcode size exceeded: code size 49153 limit 49152",
        ),
        (
            transaction(chain_id=2),
            TxFault.INVALID_CHAIN_ID,
            "invalid chain id for signer: have 2 want 1",
        ),
        (
            transaction(type=SET_CODE),
            TxFault.SET_CODE_EMPTY,
            f"EIP-7702 transaction with empty auth list (sender 0x{SENDER.hex()})",
        ),
        (
            transaction(type=SET_CODE, to=None),
            TxFault.SET_CODE_CREATE,
            f"EIP-7702 transaction cannot be used to create contract (sender 0x{SENDER.hex()})",
        ),
        (blob_tx(0), TxFault.BLOB_ZERO, "blob transaction missing blob hashes"),
        (
            blob_tx(7),
            TxFault.BLOB_COUNT_EXCEEDED,
            "blob transaction has too many blobs (max 6): have 7",
        ),
        (
            blob_tx(10),
            TxFault.BLOB_MAX_GAS_EXCEEDED,
            "blob gas limit reached: have 10 blobs, a block carries 9",
        ),
        (
            transaction(type=BLOB, blob_hashes=(bytes(32),), max_fee_per_blob_gas=1),
            TxFault.BLOB_HASH_VERSION,
            "blob 0 has invalid hash version",
        ),
        (blob_tx(to=None), TxFault.BLOB_CREATE, "input string too short for common.Address"),
    ],
    ids=lambda value: value.name if isinstance(value, TxFault) else "",
)
def test_invalid_transactions_change_nothing(tx: Transaction, fault: TxFault, text: str) -> None:
    assert rejected(tx) == (fault, text)


def test_blob_fee_below_the_blocks() -> None:
    session = ENGINE.get().open(state_of(), replace(ENV, blob_base_fee=2))
    fault, text = rejected(blob_tx(), session)
    assert fault == TxFault.BLOB_FEE_TOO_LOW
    assert "blobGasFeeCap: 1, blobBaseFee: 2" in text


def test_used_and_exhausted_nonces() -> None:
    session = open_session()
    session.set_nonce(SENDER, 5)
    assert rejected(transaction(4), session) == (
        TxFault.NONCE_TOO_LOW,
        f"nonce too low: {WHO}, tx: 4 state: 5",
    )
    session.set_nonce(SENDER, UINT64_MAX)
    assert rejected(transaction(UINT64_MAX), session) == (
        TxFault.NONCE_IS_MAX,
        f"nonce has max value: {WHO}, nonce: {UINT64_MAX}",
    )


def test_a_sender_with_code() -> None:
    session = open_session()
    session.set_code(SENDER, COUNT)
    fault, text = rejected(transaction(), session)
    assert fault == TxFault.SENDER_NOT_EOA
    assert text == f"sender not an eoa: {WHO}, codehash: 0x{keccak256(COUNT).hex()}"
    session.set_code(SENDER, b"\xef\x01\x00" + OTHER)
    assert session.transact(transaction()).success


@pytest.mark.parametrize(
    ("kind", "fork"), [(1, Fork.ISTANBUL), (2, Fork.BERLIN), (3, Fork.PARIS), (4, Fork.CANCUN)]
)
def test_transaction_types_begin_with_their_fork(kind: int, fork: Fork) -> None:
    session = open_session(fork=fork)
    fault, text = rejected(transaction(type=kind), session)
    assert (fault, text) == (TxFault.TYPE_NOT_SUPPORTED, "transaction type not supported")


def test_a_transfer_pays_everybody() -> None:
    session = open_session()
    outcome = session.transact(transaction(to=OTHER, value=5))
    assert (outcome.success, outcome.gas_used) == (True, 21_000)
    assert session.account(OTHER) == Account(balance=5)
    assert session.account(COINBASE) == Account(balance=21_000)
    assert session.account(SENDER) == Account(1, 10**24 - 5 - 21_000 * 11)


def test_blob_gas_is_burned() -> None:
    session = open_session()
    session.transact(blob_tx(to=OTHER))
    assert session.account(SENDER) == Account(1, 10**24 - 21_000 * 11 - 2**17)


def test_the_floor_is_the_least_that_calldata_costs() -> None:
    session = open_session()
    outcome = session.transact(transaction(to=OTHER, data=b"\x01" * 100))
    assert outcome.gas_used == 21_000 + 40 * 100
    older = open_session(fork=Fork.CANCUN)
    assert older.transact(transaction(to=OTHER, data=b"\x01" * 100)).gas_used == 21_000 + 1_600


def test_refunds_are_capped_at_a_fifth() -> None:
    session = open_session({CONTRACT: asm(*(op(SSTORE, i, 0) for i in range(20)))})
    for slot in range(20):
        session.set_storage(CONTRACT, slot, 1)
    state = state_of({CONTRACT: session.code(CONTRACT)})
    state.apply(compute_update(state, session.changes()))
    outcome = ENGINE.get().open(state, ENV).transact(transaction())
    assert outcome.gas_refund == outcome.max_gas_used // 5
    assert outcome.gas_used == outcome.max_gas_used - outcome.gas_refund


def test_a_failed_transaction_still_pays_and_counts() -> None:
    session = open_session({CONTRACT: asm(COUNT, INVALID)})
    outcome = session.transact(transaction(value=3))
    assert outcome.error == "invalid opcode: INVALID"
    assert outcome.gas_used == 200_000
    assert session.storage(CONTRACT, 0) == 0
    assert session.account(SENDER) == Account(1, 10**24 - 200_000 * 11)


def authorization(secret: bytes, nonce: int, chain_id: int) -> Authorization:
    """Signed permission to run CONTRACT's code."""
    message = encode([int_to_bytes(chain_id), CONTRACT, int_to_bytes(nonce)])
    signature = sign(secret, keccak256(b"\x05" + message))
    return Authorization(chain_id, CONTRACT, nonce, *signature)


@pytest.mark.parametrize(
    ("nonce", "chain_id", "applied"), [(0, 1, True), (0, 0, True), (1, 1, False), (0, 2, False)]
)
def test_authorizations(nonce: int, chain_id: int, applied: bool) -> None:
    key = b"\x09" * 32
    authority = address_of(key)
    session = open_session({CONTRACT: COUNT})
    tx = transaction(
        type=SET_CODE, to=authority, authorizations=(authorization(key, nonce, chain_id),)
    )
    assert session.transact(tx).success
    assert session.code(authority) == (b"\xef\x01\x00" + CONTRACT if applied else b"")
    assert session.storage(authority, 0) == (1 if applied else 0)
    assert session.storage(CONTRACT, 0) == 0


def test_a_call_needs_no_nonce_and_no_fee() -> None:
    session = open_session({CONTRACT: asm(0x48, return_top())}, balances={OTHER: 0})
    outcome = session.call(CallRequest(OTHER, CONTRACT, 0, b"", 100_000))
    assert outcome.success
    assert int.from_bytes(outcome.output) == 0, "BASEFEE reads 0 where nothing is paid"
    paying = session.call(CallRequest(SENDER, CONTRACT, 0, b"", 100_000, gas_price=20))
    assert int.from_bytes(paying.output) == 10


def test_a_call_still_needs_its_value() -> None:
    session = open_session(balances={OTHER: 1})
    with pytest.raises(InvalidTransaction, match="have 1 want 2"):
        session.call(CallRequest(OTHER, SENDER, 2, b"", 100_000))


def test_overrides_are_seen_and_reverted() -> None:
    session = open_session({CONTRACT: asm(op(CALLDATALOAD, 0), SLOAD, return_top())})
    snapshot = session.snapshot()
    session.set_storage(CONTRACT, 2, 9)
    session.set_balance(OTHER, 4)
    request = CallRequest(SENDER, CONTRACT, 0, (2).to_bytes(32), 100_000)
    assert int.from_bytes(session.call(request).output) == 9
    session.replace_storage(CONTRACT, {3: 1})
    assert int.from_bytes(session.call(request).output) == 0
    session.revert(snapshot)
    assert int.from_bytes(session.call(request).output) == 0
    assert session.account(OTHER) is None
    session.revert(snapshot)
    assert session.changes().accounts == {}


def test_system_calls_pay_nothing() -> None:
    session = open_session({CONTRACT: asm(COUNT, 0x33, return_top())})
    output = session.system_call(CONTRACT, b"")
    assert output[12:] == bytes.fromhex("fffffffffffffffffffffffffffffffffffffffe")
    assert session.storage(CONTRACT, 0) == 1
    assert session.system_call(OTHER, b"") == b""
    assert session.changes().accounts.keys() == {CONTRACT}


def test_a_failing_system_call_names_the_contract() -> None:
    session = open_session({CONTRACT: asm(COUNT, INVALID)})
    with pytest.raises(InvalidBlock, match="invalid opcode: INVALID") as caught:
        session.system_call(CONTRACT, b"")
    assert caught.value.rule == "SYSTEM_CONTRACT_CALL_FAILED"
    assert session.changes().accounts == {}


def test_what_was_read_is_known() -> None:
    session = open_session(
        {CONTRACT: asm(op(SLOAD, 5), op(0x40, 290), op(0x40, 280), op(0x31, 77))}
    )
    session.call(CallRequest(SENDER, CONTRACT, 0, b"", 100_000))
    accessed = session.accessed
    assert accessed.accounts >= {SENDER, CONTRACT, (77).to_bytes(20)}
    assert accessed.slots == {CONTRACT: frozenset({5})}
    assert len(accessed.code_hashes) == 1
    assert accessed.oldest_block == 280


def test_crediting_nothing_leaves_no_account() -> None:
    session = open_session()
    session.add_balance(OTHER, 0)
    assert session.account(OTHER) is None
    session.add_balance(OTHER, 3)
    assert session.account(OTHER) == Account(balance=3)


def test_fork_names() -> None:
    assert fork_named("Merge") == Fork.PARIS
    assert fork_named("BPO2") == Fork.OSAKA
    with pytest.raises(InvalidInput, match="unknown fork 'Atlantis'"):
        fork_named("Atlantis")
