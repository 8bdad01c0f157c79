"""The steps of sha256 and what its chips are filled with, against hashlib and NIST's vectors."""

import hashlib
import json
import lzma
import random

import numpy as np
import pytest

from node.recursion.riscv.chips.sha256 import Sha256Call
from node.recursion.riscv.events import empty_table, row_of
from node.recursion.riscv.sha256 import BLOCK, CONSTANTS, MASK, STATE, all_steps, sha256_steps
from tests.suites import suite_path

INITIAL = [
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
    0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
]  # fmt: skip


def compress(state, block):
    columns = [np.array([word], np.int64) for word in (*state, *block)]
    *_, last = all_steps(columns[:STATE], columns[STATE:])
    return [(old + int(new[0])) & MASK for old, new in zip(state, last.state, strict=True)]


def sha256(message):
    padded = message + b"\x80" + bytes(-(len(message) + 9) % 64)
    padded += (8 * len(message)).to_bytes(8, "big")
    state = INITIAL
    for begin in range(0, len(padded), 64):
        state = compress(state, np.frombuffer(padded[begin : begin + 64], ">u4").tolist())
    return b"".join(word.to_bytes(4, "big") for word in state)


@pytest.mark.parametrize("size", [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000])
def test_the_compression_is_sha256s(size):
    message = random.Random(size).randbytes(size)
    assert sha256(message) == hashlib.sha256(message).digest()


def test_vectors_of_nist():
    path = suite_path("crypto/hash/sha256_nist.json.xz")
    cases = json.loads(lzma.decompress(path.read_bytes()))
    for case in sorted(cases, key=lambda c: len(c["msg"]))[:80]:
        assert sha256(bytes.fromhex(case["msg"])).hex() == case["sha256"]


def test_the_constants_are_the_standards():
    """The first and the last of FIPS 180-4, section 4.2.2."""
    assert (CONSTANTS[0], CONSTANTS[63]) == (0x428A2F98, 0xC67178F2)


def test_a_call_is_filled_with_the_compression_and_its_steps():
    words = np.random.default_rng(1).integers(0, 2**32, (3, STATE + BLOCK), dtype=np.uint32)
    words[0], words[1] = 0, MASK
    events = np.zeros((3, 4 + 2 * STATE + 2 * BLOCK), np.uint32)
    events[:, :4] = [[4, 2**24, 2**25, 7], [8, 2**24, 2**25, 7], [12, 2**24, 2**25, 7]]
    events[:, 4 : 4 + STATE], events[:, 20 : 20 + BLOCK] = words[:, :STATE], words[:, STATE:]
    row = row_of(Sha256Call, empty_table(Sha256Call, 2), 3)
    row.fill(events.T.astype(np.int64))
    after = np.stack(row.after, axis=1)
    for i, (state, block) in enumerate(zip(words[:, :STATE], words[:, STATE:], strict=True)):
        expected = compress(state.tolist(), block.tolist())
        assert (after[i, ::2] + 2**16 * after[i, 1::2]).tolist() == expected
    steps = sha256_steps(events)
    assert steps.shape == (3 * 16, 2 + STATE + 2 * BLOCK)
    assert np.array_equal(steps[::16, 2 : 2 + STATE], words[:, :STATE])
    assert steps[16:32, 1].tolist() == list(range(16))
