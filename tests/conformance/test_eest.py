"""The runner of the official fixtures: selection, resuming, exit status."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conformance import eest
from tests.conformance.blockchain_case import expected_rules
from tests.conformance.eest import main
from tests.suites import fixtures_path

pytestmark = pytest.mark.conformance

Suite = Callable[[str], Path]
FILE = Path("london/validation/test_invalid_header.json")


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """Makes a suite of one official file, edited; returns its results file."""
    cases = (fixtures_path("blockchain_tests") / FILE).read_text()

    def make(edit: str = "") -> Path:
        folder = tmp_path / "suite"
        folder.mkdir(exist_ok=True)
        (folder / "a.json").write_text(cases)
        (folder / "b.json").write_text(
            cases.replace("INVALID_BASEFEE_PER_GAS", edit) if edit else cases
        )
        monkeypatch.setattr(eest, "fixtures_path", lambda kind: folder)
        return tmp_path / "results.jsonl"

    return make


def run(results: Path, *options: str) -> int:
    return main(["run", "--kind", "blockchain", "--resume", str(results), *options])


def test_a_run_counts_cases_by_fork(suite: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(suite("")) == 0
    output = capsys.readouterr().out
    assert "2 files, 2 to run" in output
    assert "FAILED" not in output
    assert output.splitlines()[-2].split() == ["total", "6", "0"]


def test_a_failing_case_fails_the_run(suite: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(suite("INVALID_STATE_ROOT"), "--fork", "Osaka") == 1
    output = capsys.readouterr().out
    assert "FAILED blockchain b.json" in output
    assert "refused for INVALID_BASEFEE_PER_GAS" in output


def test_the_core_is_examined_too(suite: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(suite(""), "--engine", "core") == 0
    assert run(suite("INVALID_STATE_ROOT"), "--engine", "core", "--fork", "Osaka") == 1
    output = capsys.readouterr().out
    assert "INVALID_BASEFEE_PER_GAS, expected ['INVALID_STATE_ROOT']" in output


def test_a_run_resumes_where_it_was_stopped(
    suite: Suite, capsys: pytest.CaptureFixture[str]
) -> None:
    results = suite("")
    assert run(results, "--shard", "1/2") == 0
    assert run(results) == 0
    output = capsys.readouterr().out
    assert "1 files, 1 to run" in output
    assert "2 files, 1 to run" in output
    lines = results.read_text().splitlines()
    results.write_text("\n".join([*lines[:-1], lines[-1][:9]]))  # stopped in the middle of b.json
    assert run(results) == 0
    assert run(results) == 0
    output = capsys.readouterr().out
    assert "2 files, 1 to run" in output
    assert "2 files, 0 to run" in output
    assert output.splitlines()[-2].split() == ["total", "6", "0"]


def test_other_code_or_other_forks_start_anew(
    suite: Suite, capsys: pytest.CaptureFixture[str]
) -> None:
    results = suite("")
    assert run(results) == 0
    assert run(results, "--fork", "Osaka") == 0
    lines = results.read_text().splitlines()
    results.write_text("\n".join([json.dumps({"code": "old"}), *lines[1:]]))
    assert run(results, "--fork", "Osaka") == 0
    assert capsys.readouterr().out.count("2 files, 2 to run") == 3


def test_expected_exceptions_name_rules() -> None:
    expected = "TransactionException.TYPE_2_TX_PRE_FORK|BlockException.INVALID_BLOCK_HASH"
    assert expected_rules(expected) >= {"TYPE_NOT_SUPPORTED", "INVALID_BLOCK_HASH"}
