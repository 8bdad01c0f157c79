"""What only a rollup node knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.config import RpcConfig
from node.evm.genesis import Genesis
from node.rollup.recheck import Disagreement
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
    recheck.disagreement = Disagreement(5, b"\x07" * 32, "the core says X", Path("/a/b.json"))
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
