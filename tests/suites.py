"""Where the official suites are: `STRIKEFOLD_SUITES`, by default `../shared/suites`.

Archives are unpacked once, into `.eest/` at the root of the repository.
"""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
UNPACKED: Final = ROOT / ".eest"

_ARCHIVES: Final = {
    "state_tests": "eest/state_tests.tar.xz",
    "blockchain_tests": "eest/blockchain_tests.tar.xz",
    "blockchain_tests_zkevm": "eest/zkevm.tar.xz",
}


def suites_root() -> Path:
    """The folder of the suites; it may not exist."""
    chosen = os.environ.get("STRIKEFOLD_SUITES")
    return Path(chosen) if chosen else ROOT.parent / "shared" / "suites"


def suite_path(name: str) -> Path:
    """A file or folder of the suites. Skips the test, saying why, where it is absent."""
    path = suites_root() / name
    if not path.exists():
        pytest.skip(f"suite {name} is absent: set STRIKEFOLD_SUITES to the folder that holds it")
    return path


def fixtures_path(kind: str) -> Path:
    """The unpacked fixtures of a kind. Skips the test where there are none."""
    unpacked = UNPACKED / kind
    if not unpacked.exists():
        unpack(suite_path(_ARCHIVES[kind]), unpacked)
    return unpacked


def unpack(archive: Path, target: Path) -> None:
    """Unpacks an archive of one folder as `target`, whole or not at all."""
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    partial.mkdir(parents=True)
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(partial, filter="data")
        inner = [entry for entry in partial.iterdir() if entry.is_dir()]
        source = inner[0] if [entry.name for entry in inner] == [target.name] else partial
        source.rename(target)
    except OSError:
        if not target.is_dir():  # else another process was faster
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
