"""Nodes that no trie has, under correct hashes: the attacker makes up the parent's state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from node.codec import decode, encode
from node.crypto import address_of, keccak256
from node.evm import native
from node.evm.block import Block, Withdrawal
from node.evm.execution import ExecutedBlock
from node.evm.witness import Witness
from tests.unit.evm.busy_block import BUSY, CHAIN, forge
from tests.unit.evm.chains import SECRETS, transaction

SENDER = address_of(SECRETS[0])
SENDS = CHAIN.build(transaction(0, 1, bytes([0xEE]) * 20, value=1))
PAYS = CHAIN.build(withdrawals=(Withdrawal(0, 0, SENDER, 1),))
"""Two blocks on the same parent: one in which an account acts, one in which it is only paid."""


def judge(block: Block, witness: Witness, parent: bytes) -> str:
    """What is said of a block on another parent state. parent: its root."""
    header = CHAIN.headers[block.header.number - 1]
    header = replace(header, state_root=parent)
    witness = replace(witness, headers=(*witness.headers[:-1], header.encoded))
    block = replace(block, header=replace(block.header, parent_hash=header.hash))
    return native.validate_block(CHAIN.config, block.encoded, witness).status


def judge_state(*nodes: bytes) -> str:
    """The same of the busy block, on a state that has these nodes alone, the root first."""
    return judge(BUSY.block, replace(BUSY.witness, state=nodes), keccak256(nodes[0]))


HASH = bytes(range(1, 33))


def branch(child: Any = HASH, value: Any = b"", count: int = 16) -> bytes:
    return encode([*[child] * count, value])


@pytest.mark.parametrize(
    "root",
    [
        b"",
        encode(HASH),
        encode([HASH]),
        encode([b"", b"", b""]),
        branch(count=15),
        branch(count=17),
        branch(value=b"\1"),
        branch(value=[]),
        branch(child=b"\1"),
        branch(child=HASH[1:]),
        branch(child=HASH + b"\1"),
        branch(child=[]),
        branch(child=[b"\x3a", b"\1" * 29]),  # an embedded node of 32 bytes
        branch()[:1] + b"\x20" + 15 * b"\x80" + b"\xa0" + bytes(16),  # ends within a hash
        encode([[b"\x20"], b"\1"]),
        encode([b"", b"\1"]),
        encode([b"\x60" + HASH, b"\1"]),
        encode([b"\x21" + HASH, b"\1"]),
        encode([b"\x20" + HASH + b"\1", b"\1"]),
        encode([b"\x20" + HASH, b""]),
        encode([b"\x20" + HASH, [b"\1"]]),
        encode([b"\x00" + HASH[:1], b""]),
        encode([b"\x00" + HASH[:1], b"\1"]),
        encode([b"\x00", HASH]),
    ],
    ids=bytes.hex,
)
def test_nodes_that_no_trie_has(root: bytes) -> None:
    assert judge_state(root) == "WITNESS_NODE_MALFORMED"


def test_nodes_that_a_trie_has() -> None:
    embedded = [b"\x3a", b"\1" * 28]
    for root in (branch(child=embedded), branch(child=b""), encode([b"\x20" + HASH, b"\1"])):
        assert judge_state(root) == "INSUFFICIENT_ACCOUNT_FUNDS"
    for root in (branch(),):
        assert judge_state(root) == "WITNESS_NODE_MISSING"


def first_leaf(kind: type) -> tuple[int, bytes, Any]:
    """Of the first leaf that holds a list or a string: its place, its path, what it holds."""
    for index, node in enumerate(BUSY.witness.state):
        items = decode(node)
        if len(items) == 2 and isinstance(decode(items[1]), kind):
            return index, items[0], decode(items[1])
    raise AssertionError(f"no leaf holds {kind}")


def judge_leaf(index: int, path: bytes, value: bytes) -> str:
    """What is said of the busy block on a state where a leaf holds this instead."""
    return judge(BUSY.block, *forge(index, encode([path, value])))


def test_leaves_that_are_no_accounts() -> None:
    index, path, (nonce, balance, storage, code) = first_leaf(list)
    whole = encode([nonce, balance, storage, code])
    assert judge_leaf(index, path, whole) == native.VALID
    for value in (
        b"\1",
        whole + b"\0",
        encode([nonce, balance, storage]),
        encode([nonce, balance, storage, code, b""]),
        encode([b"\0", balance, storage, code]),
        encode([b"\1" * 9, balance, storage, code]),
        encode([nonce, b"\1" * 33, storage, code]),
        encode([nonce, balance, storage[1:], code]),
        encode([nonce, balance, storage, [code]]),
    ):
        assert judge_leaf(index, path, value) == "WITNESS_ACCOUNT_MALFORMED"


def test_leaves_that_are_no_slots() -> None:
    index, path, number = first_leaf(bytes)
    assert judge_leaf(index, path, encode(number)) == native.VALID
    for value in (
        encode(b""),
        encode(b"\0\1"),
        encode(b"\1" * 33),
        encode([number]),
        encode(number) + b"\0",
        b"\x81" + number,
    ):
        assert judge_leaf(index, path, value) == "WITNESS_SLOT_MALFORMED"


def path_of(digits: str, *, leaf: bool) -> bytes:
    """Hex-prefix encoding (Yellow Paper, appendix C)."""
    flags = 2 * leaf + len(digits) % 2
    return bytes.fromhex(f"{flags}{'' if len(digits) % 2 else '0'}{digits}")


def senders_leaf(executed: ExecutedBlock) -> tuple[int, str, bytes]:
    """Its place in the witness, the digits of its path, the account."""
    key = keccak256(SENDER).hex()
    for index, node in enumerate(executed.witness.state):
        items = decode(node)
        size = 2 * len(items[0]) - (1 if items[0] and items[0][0] & 0x10 else 2)
        if len(items) == 2 and node == encode([path_of(key[-size:], leaf=True), items[1]]):
            return index, key[-size:], items[1]
    raise AssertionError("the witness does not show the account")


def judge_instead(executed: ExecutedBlock, node: bytes, *more: bytes) -> str:
    """What is said of a block where this stands in place of the account's leaf."""
    index, _, _ = senders_leaf(executed)
    witness, root = forge(index, node, executed)
    return judge(executed.block, replace(witness, state=(*witness.state, *more)), root)


def test_a_leaf_whose_path_is_not_the_whole_key_holds_nothing() -> None:
    _, digits, account = senders_leaf(SENDS)
    assert judge_instead(SENDS, encode([path_of(digits, leaf=True), account])) == native.VALID
    for other in (digits[:-1], digits[:1], "", digits + "0"):
        node = encode([path_of(other, leaf=True), account])
        assert judge_instead(SENDS, node) == "NONCE_MISMATCH_TOO_HIGH"


def test_nothing_is_written_where_no_key_ends() -> None:
    _, digits, account = senders_leaf(PAYS)
    assert judge_instead(PAYS, encode([path_of(digits, leaf=True), account])) == native.VALID
    for other in (digits[:-1], "", digits + "0"):
        node = encode([path_of(other, leaf=True), account])
        assert judge_instead(PAYS, node) == "WITNESS_NODE_MALFORMED"
    below = branch(child=b"")
    node = encode([path_of(digits, leaf=False), keccak256(below)])
    assert judge_instead(PAYS, node, below) == "WITNESS_NODE_MALFORMED"
