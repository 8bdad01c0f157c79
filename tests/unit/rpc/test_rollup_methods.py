"""What only a rollup node knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.config import RpcConfig
from node.evm import native
from node.evm.genesis import Genesis
from node.evm.proving import statement_of
from node.rollup.proving.block_proof import BlockInput
from node.rollup.recheck import DisputedBlock
from tests.rpc_server import RunningNode, running
from tests.unit.rpc.conftest import node_config


@pytest.fixture
def served(tmp_path: Path, genesis: Genesis) -> Iterator[RunningNode]:
    """A node that serves the rr namespace."""
    with running(node_config(tmp_path, RpcConfig(port=0, namespaces=("rr",))), genesis) as node:
        yield node


def test_health_tells_of_a_disagreement(served: RunningNode) -> None:
    health = served.result("rr_health")
    assert health["ok"] is True
    assert health["disagreement"] is None
    recheck = served.node.recheck
    recheck.disagreement = DisputedBlock(5, b"\x07" * 32, "the core says X", Path("/a/b.json"))
    try:
        health = served.result("rr_health")
    finally:
        recheck.disagreement = None
    assert health["ok"] is True
    assert health["disagreement"] == {
        "number": "0x5",
        "hash": "0x" + "07" * 32,
        "reason": "the core says X",
        "file": "/a/b.json",
    }


def test_what_it_takes_to_prove_a_block(served: RunningNode) -> None:
    number = served.seal()
    header = served.node.chain.header(number)
    given = bytes.fromhex(served.result("rr_getBlockInput", hex(number))[2:])
    status, statement = native.prove_block(given)
    assert status == native.VALID
    config, block, _ = BlockInput(given).parts
    assert block.header == header
    assert statement == statement_of(config, header).encode()
    assert served.result("rr_getBlockProof", hex(number)) is None
    assert served.error("rr_getBlockInput", "0x0")["message"] == "header not found"
    assert served.error("rr_getBlockProof", "0x99")["message"] == "header not found"


def test_nothing_is_proved_from_a_disagreement_on(served: RunningNode) -> None:
    number = served.seal()
    recheck = served.node.recheck
    recheck.disagreement = DisputedBlock(number, bytes(32), "the core says X", Path("/a/b.json"))
    try:
        error = served.error("rr_getBlockInput", hex(number))
    finally:
        recheck.disagreement = None
    assert f"block {number} may not be proved" in error["message"]
