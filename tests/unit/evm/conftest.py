"""Tests of what every engine computes alike run on each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from node.evm.engine import Engine
from node.evm.engines import ENGINES
from tests.unit.evm.programs import ENGINE


@pytest.fixture(params=list(ENGINES))
def each_engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Sets the engine that `programs` and `chains` execute on."""
    engine = ENGINES[request.param]
    token = ENGINE.set(engine)
    yield engine
    ENGINE.reset(token)
