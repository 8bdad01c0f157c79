"""Official state tests: a rotating sample and all that once failed.

`python -m tests.conformance.eest run` runs every one.
"""

from __future__ import annotations

import pytest

from tests.conformance.sampling import failures, run_once_failed, run_sample

pytestmark = pytest.mark.conformance


@pytest.mark.parametrize(("engine", "files"), [("native", 300), ("python", 150), ("core", 300)])
def test_a_rotating_sample_passes(engine: str, files: int) -> None:
    results = run_sample("state", files, engine)
    assert results
    assert not failures(results), failures(results)


@pytest.mark.parametrize("engine", ["native", "python", "core"])
def test_every_case_that_once_failed_passes(engine: str) -> None:
    results = run_once_failed("state", engine)
    assert results
    assert not failures(results), failures(results)
