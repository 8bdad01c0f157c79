"""rr_getZkGas, and the refusal of what cannot be proved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from node.config import RpcConfig
from node.evm.genesis import Genesis
from node.evm.zk_gas import least_zk_gas
from node.rollup.proving.block_proof import BlockInput
from tests.rpc_server import RunningNode, running
from tests.unit.rpc.conftest import node_config
from tests.unit.rpc.world import ALICE, ALICE_KEY, BOB, BOB_KEY, LOOPER, hexed, raw, transfer

LIMIT = 5_000_000
"""Room for a signature and a thousand bytes of data."""


@pytest.fixture
def served(tmp_path: Path, genesis: Genesis) -> Iterator[RunningNode]:
    config = node_config(tmp_path, RpcConfig(port=0, namespaces=("eth", "rr", "evm")))
    config = replace(config, sequencer=replace(config.sequencer, zk_gas_limit=10**9))
    with running(config, genesis) as node:
        yield node


def test_of_mined_transactions(served: RunningNode) -> None:
    hashes = [served.result("eth_sendRawTransaction", raw(transfer(ALICE_KEY, 0)))]
    hashes.append(served.result("eth_sendRawTransaction", raw(transfer(BOB_KEY, 0))))
    assert served.result("rr_getZkGas", hashes[0]) is None
    served.result("evm_mine")
    block = served.result("eth_getBlockByNumber", "latest", False)
    metered = [served.result("rr_getZkGas", tx_hash) for tx_hash in block["transactions"]]
    given = bytes.fromhex(served.result("rr_getBlockInput")[2:])
    assert [int(cells, 16) for cells in metered] == list(BlockInput(given).zk_gas())
    assert all(int(cells, 16) > 2_400_000 for cells in metered)
    assert served.result("rr_getZkGas", "0x" + "12" * 32) is None


def test_of_a_call(served: RunningNode) -> None:
    call = {"from": hexed(ALICE), "to": hexed(BOB), "value": "0x1"}
    plain = int(served.result("rr_getZkGas", call), 16)
    with_data = int(served.result("rr_getZkGas", call | {"data": "0x" + "11" * 100}), 16)
    assert plain < with_data < plain + 1_000_000
    endless = {"from": hexed(ALICE), "to": hexed(LOOPER), "gas": hex(1_000_000)}
    assert int(served.result("rr_getZkGas", endless), 16) > plain + 1_000_000 * 100


def test_refusal_carries_the_numbers(tmp_path: Path, genesis: Genesis) -> None:
    config = node_config(tmp_path, RpcConfig(port=0))
    config = replace(config, sequencer=replace(config.sequencer, zk_gas_limit=LIMIT))
    large = transfer(ALICE_KEY, 0, data=b"\x11" * 4_000, gas=300_000)
    least = least_zk_gas(large)
    with running(config, genesis) as node:
        error = node.error("eth_sendRawTransaction", raw(large))
        assert error == {
            "code": -32000,
            "message": f"transaction exceeds the provable limit: zkGas {least} > {LIMIT}",
            "data": {"zkGas": hex(least), "limit": hex(LIMIT)},
        }
        call = {"from": hexed(ALICE), "to": hexed(BOB), "data": "0x" + "11" * 4_000}
        assert int(node.result("eth_estimateGas", call), 16) > 21_000
