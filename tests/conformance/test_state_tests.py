"""Official state tests: a rotating sample and all that once failed.

`python -m tests.conformance.eest run` runs every one.
"""

from __future__ import annotations

import pytest

from tests.conformance.sampling import failures, run_once_failed, run_sample

pytestmark = pytest.mark.conformance


def test_a_rotating_sample_passes() -> None:
    results = run_sample("state", files=150)
    assert results
    assert not failures(results), failures(results)


def test_every_case_that_once_failed_passes() -> None:
    results = run_once_failed("state")
    assert results
    assert not failures(results), failures(results)
