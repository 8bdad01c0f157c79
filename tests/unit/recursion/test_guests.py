"""The guest kit, tried out, and the committed guests, built again.

What takes long runs in the compiled executor; the simulator also runs what no executor would.
"""

import hashlib
import random
from functools import cache

import pytest
from eth_hash.auto import keccak

from node.errors import InvalidInput
from node.recursion.riscv.elf import parse_elf
from node.recursion.riscv.guest import build
from node.recursion.riscv.native import HALTED, Executor
from tests.riscv import call_programs
from tests.riscv.simulator import Fault, simulate
from tests.suites import ROOT

KIT_GUEST = build.Guest((ROOT / "tests" / "riscv" / "kit.cpp",))
LIMIT = 20_000_000


@pytest.fixture(scope="session")
def built():
    """The examples and the kit's guest, from their sources."""
    return build.build({**build.example_guests(), "kit": KIT_GUEST})


@cache
def committed(name):
    return (build.EXAMPLES / f"{name}.elf").read_bytes()


def execute(elf, data):
    """Exit code and output of a run that halts."""
    ended = Executor(parse_elf(elf)).execute(data, cycle_limit=LIMIT)
    assert ended.status == HALTED
    return ended.exit_code, ended.output


def simulated(elf, data, stream=None):
    """The same by the simulator, on an input or on any stream."""
    program = parse_elf(elf)
    code = range(program.base, program.base + 4 * len(program.instructions))
    machine = simulate(program.image, program.entry, code, data, LIMIT, stream)
    return machine.exit_code, machine.output


def success(output):
    return 0, keccak(output)


def words(*numbers, size=4):
    return b"".join((x % 256**size).to_bytes(size, "little") for x in numbers)


def test_committed_guests_are_built_bit_for_bit(built):
    examples = {name: built[name] for name in build.example_guests()}
    assert {name: committed(name) == elf for name, elf in examples.items()} == dict.fromkeys(
        ("fibonacci", "keccak", "sort"), True
    )
    assert (build.EXAMPLES / "SHA256SUMS").read_text() == build.digests(examples)


def test_a_wrong_source_is_named(tmp_path):
    source = tmp_path / "wrong.cpp"
    source.write_text("int main() { return 2 + ; }")
    with pytest.raises(InvalidInput, match=r"does not build.*\n?.*wrong.cpp:1:25"):
        build.build({"wrong": build.Guest((source,))})


MACHINES = pytest.mark.parametrize("machine", [execute, simulated])


@MACHINES
@pytest.mark.parametrize("n", [0, 1, 2, 93, 94, 300])
def test_fibonacci(n, machine):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, (a + b) % 2**64
    assert machine(committed("fibonacci"), words(n)) == success(words(a, size=8))


@MACHINES
@pytest.mark.parametrize("size", [0, 1, 3, 135, 136, 137, 272, 500])
def test_keccak(size, machine):
    data = random.Random(size).randbytes(size)
    assert machine(committed("keccak"), data) == success(keccak(data))


@MACHINES
@pytest.mark.parametrize("count", [0, 1, 2, 30, 100])
def test_sort(count, machine):
    numbers = [random.Random(count + i).getrandbits(32 if i % 3 else 4) for i in range(count)]
    expected = success(words(*sorted(numbers)))
    assert machine(committed("sort"), words(*numbers)) == expected


@MACHINES
@pytest.mark.parametrize(("name", "data"), [("fibonacci", bytes(5)), ("sort", bytes(7))])
def test_input_that_an_example_refuses(name, data, machine):
    assert machine(committed(name), data) == (1, bytes(32))


CHECKS = {
    "memory": 0,
    "comparisons": 1,
    "heap": 5,
    "constructors": 6,
    "input again": 11,
    "reuse": 12,
    "swaps": 13,
}


@pytest.mark.parametrize("what", CHECKS.values(), ids=CHECKS)
def test_the_kit_checks(built, what):
    assert execute(built["kit"], words(what)) == success(b"")


@pytest.mark.parametrize("size", [0, 1, 55, 56, 63, 64, 65, 119, 135, 136, 137, 300])
@pytest.mark.parametrize("step", [1, 5, 64, 200])
def test_hashes_of_parts(built, size, step):
    data = random.Random(size).randbytes(size)
    digests = keccak(data) + hashlib.sha256(data).digest()
    assert execute(built["kit"], words(2, step) + data) == success(digests * 2)


def test_64_bit_division(built):
    edges = [1, 2, 3, 0xFFFF, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 2**63 - 1, 2**63, 2**64 - 1]
    source = random.Random(64)
    pairs = [(n, d) for n in [0, *edges] for d in edges]
    pairs += [
        (source.getrandbits(64), source.getrandbits(k) | 1) for k in range(1, 65) for _ in "abc"
    ]
    pairs = [x for x in pairs if x != (2**63, 2**64 - 1)]  # undefined in C++
    expected = b""
    for n, d in pairs:
        sn, sd = (x - (x >> 63 << 64) for x in (n, d))
        q = abs(sn) // abs(sd) * (1 if (sn < 0) == (sd < 0) else -1)
        expected += words(n // d, n % d, q, sn - q * sd, size=8)
    data = words(3) + words(*(x for pair in pairs for x in pair), size=8)
    assert execute(built["kit"], data) == success(expected)


def single_calls():
    sums, doubles = call_programs.secp256k1_calls()
    every = [call_programs.keccak_calls(), call_programs.sha256_calls(), sums[:2], doubles[:2]]
    every += [call_programs.poseidon2_calls(), call_programs.muladdmod_calls()[:10]]
    every += [call_programs.word_calls()]
    return [x for calls in every for x in calls if len(x.seconds) == 1]


def test_wrappers_of_calls(built):
    for case in single_calls():
        place = case.place.ljust(256, b"\0")
        second = (case.seconds[0] or b"").ljust(256, b"\0")
        data = words(4, case.number, len(case.result), case.third) + place + second
        assert execute(built["kit"], data) == success(case.result)


@pytest.mark.parametrize(("more", "code"), [(0, 0), (1, 251), (2**32 - 1, 251)])
def test_the_heap_ends(built, more, code):
    assert execute(built["kit"], words(7, more))[0] == code


@pytest.mark.parametrize("what", [8, 9], ids=["abort", "exception"])
def test_aborts(built, what):
    assert execute(built["kit"], words(what)) == (250, bytes(32))


def test_a_stack_that_overflows_ends_the_run(built):
    with pytest.raises(Fault, match="outside the map at 0xff"):
        simulated(built["kit"], words(10))


@pytest.mark.parametrize("size", [2**28 - 63, 2**32 - 36, 2**32 - 1])
def test_an_input_that_claims_too_much(built, size):
    assert simulated(built["kit"], b"", words(size) + bytes(28)) == (252, bytes(32))


def test_an_input_that_claims_what_is_not_there(built):
    with pytest.raises(Fault, match="the input has ended"):
        simulated(built["kit"], b"", words(2**28 - 64) + bytes(60))
