"""State outside the retained window is refused in words that clients know; blocks never are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from node.config import RpcConfig, StateConfig
from node.evm.genesis import Genesis
from tests.rpc_server import RunningNode, running
from tests.unit.rpc.conftest import node_config
from tests.unit.rpc.world import ALICE, ECHO, NAMESPACES, hexed

WINDOW = 4
HEAD = 9


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, genesis: Genesis) -> Iterator[RunningNode]:
    """Nine blocks, of which the state of the last few is kept."""
    datadir = tmp_path_factory.mktemp("history")
    config = node_config(datadir, RpcConfig(port=0, workers=0, namespaces=NAMESPACES))
    state = StateConfig(datadir=str(datadir), history_blocks=WINDOW)
    with running(replace(config, state=state), genesis) as node:
        for _ in range(HEAD):
            node.seal()
        yield node


def test_capabilities_name_the_oldest_state(served: RunningNode) -> None:
    state = served.result("eth_capabilities")["state"]
    oldest = int(state["oldestBlock"], 16)
    assert 0 < oldest <= HEAD - WINDOW
    assert served.result("eth_getBalance", hexed(ALICE), hex(oldest)) == hex(1_000 * 10**18)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("eth_getBalance", [hexed(ALICE), "0x1"]),
        ("eth_getStorageAt", [hexed(ECHO), "0x0", "0x1"]),
        ("eth_call", [{"to": hexed(ECHO)}, "0x1"]),
        ("eth_getProof", [hexed(ALICE), [], "0x1"]),
        ("debug_traceBlockByNumber", ["0x1"]),
    ],
)
def test_older_state_is_historical(
    served: RunningNode, method: str, arguments: list[object]
) -> None:
    error = served.error(method, *arguments)
    assert error["code"] == -32000
    assert error["message"].startswith("historical state is not available (missing trie node): ")


def test_older_blocks_are_served(served: RunningNode) -> None:
    assert served.result("eth_getBlockByNumber", "0x1", True)["number"] == "0x1"
    assert served.result("eth_getBlockReceipts", "earliest") == []
