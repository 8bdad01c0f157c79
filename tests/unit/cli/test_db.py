"""`strikefold db` on whole, damaged, absent and used databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from node.cli.db import app
from node.errors import ConfigError, CorruptData, StorageError
from node.rollup.datadir import DataDir
from node.state.db import StateDB
from tests.e2e.crash_child import append


@pytest.fixture
def datadir(tmp_path: Path) -> Path:
    db = StateDB.open(tmp_path / "chain")
    for number in range(12):
        append(db, number)
    db.close()
    return tmp_path


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_whole_database(datadir: Path) -> None:
    result = run("verify", "--datadir", datadir)
    assert result.exit_code == 0
    assert result.stdout.startswith("database is whole: head 11 0x")
    assert run("compact", "--datadir", datadir).stdout == "database compacted\n"
    lines = dict(line.split() for line in run("stats", "--datadir", datadir).stdout.splitlines())
    assert (lines["head"], lines["oldest_state"]) == ("11", "0")
    assert int(lines["history_bytes"].replace(",", "")) > 10_000


def test_a_damaged_block(datadir: Path) -> None:
    segment = datadir / "chain" / "history" / "00000000.seg"
    data = bytearray(segment.read_bytes())
    data[-5] ^= 1
    segment.write_bytes(data)
    result = run("verify", "--datadir", datadir)
    assert "blocks: block 11: extra of block 11, history file" in result.stdout
    assert isinstance(result.exception, CorruptData)
    assert str(result.exception) == "database has 1 faults; run it with --repair"
    result = run("verify", "--datadir", datadir, "--repair")
    assert result.stdout.startswith("database is whole: head 10 0x")


def test_a_damaged_leveldb(datadir: Path) -> None:
    (datadir / "chain" / "leveldb" / "CURRENT").write_text("MANIFEST-424242\n")
    assert isinstance(run("verify", "--datadir", datadir).exception, CorruptData)
    result = run("verify", "--datadir", datadir, "--repair")
    assert result.stdout.startswith("database is whole: head 11 0x")


def test_what_cannot_be_repaired_is_listed(datadir: Path) -> None:
    segment = datadir / "chain" / "history" / "00000000.seg"
    data = bytearray(segment.read_bytes())
    data[20] ^= 1  # the first block: there is nothing before it
    segment.write_bytes(data)
    result = run("verify", "--datadir", datadir, "--repair")
    assert "blocks: block 0: header of block 0" in result.stdout
    assert "restore a backup or synchronise anew" in str(result.exception)


def test_no_database(tmp_path: Path) -> None:
    result = run("verify", "--datadir", tmp_path)
    assert isinstance(result.exception, StorageError)
    assert "no database" in str(result.exception)
    result = run("stats", "--datadir", tmp_path / "nowhere")
    assert "no data directory" in str(result.exception)


def test_a_running_node(datadir: Path) -> None:
    node = DataDir(datadir)
    result = run("compact", "--datadir", datadir)
    node.release()
    assert isinstance(result.exception, ConfigError)
    assert "is in use by process" in str(result.exception)
