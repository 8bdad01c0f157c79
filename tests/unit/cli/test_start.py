"""`devnet` and `run` with wrong flags and files: a line that says what to do, an exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from node.cli import main


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """The command points the process's log at a standard error that ends with the test."""
    yield
    structlog.reset_defaults()


def outcome(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int | str | None, str]:
    """(exit code, standard error) of a command that must not start."""
    monkeypatch.setattr(sys, "argv", ["strikefold", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    return caught.value.code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--block-time", "0.5"), "sequencer.block_time_s = 0.5: expected 0"),
        (("--accounts", "-1"), "--accounts -1: expected 0 to 1000"),
        (("--balance", "-1"), "--balance -1: expected 0 or more"),
        (("--on-demand", "--instamine"), "--on-demand and --instamine exclude each other"),
        (("--config", "/nonexistent.toml"), "cannot read configuration file /nonexistent.toml"),
    ],
)
def test_wrong_flags_of_devnet(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    text: str,
) -> None:
    code, errors = outcome(monkeypatch, capsys, "devnet", "--port", "0", *arguments)

    assert code == 2
    assert errors.startswith(f"strikefold: {text}")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("{", "is not JSON"),
        ("[]", "does not hold a JSON object"),
        ("{}", 'needs the objects "config" and "alloc"'),
        (None, "cannot read the genesis file"),
    ],
)
def test_bad_genesis_file(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    content: str | None,
    text: str,
) -> None:
    file = tmp_path / "genesis.json"
    if content is not None:
        file.write_text(content)
    code, errors = outcome(
        monkeypatch, capsys, "run", "--genesis", str(file), "--datadir", str(tmp_path / "d")
    )

    assert code == 1
    assert text in errors


def test_run_without_a_genesis(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, errors = outcome(monkeypatch, capsys, "run", "--datadir", str(tmp_path))

    assert code == 2
    assert "give --genesis FILE, or start a local chain with `strikefold devnet`" in errors


def test_devnet_with_other_flags_than_before(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "genesis.json").write_text('{"timestamp": "0x5"}')
    code, errors = outcome(monkeypatch, capsys, "devnet", "--datadir", str(tmp_path))

    assert code == 1
    assert "holds a devnet started with other flags" in errors
