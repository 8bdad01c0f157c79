"""Heavy calls on worker processes: limits, crashes, and that they are in nobody's way."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from node.config import RpcConfig
from node.evm.genesis import Genesis
from node.rpc.workers import WorkerPool
from tests.rpc_server import RunningNode, running
from tests.unit.rpc.conftest import node_config
from tests.unit.rpc.world import (
    ALICE,
    ALICE_KEY,
    BOB,
    ECHO,
    ETHER,
    KEEPER,
    LOOPER,
    NAMESPACES,
    POOR,
    hexed,
    raw,
    transfer,
)

ENDLESS: dict[str, Any] = {"to": hexed(LOOPER)}


def _config(limit_s: float) -> RpcConfig:
    """One worker, whose calls may take `limit_s` and any amount of gas."""
    return RpcConfig(port=0, workers=1, namespaces=NAMESPACES, evm_timeout_s=limit_s, gas_cap=2**60)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, genesis: Genesis) -> Iterator[RunningNode]:
    """A node whose calls have more time than a test takes."""
    with running(node_config(tmp_path_factory.mktemp("patient"), _config(120)), genesis) as node:
        yield node


@pytest.fixture
def impatient(tmp_path: Path, genesis: Genesis) -> Iterator[RunningNode]:
    """A node that ends every call after half a second."""
    with running(node_config(tmp_path, _config(0.5)), genesis) as node:
        yield node


def _processes(node: RunningNode) -> list[Any]:
    pool = node.server._heavy
    assert isinstance(pool, WorkerPool)
    return [worker.process for worker in pool.workers]


def _settle(node: RunningNode) -> None:
    """Waits until every worker is idle."""
    pool = node.server._heavy
    assert isinstance(pool, WorkerPool)
    while pool.idle < len(pool.workers):
        time.sleep(0.01)


def test_a_call_out_of_time_is_ended_and_the_next_one_is_served(impatient: RunningNode) -> None:
    before = [process.pid for process in _processes(impatient)]
    timeout = {"code": -32002, "message": "request timed out"}
    assert impatient.error("eth_call", ENDLESS) == timeout
    assert impatient.result("eth_call", {"to": hexed(ECHO), "data": "0x01"}) == "0x01"
    trace = impatient.error("debug_traceCall", ENDLESS, "latest", {"tracer": "noopTracer"})
    assert trace == {"code": -32000, "message": "execution timeout"}
    assert impatient.result("eth_call", {"to": hexed(ECHO), "data": "0x02"}) == "0x02"
    assert [process.pid for process in _processes(impatient)] == before


def test_a_worker_that_hangs_is_killed_and_replaced(impatient: RunningNode) -> None:
    _settle(impatient)
    for process in _processes(impatient):
        process.send_signal(signal.SIGSTOP)
    call = {"to": hexed(ECHO), "data": "0x03"}
    timeout = {"code": -32002, "message": "request timed out"}
    for _ in _processes(impatient):
        assert impatient.error("eth_call", call) == timeout
    assert impatient.result("eth_call", call) == "0x03"


def test_a_slow_call_holds_up_nothing_and_its_worker_may_die(
    served: RunningNode,
) -> None:
    nonce = int(served.result("eth_getTransactionCount", hexed(ALICE)), 16)
    tx = transfer(ALICE_KEY, nonce)
    outcome: list[Any] = []
    _settle(served)
    slow = threading.Thread(target=lambda: outcome.append(served.error("eth_call", ENDLESS)))
    slow.start()
    time.sleep(0.05)
    served.result("eth_sendRawTransaction", raw(tx))
    number = hex(served.seal())
    assert served.result("eth_blockNumber") == number
    assert served.result("eth_getTransactionReceipt", hexed(tx.hash))["blockNumber"] == number
    assert served.result("eth_getBlockByNumber", number, True)["number"] == number
    assert slow.is_alive(), "the slow call ended before the others were answered"
    for process in _processes(served):
        process.kill()
    slow.join()
    assert outcome == [{"code": -32603, "message": "internal error"}]
    assert served.result("eth_call", {"to": hexed(ECHO), "data": "0x04"}) == "0x04"


def test_a_worker_that_was_killed_is_replaced(served: RunningNode) -> None:
    for process in _processes(served):
        process.kill()
        process.wait()
    assert served.result("eth_call", {"to": hexed(ECHO), "data": "0x03"}) == "0x03"


def test_a_terminals_interrupt_does_not_reach_a_worker(served: RunningNode) -> None:
    """Not even one that is still importing: the node ends its workers itself."""
    served.result("eth_call", {"to": hexed(ECHO), "data": "0x05"})
    alive = [p for p in _processes(served) if p is not None and p.poll() is None]
    assert alive
    assert all(os.getpgid(p.pid) == p.pid != os.getpgid(0) for p in alive)


def test_workers_see_the_head_that_the_node_has(served: RunningNode) -> None:
    code = {hexed(POOR): {"code": "0x33315f5260205ff3"}}
    call = {"to": hexed(POOR), "from": hexed(BOB)}
    for _ in range(3):
        before = int(served.result("eth_call", call, "latest", code), 16)
        nonce = int(served.result("eth_getTransactionCount", hexed(ALICE)), 16)
        served.result("eth_sendRawTransaction", raw(transfer(ALICE_KEY, nonce, value=ETHER)))
        number = served.seal()
        assert int(served.result("eth_call", call, "latest", code), 16) == before + ETHER
        assert int(served.result("eth_call", call, hex(number - 1), code), 16) == before


def test_workers_forget_blocks_that_were_unwound(served: RunningNode) -> None:
    for value in (5, 6):
        nonce = int(served.result("eth_getTransactionCount", hexed(ALICE)), 16)
        word = value.to_bytes(32, "big")
        tx = transfer(ALICE_KEY, nonce, to=KEEPER, value=0, gas=80_000, data=word)
        served.result("eth_sendRawTransaction", raw(tx))
        number = served.seal()
        slots = {hexed(KEEPER): ["0x" + "00" * 32]}
        assert served.result("eth_getStorageValues", slots) == {hexed(KEEPER): [hexed(word)]}
        assert served.result("eth_getStorageAt", hexed(KEEPER), "0x0") == hexed(word)
        block = served.result("eth_getBlockByNumber", "latest", True)
        assert block["transactions"][0]["hash"] == hexed(tx.hash)
        served.do(partial(served.node.unwind, number - 1, keep_transactions=False))
        assert served.result("eth_getTransactionByHash", hexed(tx.hash)) is None
        assert served.result("eth_getBlockByHash", block["hash"], False) is None


def test_errors_and_proofs_come_through_the_socket(served: RunningNode) -> None:
    assert served.error("eth_call", ENDLESS, "0x999")["message"] == "header not found"
    proof = served.result("eth_getProof", hexed(ECHO), ["0x0"])
    assert proof["accountProof"]
    header = served.result("eth_getBlockByNumber", "latest", False)
    assert served.result("eth_getHeaderByHash", header["hash"])["stateRoot"] == header["stateRoot"]
    code = {hexed(POOR): {"code": "0x33315f5260205ff3"}}
    assert served.result("eth_call", {"to": hexed(POOR)}, "pending", code) == "0x" + "00" * 32
