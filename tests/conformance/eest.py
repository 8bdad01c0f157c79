"""Runs the official fixtures of execution-spec-tests: all of them, a shard, or one fork.

    python -m tests.conformance.eest run --kind blockchain --jobs 2
    python -m tests.conformance.eest run --kind state --fork Osaka --shard 1/4
    python -m tests.conformance.eest run --resume .eest/results.jsonl
    python -m tests.conformance.eest run --engine compiled

--resume names a results file: fixture files that are complete in it are left out and their results
counted, unless code, engine or selection of forks has changed since; then the run starts anew. The
exit status is 1 if any case fails. --engine: what executes. `python` compiles code that gets hot;
few fixtures run long enough for that, so `compiled` compiles all code before it runs, and
`stepwise` none. `native` runs sessions on the C++ core, as the node does by default; `core` is the
core alone, on witnesses; with `guest` the program that is proved judges the blocks. Every valid
block of a blockchain fixture is also executed from its own witness alone.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson

from node.evm.engine import Engine
from node.evm.interpreter.compiled import CompiledLoop
from node.evm.interpreter.stepwise import run_stepwise
from node.evm.native_engine import native_engine
from node.evm.python_engine import PythonEngine, python_engine
from tests.conformance.blockchain_case import check_blockchain
from tests.conformance.core_case import check_core_blockchain, run_core_state_test
from tests.conformance.guest_case import check_guest_blockchain
from tests.conformance.progress import Progress, Result, Selection
from tests.conformance.state_tests import StateCase, run_state_test
from tests.suites import UNPACKED, fixtures_path

KINDS: Final = ("state", "blockchain")
OFFICIAL: Final = frozenset({
    "Cancun", "Prague", "Osaka",
    "ShanghaiToCancunAtTime15k", "CancunToPragueAtTime15k", "PragueToOsakaAtTime15k",
    "OsakaToBPO1AtTime15k", "BPO1ToBPO2AtTime15k", "BPO2ToBPO3AtTime15k", "BPO3ToBPO4AtTime15k",
})  # fmt: skip
"""The forks this node claims; older ones run with --fork all."""


@dataclass(frozen=True)
class Subject:
    """What is examined. state: says what differs, or None; blockchain: see check_blockchain."""

    state: Callable[[StateCase], str | None]
    blockchain: Callable[[dict[str, Any]], int]


def _subject(engine: Engine) -> Subject:
    return Subject(partial(run_state_test, engine=engine), partial(check_blockchain, engine))


ENGINES: Final = {
    "native": _subject(native_engine),
    "python": _subject(python_engine),
    "compiled": _subject(PythonEngine(CompiledLoop(budget=0))),
    "stepwise": _subject(PythonEngine(run_stepwise)),
    "core": Subject(run_core_state_test, check_core_blockchain),
    "guest": Subject(run_core_state_test, check_guest_blockchain),
}


def fixture_files(kind: str) -> list[Path]:
    """Every fixture file of a kind, relative to its folder, in a fixed order."""
    folder = fixtures_path(f"{kind}_tests")
    return sorted(path.relative_to(folder) for path in folder.rglob("*.json"))


def load(kind: str, file: Path) -> dict[str, Any]:
    """The cases of a file by id."""
    cases: dict[str, Any] = orjson.loads((fixtures_path(f"{kind}_tests") / file).read_bytes())
    return cases


def run_case(
    kind: str, file: Path, name: str, case: dict[str, Any], selection: Selection
) -> Iterator[Result]:
    """Runs one case: a blockchain fixture, or every post state of a state fixture."""
    subject = ENGINES[selection.engine]
    networks = [case["network"]] if kind == "blockchain" else list(case["post"])
    for network in filter(selection.wants, networks):
        for index in range(len(case["post"][network]) if kind == "state" else 1):
            started, error, blocks = time.perf_counter(), None, 0
            try:
                if kind == "blockchain":
                    blocks = subject.blockchain(case)
                else:
                    error = subject.state(StateCase(name, network, index, case))
            except Exception as failure:
                error = describe(failure)
            seconds = round(time.perf_counter() - started, 3)
            yield Result(kind, str(file), name, network, error, blocks, seconds)


def describe(failure: BaseException) -> str:
    """One line: what failed, and where if it was no assertion."""
    text = f"{type(failure).__name__}: {failure}"
    if isinstance(failure, AssertionError):
        return text
    frame = traceback.extract_tb(failure.__traceback__)[-1]
    return f"{text} (at {Path(frame.filename).name}:{frame.lineno})"


def run_file(kind: str, file: Path, selection: Selection) -> list[Result]:
    """Runs the cases of one file."""
    return [
        result
        for name, case in load(kind, file).items()
        for result in run_case(kind, file, name, case, selection)
    ]


def run(
    kinds: Iterable[str], selection: Selection, shard: tuple[int, int], resume: Path, jobs: int
) -> list[Result]:
    """Runs what is left of a selection and returns the results of all of it."""
    files = [(kind, file) for kind in kinds for file in fixture_files(kind)]
    files = files[shard[0] - 1 :: shard[1]]
    progress = Progress(resume, selection)
    todo = [(kind, file) for kind, file in files if not progress.has(kind, file)]
    print(f"{len(files)} files, {len(todo)} to run; results in {resume}", flush=True)
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        futures = {
            pool.submit(run_file, kind, file, selection): (kind, file) for kind, file in todo
        }
        for done, future in enumerate(as_completed(futures), start=1):
            kind, file = futures[future]
            fresh = future.result()
            progress.add(kind, file, fresh)
            for result in fresh:
                if result.error is not None:
                    print(f"FAILED {kind} {file} {result.case} [{result.fork}]: {result.error}")
            if done % 50 == 0:
                print(f"{done} of {len(todo)} files", flush=True)
    progress.close()
    selected = {(kind, str(file)) for kind, file in files}
    return [result for result in progress.results if (result.kind, result.file) in selected]


def summary(results: list[Result]) -> str:
    """A table of counts by kind and fork."""
    passed = Counter((r.kind, r.fork) for r in results if r.error is None)
    failed = Counter((r.kind, r.fork) for r in results if r.error is not None)
    lines = [f"{'kind':12} {'fork':28} {'passed':>8} {'failed':>8}"]
    for kind, fork in sorted(passed.keys() | failed.keys()):
        lines.append(f"{kind:12} {fork:28} {passed[kind, fork]:8} {failed[kind, fork]:8}")
    lines.append(f"{'total':41} {passed.total():8} {failed.total():8}")
    blocks = sum(result.blocks for result in results)
    lines.append(f"{blocks} valid blocks executed twice: on the state and on their witness")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """The command line; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.eest")
    command = parser.add_subparsers(dest="command", required=True).add_parser("run")
    command.add_argument("--kind", choices=KINDS, action="append", help="default: both")
    command.add_argument("--fork", action="append", help="default: the official ones; or all")
    command.add_argument("--engine", choices=list(ENGINES), default="python")
    command.add_argument("--shard", default="1/1", help="i/n: every n-th file, from the i-th")
    command.add_argument("--resume", type=Path, help="results file to continue")
    command.add_argument("--jobs", type=int, default=1, help="worker processes")
    options = parser.parse_args(arguments)
    index, count = map(int, options.shard.split("/"))
    forks = frozenset(options.fork) if options.fork else OFFICIAL
    selection = Selection(options.engine, None if options.fork == ["all"] else forks)
    fresh = UNPACKED / f"results-{time.strftime('%Y%m%d-%H%M%S')}.jsonl"
    kinds, resume = options.kind or KINDS, options.resume or fresh
    results = run(kinds, selection, (index, count), resume, options.jobs)
    print(summary(results))
    return 1 if any(result.error for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
