"""A chain through every fork, stored: what its bytes give is what the database holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from node.evm.chain import Chain
from node.evm.genesis import Genesis
from node.evm.python_engine import python_engine
from node.state.db import StateDB
from tests.conformance.test_chain_rlp import read_chain
from tests.suites import suite_path

pytestmark = pytest.mark.conformance


def test_the_execution_apis_chain_verifies_and_repairs(tmp_path: Path) -> None:
    genesis = json.loads(suite_path("execution-apis/tests/genesis.json").read_text())
    db = StateDB.open(tmp_path, archive=True)
    chain = Chain(db, Genesis.from_json(genesis), python_engine)
    for block in read_chain(suite_path("execution-apis/tests/chain.rlp").read_bytes()):
        chain.import_block(block)
    assert db.verify() == []
    for prefix in (b"a", b"S", b"t", b"l"):  # an account, a storage node, two index entries
        with db._store.iterator(prefix=prefix, include_value=False) as keys:
            db._store.delete(next(keys))
    assert {fault.area.value for fault in db.verify()} == {"flat state", "trie nodes", "indices"}
    assert db.verify(repair=True) == []
    for number in range(0, chain.head.number, 9):
        assert db.view(number).root == chain.header(number).state_root
    db.unwind(0)
    assert db.verify() == []
    assert db.view().root == chain.header(0).state_root
    db.close()
