"""The reference of keccakf and what its chips are filled with, against other libraries."""

import hashlib
import random

import numpy as np
import pytest
from eth_hash.auto import keccak as keccak256

from node.recursion.riscv.chips.keccak import (
    ROUNDS,
    WORDS,
    KeccakCall,
    keccak_rounds,
    permute,
)
from node.recursion.riscv.events import empty_table, row_of

RATE = 136
EDGES = [0, 1, RATE - 2, RATE - 1, RATE, RATE + 1, 2 * RATE - 1, 2 * RATE, 1000]


def sponge(message, suffix):
    """256 bits of the sponge with this domain suffix, by `permute`."""
    padded = bytearray(message) + bytes([suffix]) + bytes(-(len(message) + 1) % RATE)
    padded[-1] |= 0x80
    lanes = np.zeros((25, 1), np.uint64)
    for begin in range(0, len(padded), RATE):
        lanes[: RATE // 8, 0] ^= np.frombuffer(padded[begin : begin + RATE], "<u8")
        lanes = permute(lanes)
    return lanes[:4, 0].astype("<u8").tobytes()


@pytest.mark.parametrize("size", EDGES)
def test_the_permutation_is_keccaks(size):
    message = random.Random(size).randbytes(size)
    assert sponge(message, 1) == keccak256(message)
    assert sponge(message, 6) == hashlib.sha3_256(message).digest()


def test_a_call_is_filled_with_the_permutation_and_its_rounds():
    words = np.random.default_rng(1).integers(0, 2**32, (4, WORDS), dtype=np.uint32)
    words[0], words[1] = 0, 2**32 - 1
    lasts = np.zeros((4, WORDS), np.uint32)
    times = np.array([[4, 2**24, 2**24, 0], [8, 0, 0, 0], [12, 0, 0, 0], [16, 0, 0, 0]], np.uint32)
    events = np.hstack([times, words, lasts])
    row = row_of(KeccakCall, empty_table(KeccakCall, 2), 4)
    row.fill(events.T.astype(np.int64))
    lanes = words.astype("<u4").view("<u8").T
    after = permute(lanes).T.astype("<u8").copy().view("<u2")
    assert np.array_equal(np.stack(row.after, axis=1), after)
    rounds = keccak_rounds(events).reshape(4, ROUNDS, 2 + WORDS)
    assert np.array_equal(rounds[:, 0, 2:], words)
    assert np.array_equal(rounds[:, :, 0], np.repeat(times[:, :1], ROUNDS, axis=1))
    assert rounds[2, :, 1].tolist() == list(range(ROUNDS))
