"""The results file of a conformance run: what a stopped run has done already.

Lines of JSON: what was run (code, engine, forks), then for each fixture file its results and a mark
that it is complete. A file of another run is not continued: it is started anew.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.suites import ROOT


@dataclass(frozen=True)
class Result:
    """One case. error: None if it passed; blocks: valid blocks executed, on their witness too."""

    kind: str
    file: str
    case: str
    fork: str
    error: str | None
    blocks: int
    seconds: float


@dataclass(frozen=True)
class Selection:
    """What a run covers. forks: None for all of them."""

    engine: str
    forks: frozenset[str] | None

    def wants(self, fork: str) -> bool:
        """Whether cases of this fork run."""
        return self.forks is None or fork in self.forks


def code_digest() -> str:
    """Names the code that results are about: the node, its compiled modules, these tests."""
    digest = sha256()
    for folder in (ROOT / "node", ROOT / "tests" / "conformance"):
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".py", ".cpp", ".hpp", ".so"}:
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


class Progress:
    """An open results file; `results` holds those of complete fixture files."""

    def __init__(self, path: Path, selection: Selection) -> None:
        self.path = path
        self.results: list[Result] = []
        self._complete: set[tuple[str, str]] = set()
        forks = None if selection.forks is None else sorted(selection.forks)
        identity = {"code": code_digest(), "engine": selection.engine, "forks": forks}
        path.parent.mkdir(parents=True, exist_ok=True)
        continued = path.exists() and self._read(identity)
        self._log = path.open("a" if continued else "w")
        if not continued:
            self._write(identity)

    def _read(self, identity: dict[str, Any]) -> bool:
        """Takes over an earlier run, if it is one of the same, up to the last complete file."""
        lines = self.path.read_bytes().splitlines(keepends=True)
        if not lines or lines[0] != _line(identity).encode():
            return False
        kept = size = len(lines[0])
        pending: list[Result] = []
        for line in lines[1:]:
            size += len(line)
            if not line.endswith(b"\n"):
                break
            entry = json.loads(line)
            if "complete" not in entry:
                pending.append(Result(**entry))
                continue
            self._complete.add((entry["kind"], entry["complete"]))
            self.results += pending
            pending, kept = [], size
        os.truncate(self.path, kept)
        return True

    def has(self, kind: str, file: Path) -> bool:
        """Whether a fixture file is complete."""
        return (kind, str(file)) in self._complete

    def add(self, kind: str, file: Path, results: list[Result]) -> None:
        """Records all results of a fixture file."""
        for result in results:
            self._write(asdict(result))
        self._write({"kind": kind, "complete": str(file)})
        self._log.flush()
        self.results += results

    def close(self) -> None:
        """Closes the file."""
        self._log.close()

    def _write(self, entry: dict[str, Any]) -> None:
        self._log.write(_line(entry))


def _line(entry: dict[str, Any]) -> str:
    return json.dumps(entry) + "\n"
