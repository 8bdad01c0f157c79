from __future__ import annotations

import pytest

from node.errors import InvalidInput, InvalidTransaction, TxFault
from node.evm.block import Block, Withdrawal
from node.evm.builder import prev_randao_after
from node.evm.genesis import Genesis
from node.evm.importer import execute_block
from node.evm.transactions import BLOB, Transaction
from node.evm.validation import MAX_BLOCK_BYTES
from tests.unit.evm.chains import (
    ACCOUNTS,
    BLOCK_HASHER_AT,
    COINBASE,
    COUNTER_AT,
    MemoryChain,
    genesis_json,
    transaction,
)
from tests.unit.evm.programs import ENGINE

pytestmark = pytest.mark.usefixtures("each_engine")


@pytest.fixture
def chain() -> MemoryChain:
    return MemoryChain(Genesis.from_json(genesis_json()))


def imports(chain: MemoryChain, block: Block) -> bool:
    """Whether the block is valid on the chain's head."""
    executed = execute_block(
        ENGINE.get(), chain.config, block, chain.head, chain.state, header_at=chain.header_at
    )
    return executed.block == block


def test_a_built_block_imports_with_the_same_result(chain: MemoryChain) -> None:
    builder = chain.builder(extra_data=b"strikefold", prev_randao=b"\x07" * 32)
    receipts = [builder.add(transaction(i, 0, COUNTER_AT)) for i in range(3)]
    sealed = builder.seal()
    assert sealed.receipts == tuple(receipts)
    assert [receipt.status for receipt in receipts] == [1, 1, 1]
    imported = execute_block(
        ENGINE.get(), chain.config, sealed.block, chain.head, chain.state,
        header_at=chain.header_at,
    )  # fmt: skip
    assert imported == sealed
    chain.append(sealed)
    assert chain.state.storage(COUNTER_AT, 0) == 3
    assert chain.state.account(COINBASE) is not None


def test_an_empty_block_is_valid(chain: MemoryChain) -> None:
    assert imports(chain, chain.builder().seal().block)


def test_a_rejected_transaction_leaves_no_trace(chain: MemoryChain) -> None:
    good, gap = transaction(0, 0, COUNTER_AT), transaction(0, 5, COUNTER_AT)
    poor = transaction(1, 0, COUNTER_AT, value=10**30)
    without = chain.builder()
    without.add(good)
    builder = chain.builder()
    for bad, fault in ((gap, TxFault.NONCE_TOO_HIGH), (poor, TxFault.INSUFFICIENT_FUNDS)):
        with pytest.raises(InvalidTransaction) as refusal:
            builder.add(bad)
        assert refusal.value.fault is fault
    builder.add(good)
    with pytest.raises(InvalidTransaction) as refusal:
        builder.add(good)
    assert refusal.value.fault is TxFault.NONCE_TOO_LOW
    assert builder.seal().block == without.seal().block


def test_gas_left_counts_down_and_a_full_block_takes_no_more(chain: MemoryChain) -> None:
    builder = chain.builder()
    before = builder.gas_left
    receipt = builder.add(transaction(0, 0, COUNTER_AT))
    assert builder.gas_left == before - receipt.cumulative_gas_used
    sink = bytes([0xFE]) * 20
    for nonce in range(1, 3):
        zeros = bytes(1_000_000)
        builder.add(transaction(0, nonce, sink, zeros, gas_limit=16_000_000))
    with pytest.raises(InvalidTransaction) as refusal:
        builder.add(transaction(1, 0, sink, bytes(100), gas_limit=16_000_000))
    assert refusal.value.fault is TxFault.GAS_ALLOWANCE_EXCEEDED
    assert "gas limit reached" in str(refusal.value)
    assert imports(chain, builder.seal().block)


def test_a_block_has_room_for_so_many_blobs(chain: MemoryChain) -> None:
    def blobs(sender: int, count: int) -> Transaction:
        hashes = tuple(b"\x01" + bytes(30) + bytes([i]) for i in range(count))
        return transaction(
            sender, 0, ACCOUNTS[5], type=BLOB, blob_hashes=hashes, max_fee_per_blob_gas=10**9
        )

    builder = chain.builder()
    builder.add(blobs(0, 6))
    with pytest.raises(InvalidTransaction, match="blob gas limit reached") as refusal:
        builder.add(blobs(1, 4))
    assert refusal.value.fault is TxFault.BLOB_MAX_GAS_EXCEEDED
    builder.add(blobs(2, 3))
    block = builder.seal().block
    assert block.header.blob_gas_used == 9 * 2**17
    assert imports(chain, block)


