"""Official blockchain tests: a rotating sample and all that once failed.

`python -m tests.conformance.eest run` runs every one. Each valid block is also executed from its
own witness alone.
"""

from __future__ import annotations

import pytest

from tests.conformance.sampling import failures, run_once_failed, run_sample

pytestmark = pytest.mark.conformance


@pytest.mark.parametrize(
    ("engine", "files"),
    [
        ("native", 60),
        ("python", 60),
        ("compiled", 20),
        ("stepwise", 10),
        ("core", 60),
        ("guest", 8),
    ],
)
def test_a_rotating_sample_passes(engine: str, files: int) -> None:
    results = run_sample("blockchain", files, engine)
    assert results
    assert not failures(results), failures(results)


@pytest.mark.parametrize("engine", ["native", "python", "core"])
def test_every_case_that_once_failed_passes(engine: str) -> None:
    results = run_once_failed("blockchain", engine)
    assert results
    assert not failures(results), failures(results)
