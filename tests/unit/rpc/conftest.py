"""One small chain for all tests of the interface: funded accounts and contracts of a few bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.config import NodeConfig, RpcConfig, SequencerConfig, StateConfig
from node.evm.genesis import Genesis
from tests.rpc_server import RunningNode, running
from tests.unit.rpc.world import NAMESPACES, genesis_json


@pytest.fixture(scope="session")
def genesis() -> Genesis:
    """The chain that `world` describes."""
    return Genesis.from_json(genesis_json())


def node_config(datadir: Path, rpc: RpcConfig) -> NodeConfig:
    """A node that seals only on demand."""
    return NodeConfig(
        state=StateConfig(datadir=str(datadir)),
        sequencer=SequencerConfig(block_time_s=0),
        rpc=rpc,
    )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, genesis: Genesis) -> Iterator[RunningNode]:
    """A node whose heavy calls run on threads; shared by the tests of a module."""
    rpc = RpcConfig(port=0, workers=0, namespaces=NAMESPACES)
    with running(node_config(tmp_path_factory.mktemp("node"), rpc), genesis) as node:
        yield node