def test_a_block_stays_below_the_size_limit_of_eip_7934() -> None:
    genesis = genesis_json() | {"gasLimit": hex(200_000_000)}
    chain = MemoryChain(Genesis.from_json(genesis))
    builder = chain.builder()
    sink = bytes([0xFE]) * 20
    big = 1_600_000
    for sender in range(5):
        builder.add(transaction(sender, 0, sink, bytes(big), gas_limit=16_700_000))
    with pytest.raises(InvalidTransaction, match="block size limit reached") as refusal:
        builder.add(transaction(5, 0, sink, bytes(big), gas_limit=16_700_000))
    assert refusal.value.fault is TxFault.GAS_ALLOWANCE_EXCEEDED
    block = builder.seal().block
    assert MAX_BLOCK_BYTES - big < len(block.encoded) <= MAX_BLOCK_BYTES
    assert imports(chain, block)


def test_peek_shows_the_pending_block_and_changes_nothing(chain: MemoryChain) -> None:
    withdrawals = (Withdrawal(0, 0, b"\x33" * 20, 5),)
    builder = chain.builder(withdrawals=withdrawals)
    builder.add(transaction(0, 0, COUNTER_AT))
    first = builder.peek()
    assert len(first.block.transactions) == 1
    assert builder.peek() == first
    builder.add(transaction(1, 0, COUNTER_AT))
    sealed = builder.seal()
    straight = chain.builder(withdrawals=withdrawals)
    for sender in range(2):
        straight.add(transaction(sender, 0, COUNTER_AT))
    assert sealed.block == straight.seal().block
    assert imports(chain, sealed.block)


def test_the_session_shows_the_state_in_between(chain: MemoryChain) -> None:
    builder = chain.builder()
    builder.add(transaction(0, 0, COUNTER_AT))
    assert builder.session.storage(COUNTER_AT, 0) == 1
    account = builder.session.account(ACCOUNTS[0])
    assert account is not None
    assert account.nonce == 1


def test_withdrawals_are_paid_in_gwei(chain: MemoryChain) -> None:
    receiver = b"\x33" * 20
    executed = chain.grow(
        withdrawals=(Withdrawal(7, 1, receiver, 5), Withdrawal(8, 1, receiver, 2))
    )
    account = chain.state.account(receiver)
    assert account is not None
    assert account.balance == 7 * 10**9
    assert len(executed.block.withdrawals or ()) == 2


def test_block_hashes_of_ancestors_reach_the_evm(chain: MemoryChain) -> None:
    for _ in range(3):
        chain.grow()
    chain.grow(transaction(0, 0, BLOCK_HASHER_AT, (2).to_bytes(32, "big")))
    stored = chain.state.storage(BLOCK_HASHER_AT, 0)
    assert stored.to_bytes(32, "big") == chain.headers[2].hash


def test_the_gas_limit_moves_towards_the_wish(chain: MemoryChain) -> None:
    limit = chain.head.gas_limit
    assert chain.builder(gas_limit=limit + 100).header.gas_limit == limit + 100
    assert chain.builder(gas_limit=10**9).header.gas_limit == limit + limit // 1024 - 1
    assert chain.builder(gas_limit=0).header.gas_limit == limit - limit // 1024 + 1
    assert imports(chain, chain.builder(gas_limit=10**9).seal().block)


def test_attributes_that_no_block_may_have_are_refused(chain: MemoryChain) -> None:
    with pytest.raises(InvalidInput, match="block 1 at 1 is not after its parent at 1"):
        chain.builder(timestamp=1)
    with pytest.raises(InvalidInput, match="extra data of 33 bytes"):
        chain.builder(extra_data=bytes(33))


@pytest.mark.parametrize("inactive", ["osakaTime", "pragueTime", "cancunTime", "shanghaiTime"])
def test_blocks_of_older_forks_build_and_import(inactive: str) -> None:
    forks = ["shanghaiTime", "cancunTime", "pragueTime", "osakaTime"]
    config = dict.fromkeys(forks[forks.index(inactive) :])
    chain = MemoryChain(Genesis.from_json(genesis_json(**config)))
    builder = chain.builder()
    builder.add(transaction(0, 0, COUNTER_AT))
    assert imports(chain, builder.seal().block)


def test_randomness_follows_from_parent_and_anchor(chain: MemoryChain) -> None:
    anchor = b"\x01" * 32
    assert prev_randao_after(chain.head, anchor) == prev_randao_after(chain.head, anchor)
    assert prev_randao_after(chain.head, anchor) != prev_randao_after(chain.head, bytes(32))
