"""eth_getLogs and filters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.config import RpcConfig
from node.evm.block import Log
from node.evm.genesis import Genesis
from node.rpc.errors import RpcError
from node.rpc.filters import IDLE_S, Filters
from node.rpc.logs import matches
from node.rpc.params import FilterQuery
from tests.rpc_server import RunningNode, running
from tests.unit.rpc.conftest import node_config
from tests.unit.rpc.world import ALICE, ALICE_KEY, ECHO, LOGGER, NAMESPACES, hexed, raw, transfer


def topic(number: int) -> str:
    return f"0x{number:064x}"


def emit(node: RunningNode, *topics: int) -> list[str]:
    """One block with a log for every topic; the transactions' hashes."""
    nonce = int(node.result("eth_getTransactionCount", hexed(ALICE), "pending"), 16)
    hashes = []
    for number, value in enumerate(topics, start=nonce):
        word = value.to_bytes(32, "big")
        tx = transfer(ALICE_KEY, number, to=LOGGER, value=0, gas=60_000, data=word)
        hashes.append(node.result("eth_sendRawTransaction", raw(tx)))
    node.seal()
    return hashes


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, genesis: Genesis) -> Iterator[RunningNode]:
    """Blocks 1 to 4 with logs 1 2, 2, none, 1 3; at most five results a query."""
    rpc = RpcConfig(port=0, workers=0, namespaces=NAMESPACES, max_logs=5)
    with running(node_config(tmp_path_factory.mktemp("logs"), rpc), genesis) as node:
        emit(node, 1, 2)
        emit(node, 2)
        node.seal()
        emit(node, 1, 3)
        yield node


def found(node: RunningNode, **query: Any) -> list[tuple[int, int]]:
    """(block, topic) of the logs a query finds."""
    logs = node.result("eth_getLogs", {"fromBlock": "0x0", "toBlock": "0x4"} | query)
    return [(int(log["blockNumber"], 16), int(log["topics"][0], 16)) for log in logs]


ALL = [(1, 1), (1, 2), (2, 2), (4, 1), (4, 3)]


def test_logs_are_found_by_address_topic_and_range(served: RunningNode) -> None:
    assert found(served) == ALL
    assert found(served, address=hexed(LOGGER)) == ALL
    assert found(served, address=[hexed(ECHO), hexed(LOGGER)]) == ALL
    assert found(served, address=hexed(ECHO)) == []
    assert found(served, address=[]) == ALL
    assert found(served, topics=[topic(2)]) == [(1, 2), (2, 2)]
    assert found(served, topics=[[topic(2), topic(3)]]) == [(1, 2), (2, 2), (4, 3)]
    assert found(served, topics=[None]) == ALL
    assert found(served, topics=[[]]) == ALL
    assert found(served, topics=[None, topic(1)]) == []
    assert found(served, fromBlock="0x2", topics=[topic(1)]) == [(4, 1)]
    assert found(served, fromBlock="0x2", toBlock="0x3") == [(2, 2)]
    assert found(served, fromBlock="earliest", toBlock="finalized") == ALL


def test_without_a_range_only_the_newest_block_is_looked_at(served: RunningNode) -> None:
    logs = served.result("eth_getLogs", {})
    assert [log["blockNumber"] for log in logs] == ["0x4", "0x4"]


def test_a_log_says_where_it_is(served: RunningNode) -> None:
    block = served.result("eth_getBlockByNumber", "0x1", False)
    (log,) = served.result("eth_getLogs", {"blockHash": block["hash"], "topics": [topic(2)]})
    assert log == {
        "address": hexed(LOGGER),
        "topics": [topic(2)],
        "data": "0x",
        "blockNumber": "0x1",
        "blockHash": block["hash"],
        "blockTimestamp": block["timestamp"],
        "transactionHash": block["transactions"][1],
        "transactionIndex": "0x1",
        "logIndex": "0x1",
        "removed": False,
    }
    assert served.error("eth_getLogs", {"blockHash": topic(0)}) == {
        "code": -32000,
        "message": "unknown block",
    }


