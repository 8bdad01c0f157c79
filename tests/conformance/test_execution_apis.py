"""The execution-apis suite: its chain imported, its requests replayed, its answers compared.

Results are compared exactly, errors by code and data (as hive does); where a file
says "speconly", only the shape is: the same kind of outcome, keys and JSON types.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from rlp.codec import consume_length_prefix

from node.config import NodeConfig, RpcConfig, SequencerConfig, StateConfig
from node.evm.chain import Chain
from node.evm.genesis import Genesis
from node.evm.importer import parse_block
from node.evm.native_engine import native_engine
from node.rollup.datadir import DataDir
from node.state.db import StateDB
from tests.rpc_server import RunningNode, running
from tests.suites import suite_path, suites_root

pytestmark = pytest.mark.conformance

EXCLUDED_METHODS: Final = {
    "eth_simulateV1": "not served yet",
    "testing_buildBlockV1": "a method of test harnesses, which needs the Engine API",
}
EXCLUDED_FILES: Final = {
    "eth_sendRawTransaction/send-blob-tx.io": "an L2 refuses blob transactions",
}
NAMESPACES: Final = ("eth", "net", "web3", "debug", "txpool")


def _files() -> list[str]:
    root = suites_root() / "execution-apis" / "tests"
    names = sorted(str(path.relative_to(root)) for path in root.glob("*/*.io"))
    return [
        name
        for name in names
        if name.partition("/")[0] not in EXCLUDED_METHODS and name not in EXCLUDED_FILES
    ]


def _read_blocks(path: Path) -> Iterator[bytes]:
    data, start = path.read_bytes(), 0
    while start < len(data):
        _, _, length, payload = consume_length_prefix(data, start)
        yield data[start : payload + length]
        start = payload + length


def _import_chain(path: Path, genesis: Genesis, blocks: Path) -> None:
    datadir = DataDir(path)
    db = StateDB.open(datadir.chain, archive=True)
    chain = Chain(db, genesis, native_engine)
    for block in _read_blocks(blocks):
        chain.import_block(parse_block(block))
    db.close()
    datadir.release()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """A node that imported the suite's chain and answers with worker processes."""
    tests = suite_path("execution-apis/tests")
    datadir = tmp_path_factory.mktemp("node")
    genesis = Genesis.from_json(json.loads((tests / "genesis.json").read_text()))
    _import_chain(datadir, genesis, tests / "chain.rlp")
    config = NodeConfig(
        state=StateConfig(datadir=str(datadir), archive=True),
        sequencer=SequencerConfig(enabled=False),
        rpc=RpcConfig(port=0, namespaces=NAMESPACES),
    )
    with running(config, genesis) as node:
        yield node


@pytest.mark.parametrize("name", _files())
def test_answers_like_the_reference(served: RunningNode, name: str) -> None:
    text = suite_path(f"execution-apis/tests/{name}").read_text()
    lines = [line for line in text.splitlines() if line[:2] in (">>", "<<")]
    only_shape = "speconly" in text
    for request, expected in zip(lines[::2], lines[1::2], strict=True):
        status, answer = served.post(request[3:].encode())
        assert status == 200
        _compare(json.loads(answer), json.loads(expected[3:]), only_shape)


def _compare(answer: dict[str, Any], expected: dict[str, Any], only_shape: bool) -> None:
    assert answer["id"] == expected["id"]
    if "error" in expected:
        error = answer["error"]
        assert error["code"] == expected["error"]["code"], error
        assert error.get("data") == expected["error"].get("data")
    elif only_shape:
        assert "result" in answer, answer
        _same_shape(answer["result"], expected["result"], "result")
    else:
        assert answer["result"] == expected["result"]


_MAPS: Final = frozenset({"pending", "queued", "storage"})
"""Objects whose keys are data."""
_OPTIONAL: Final = frozenset({"deleteStrategy"})


def _same_shape(answer: Any, expected: Any, where: str) -> None:
    """Same JSON types and keys, all the way down; list items are compared with the first."""
    assert type(answer) is type(expected) or {type(answer), type(expected)} == {int, float}, where
    if isinstance(expected, dict) and where.rpartition(".")[2] not in _MAPS:
        assert answer.keys() - _OPTIONAL == expected.keys() - _OPTIONAL, where
        for key, value in expected.items():
            if key in answer:
                _same_shape(answer[key], value, f"{where}.{key}")
    elif isinstance(expected, list) and expected:
        assert answer, where
        for index, (ours, theirs) in enumerate(zip(answer, expected, strict=False)):
            _same_shape(ours, theirs, f"{where}[{index}]")
