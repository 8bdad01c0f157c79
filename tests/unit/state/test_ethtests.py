"""Ethereum's own trie tests (ethereum/tests, TrieTests)."""

from __future__ import annotations

import json
import tarfile

import pytest

from node.crypto import EMPTY_TRIE_ROOT, keccak256
from node.state.account import StateChanges
from node.state.memory import MemoryState
from node.state.roots import StateUpdate
from node.state.trie import trie_root, update_trie
from tests.suites import suite_path

ARCHIVE = "ethtests/ethtests_Basic_RLP_Trie_Transaction_KeyStore.tar.xz"


@pytest.fixture(scope="module")
def suite() -> dict[str, dict]:
    """Every case of every file: "file/case" -> case."""
    cases = {}
    with tarfile.open(suite_path(ARCHIVE)) as tar:
        for member in tar:
            name = member.name.rsplit("/", 1)[-1]
            if "TrieTests/" in member.name and name.endswith(".json") and "next" not in name:
                for case, content in json.load(tar.extractfile(member)).items():
                    cases[f"{name}/{case}"] = content
    return cases


def as_bytes(text: str | None) -> bytes:
    if text is None:
        return b""
    return bytes.fromhex(text[2:]) if text.startswith("0x") else text.encode()


def writes_of(case: dict) -> list[tuple[bytes, bytes]]:
    """(key, value) in the order of the case; an empty value deletes."""
    pairs = case["in"].items() if isinstance(case["in"], dict) else case["in"]
    return [(as_bytes(key), as_bytes(value)) for key, value in pairs]


def test_roots(suite) -> None:
    """Plain and secure tries, built from what remains after all writes."""
    for name, case in suite.items():
        items = {}
        for key, value in writes_of(case):
            items[keccak256(key) if "secure" in name.lower() else key] = value
        items = {key: value for key, value in items.items() if value}
        assert trie_root(items) == as_bytes(case["root"]), name
    assert len(suite) == 25


def test_secure_tries_write_by_write(suite) -> None:
    """Every write applied on its own to the stored trie before it; deletes included."""
    names = [name for name in suite if "secure" in name.lower()]
    for name in names:
        store, root = MemoryState(), EMPTY_TRIE_ROOT
        for key, value in writes_of(suite[name]):
            update = update_trie(store, b"", root, {keccak256(key): value})
            root = update.root
            nodes = {(b"", path): data for path, data in update.nodes.items()}
            store.apply(StateUpdate(root, StateChanges(), nodes))
        assert root == as_bytes(suite[name]["root"]), name
    assert len(names) == 13