def test_too_many_results_name_the_range_that_fits(served: RunningNode) -> None:
    emit(served, 9, 9, 9, 9, 9, 9)
    query = {"fromBlock": "0x1", "toBlock": "latest"}
    error = served.error("eth_getLogs", query)
    assert error == {
        "code": -32005,
        "message": "query returned more than 5 results",
        "data": {"from": "0x1", "to": "0x4", "limit": 5},
    }
    assert found(served) == ALL
    whole_block = served.result("eth_getLogs", {"fromBlock": "latest"})
    assert len(whole_block) == 6


def test_a_log_filter_reports_each_log_once(served: RunningNode) -> None:
    identity = served.result("eth_newFilter", {"topics": [[topic(4), topic(5)]]})
    assert served.result("eth_getFilterChanges", identity) == []
    emit(served, 4, 8)
    (hash_5,) = emit(served, 5)
    changes = served.result("eth_getFilterChanges", identity)
    assert [int(log["topics"][0], 16) for log in changes] == [4, 5]
    assert changes[1]["transactionHash"] == hash_5
    assert served.result("eth_getFilterChanges", identity) == []
    assert served.result("eth_uninstallFilter", identity) is True
    assert served.result("eth_uninstallFilter", identity) is False
    gone = {"code": -32000, "message": "filter not found"}
    assert served.error("eth_getFilterChanges", identity) == gone
    assert served.error("eth_getFilterLogs", identity) == gone


def test_a_filters_logs_are_those_of_its_whole_range(served: RunningNode) -> None:
    query = {"fromBlock": "0x1", "toBlock": "0x2", "topics": [topic(2)]}
    identity = served.result("eth_newFilter", query)
    logs = served.result("eth_getFilterLogs", identity)
    assert [int(log["blockNumber"], 16) for log in logs] == [1, 2]


def test_a_block_filter_reports_every_block(served: RunningNode) -> None:
    identity = served.result("eth_newBlockFilter")
    numbers = [served.seal(), served.seal()]
    hashes = [served.result("eth_getBlockByNumber", hex(n), False)["hash"] for n in numbers]
    assert served.result("eth_getFilterChanges", identity) == hashes
    assert served.result("eth_getFilterChanges", identity) == []
    assert served.error("eth_getFilterLogs", identity)["message"] == "filter not found"


def test_a_transaction_filter_reports_what_becomes_executable(served: RunningNode) -> None:
    identity = served.result("eth_newPendingTransactionFilter")
    hashes = emit(served, 6)
    assert served.result("eth_getFilterChanges", identity) == hashes
    assert served.result("eth_getFilterChanges", identity) == []


def test_an_unused_filter_is_forgotten_after_five_minutes() -> None:
    now = 0.0
    filters = Filters(clock=lambda: now)
    kept, lost = filters.install(1), filters.install(1)
    now = IDLE_S - 1
    filters.get(kept)
    now = IDLE_S + 1
    filters.get(kept)
    with pytest.raises(RpcError, match="filter not found"):
        filters.get(lost)


TOPICS = st.integers(0, 3).map(lambda n: bytes([n]) * 32)
ADDRESSES = st.integers(0, 2).map(lambda n: bytes([n]) * 20)


@given(
    log=st.builds(Log, ADDRESSES, st.lists(TOPICS, max_size=4).map(tuple), st.just(b"")),
    addresses=st.frozensets(ADDRESSES),
    topics=st.lists(st.frozensets(TOPICS, max_size=2), max_size=4).map(tuple),
)
def test_matching_is_what_the_specification_says(
    log: Log, addresses: frozenset[bytes], topics: tuple[frozenset[bytes], ...]
) -> None:
    expected = not addresses or log.address in addresses
    for position, wanted in enumerate(topics):
        if position >= len(log.topics) or (wanted and log.topics[position] not in wanted):
            expected = False
    assert matches(FilterQuery(addresses=addresses, topics=topics), log) is expected
