"""The call poseidon2 is filled with the permutation."""

import numpy as np

from node.recursion.air.check import violations
from node.recursion.air.chip import trace_chip
from node.recursion.field import P
from node.recursion.poseidon2 import WIDTH, permute
from node.recursion.riscv.chips.poseidon2 import Poseidon2Call
from node.recursion.riscv.events import empty_table, row_of


def test_a_call_is_filled_with_the_permutation():
    words = np.random.default_rng(1).integers(0, P, (8, WIDTH))
    words[0], words[1], words[2, ::2] = 0, P - 1, 2**16
    events = np.zeros((8, 4 + 2 * WIDTH), np.int64)
    events[:, 0], events[:, 1], events[:, 4 : 4 + WIDTH] = range(4, 36, 4), 2**24, words
    table = empty_table(Poseidon2Call, 3)
    row_of(Poseidon2Call, table, 8).fill(events.T)
    circuit = trace_chip(Poseidon2Call)
    assert violations(circuit, table) == []
    row = Poseidon2Call([table[:, i].astype(np.int64) for i in range(Poseidon2Call.width)])
    after = [(low + 2**16 * high) % P for low, high in row._after()]
    assert np.stack(after, axis=1).tolist() == [permute(state) for state in words.tolist()]
