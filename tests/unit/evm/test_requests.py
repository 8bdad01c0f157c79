"""System calls and requests: EIP-4788, 2935, 6110, 7002, 7251, 7685."""

from __future__ import annotations

from hashlib import sha256

import pytest

from node.errors import InvalidBlock
from node.evm.block import EMPTY_REQUESTS_HASH, Withdrawal
from node.evm.genesis import Genesis
from node.evm.requests import (
    BEACON_ROOTS,
    CONSOLIDATION_REQUESTS,
    HISTORY_STORAGE,
    WITHDRAWAL_REQUESTS,
    requests_hash,
)
from tests.unit.evm.chains import MemoryChain, genesis_json, transaction

pytestmark = pytest.mark.usefixtures("each_engine")

EMITTER = bytes([0xE1]) * 20
OTHER_EMITTER = bytes([0xE2]) * 20
TOPIC = "649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5"
EMIT_CALL_DATA = bytes.fromhex(f"365f5f377f{TOPIC}365fa100")
"""Logs its call data under the topic of a deposit."""
STORE_CALL_DATA = bytes.fromhex("5f355f5500")
RETURN_7 = bytes.fromhex("60075f5360015ff3")
REVERT = bytes.fromhex("5f5ffd")


def chain(codes: dict[bytes, bytes]) -> MemoryChain:
    genesis = genesis_json(depositContractAddress="0x" + EMITTER.hex())
    codes = {EMITTER: EMIT_CALL_DATA, OTHER_EMITTER: EMIT_CALL_DATA} | codes
    for address, code in codes.items():
        genesis["alloc"][address.hex()] = {"balance": "0x0", "code": code.hex()}
    return MemoryChain(Genesis.from_json(genesis))


def deposit_event(**changes: int) -> bytes:
    """The data of a DepositEvent, its fields filled with 1, 2, 3, 4 and 5."""
    words = {"p0": 160, "p1": 256, "p2": 320, "p3": 384, "p4": 512}
    lengths = {"l0": 48, "l1": 32, "l2": 8, "l3": 96, "l4": 8}
    values = words | lengths | changes
    data = b"".join(values[f"p{i}"].to_bytes(32, "big") for i in range(5))
    for i, padded in enumerate((64, 32, 32, 96, 32)):
        length = lengths[f"l{i}"]
        data += values[f"l{i}"].to_bytes(32, "big") + bytes([i + 1]) * length
        data += bytes(padded - length)
    return data


def test_the_hash_of_no_requests_is_that_of_nothing() -> None:
    assert requests_hash(()) == EMPTY_REQUESTS_HASH == sha256().digest()
    one = requests_hash((b"\x01ab",))
    assert one == sha256(sha256(b"\x01ab").digest()).digest()


def test_deposits_of_the_deposit_contract_become_requests() -> None:
    found = chain({}).grow(
        transaction(0, 0, EMITTER, deposit_event()),
        transaction(0, 1, OTHER_EMITTER, deposit_event()),
        transaction(0, 2, EMITTER, deposit_event()),
    )
    fields = zip((1, 2, 3, 4, 5), (48, 32, 8, 96, 8), strict=True)
    one = b"".join(bytes([value]) * length for value, length in fields)
    assert found.requests == (b"\x00" + one + one,)
    assert found.block.header.requests_hash == requests_hash(found.requests)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        deposit_event()[:-1],
        deposit_event() + b"\x00",
        *(deposit_event(**{f"p{i}": 161}) for i in range(5)),
        *(deposit_event(**{f"l{i}": 7}) for i in range(5)),
    ],
)
def test_a_deposit_event_of_another_layout_makes_the_block_invalid(data: bytes) -> None:
    builder = chain({}).builder()
    builder.add(transaction(0, 0, EMITTER, data))
    with pytest.raises(InvalidBlock, match="deposit event") as refusal:
        builder.seal()
    assert refusal.value.rule == "INVALID_DEPOSIT_EVENT_LAYOUT"


def test_a_block_that_cannot_be_sealed_leaves_its_builder_as_it_was() -> None:
    receiver = b"\x33" * 20
    builder = chain({}).builder(withdrawals=(Withdrawal(0, 0, receiver, 5),))
    builder.add(transaction(0, 0, EMITTER))
    for _ in range(2):
        with pytest.raises(InvalidBlock):
            builder.seal()
        assert builder.session.account(receiver) is None


def test_withdrawal_and_consolidation_contracts_are_asked_in_order() -> None:
    found = chain({WITHDRAWAL_REQUESTS: RETURN_7, CONSOLIDATION_REQUESTS: RETURN_7}).grow()
    assert found.requests == (b"\x01\x07", b"\x02\x07")


def test_the_block_starts_by_storing_beacon_root_and_parent_hash() -> None:
    grown = chain({BEACON_ROOTS: STORE_CALL_DATA, HISTORY_STORAGE: STORE_CALL_DATA})
    parent = grown.head
    grown.grow(parent_beacon_block_root=b"\x77" * 32)
    assert grown.state.storage(BEACON_ROOTS, 0) == int.from_bytes(b"\x77" * 32, "big")
    assert grown.state.storage(HISTORY_STORAGE, 0) == int.from_bytes(parent.hash, "big")


def test_contracts_called_at_the_start_may_fail_or_be_absent() -> None:
    chain({}).grow()
    grown = chain({BEACON_ROOTS: REVERT, HISTORY_STORAGE: REVERT})
    grown.grow()
    assert grown.state.slots(BEACON_ROOTS) == {}
