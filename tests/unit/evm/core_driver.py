"""The core's test program, built with sanitizers, and the inputs it takes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from node.codec import RlpItem, encode, int_to_bytes
from node.evm.chain_config import ChainConfig
from node.evm.witness import Witness
from node.types import UINT64_MAX
from tests.suites import ROOT


def build(folder: Path, *options: str) -> Path:
    """Builds the program in a folder; skips the test where there is no cmake."""
    cmake = shutil.which("cmake")
    if cmake is None:
        pytest.skip("cmake is absent: install it to build the core with sanitizers")
    configure = [cmake, "-S", ROOT, "-B", folder, "-DSTRIKEFOLD_SANITIZE=ON", *options]
    configure += [
        "-DCMAKE_BUILD_TYPE=Debug",
        "-DCMAKE_CXX_FLAGS=-O1",
    ]  # sanitized -O3 takes minutes
    subprocess.run(configure, check=True, capture_output=True)
    target = ["--target", "evm_core_test"]
    subprocess.run([cmake, "--build", folder, *target], check=True, capture_output=True)
    return folder / "node" / "evm" / "core" / "evm_core_test"


def answers(program: Path, calls: list[tuple[str, bytes]]) -> list[str]:
    """What the program answers, in hex or "invalid"; a sanitizer's report fails."""
    lines = "".join(f"{function} {data.hex() or '-'}\n" for function, data in calls)
    done = subprocess.run([program], input=lines, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def validation(config: ChainConfig, block: bytes, witness: Witness) -> bytes:
    """The input of `validate`; a fork that is not scheduled comes at the end of time."""
    names = ("shanghai", "cancun", "prague", "osaka")
    times = [config.time_forks.get(f"{name}Time", UINT64_MAX) for name in names]
    schedules: list[RlpItem] = [
        [int_to_bytes(n) for n in (time, s.target, s.max, s.base_fee_update_fraction)]
        for time, s in config.blob_schedules
    ]
    parts: list[RlpItem] = [list(part) for part in (witness.state, witness.codes, witness.headers)]
    return encode(
        [
            int_to_bytes(config.chain_id),
            [int_to_bytes(time) for time in times],
            schedules,
            config.deposit_contract,
            block,
            *parts,
        ]
    )


def verdict(answer: str) -> tuple[str, bytes]:
    """(status, state root) from an answer of `validate`."""
    data = bytes.fromhex(answer)
    return data[32:].decode(), data[:32]
