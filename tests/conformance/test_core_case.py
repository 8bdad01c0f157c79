"""The examination of the C++ core can be failed: a changed expectation is noticed."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.conformance.core_case import check_core_blockchain, run_core_state_test
from tests.conformance.eest import fixture_files, load
from tests.conformance.state_tests import StateCase

pytestmark = pytest.mark.conformance


def first(kind: str, folder: str) -> dict[str, Any]:
    file = next(f for f in fixture_files(kind) if str(f).startswith(folder))
    return copy.deepcopy(next(iter(load(kind, file).values())))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("hash", "0x" + "00" * 32, "state root differs"),
        ("logs", "0x" + "00" * 32, "logs differ"),
        ("expectException", "TransactionException.NONCE_IS_MAX", "got None"),
    ],
)
def test_state_tests(field: str, value: str, message: str) -> None:
    test = first("state", "cancun/eip1153")
    fork = next(iter(test["post"]))
    assert run_core_state_test(StateCase("", fork, 0, test)) is None
    test["post"][fork][0][field] = value
    error = run_core_state_test(StateCase("", fork, 0, test))
    assert error is not None
    assert message in error


def test_blockchain_tests() -> None:
    fixture = first("blockchain", "cancun/eip1153")
    assert check_core_blockchain(fixture) > 0
    fixture["blocks"][0]["expectException"] = "BlockException.INVALID_STATE_ROOT"
    with pytest.raises(AssertionError, match="block 1: OK, expected"):
        check_core_blockchain(fixture)
