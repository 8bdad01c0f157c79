"""The C++ core under address and undefined-behaviour sanitizers answers as the installed one.

On limbs of 64 bits, and of 32 as in the RISC-V guest.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.evm import _core, native
from node.evm.python_engine import python_engine
from tests.benchmark.test_precompiles import CASES
from tests.conformance.blockchain_case import FixtureChain, check_chain
from tests.conformance.eest import OFFICIAL, fixture_files, load
from tests.fuzz.test_seeds import check_seeds
from tests.unit.evm.busy_block import BUSY, CHAIN, forge
from tests.unit.evm.core_driver import answers, build, validation, verdict
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


@pytest.fixture(scope="module", params=["", "-DSTRIKEFOLD_LIMB32=ON"], ids=["limb64", "limb32"])
def sanitized(request, tmp_path_factory) -> Path:
    options = [request.param] if request.param else []
    return build(tmp_path_factory.mktemp("sanitized"), *options)


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


def truncated_division(a: int, b: int) -> tuple[int, int]:
    """Of signed numbers, towards zero; zeros for a division by zero."""
    if b == 0:
        return 0, 0
    quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    return quotient, a - quotient * b


def expected_words(a: int, b: int, c: int) -> bytes:
    signed_a, signed_b, shift = signed(a), signed(b), b % 2**64 % 257
    quotient, remainder = truncated_division(signed_a, signed_b)
    extended = a
    if b < 31:
        low = a % 2 ** (8 * b + 8)
        extended = low - (low >> (8 * b + 7) << (8 * b + 8))
    results = (
        a + b,
        a - b,
        a * b,
        a // b if b else 0,
        a % b if b else 0,
        quotient,
        remainder,
        (a + b) % c if c else 0,
        a * b % c if c else 0,
        pow(a, b, 2**256),
        a << shift,
        a >> shift,
        signed_a >> shift,
        extended,
        word(a)[b] if b < 32 else 0,
        a < b,
        signed_a < signed_b,
        256 - a.bit_length(),
        a * b >= 2**256,
    )
    return b"".join(word(int(result) % 2**256) for result in results)


def signed(value: int) -> int:
    return value - 2**256 if value >> 255 else value


EDGES = [n + d for n in (0, 2**32, 2**64, 2**128, 2**192, 2**255, 2**256) for d in (-2, -1, 0, 1)]
words = st.one_of(
    st.sampled_from([n % 2**256 for n in EDGES]),
    st.integers(0, 40),
    st.integers(0, 2**256 - 1),
    st.integers(0, 256).flatmap(lambda bits: st.integers(0, 2**bits - 1)),
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(batch=st.lists(st.tuples(words, words, words), min_size=50))
def test_words_are_integers_modulo_2_256(sanitized, batch):
    calls = [("words", b"".join(map(word, operands))) for operands in batch]
    assert answers(sanitized, calls) == [expected_words(*operands).hex() for operands in batch]


@pytest.mark.slow
def test_precompiles_answer_as_in_the_installed_core(sanitized):
    chosen = random.Random(7)
    calls = []
    for number in (*range(1, 10), 0x100):
        for size in (0, 1, 31, 64, 96, 128, 160, 192, 213):
            calls.append((number, chosen.randbytes(size)))
    for base, exponent, modulus in ((1, 1, 1), (32, 32, 32), (33, 5, 40), (64, 2, 63), (9, 40, 8)):
        lengths = b"".join(map(word, (base, exponent, modulus)))
        calls.append((5, lengths + chosen.randbytes(base + exponent + modulus)))
        calls.append((5, lengths + chosen.randbytes(base + exponent)))
    check_precompiles(sanitized, calls)


def check_precompiles(program: Path, calls: list[tuple[int, bytes]]) -> list[bytes | None]:
    """Compares with the installed core, and returns its outputs."""
    expected_outputs = [_core.run_precompile(*call)[1] for call in calls]
    outputs = answers(
        program, [("precompile", number.to_bytes(2) + data) for number, data in calls]
    )
    assert outputs == ["invalid" if x is None else x.hex() for x in expected_outputs]
    return expected_outputs


def spoiled(chosen: random.Random, data: bytes) -> bytes:
    """A byte changed, or some cut off the end."""
    out = bytearray(data)
    out[chosen.randrange(len(out))] ^= chosen.randrange(1, 256)
    return bytes(out[: len(out) - chosen.choice((0, 0, 0, 1, 32, 64))])


@pytest.mark.slow
def test_bls12_381_and_kzg_answer_as_in_the_installed_core(sanitized):
    chosen = random.Random(13)
    valid = [(number, make()) for number, make in CASES.values() if 0x0A <= number <= 0x11]
    assert None not in check_precompiles(sanitized, valid)
    short = [(number, data) for number, data in valid if len(data) < 3000]
    hostile = [(number, spoiled(chosen, data)) for number, data in short for _ in range(20)]
    zeros = [(number, bytes(len(data))) for number, data in short]
    outputs = check_precompiles(sanitized, hostile + zeros)
    assert 20 < outputs.count(None) < len(outputs)


@pytest.mark.slow
def test_the_fuzzers_seeds_pass(sanitized):
    check_seeds(sanitized)


def judge(program: Path, cases: list[bytes]) -> list[tuple[str, bytes]]:
    return [verdict(answer) for answer in answers(program, [("validate", c) for c in cases])]


@pytest.mark.slow
def test_hostile_blocks_and_witnesses_end_in_a_status(sanitized):
    chosen = random.Random(11)
    cases = [(BUSY.block.encoded, BUSY.witness)]
    for _ in range(300):
        block = bytearray(BUSY.block.encoded)
        block[chosen.randrange(len(block))] ^= chosen.randrange(1, 256)
        cases.append((bytes(block[: len(block) - chosen.choice((0, 0, 1, 9))]), BUSY.witness))
    for _ in range(300):
        index = chosen.randrange(len(BUSY.witness.state))
        node = bytearray(BUSY.witness.state[index])
        node[chosen.randrange(len(node))] ^= chosen.randrange(1, 256)
        witness, root = forge(index, bytes(node))
        parent = replace(CHAIN.headers[-2], state_root=root)
        header = replace(BUSY.block.header, parent_hash=parent.hash)
        witness = replace(witness, headers=(*witness.headers[:-1], parent.encoded))
        cases.append((replace(BUSY.block, header=header).encoded, witness))
    verdicts = judge(sanitized, [validation(CHAIN.config, *case) for case in cases])
    assert verdicts[0] == (native.VALID, BUSY.block.header.state_root)
    installed = [native.validate_block(CHAIN.config, *case).status for case in cases]
    assert [status for status, _ in verdicts] == installed
    assert len(set(installed)) > 10


class Recording(FixtureChain):
    """Collects (input of validate, expected status) instead of judging."""

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.cases: list[tuple[bytes, bytes]] = []

    def check_witness(self, executed) -> None:
        data = validation(self.config, executed.block.encoded, executed.witness)
        self.cases.append((data, executed.update.root))


@pytest.mark.slow
@pytest.mark.conformance
def test_official_blocks(sanitized):
    cases = []
    for file in random.Random(5).sample(fixture_files("blockchain"), 40):
        for fixture in load("blockchain", file).values():
            if fixture["network"] in OFFICIAL and len(cases) < 400:
                chain = Recording(python_engine, fixture)
                check_chain(chain, fixture)
                cases += chain.cases
    assert len(cases) > 100
    verdicts = judge(sanitized, [data for data, _ in cases])
    assert verdicts == [(native.VALID, root) for _, root in cases]
