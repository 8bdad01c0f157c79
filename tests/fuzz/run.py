"""Builds the fuzzers of the EVM core and runs them: `python -m tests.fuzz.run --seconds 300`.

Needs cmake and a clang with its sanitizers' and libFuzzer's runtime (Debian: clang-19 and
libclang-rt-19-dev). Everything is in build/fuzz: `corpus` grows from run to run, `findings` holds
what failed; `build/fuzz/node/evm/core/fuzz_TARGET FILE` repeats one. Exits with 1 on a finding.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys

from tests.fuzz.seeds import TARGETS, write
from tests.suites import ROOT

FOLDER = ROOT / "build/fuzz"
PROGRAMS = FOLDER / "node/evm/core"
COMPILERS = ("clang++-19", "clang++-18", "clang++-17", "clang++-16", "clang++")


def build() -> None:
    """Exits where there is no clang."""
    compiler = os.environ.get("CXX") or next(filter(shutil.which, COMPILERS), None)
    if compiler is None:
        sys.exit("clang++ is absent: apt-get install clang-19 libclang-rt-19-dev, or set CXX")
    options = ["-DSTRIKEFOLD_FUZZ=ON", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS=-O1"]
    options += [f"-DCMAKE_CXX_COMPILER={compiler}"]
    subprocess.run(["cmake", "-S", ROOT, "-B", FOLDER, *options], check=True, stdout=sys.stderr)
    subprocess.run(["cmake", "--build", FOLDER, "--target", "fuzzers", "evm_core_test"], check=True)


def fuzz(target: str, seconds: int) -> bool:
    """Runs one target and prints a line about it; whether nothing was found."""
    corpus, findings = FOLDER / "corpus" / target, FOLDER / "findings"
    findings.mkdir(exist_ok=True)
    limits = [f"-max_total_time={seconds}", "-max_len=20000", "-timeout=60", "-rss_limit_mb=4096"]
    options = [*limits, f"-artifact_prefix={findings}/{target}-", "-print_final_stats=1"]
    log = findings / f"{target}.log"
    with log.open("w") as output:
        done = subprocess.run(
            [PROGRAMS / f"fuzz_{target}", *options, corpus], stderr=output, check=False
        )
    text = log.read_text()
    executed = re.findall(r"number_of_executed_units: (\d+)", text)
    edges = re.findall(r"\((\d+) inline 8-bit counters", text)
    covered = re.findall(r"cov: (\d+) ft: (\d+)", text)
    count, (reached, features) = (executed or ["?"])[-1], (covered or [("?", "?")])[-1]
    print(
        f"{target}: {count} executions, {reached} of {(edges or ['?'])[0]} edges, "
        f"{features} features, {len(list(corpus.iterdir()))} inputs kept, "
        f"{'nothing found' if done.returncode == 0 else f'FAILED, see {log}'}",
        flush=True,
    )
    return done.returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=300, help="for each target")
    parser.add_argument("targets", nargs="*", default=TARGETS)
    arguments = parser.parse_args()
    build()
    write(FOLDER / "corpus")
    failed = [target for target in arguments.targets if not fuzz(target, arguments.seconds)]
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
