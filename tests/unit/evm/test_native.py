"""The C++ core refuses every block that is not valid, and trusts nothing in a witness."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.codec import encode
from node.crypto import SECP256K1_N, sign
from node.errors import InvalidInput
from node.evm import _core, native
from node.evm.block import Block
from node.evm.forks import Fork
from node.evm.precompiles import PRECOMPILES, PrecompileFailure
from node.evm.witness import Witness, decode_witness
from tests.unit.evm.busy_block import BUSY, CHAIN, forge

HEADER = BUSY.block.header
PARENT = CHAIN.headers[-2]
ZERO = bytes(32)


def judge(block: Block = BUSY.block, witness: Witness = BUSY.witness) -> str:
    return native.validate_block(CHAIN.config, block.encoded, witness).status


def with_header(**fields: Any) -> Block:
    return replace(BUSY.block, header=replace(HEADER, **fields))


def test_a_valid_block_is_valid() -> None:
    verdict = native.validate_block(CHAIN.config, BUSY.block.encoded, BUSY.witness)
    assert verdict == native.BlockVerdict(
        native.VALID, HEADER.hash, HEADER.state_root, HEADER.gas_used
    )


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"parent_hash": ZERO}, "UNKNOWN_PARENT"),
        ({"number": HEADER.number + 1}, "INVALID_BLOCK_NUMBER"),
        ({"timestamp": PARENT.timestamp}, "INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT"),
        ({"extra_data": bytes(33)}, "EXTRA_DATA_TOO_BIG"),
        ({"gas_limit": 2**63}, "GASLIMIT_TOO_BIG"),
        ({"gas_used": HEADER.gas_limit + 1}, "INVALID_GAS_USED_ABOVE_LIMIT"),
        ({"gas_limit": PARENT.gas_limit + PARENT.gas_limit // 1024}, "INVALID_GASLIMIT"),
        ({"gas_limit": PARENT.gas_limit - PARENT.gas_limit // 1024}, "INVALID_GASLIMIT"),
        ({"base_fee_per_gas": HEADER.base_fee_per_gas + 1}, "INVALID_BASEFEE_PER_GAS"),
        ({"difficulty": 1}, "IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS"),
        ({"nonce": bytes(7) + b"\1"}, "IMPORT_IMPOSSIBLE_NONCE_OVER_PARIS"),
        ({"ommers_hash": ZERO}, "IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS"),
        ({"blob_gas_used": 2**17 * 10}, "BLOB_GAS_USED_ABOVE_LIMIT"),
        ({"blob_gas_used": 1}, "INCORRECT_BLOB_GAS_USED"),
        ({"blob_gas_used": 2**17}, "INCORRECT_BLOB_GAS_USED"),
        ({"excess_blob_gas": 1}, "INCORRECT_EXCESS_BLOB_GAS"),
        ({"transactions_root": ZERO}, "INVALID_TRANSACTIONS_ROOT"),
        ({"withdrawals_root": ZERO}, "INVALID_WITHDRAWALS_ROOT"),
        ({"gas_used": HEADER.gas_used - 1}, "INVALID_GAS_USED"),
        ({"bloom": b"\1" + bytes(255)}, "INVALID_LOG_BLOOM"),
        ({"receipts_root": ZERO}, "INVALID_RECEIPTS_ROOT"),
        ({"requests_hash": ZERO}, "INVALID_REQUESTS"),
        ({"requests_hash": None}, "INCORRECT_BLOCK_FORMAT"),
        ({"state_root": ZERO}, "INVALID_STATE_ROOT"),
    ],
)
def test_each_wrong_header_field_is_named(fields: dict[str, Any], rule: str) -> None:
    assert judge(with_header(**fields)) == rule


def test_a_wrong_body_is_named() -> None:
    assert judge(replace(BUSY.block, ommers=(PARENT,))) == "INVALID_UNCLES_HASH"
    assert judge(replace(BUSY.block, withdrawals=None)) == "INCORRECT_BLOCK_FORMAT"
    assert judge(replace(BUSY.block, transactions=())) == "INVALID_TRANSACTIONS_ROOT"


def test_rules_of_later_forks_hold_from_their_time_on() -> None:
    config = replace(CHAIN.config, time_forks=CHAIN.config.time_forks | {"osakaTime": 2**40})
    prague = native.validate_block(config, BUSY.block.encoded, BUSY.witness)
    assert prague.status == native.VALID
    config = replace(CHAIN.config, time_forks={"shanghaiTime": 0})
    shanghai = native.validate_block(config, BUSY.block.encoded, BUSY.witness)
    assert shanghai.status == "INCORRECT_BLOCK_FORMAT"
    config = replace(CHAIN.config, time_forks={"shanghaiTime": 2**40})
    paris = native.validate_block(config, BUSY.block.encoded, BUSY.witness)
    assert paris.status == "FORK_NOT_SUPPORTED"


@pytest.mark.parametrize("index", range(len(BUSY.witness.state)))
def test_no_node_can_be_left_out(index: int) -> None:
    state = BUSY.witness.state
    witness = replace(BUSY.witness, state=state[:index] + state[index + 1 :])
    assert judge(witness=witness) == "WITNESS_NODE_MISSING"


@pytest.mark.parametrize("index", range(len(BUSY.witness.codes)))
def test_no_code_can_be_left_out(index: int) -> None:
    codes = BUSY.witness.codes
    witness = replace(BUSY.witness, codes=codes[:index] + codes[index + 1 :])
    assert judge(witness=witness) == "WITNESS_CODE_MISSING"


def test_headers_reach_back_to_the_oldest_hash_asked_for() -> None:
    headers = BUSY.witness.headers

    def of(*chosen: bytes) -> str:
        return judge(witness=replace(BUSY.witness, headers=chosen))

    assert of(*headers) == native.VALID
    assert of(*headers[1:]) == "WITNESS_HEADER_MISSING"
    assert of(*headers[:-1]) == "UNKNOWN_PARENT"
    assert of(headers[0], headers[2]) == "WITNESS_HEADERS"
    assert of() == "WITNESS_HEADERS"
    assert of(b"\x80") == "WITNESS_HEADERS"
    assert of(*[headers[0]] * 256, headers[2]) == "WITNESS_HEADERS"


def test_more_than_needed_does_no_harm() -> None:
    nodes = (b"", b"\x80", b"\xff" * 600, *BUSY.witness.state, *BUSY.witness.state)
    codes = (b"", b"\xef", *BUSY.witness.codes, *BUSY.witness.codes)
    assert judge(witness=replace(BUSY.witness, state=nodes, codes=codes)) == native.VALID


@given(st.data())
def test_a_witness_with_any_byte_changed_never_gives_another_root(data: st.DataObject) -> None:
    encoded = bytearray(BUSY.witness.encode())
    at = data.draw(st.integers(0, len(encoded) - 1))
    encoded[at] ^= data.draw(st.integers(1, 255))
    try:
        witness = decode_witness(bytes(encoded))
    except InvalidInput:
        return
    status = judge(witness=witness)
    assert status.startswith("WITNESS_") or status in {"UNKNOWN_PARENT", native.VALID}
    if status == native.VALID:  # the byte was in `keys`, which nothing depends on
        assert replace(witness, keys=()) == replace(BUSY.witness, keys=())


@settings(max_examples=300)
@given(st.data())
def test_a_parent_with_a_forged_state_never_crashes_the_core(data: st.DataObject) -> None:
    """The attacker makes up the parent too, so any node may be malformed under a correct hash."""
    index = data.draw(st.integers(0, len(BUSY.witness.state) - 1))
    node = bytearray(BUSY.witness.state[index])
    for _ in range(data.draw(st.integers(1, 3))):
        node[data.draw(st.integers(0, len(node) - 1))] = data.draw(st.integers(0, 255))
    node = node[: len(node) - data.draw(st.integers(0, 3))]
    witness, root = forge(index, bytes(node))
    parent = replace(PARENT, state_root=root)
    witness = replace(witness, headers=(*witness.headers[:-1], parent.encoded))
    verdict = native.validate_block(
        CHAIN.config, with_header(parent_hash=parent.hash).encoded, witness
    )
    if verdict.status == native.VALID:  # what was forged is overwritten by the block
        assert verdict.state_root == HEADER.state_root


@settings(max_examples=300)
@given(st.data())
def test_a_block_with_any_byte_changed_is_refused(data: st.DataObject) -> None:
    encoded = bytearray(BUSY.block.encoded)
    at = data.draw(st.integers(0, len(encoded) - 1))
    encoded[at] ^= data.draw(st.integers(1, 255))
    verdict = native.validate_block(CHAIN.config, bytes(encoded), BUSY.witness)
    if verdict.status == native.VALID:  # nothing here depends on coinbase, extra data or randao
        assert verdict.block_hash != HEADER.hash


@pytest.mark.parametrize(
    "data", [b"", b"\x80", b"\xc0", encode([[], [], []]), b"\xf9\xff", b"\xfb" + bytes(60)]
)
def test_bytes_that_are_no_block_are_refused(data: bytes) -> None:
    verdict = native.validate_block(CHAIN.config, data, BUSY.witness)
    assert verdict.status == "RLP_STRUCTURES_ENCODING"


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="wrong length"):
        _core.ChainConfig(1, 0, 0, 0, 0, [], b"")
    with pytest.raises(ValueError, match="blob schedule"):
        _core.ChainConfig(1, 0, 0, 0, 0, [(0, 3, 6, 0)], bytes(20))
    with pytest.raises(ValueError, match="number"):
        _core.run_precompile(0x12, b"")


def _same_as_library(number: int, data: bytes) -> None:
    precompile = PRECOMPILES[Fork.OSAKA][number.to_bytes(20)]
    try:
        output = precompile.run(data)
    except PrecompileFailure:
        output = None
    assert _core.run_precompile(number, data) == (precompile.gas(data), output)


numbers = st.one_of(
    st.binary(max_size=100),
    st.integers(0, 2**600).map(lambda n: n.to_bytes(76)),
    st.sampled_from([b"", b"\0", b"\1", b"\2", b"\xff" * 32, b"\x80" + bytes(31), bytes(40)]),
)


@given(numbers, numbers, numbers)
def test_modexp_is_gmps(base: bytes, exponent: bytes, modulus: bytes) -> None:
    lengths = b"".join(len(part).to_bytes(32) for part in (base, exponent, modulus))
    _same_as_library(5, lengths + base + exponent + modulus)
    _same_as_library(5, (lengths + base + exponent + modulus)[:-1])


@given(st.binary(max_size=300))
def test_hashes_are_the_libraries(data: bytes) -> None:
    for number in (2, 3, 4):
        _same_as_library(number, data)


@given(st.binary(min_size=32, max_size=32), st.integers(1, 2**255), st.integers(26, 29))
def test_recovery_is_libsecp256k1s(message: bytes, secret: int, v: int) -> None:
    parity, r, s = sign(secret.to_bytes(32), message)
    for word in (27 + parity, v):
        data = message + word.to_bytes(32) + r.to_bytes(32)
        _same_as_library(1, data + s.to_bytes(32))
        _same_as_library(1, data + (SECP256K1_N - s).to_bytes(32))
        _same_as_library(1, data + SECP256K1_N.to_bytes(32))
        _same_as_library(1, data)
