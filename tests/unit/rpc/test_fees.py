"""Fee suggestions and history."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from node.config import RpcConfig
from node.evm.genesis import Genesis
from tests.rpc_server import RunningNode, running
from tests.unit.rpc.conftest import node_config
from tests.unit.rpc.world import ALICE_KEY, BOB_KEY, CAROL_KEY, GWEI, NAMESPACES, raw, transfer


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, genesis: Genesis) -> Iterator[RunningNode]:
    """Block 1 with tips of 1, 2 and 3 gwei; block 2 empty."""
    rpc = RpcConfig(port=0, workers=0, namespaces=NAMESPACES)
    with running(node_config(tmp_path_factory.mktemp("fees"), rpc), genesis) as node:
        assert node.result("eth_maxPriorityFeePerGas") == hex(GWEI)
        for tip, key in enumerate((ALICE_KEY, BOB_KEY, CAROL_KEY), start=1):
            node.result("eth_sendRawTransaction", raw(transfer(key, 0, tip=tip * GWEI)))
        node.seal()
        node.seal()
        yield node


def _base_fee(node: RunningNode, block: str) -> int:
    return int(node.result("eth_getHeaderByNumber", block)["baseFeePerGas"], 16)


def test_the_tip_is_the_60th_percentile_of_recent_ones(served: RunningNode) -> None:
    tip = int(served.result("eth_maxPriorityFeePerGas"), 16)
    assert tip == 2 * GWEI
    assert int(served.result("eth_gasPrice"), 16) == tip + _base_fee(served, "latest")


def test_the_next_base_fee_is_that_of_the_next_block(served: RunningNode) -> None:
    announced = int(served.result("eth_baseFee"), 16)
    history = served.result("eth_feeHistory", "0x1", "latest", [])
    assert int(history["baseFeePerGas"][-1], 16) == announced
    assert announced == _base_fee(served, "latest") - _base_fee(served, "latest") // 8


def test_the_history_has_one_fee_more_than_blocks(served: RunningNode) -> None:
    history = served.result("eth_feeHistory", 3, "0x2", [0, 50, 100])
    assert history["oldestBlock"] == "0x0"
    assert [int(fee, 16) for fee in history["baseFeePerGas"][:3]] == [
        _base_fee(served, hex(n)) for n in range(3)
    ]
    assert len(history["baseFeePerGas"]) == len(history["baseFeePerBlobGas"]) == 4
    assert history["gasUsedRatio"][0] == 0
    assert history["gasUsedRatio"][1] == pytest.approx(63_000 / 30_000_000, rel=1e-2)
    assert history["blobGasUsedRatio"] == [0, 0, 0]
    assert history["reward"] == [
        ["0x0"] * 3,
        [hex(GWEI), hex(2 * GWEI), hex(3 * GWEI)],
        ["0x0"] * 3,
    ]


def test_more_blocks_than_there_are_is_all_of_them(served: RunningNode) -> None:
    history = served.result("eth_feeHistory", "0x400", "latest")
    assert (history["oldestBlock"], len(history["gasUsedRatio"])) == ("0x0", 3)
    assert "reward" not in history
    assert served.result("eth_feeHistory", 0, "latest") == {
        "oldestBlock": "0x0",
        "gasUsedRatio": None,
    }


@pytest.mark.parametrize(
    ("percentiles", "code", "message"),
    [
        ([101], -32000, "invalid reward percentile: 101.000000"),
        ([-1], -32000, "invalid reward percentile: -1.000000"),
        ([5, 5], -32000, "invalid reward percentile: #0:5.000000 >= #1:5.000000"),
        (list(range(101)), -32602, "invalid reward percentile: over the query limit 100"),
        (
            ["5"],
            -32602,
            "invalid argument 2: json: cannot unmarshal string into Go value of type float64",
        ),
    ],
)  # fmt: skip
def test_percentiles_must_ascend(
    served: RunningNode, percentiles: list[object], code: int, message: str
) -> None:
    error = served.error("eth_feeHistory", 1, "latest", percentiles)
    assert error == {"code": code, "message": message}


def test_a_block_beyond_the_head_has_no_history(served: RunningNode) -> None:
    assert served.error("eth_feeHistory", 1, "0x9") == {
        "code": -32000,
        "message": "request beyond head block: requested 9, head 2",
    }
