"""Transactions: every type round-trips, and malformed bytes are refused with a reason."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.codec import decode, encode
from node.crypto import SECP256K1_N, address_of
from node.errors import InvalidTransaction, TxFault
from node.evm.transactions import (
    BLOB,
    DYNAMIC_FEE,
    LEGACY,
    SET_CODE,
    Authorization,
    Transaction,
    decode_transaction,
)

KEY = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
ANVIL_FIRST = bytes.fromhex("f39fd6e51aad88f6f4ce6ab8827279cfffb92266")

addresses = st.binary(min_size=20, max_size=20)
words = st.integers(min_value=0, max_value=2**256 - 1)
longs = st.integers(min_value=0, max_value=2**64 - 1)
hashes = st.binary(min_size=32, max_size=32)
authorizations = st.builds(
    Authorization, words, addresses, longs, st.integers(0, 255), words, words
)


@st.composite
def transactions(draw):
    kind = draw(st.integers(0, 4))
    cap = draw(words)
    return Transaction(
        type=kind,
        chain_id=draw(st.none() | st.integers(0, 2**64)) if kind == LEGACY else draw(longs),
        nonce=draw(longs),
        max_priority_fee_per_gas=draw(words) if kind >= DYNAMIC_FEE else cap,
        max_fee_per_gas=cap,
        gas_limit=draw(longs),
        to=draw(st.none() | addresses),
        value=draw(words),
        data=draw(st.binary(max_size=100)),
        access_list=()
        if kind == LEGACY
        else tuple(draw(st.lists(st.tuples(addresses, st.tuples(words, words)), max_size=3))),
        max_fee_per_blob_gas=draw(words) if kind == BLOB else 0,
        blob_hashes=tuple(draw(st.lists(hashes, max_size=3))) if kind == BLOB else (),
        authorizations=tuple(draw(st.lists(authorizations, max_size=3)))
        if kind == SET_CODE
        else (),
    )


@given(transactions())
@settings(max_examples=150)
def test_signed_transactions_round_trip(tx):
    signed = tx.signed(KEY)
    decoded = decode_transaction(signed.encoded)
    assert decoded == signed
    assert replace(decoded).encoded == decoded.encoded == signed.encoded
    assert decoded.sender == ANVIL_FIRST == address_of(KEY)


@given(transactions(), st.data())
@settings(max_examples=150)
def test_truncated_bytes_are_refused(tx, data):
    encoded = tx.signed(KEY).encoded
    cut = data.draw(st.integers(0, len(encoded) - 1))
    with pytest.raises(InvalidTransaction):
        decode_transaction(encoded[:cut])


@given(transactions(), st.data())
@settings(max_examples=200)
def test_a_transaction_has_one_encoding(tx, data):
    """Whatever decodes after some bytes changed is what encoding its fields gives."""
    encoded = bytearray(tx.signed(bytes(31) + b"\x01").encoded)
    for _ in range(data.draw(st.integers(0, 3))):
        encoded[data.draw(st.integers(0, len(encoded) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = decode_transaction(bytes(encoded))
    except InvalidTransaction:
        return
    assert replace(decoded).encoded == encoded


@given(st.binary(max_size=200))
def test_any_bytes_are_a_transaction_or_refused(data):
    try:
        tx = decode_transaction(data)
    except InvalidTransaction:
        return
    assert replace(tx).encoded == data


@pytest.mark.parametrize("kind", [0x00, 0x05, 0x7E, 0xBF])
def test_unknown_type(kind):
    with pytest.raises(InvalidTransaction, match="transaction type not supported") as caught:
        decode_transaction(bytes((kind,)) + encode([b""] * 9))
    assert caught.value.fault is TxFault.TYPE_NOT_SUPPORTED


def test_no_bytes():
    with pytest.raises(InvalidTransaction, match="typed transaction too short"):
        decode_transaction(b"")


def legacy(**changes):
    fields = {
        "nonce": b"", "price": b"\x01", "gas": b"\x52\x08", "to": bytes(20), "value": b"",
        "data": b"", "v": b"\x1b", "r": b"\x01", "s": b"\x01",
    }  # fmt: skip
    return encode(list((fields | changes).values()))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"nonce": b"\x01" * 9}, TxFault.RLP),
        ({"gas": b"\x01" * 9}, TxFault.RLP),
        ({"price": b"\x00"}, TxFault.RLP),
        ({"value": b"\x01" * 33}, TxFault.RLP),
        ({"to": bytes(19)}, TxFault.RLP),
        ({"data": [b""]}, TxFault.RLP),
        ({"extra": b""}, TxFault.RLP),
        ({"v": b"\x1d"}, TxFault.INVALID_SIGNATURE),
        ({"v": b""}, TxFault.INVALID_SIGNATURE),
    ],
)
def test_malformed_fields(changes, fault):
    with pytest.raises(InvalidTransaction) as caught:
        decode_transaction(legacy(**changes))
    assert caught.value.fault is fault


@pytest.mark.parametrize(
    ("r", "s"),
    [(0, 1), (1, 0), (SECP256K1_N, 1), (1, SECP256K1_N), (1, SECP256K1_N // 2 + 1)],
)
def test_signatures_that_nobody_made(r, s):
    tx = Transaction(LEGACY, 1, 0, 1, 1, 21_000, None, 0, b"", r=r, s=s)
    with pytest.raises(InvalidTransaction, match="invalid transaction v, r, s values") as caught:
        _ = tx.sender
    assert caught.value.fault is TxFault.INVALID_SIGNATURE


def test_typed_parity_above_one():
    tx = Transaction(DYNAMIC_FEE, 1, 0, 1, 1, 21_000, None, 0, b"").signed(KEY)
    items = list(decode(tx.encoded[1:]))
    items[-3] = b"\x02"
    with pytest.raises(InvalidTransaction, match="v, r, s"):
        decode_transaction(b"\x02" + encode(items))


def test_authority_needs_a_low_s():
    assert Authorization(1, bytes(20), 0, 0, 1, SECP256K1_N // 2 + 1).authority is None


def test_effective_gas_price():
    tx = Transaction(DYNAMIC_FEE, 1, 0, 2, 10, 21_000, None, 0, b"")
    assert tx.effective_gas_price(5) == 7
    assert tx.effective_gas_price(9) == 10
