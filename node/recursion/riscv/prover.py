"""Proves a run: segment by segment, each from what the executor recorded of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from node.recursion.layout import ABSENT, lay_out
from node.recursion.riscv.proof import Keys, RunProof, SegmentProof
from node.recursion.riscv.trace import Recorded, tables


def prove_segment(keys: Keys, recorded: Recorded) -> SegmentProof:
    """The proof of one recorded segment, under the smallest key that holds it."""
    program = keys.program
    parts = tables(keys.machine, recorded, program.instructions, program.base)
    heights = [ABSENT if part is None else len(part).bit_length() - 1 for part in parts]
    key = keys.smallest(lay_out(keys.machine, heights, 0).area)
    proof = key.prove(parts, recorded.public.values())
    return SegmentProof(key.verifying_key.log_rows, recorded.public, proof.encode())


def prove_segments(
    keys: Keys, recorded: Iterable[Recorded], done: Callable[[SegmentProof], Any] = lambda _: None
) -> RunProof:
    """The proof of a run from all its segments, in order. done: told of each as it is proved."""
    return RunProof(keys.preset, keys.program.digest, tuple(_prove_each(keys, recorded, done)))


def _prove_each(
    keys: Keys, recorded: Iterable[Recorded], done: Callable[[SegmentProof], Any]
) -> Iterator[SegmentProof]:
    for index, segment in enumerate(recorded):
        numbered = replace(segment, public=replace(segment.public, index=index))
        proof = prove_segment(keys, numbered)
        done(proof)
        yield proof
