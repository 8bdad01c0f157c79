"""Blocks with anything wrong: each is refused for the rule it breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.codec import encode, int_to_bytes
from node.errors import InvalidBlock
from node.evm.block import Block, Header, Withdrawal
from node.evm.execution import ExecutedBlock
from node.evm.genesis import Genesis
from node.evm.importer import execute_block, parse_block
from node.evm.validation import validate_body
from node.state.trie import ordered_root
from tests.unit.evm.chains import (
    CHAIN_ID,
    COUNTER_AT,
    REQUEST_CONTRACTS,
    STORER_AT,
    MemoryChain,
    genesis_json,
    transaction,
)
from tests.unit.evm.programs import ENGINE

pytestmark = pytest.mark.usefixtures("each_engine")

CHAIN = MemoryChain(Genesis.from_json(genesis_json()))
CHAIN.grow(transaction(0, 0, COUNTER_AT))


def _valid() -> Block:
    builder = CHAIN.builder(withdrawals=(Withdrawal(0, 0, b"\x33" * 20, 5),))
    builder.add(transaction(0, 1, COUNTER_AT))
    builder.add(transaction(1, 0, STORER_AT, bytes(31) + b"\x01" + bytes(31) + b"\x02"))
    return builder.seal().block


VALID = _valid()


def execute(block: Block, chain: MemoryChain = CHAIN) -> ExecutedBlock:
    return execute_block(
        ENGINE.get(), chain.config, block, chain.head, chain.state, header_at=chain.header_at
    )


def refused(block: Block, chain: MemoryChain = CHAIN) -> InvalidBlock:
    """The refusal of a block; the state is what it was."""
    root, accounts = chain.state.root, chain.state.accounts()
    with pytest.raises(InvalidBlock) as refusal:
        execute(block, chain)
    assert (chain.state.root, chain.state.accounts()) == (root, accounts)
    return refusal.value


def with_header(**fields: Any) -> Block:
    return replace(VALID, header=replace(VALID.header, **fields))


def test_the_block_the_others_are_made_from_is_valid() -> None:
    assert execute(VALID).update.root == VALID.header.state_root


RULES: dict[str, tuple[Callable[[Header], Any], str, str]] = {
    "parent_hash": (lambda h: bytes(32), "UNKNOWN_PARENT", "unknown ancestor"),
    "number": (lambda h: h.number + 1, "INVALID_BLOCK_NUMBER", "have 3, want 2"),
    "timestamp": (
        lambda h: h.timestamp - 2,
        "INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT",
        "timestamp older than parent: have 3, parent 3",
    ),
    "extra_data": (lambda h: bytes(33), "EXTRA_DATA_TOO_BIG", "extra-data longer than 32 bytes"),
    "difficulty": (
        lambda h: 1, "IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS", "invalid difficulty"
    ),
    "nonce": (lambda h: b"\x01" * 8, "IMPORT_IMPOSSIBLE_NONCE_OVER_PARIS", "invalid nonce"),
    "ommers_hash": (
        lambda h: bytes(32), "IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS", "invalid uncle hash"
    ),
    "gas_limit": (lambda h: h.gas_limit + 30_000, "INVALID_GASLIMIT", "invalid gas limit"),
    "gas_used": (lambda h: h.gas_used + 1, "INVALID_GAS_USED", "invalid gas used (remote: "),
    "base_fee_per_gas": (lambda h: 7, "INVALID_BASEFEE_PER_GAS", "invalid baseFee: have 7"),
    "blob_gas_used": (lambda h: 2**17, "INCORRECT_BLOB_GAS_USED", "blob gas used mismatch"),
    "excess_blob_gas": (lambda h: 9, "INCORRECT_EXCESS_BLOB_GAS", "have 9, want 0"),
    "state_root": (lambda h: bytes(32), "INVALID_STATE_ROOT", "invalid merkle root"),
    "transactions_root": (lambda h: bytes(32), "INVALID_TRANSACTIONS_ROOT", "transaction root"),
    "receipts_root": (lambda h: bytes(32), "INVALID_RECEIPTS_ROOT", "invalid receipt root hash"),
    "withdrawals_root": (lambda h: bytes(32), "INVALID_WITHDRAWALS_ROOT", "withdrawals root"),
    "bloom": (lambda h: b"\x01" * 256, "INVALID_LOG_BLOOM", "invalid bloom"),
    "requests_hash": (lambda h: bytes(32), "INVALID_REQUESTS", "invalid requests hash"),
}  # fmt: skip


@pytest.mark.parametrize("field", RULES)
def test_a_wrong_field_is_refused_for_its_rule(field: str) -> None:
    wrong, rule, message = RULES[field]
    error = refused(with_header(**{field: wrong(VALID.header)}))
    assert error.rule == rule
    assert message in str(error)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"gas_used": 31_000_000}, "INVALID_GAS_USED_ABOVE_LIMIT"),
        ({"gas_limit": 2**63}, "GASLIMIT_TOO_BIG"),
        ({"blob_gas_used": 10 * 2**17}, "BLOB_GAS_USED_ABOVE_LIMIT"),
        ({"blob_gas_used": 1}, "INCORRECT_BLOB_GAS_USED"),
        ({"requests_hash": None}, "INCORRECT_BLOCK_FORMAT"),
        ({"withdrawals_root": None}, "INCORRECT_BLOCK_FORMAT"),
        ({"base_fee_per_gas": None}, "INCORRECT_BLOCK_FORMAT"),
    ],
)
def test_further_rules_about_single_fields(fields: dict[str, Any], rule: str) -> None:
    assert refused(with_header(**fields)).rule == rule


@st.composite
def mutated_headers(draw: st.DrawFn) -> Header:
    """The valid header with one field changed to any other value it can hold."""
    field = draw(st.sampled_from(sorted(Header.__dataclass_fields__)))
    old = getattr(VALID.header, field)
    if isinstance(old, int):
        size = 32 if field in ("difficulty", "base_fee_per_gas") else 8
        values: st.SearchStrategy[Any] = st.one_of(
            st.integers(0, 256**size - 1), st.sampled_from([old + 1, max(old - 1, 0)])
        )
    elif field == "extra_data":
        values = st.binary(min_size=33, max_size=64)
    else:
        values = st.binary(min_size=len(old), max_size=len(old))
    return replace(VALID.header, **{field: draw(values.filter(lambda value: value != old))})


FREE_FIELDS = ("coinbase", "prev_randao", "parent_beacon_block_root", "timestamp")
"""Whoever makes a block chooses these: another value makes another state, not another rule."""


@given(mutated_headers())
def test_a_block_with_any_header_field_changed_is_refused(header: Header) -> None:
    free = any(getattr(header, f) != getattr(VALID.header, f) for f in FREE_FIELDS)
    changed_gas_limit = header.gas_limit != VALID.header.gas_limit
    try:
        executed = execute(replace(VALID, header=header))
    except InvalidBlock:
        return
    # Nothing in these bodies reads randomness, and the gas limit may be any close one.
    assert free or changed_gas_limit
    assert executed.block.header.hash != VALID.header.hash


def test_the_coinbase_is_paid_so_another_one_is_another_state() -> None:
    assert refused(with_header(coinbase=b"\x44" * 20)).rule == "INVALID_STATE_ROOT"


def test_the_body_is_the_one_the_header_commits_to() -> None:
    fewer = replace(VALID, transactions=VALID.transactions[:1])
    assert refused(fewer).rule == "INVALID_TRANSACTIONS_ROOT"
    assert refused(replace(VALID, withdrawals=())).rule == "INVALID_WITHDRAWALS_ROOT"
    assert refused(replace(VALID, withdrawals=None)).rule == "INCORRECT_BLOCK_FORMAT"
    assert refused(replace(VALID, ommers=(CHAIN.head,))).rule == "INVALID_UNCLES_HASH"


def test_a_block_above_the_size_limit_is_refused_before_anything_else() -> None:
    big = transaction(2, 0, COUNTER_AT, bytes(8 * 2**20), gas_limit=16_000_000)
    with pytest.raises(InvalidBlock, match="block RLP-encoded size exceeds maximum") as refusal:
        validate_body(CHAIN.config, replace(VALID, transactions=(big,)))
    assert refusal.value.rule == "RLP_BLOCK_LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        ({"nonce": 9}, "NONCE_MISMATCH_TOO_HIGH"),
        ({"nonce": 0}, "NONCE_MISMATCH_TOO_LOW"),
        ({"value": 10**30}, "INSUFFICIENT_ACCOUNT_FUNDS"),
        ({"gas_limit": 20_000}, "INTRINSIC_GAS_TOO_LOW"),
        ({"gas_limit": 2**24 + 1}, "GAS_LIMIT_EXCEEDS_MAXIMUM"),
        ({"gas_limit": 40_000_000}, "GAS_ALLOWANCE_EXCEEDED"),
        ({"max_fee_per_gas": 1, "max_priority_fee_per_gas": 1}, "INSUFFICIENT_MAX_FEE_PER_GAS"),
        ({"chain_id": CHAIN_ID + 1}, "INVALID_CHAINID"),
    ],
)
def test_an_invalid_transaction_makes_the_block_invalid(bad: dict[str, Any], rule: str) -> None:
    from_zero = {"sender": 0, "nonce": 1, "to": COUNTER_AT} | bad
    tx = transaction(**from_zero)
    good = CHAIN.builder()
    good.add(transaction(0, 1, COUNTER_AT))
    block = good.seal().block
    header = replace(block.header, transactions_root=ordered_root([tx.encoded]))
    error = refused(replace(block, header=header, transactions=(tx,)))
    assert error.rule == rule
    assert str(error).startswith(f"could not apply tx 0 [0x{tx.hash.hex()}]: ")


@pytest.mark.parametrize(
    ("genesis_change", "rule", "message"),
    [
        (None, "SYSTEM_CONTRACT_EMPTY", "has no code"),
        ({"code": "0xfe", "balance": "0x0"}, "SYSTEM_CONTRACT_CALL_FAILED", "failed"),
    ],
)
def test_a_chain_without_working_request_contracts_has_no_blocks(
    genesis_change: dict[str, str] | None, rule: str, message: str
) -> None:
    genesis = genesis_json()
    del genesis["alloc"][REQUEST_CONTRACTS[0]]
    if genesis_change is not None:
        genesis["alloc"][REQUEST_CONTRACTS[0]] = genesis_change
    chain = MemoryChain(Genesis.from_json(genesis))
    with pytest.raises(InvalidBlock) as refusal:
        chain.builder().seal()
    assert refusal.value.rule == rule
    assert message in str(refusal.value)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_the_standard_rule(data: bytes) -> None:
    with pytest.raises(InvalidBlock) as refusal:
        parse_block(data)
    assert refusal.value.rule == "RLP_STRUCTURES_ENCODING"


@given(st.integers(0, len(VALID.encoded) - 1), st.integers(0, 255))
def test_a_block_with_any_byte_changed_is_refused_or_another_block(at: int, value: int) -> None:
    data = bytearray(VALID.encoded)
    if data[at] == value:
        return
    data[at] = value
    try:
        block = parse_block(bytes(data))
        execute(block)
    except InvalidBlock:
        return
    assert block.header.hash != VALID.header.hash


@pytest.mark.parametrize(
    "data",
    [
        b"",
        VALID.encoded[:-1],
        VALID.encoded + b"\x00",
        encode([]),
        encode([VALID.header.items(), []]),
        encode([VALID.header.items()[:14], *VALID.body_items()]),
        encode([[*VALID.header.items(), b""], *VALID.body_items()]),
        encode([VALID.header.items(), [b""], []]),
        encode([VALID.header.items(), [b"\x7f\xc0"], []]),
        encode([VALID.header.items(), [], [], [[int_to_bytes(1)] * 5]]),
    ],
)
def test_malformed_rlp_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidBlock, match="block does not decode"):
        parse_block(data)
