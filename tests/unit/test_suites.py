from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from tests.suites import suite_path, unpack


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "source" / "state_tests" / "osaka"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text("{}")
    path = tmp_path / "state_tests.tar.xz"
    with tarfile.open(path, "w:xz") as tar:
        tar.add(tmp_path / "source" / "state_tests", "state_tests")
    return path


def test_an_archive_unpacks_under_its_own_name(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "state_tests"
    unpack(archive, target)
    assert (target / "osaka" / "a.json").read_text() == "{}"
    assert [entry.name for entry in target.parent.iterdir()] == ["state_tests"]


def test_whoever_comes_second_leaves_what_is_there(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "state_tests"
    target.mkdir(parents=True)
    (target / "first").touch()
    unpack(archive, target)
    assert [entry.name for entry in target.iterdir()] == ["first"]


def test_a_torn_archive_leaves_nothing(archive: Path, tmp_path: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:80])
    target = tmp_path / "out" / "state_tests"
    with pytest.raises((EOFError, tarfile.TarError)):
        unpack(archive, target)
    assert list(target.parent.iterdir()) == []


def test_an_absent_suite_skips_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIKEFOLD_SUITES", "/nowhere")
    with pytest.raises(pytest.skip.Exception, match="set STRIKEFOLD_SUITES"):
        suite_path("eest")
