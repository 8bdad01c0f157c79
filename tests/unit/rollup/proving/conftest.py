"""What the tests of the guest share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from node.evm.native_engine import native_engine
from tests.unit.evm.programs import ENGINE


@pytest.fixture
def native_blocks() -> Iterator[None]:
    """Has `chains` build blocks on the native engine, which meters zk gas."""
    token = ENGINE.set(native_engine)
    yield
    ENGINE.reset(token)
