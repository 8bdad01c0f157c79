"""A witness is enough, nothing in it is trusted, and nothing can be left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.codec import encode
from node.errors import InvalidBlock, InvalidInput, InvalidWitness
from node.evm.genesis import Genesis
from node.evm.importer import execute_on_witness
from node.evm.transactions import Transaction
from node.evm.witness import NO_WITNESS, Witness, decode_witness, witness_from_json
from tests.unit.evm.busy_block import BUSY, CHAIN, forge, word
from tests.unit.evm.chains import (
    CLEARER_AT,
    COUNTER_AT,
    STORER_AT,
    MemoryChain,
    genesis_json,
    transaction,
)
from tests.unit.evm.programs import ENGINE

pytestmark = pytest.mark.usefixtures("each_engine")


def rerun(witness: Witness) -> bytes:
    return execute_on_witness(ENGINE.get(), CHAIN.config, BUSY.block, witness)


def test_the_witness_alone_gives_the_same_root() -> None:
    assert rerun(BUSY.witness) == BUSY.update.root == BUSY.block.header.state_root


@pytest.mark.parametrize("index", range(len(BUSY.witness.state)))
def test_no_node_can_be_left_out(index: int) -> None:
    state = BUSY.witness.state
    with pytest.raises(InvalidWitness, match="witness has no node 0x"):
        rerun(replace(BUSY.witness, state=state[:index] + state[index + 1 :]))


@pytest.mark.parametrize("index", range(len(BUSY.witness.codes)))
def test_no_code_can_be_left_out(index: int) -> None:
    codes = BUSY.witness.codes
    with pytest.raises(InvalidWitness, match="witness has no code with hash 0x"):
        rerun(replace(BUSY.witness, codes=codes[:index] + codes[index + 1 :]))


def test_headers_reach_back_to_the_oldest_hash_asked_for() -> None:
    headers = BUSY.witness.headers
    assert headers == tuple(header.encoded for header in CHAIN.headers[2:5])
    with pytest.raises(InvalidWitness, match="witness has no header of block 2"):
        rerun(replace(BUSY.witness, headers=headers[1:]))
    with pytest.raises(InvalidWitness, match="breaks the chain"):
        rerun(replace(BUSY.witness, headers=headers[:-1]))
    with pytest.raises(InvalidWitness, match="breaks the chain"):
        rerun(replace(BUSY.witness, headers=(headers[0], headers[2])))
    with pytest.raises(InvalidWitness, match="witness has 0 headers"):
        rerun(replace(BUSY.witness, headers=()))
    with pytest.raises(InvalidWitness, match="header does not decode"):
        rerun(replace(BUSY.witness, headers=(b"\x80",)))


def test_the_parent_is_always_there() -> None:
    empty = CHAIN.builder().seal()
    assert empty.witness.headers == (CHAIN.head.encoded,)
    root = execute_on_witness(ENGINE.get(), CHAIN.config, empty.block, empty.witness)
    assert root == empty.update.root


def test_keys_name_what_was_read() -> None:
    keys = BUSY.witness.keys
    position = keys.index(CLEARER_AT)
    assert keys[position + 1] == word(3)
    assert COUNTER_AT in keys


def test_a_wrong_block_is_refused_on_its_witness_too() -> None:
    header = replace(BUSY.block.header, state_root=bytes(32))
    with pytest.raises(InvalidBlock) as refusal:
        execute_on_witness(
            ENGINE.get(), CHAIN.config, replace(BUSY.block, header=header), BUSY.witness
        )
    assert refusal.value.rule == "INVALID_STATE_ROOT"


def test_storage_and_json_forms_come_back() -> None:
    assert decode_witness(BUSY.witness.encode()) == BUSY.witness
    shape = BUSY.witness.to_json()
    assert sorted(shape) == ["codes", "headers", "keys", "state"]
    assert witness_from_json(shape) == BUSY.witness
    assert decode_witness(NO_WITNESS.encode()) == NO_WITNESS


@pytest.mark.parametrize(
    "data", [b"", b"\x80", encode([]), encode([[], [], []]), encode([[[]], [], [], []])]
)
def test_malformed_witness_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidWitness, match="witness does not decode"):
        decode_witness(data)


@pytest.mark.parametrize("value", [{"state": 7}, {"state": [7]}, {"codes": ["0xzz"]}])
def test_malformed_witness_json_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(InvalidWitness, match="witness JSON"):
        witness_from_json(value)


@given(st.data())
def test_a_witness_with_any_byte_changed_never_gives_another_root(data: st.DataObject) -> None:
    encoded = bytearray(BUSY.witness.encode())
    at = data.draw(st.integers(0, len(encoded) - 1))
    encoded[at] ^= data.draw(st.integers(1, 255))
    try:
        root = rerun(decode_witness(bytes(encoded)))
    except InvalidInput:
        return
    assert root == BUSY.update.root  # the byte was in `keys`, which nothing depends on


@settings(max_examples=150)
@given(st.data())
def test_a_parent_with_a_forged_state_never_crashes_the_executor(data: st.DataObject) -> None:
    """The attacker makes up the parent too, so any node may be malformed under a correct hash."""
    index = data.draw(st.integers(0, len(BUSY.witness.state) - 1))
    node = bytearray(BUSY.witness.state[index])
    for _ in range(data.draw(st.integers(1, 3))):
        node[data.draw(st.integers(0, len(node) - 1))] = data.draw(st.integers(0, 255))
    node = node[: len(node) - data.draw(st.integers(0, 3))]
    witness, root = forge(index, bytes(node))
    parent = replace(CHAIN.headers[-2], state_root=root)
    witness = replace(witness, headers=(*witness.headers[:-1], parent.encoded))
    block = replace(BUSY.block, header=replace(BUSY.block.header, parent_hash=parent.hash))
    try:
        found = execute_on_witness(ENGINE.get(), CHAIN.config, block, witness)
    except (InvalidBlock, InvalidWitness):
        return
    assert found == BUSY.update.root  # what was forged is overwritten by the block


Action = tuple[int, int, int]


def _transactions(actions: list[Action]) -> list[Callable[[int, int], Transaction]]:
    def make(action: Action) -> Callable[[int, int], Transaction]:
        kind, slot, value = action
        if kind == 0:
            return lambda s, n: transaction(s, n, STORER_AT, word(slot) + word(value))
        if kind == 1:
            return lambda s, n: transaction(s, n, CLEARER_AT, word(slot) + bytes(32))
        if kind == 2:
            return lambda s, n: transaction(s, n, bytes([0xD0 + slot]) * 20, value=value)
        return lambda s, n: transaction(s, n, None, bytes.fromhex("60016000f3"))

    return [make(action) for action in actions]


actions = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(0, 3)), max_size=8)


@settings(max_examples=40, deadline=None)
@given(st.lists(actions, min_size=1, max_size=3))
def test_any_block_executes_on_its_witness(blocks: list[list[Action]]) -> None:
    chain = MemoryChain(Genesis.from_json(genesis_json()))
    nonces = [0, 0, 0]
    for number, block in enumerate(blocks):
        builder = chain.builder()
        for i, make in enumerate(_transactions(block)):
            sender = (i + number) % 3
            builder.add(make(sender, nonces[sender]))
            nonces[sender] += 1
        executed = builder.seal()
        witness = decode_witness(executed.witness.encode())
        root = execute_on_witness(ENGINE.get(), chain.config, executed.block, witness)
        assert root == executed.update.root
        chain.append(executed)
