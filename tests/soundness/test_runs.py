"""A run's proof: segments that are forged, dropped, repeated, reordered, or end badly."""

import random
from dataclasses import replace

import pytest

from node.errors import InvalidProof
from node.recursion.riscv.isa import CODE_START, DATA_START, IMMEDIATE, Op
from node.recursion.riscv.program import Program, memory_root
from node.recursion.riscv.proof import (
    MAX_LOG_ROWS,
    Keys,
    RunProof,
    decode_run,
    verify_run,
)
from node.recursion.riscv.prover import fill_segment, prove_segment
from node.recursion.security import FAST, TOY
from tests.riscv import recorder
from tests.riscv.random_program import Writer, random_program

pytestmark = pytest.mark.soundness

IMAGE = ((DATA_START, bytes(range(256)) * 2),)
OUTPUT = bytes(range(100, 132))


def program_of(instructions, image=IMAGE):
    return Program(CODE_START, CODE_START, instructions, image)


def segments_of(program, limit):
    """Recorded by the plain recorder, `limit` instructions each."""
    state = recorder.machine(
        program.instructions, program.base, program.entry, program.image, OUTPUT + bytes(32)
    )
    found = []
    while not found or not found[-1].public.halted:
        found.append(state.record(limit, len(found)))
    return found


def proved(program, limit):
    keys = Keys(program, TOY)
    parts = segments_of(program, limit)
    segments = tuple(prove_segment(keys, fill_segment(keys, part)) for part in parts)
    return RunProof(TOY, program.digest, segments)


def exits_with(code):
    writer = Writer()
    writer.immediate(Op.ADD, 5, 0, 1)
    writer.halt(code)
    return program_of(writer.instructions())


@pytest.fixture(scope="module")
def program():
    return program_of(random_program(random.Random(9), 60))


@pytest.fixture(scope="module")
def run(program):
    run = proved(program, 45)
    assert len(run.segments) >= 3
    return run


def refuse(program, run, match=None):
    with pytest.raises(InvalidProof, match=match):
        verify_run(program, run, (TOY,))


def with_segments(run, *segments):
    return replace(run, segments=tuple(segments))


def renumbered(segments):
    return [replace(s, public=replace(s.public, index=place)) for place, s in enumerate(segments)]


def test_a_run_in_segments_is_accepted(program, run):
    output = verify_run(program, run.encode(), (TOY,))
    assert len(output) == 32
    assert decode_run(run.encode()) == run


def test_a_preset_must_be_asked_for(program, run):
    with pytest.raises(InvalidProof, match="preset toy is not accepted"):
        verify_run(program, run)
    refuse(program, replace(run, preset=FAST), "preset fast")


def test_a_segment_is_dropped(program, run):
    first, second, *rest = run.segments
    refuse(program, with_segments(run, first, *rest), "segment 2 stands in place 1")
    refuse(program, with_segments(run, *renumbered([first, *rest])), "does not start where")
    refuse(program, with_segments(run, *run.segments[:-1]), "does not halt")
    refuse(program, with_segments(run, second, *rest), "segment 1 stands in place 0")
    refuse(program, with_segments(run, *renumbered([second, *rest])), "program's start")
    refuse(program, with_segments(run), "at least one segment")


def test_a_segment_is_repeated_or_moved(program, run):
    first, second, *rest = run.segments
    repeated = renumbered([first, second, second, *rest])
    refuse(program, with_segments(run, first, second, second, *rest), "stands in place")
    refuse(program, with_segments(run, *repeated), "does not start where")
    refuse(program, with_segments(run, second, first, *rest), "stands in place")


def test_a_renumbered_segment_is_not_the_one_that_was_proved(program):
    """A loop that changes nothing: only the index tells its segments apart."""
    writer = Writer()
    for _ in range(4):
        writer.immediate(Op.ADD, 5, 0, 0)
    writer.halt()
    run = proved(program_of(writer.instructions()), 2)
    first, second, *rest = run.segments
    swapped = with_segments(run, *renumbered([first, replace(second, proof=first.proof), *rest]))
    refuse(program_of(writer.instructions()), swapped)


def test_it_halts_in_the_middle(program, run):
    *first, last = run.segments
    refuse(program, with_segments(run, *renumbered([*first, last, last])), "halts, but another")


def test_an_exit_code_that_is_not_zero():
    program = exits_with(3)
    refuse(program, proved(program, 100), "exit code 3")


@pytest.mark.parametrize("field", ["root_before", "root_after", "output"])
@pytest.mark.parametrize("place", [0, 7])
def test_a_forged_root_or_output_is_not_what_was_proved(field, place):
    program = exits_with(0)
    run = proved(program, 100)
    (segment,) = run.segments
    values = list(getattr(segment.public, field))
    values[place] ^= 1
    forged = replace(segment, public=replace(segment.public, **{field: tuple(values)}))
    refuse(program, with_segments(run, forged))


def test_another_program_or_another_memory(program, run):
    changed = program.instructions.copy()
    changed[0, 4] ^= 1
    refuse(program_of(changed), run, "the proof is of program")
    other = program_of(program.instructions, ((DATA_START, bytes(512)),))
    assert other.digest != program.digest
    refuse(other, replace(run, program=other.digest), "program's start")
    elsewhere = replace(program, entry=CODE_START + 4)
    refuse(elsewhere, replace(run, program=elsewhere.digest), "program's start")


def test_instructions_are_part_of_the_key(program, run):
    """The chain alone would not notice: the same memory, other code."""
    changed = program.instructions.copy()
    last = len(changed) - 1
    changed[last] = [Op.ADD + IMMEDIATE, 5, 0, 0, 7, 0]
    other = program_of(changed)
    refuse(other, replace(run, program=other.digest))


def test_size_classes_are_bounded(program, run):
    first, *rest = run.segments
    refuse(program, with_segments(run, replace(first, log_rows=MAX_LOG_ROWS + 1), *rest), "exceeds")
    refuse(program, with_segments(run, replace(first, log_rows=3), *rest), "no such size class")
    refuse(program, with_segments(run, replace(first, log_rows=first.log_rows + 1), *rest))


def test_bytes_that_are_no_run(program, run):
    data = run.encode()
    for bad, match in [
        (b"", "no header"),
        (b"XXXX" + data[4:], "starts with"),
        (data[:4] + b"\x09" + data[5:], "version 9"),
        (data[:6] + b"\x07" + data[7:], "preset 7"),
        (data[:-1], "cut off"),
        (data[: len(data) // 2], "cut off"),
        (data + b"\x00", "1 bytes follow"),
        (data[:39] + b"\xff\xff\xff\xff" + data[43:], "cut off"),
    ]:
        refuse(program, bad, match)


def test_every_public_value_is_bound(program, run):
    """In the bytes: header 43, then log_rows, then the values."""
    data = run.encode()
    for value in (0, 1, 2, 3, 10, 11, 18, 19, 20, 21, 22, 37):
        at = 43 + 1 + 4 * value
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        refuse(program, changed)


def test_the_root_of_memory_is_that_of_its_leaves():
    assert memory_root(()) == memory_root(((DATA_START, bytes(64)),))
    parts = ((DATA_START + 30, b"\x01\x02"), (DATA_START + 32, b"\x03"))
    assert memory_root(parts) == memory_root(((DATA_START + 30, b"\x01\x02\x03"),))
    assert memory_root(parts) != memory_root(((DATA_START + 31, b"\x01\x02\x03"),))
