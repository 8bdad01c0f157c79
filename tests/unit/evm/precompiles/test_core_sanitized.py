"""The C++ core under address and undefined-behaviour sanitizers answers as the installed one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.evm import _core
from tests.suites import ROOT
from tests.unit.evm.precompiles.calls import word

FUNCTIONS = {
    "keccak256": _core.keccak256,
    "blake2f": _core.blake2f,
    "bn254_add": _core.bn254_add,
    "bn254_multiply": _core.bn254_multiply,
    "bn254_pairing_check": lambda data: (
        None if (holds := _core.bn254_pairing_check(data)) is None else bytes([holds])
    ),
}
P = 0x30644E72E131A029B85045B68181585D97816A916871CA8D3C208C16D87CFD47
GENERATOR = word(1) + word(2)
TWIST_GENERATOR = bytes.fromhex(
    "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"
    "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
    "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"
    "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa"
)
INTERESTING = [
    *map(word, (0, 1, 2, 3, P - 2, P - 1, P, P + 1, 2**255, 2**256 - 1)),
    GENERATOR,
    word(1) + word(P - 2),
    TWIST_GENERATOR,
]


@pytest.fixture(scope="module")
def sanitized(tmp_path_factory) -> Path:
    cmake = shutil.which("cmake")
    if cmake is None:
        pytest.skip("cmake is absent: install it to build the core with sanitizers")
    build = tmp_path_factory.mktemp("sanitized")
    options = ["-DSTRIKEFOLD_SANITIZE=ON", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"]
    subprocess.run([cmake, "-S", ROOT, "-B", build, *options], check=True, capture_output=True)
    target = ["--target", "evm_core_test"]
    subprocess.run([cmake, "--build", build, *target], check=True, capture_output=True)
    return build / "node" / "evm" / "core" / "evm_core_test"


def answers(program: Path, calls: list[tuple[str, bytes]]) -> list[str]:
    lines = "".join(f"{function} {data.hex() or '-'}\n" for function, data in calls)
    done = subprocess.run([program], input=lines, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def expected(function: str, data: bytes) -> str:
    output = FUNCTIONS[function](data)
    return "invalid" if output is None else output.hex()


inputs = st.one_of(
    st.binary(max_size=450),
    st.lists(st.one_of(st.sampled_from(INTERESTING), st.binary(min_size=32, max_size=32))).map(
        b"".join
    ),
    st.builds(
        lambda rounds, rest, final: rounds.to_bytes(4, "big") + rest + bytes([final]),
        st.integers(0, 50),
        st.binary(min_size=208, max_size=208),
        st.integers(0, 2),
    ),
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(batch=st.lists(st.tuples(st.sampled_from(sorted(FUNCTIONS)), inputs), min_size=20))
def test_same_answers_and_no_reports(sanitized, batch):
    assert answers(sanitized, batch) == [expected(*call) for call in batch]


@pytest.mark.slow
def test_valid_input_of_every_function(sanitized):
    calls = [
        *(("keccak256", bytes(size)) for size in (0, 1, 135, 136, 137, 1000)),
        *(("blake2f", bytes([0, 0, 0, rounds]) + bytes(209)) for rounds in range(25)),
        *(
            ("bn254_add", p.ljust(64, b"\0") + GENERATOR)
            for p in (b"", GENERATOR, word(1) + word(P - 2))
        ),
        *(("bn254_multiply", GENERATOR + k) for k in INTERESTING if len(k) == 32),
        ("bn254_pairing_check", b""),
        ("bn254_pairing_check", GENERATOR + TWIST_GENERATOR),
        (
            "bn254_pairing_check",
            GENERATOR + TWIST_GENERATOR + word(1) + word(P - 2) + TWIST_GENERATOR,
        ),
        ("bn254_pairing_check", bytes(64) + TWIST_GENERATOR),
        ("bn254_pairing_check", GENERATOR + bytes(128)),
    ]
    outputs = answers(sanitized, calls)
    assert outputs == [expected(*call) for call in calls]
    assert "invalid" not in outputs
    assert outputs[-5:] == ["01", "00", "01", "01", "01"]
