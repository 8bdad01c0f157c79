"""Headers, blocks and receipts: round trips, bloom, and refusal of wrong shapes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.codec import decode, encode
from node.errors import InvalidEncoding
from node.evm.block import (
    Block,
    Header,
    Log,
    Receipt,
    Withdrawal,
    bloom_bits,
    decode_block,
    decode_receipt,
    header_from_items,
)
from node.evm.transactions import DYNAMIC_FEE, LEGACY, Transaction

MAINNET_GENESIS = Header(
    parent_hash=bytes(32),
    state_root=bytes.fromhex("d7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544"),
    difficulty=17179869184,
    gas_limit=5000,
    extra_data=bytes.fromhex("11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa"),
    nonce=bytes.fromhex("0000000000000042"),
)
OSAKA = replace(
    MAINNET_GENESIS, base_fee_per_gas=7, withdrawals_root=bytes(32), blob_gas_used=0,
    excess_blob_gas=0, parent_beacon_block_root=bytes(32), requests_hash=bytes(32),
)  # fmt: skip

logs = st.builds(
    Log,
    st.binary(min_size=20, max_size=20),
    st.lists(st.binary(min_size=32, max_size=32), max_size=4).map(tuple),
    st.binary(max_size=40),
)
receipts = st.builds(
    Receipt, st.integers(0, 4), st.integers(0, 1) | st.binary(min_size=32, max_size=32),
    st.integers(0, 2**64 - 1), st.lists(logs, max_size=4).map(tuple),
)  # fmt: skip


def test_hash_of_the_mainnet_genesis():
    expected = "d4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"
    assert MAINNET_GENESIS.hash.hex() == expected


@pytest.mark.parametrize("header", [MAINNET_GENESIS, OSAKA])
def test_headers_round_trip(header):
    assert header_from_items(decode(header.encoded)) == header


@pytest.mark.parametrize("field", range(21))
def test_header_with_a_list_for_a_field(field):
    items = OSAKA.items()
    items[field] = []
    with pytest.raises(InvalidEncoding, match="expected bytes, got a list"):
        header_from_items(items)


def test_header_with_too_few_or_too_many_fields():
    for items in (OSAKA.items()[:14], [*OSAKA.items(), b""]):
        with pytest.raises(InvalidEncoding, match="fields, expected 15 to 21"):
            header_from_items(items)


def test_blocks_round_trip():
    txs = tuple(
        Transaction(kind, 1, 0, 1, 1, 21_000, None, 0, b"data").signed(b"\x01" * 32)
        for kind in (LEGACY, DYNAMIC_FEE)
    )
    block = Block(OSAKA, txs, (MAINNET_GENESIS,), (Withdrawal(1, 2, bytes(20), 3),))
    assert decode_block(block.encoded) == block
    old = Block(MAINNET_GENESIS, txs[:1])
    assert decode_block(old.encoded) == old


def test_legacy_transaction_in_a_byte_string_is_refused():
    tx = Transaction(LEGACY, 1, 0, 1, 1, 21_000, None, 0, b"").signed(b"\x01" * 32)
    with pytest.raises(InvalidEncoding, match="wrapped in a byte string"):
        decode_block(encode([OSAKA.items(), [tx.encoded], [], []]))


@pytest.mark.parametrize("items", [[], [OSAKA.items()], [OSAKA.items(), [], [], [], []]])
def test_blocks_of_the_wrong_shape(items):
    with pytest.raises(InvalidEncoding, match="block: "):
        decode_block(encode(items))


@given(receipts)
def test_receipts_round_trip(receipt):
    assert decode_receipt(receipt.encoded) == receipt


def test_receipt_with_a_wrong_bloom():
    receipt = Receipt(LEGACY, 1, 21_000, (Log(bytes(20), (), b""),))
    status, gas, bloom, log_items = decode(receipt.encoded)
    flipped = bytes((bloom[0] ^ 1,)) + bloom[1:]
    with pytest.raises(InvalidEncoding, match="bloom does not match"):
        decode_receipt(encode([status, gas, flipped, log_items]))


@given(st.lists(logs, max_size=4))
def test_bloom_holds_every_address_and_topic(entries):
    bloom = int.from_bytes(Receipt(0, 1, 0, tuple(entries)).bloom, "big")
    for log in entries:
        for entry in (log.address, *log.topics):
            assert bloom & bloom_bits(entry) == bloom_bits(entry)
    assert bool(bloom) == bool(entries)
