"""Which fixtures a short run covers: a sample that changes daily, and every case that once failed.

STRIKEFOLD_SAMPLE_SEED repeats the sample of another day (its date) or another machine.
"""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime
from pathlib import Path

from tests.conformance.eest import OFFICIAL, fixture_files, load, run_case, run_file
from tests.conformance.progress import Result, Selection

ONCE_FAILED = Path(__file__).with_name("once_failed.txt")


def seed() -> str:
    """What the sample is drawn from."""
    return os.environ.get("STRIKEFOLD_SAMPLE_SEED") or datetime.now(UTC).date().isoformat()


def run_sample(kind: str, files: int, engine: str = "python") -> list[Result]:
    """Runs every official case of a sample of fixture files."""
    chosen = random.Random(f"{seed()} {kind} {engine}").sample(fixture_files(kind), files)
    selection = Selection(engine, OFFICIAL)
    return [result for file in chosen for result in run_file(kind, file, selection)]


def run_once_failed(kind: str, engine: str) -> list[Result]:
    """Runs the listed cases of a kind; the C++ core those of the forks it claims."""
    selection = Selection(engine, OFFICIAL if engine == "core" else None)
    results: list[Result] = []
    for file, names in _listed(kind).items():
        cases = load(kind, Path(file))
        for name in names:
            results += run_case(kind, Path(file), name, cases[name], selection)
    return results


def _listed(kind: str) -> dict[str, list[str]]:
    """Case ids by file. A line of the list: kind, file, case id."""
    listed: dict[str, list[str]] = {}
    for line in ONCE_FAILED.read_text().splitlines():
        if line and not line.startswith("#"):
            entry_kind, file, name = line.split(" ", 2)
            if entry_kind == kind:
                listed.setdefault(file, []).append(name)
    return listed


def failures(results: list[Result]) -> str:
    """The failures of a run in words, with the seed that repeats them; empty if there are none."""
    lines = [f"{r.file} {r.case} [{r.fork}]: {r.error}" for r in results if r.error]
    return "\n".join([f"STRIKEFOLD_SAMPLE_SEED={seed()}", *lines]) if lines else ""
