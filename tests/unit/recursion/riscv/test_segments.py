"""Segments: where runs are cut, what is recorded of each, and checkpoints that lie."""

import random
import struct
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.errors import InvalidInput
from node.recursion.field import P
from node.recursion.riscv.areas import segment_areas
from node.recursion.riscv.isa import CODE_START, DATA_START
from node.recursion.riscv.machine import FAMILIES, riscv_machine, split
from node.recursion.riscv.native import HALTED, ROWS, Areas, ChipArea, Executor
from node.recursion.riscv.program import Program
from tests.riscv import recorder
from tests.riscv.assembler import assemble
from tests.riscv.call_programs import call_examples
from tests.riscv.memory_bus import accesses
from tests.riscv.random_program import random_program

DATA = bytes(range(64)) * 3
IMAGE = ((DATA_START, bytes(range(256)) * 2),)
UNCUT = Areas(2**62)
EVERY = [ChipArea(1, dict.fromkeys(FAMILIES, 1))]


def program_of(seed, length=300):
    instructions = random_program(random.Random(seed), length)
    return Program(CODE_START, CODE_START, instructions, IMAGE)


def segments(program, data, areas):
    executor = Executor(program)
    execution = executor.execute(data, areas=areas)
    return [executor.record(data, x, i) for i, x in enumerate(execution.checkpoints)]


def same(one, two):
    """Whether two recordings hold the same arrays."""
    assert (one.public, one.end_time) == (two.public, two.end_time)
    for name, events in two.steps.items():
        assert one.steps[name].tolist() == events.tolist(), name
    for name, events in one.calls.items():
        assert events.tolist() == (two.calls[name].tolist() if name in two.calls else []), name
    assert one.leaves.tolist() == two.leaves.tolist()
    assert one.nodes.tolist() == two.nodes.tolist()


class Reference(recorder.Machine):
    """The plain recorder, with the registers' leaves always touched, as the executor has them."""

    def start(self):
        super().start()
        self.first = {address: self.words.get(address, 0) for address in range(0, 160, 4)}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("limit", [16, 64, 256, 2**62])
def test_events_equal_the_plain_recorders(seed, limit):
    program = program_of(seed)
    words = recorder.image_words(IMAGE)
    reference = Reference(program.instructions, CODE_START, CODE_START, words, stream(DATA))
    found = segments(program, DATA, Areas(limit, EVERY))
    assert len(found) > 1 or limit > 1000
    for i, recorded in enumerate(found):
        same(recorded, reference.record(recorded.end_time // 4 - 1, i))


def stream(data):
    data = len(data).to_bytes(4, "little") + data
    return data + bytes(-len(data) % 32)


CHAINED = [program_of(seed) for seed in (1, 2)]
CHAINED += [x.assembled.program() for x in call_examples()]


@pytest.mark.parametrize("program", CHAINED)
@pytest.mark.parametrize("limit", [2**62, 512, 64])
def test_every_access_takes_what_the_one_before_left(program, limit):
    data = next((x.input for x in call_examples() if x.name == "hint"), DATA)
    executor = Executor(program)
    execution = executor.execute(data, areas=Areas(limit, EVERY))
    assert execution.status in (HALTED, "hint past the input's end")
    roots = [executor.root]
    for checkpoint in execution.checkpoints:
        recorded = executor.record(data, checkpoint)
        assert recorded.public.root_before == roots[-1]
        roots.append(recorded.public.root_after)
        bus = {}
        for index, *row in recorded.leaves.tolist():
            for i in range(8):
                bus[32 * index + 4 * i] = (row[i], 0)
        for time, address, before, after, last in accesses(recorded, program):
            assert bus[address] == (before, last)
            assert last < time
            bus[address] = (after, time)
        for index, *row in recorded.leaves.tolist():
            for i in range(8):
                assert bus[32 * index + 4 * i] == (row[8 + i], row[16 + i])


def test_segments_chain():
    program = program_of(3)
    found = segments(program, DATA, Areas(100, EVERY))
    publics = [x.public for x in found]
    assert publics[0].first_pc == program.entry
    assert [x.index for x in publics] == list(range(len(publics)))
    for one, two in pairwise(publics):
        assert (one.last_pc, one.root_after) == (two.first_pc, two.root_before)
        assert (one.halted, one.exit_code, one.output) == (0, 0, (0,) * 8)
    assert (publics[-1].halted, publics[-1].last_pc) == (1, 0)
    whole = segments(program, DATA, UNCUT)[0].public
    assert (whole.output, whole.root_after) == (publics[-1].output, publics[-1].root_after)
    assert sum(x.end_time // 4 - 1 for x in found) == Executor(program).execute(DATA).cycles


def counted(recorded):
    """Of each kind of `ROWS`, how many a segment has."""
    events = {**recorded.steps, **recorded.calls}
    counts = {name: len(rows) for name, rows in events.items()}
    return {**counts, "leaves": len(recorded.leaves), "nodes": len(recorded.nodes)}


LOOP = """
    la s0, room
    lui s1, 40
again:
    mul a0, s1, s1
    sw a0, 0(s0)
    lw a1, 0(s0)
    xor a2, a1, s1
    sb a2, 64(s0)
    addi s0, s0, 36
    addi s1, s1, -1
    bnez s1, again
    la a1, room
    li a0, 0
    li a7, 93
    ecall
.data
room: .word 0
"""


@pytest.mark.parametrize("limit", [2**21, 2**22])
def test_segments_fill_their_area_and_no_more(limit):
    program = assemble(LOOP).program()
    machine = riscv_machine(program.instructions, program.base)
    areas = segment_areas(machine, limit)
    executor = Executor(program)
    execution = executor.execute(areas=areas, cycle_limit=100_000)
    assert len(execution.checkpoints) > 2
    totals = dict.fromkeys(ROWS, 0)
    for checkpoint in execution.checkpoints[:-1]:
        recorded = executor.record(b"", checkpoint)
        counts = counted(recorded)
        totals = {name: totals[name] + counts[name] for name in ROWS}
        area = area_of(areas, counts)
        assert area <= limit
        assert overflows(areas, counts), "the segment could have held more"
    last = counted(executor.record(b"", execution.checkpoints[-1]))
    assert execution.rows == {name: totals[name] + last[name] for name in ROWS}


def area_of(areas, counts):
    return areas.fixed + sum(
        chip.cells * 2**height
        for chip in areas.chips
        for height in split(sum(counts[x] * n for x, n in chip.rows.items()), chip.instances)
    )


def overflows(areas, counts):
    """Whether one instruction more of every family, and a leaf, exceed the limit."""
    more = {name: count + (name in FAMILIES) for name, count in counts.items()}
    more |= {"leaves": counts["leaves"] + 1, "nodes": counts["nodes"] + 24}
    return area_of(areas, more) > areas.limit


def test_calls_are_cut_before():
    """A call that does not fit waits for the next segment."""
    source = "la a0, room\n li a7, 257\n" + "ecall\n" * 6 + "li a7, 1\n ecall\n.data\nroom: .word 0"
    program = assemble(source).program()
    areas = Areas(32, [ChipArea(8, {"keccakf": 1})])
    assert [len(x.calls["keccakf"]) for x in segments(program, b"", areas)] == [4, 2]


def test_areas_without_room_are_refused():
    executor = Executor(program_of(1))
    with pytest.raises(InvalidInput, match="the area limit holds no instruction"):
        executor.execute(DATA, areas=Areas(100, EVERY, fixed=101))
    with pytest.raises(InvalidInput, match="the area limit holds no instruction"):
        executor.execute(DATA, areas=Areas(0, EVERY))


def test_segments_end_before_times_do():
    """Times stay below 2^24, so that differences do."""
    program = assemble("loop: j loop").program()
    executor = Executor(program)
    execution = executor.execute(areas=UNCUT, cycle_limit=2**22 + 10)
    assert len(execution.checkpoints) == 2
    first = executor.record(b"", execution.checkpoints[0])
    assert first.end_time == 2**24
    assert first.steps["set"][-1][0] + 2 < 2**24
    assert len(executor.record(b"", execution.checkpoints[1]).steps["set"]) == 11


def test_checkpoints_are_deterministic_and_independent():
    program = program_of(5)
    one, two = (Executor(program).execute(DATA, areas=Areas(64, EVERY)) for _ in range(2))
    assert one.checkpoints == two.checkpoints
    in_order = segments(program, DATA, Areas(64, EVERY))
    for i in reversed(range(len(in_order))):
        same(Executor(program).record(DATA, one.checkpoints[i], i), in_order[i])


HEADER = struct.Struct("<7I")
PROGRAM = program_of(6, 60)
EXECUTOR = Executor(PROGRAM)
CHECKPOINTS = EXECUTOR.execute(DATA, areas=Areas(40, EVERY)).checkpoints


def changed(checkpoint, at, value):
    """With another word."""
    return checkpoint[: 4 * at] + struct.pack("<I", value) + checkpoint[4 * at + 4 :]


FIRST = next(x for x in CHECKPOINTS if HEADER.unpack_from(x)[6] > 6)
LEAVES = HEADER.unpack_from(FIRST)[6]
CONTENT = 7 + LEAVES
SIBLINGS = CONTENT + 8 * LEAVES
LIES = {
    "magic": (changed(FIRST, 0, 1), "the bytes are no checkpoint"),
    "version": (changed(FIRST, 1, 2), "the bytes are no checkpoint"),
    "length": (changed(FIRST, 3, 2**22), "segment is too long"),
    "count": (changed(FIRST, 6, 2**32 - 1), "is cut short"),
    "fewer leaves": (changed(FIRST, 6, 4), "lacks registers"),
    "registers": (changed(FIRST, 9, 3), "lacks registers"),
    "order": (changed(FIRST, 12, 5), "out of place"),
    "below memory": (changed(FIRST, 12, CODE_START // 32 - 1), "out of place"),
    "above memory": (changed(FIRST, 6 + LEAVES, 2**24), "out of place"),
    "repeated": (changed(FIRST, 13, struct.unpack_from("<I", FIRST, 48)[0]), "out of place"),
    "x0": (changed(FIRST, CONTENT, 1), "x0 is not zero"),
    "register": (changed(FIRST, CONTENT + 1, 77), "does not have its root"),
    "memory": (changed(FIRST, SIBLINGS - 1, 77), "does not have its root"),
    "sibling": (changed(FIRST, SIBLINGS, 1), "does not have its root"),
    "no field element": (changed(FIRST, SIBLINGS, P), "not of field elements"),
    "root": (changed(FIRST, len(FIRST) // 4 - 1, 1), "does not have its root"),
    "bytes too many": (FIRST + b"\0", "bytes too many"),
    "pc": (changed(FIRST, 2, CODE_START - 4), "does not run to its end"),
    "odd pc": (changed(FIRST, 2, CODE_START + 2), "does not run to its end"),
    "past the halt": (changed(CHECKPOINTS[-1], 3, 2**20), "does not run to its end"),
    "hints": (changed(CHECKPOINTS[-1], 4, 2**31), "does not run to its end"),
    "high hints": (changed(CHECKPOINTS[-1], 5, 2**31), "does not run to its end"),
    "another segment's length": (changed(CHECKPOINTS[0], 3, 80), "lacks memory"),
}  # fmt: skip


@pytest.mark.parametrize(("checkpoint", "why"), LIES.values(), ids=LIES)
def test_checkpoints_that_lie(checkpoint, why):
    with pytest.raises(InvalidInput, match=f"checkpoint: .*{why}"):
        EXECUTOR.record(DATA, checkpoint)


def test_checkpoints_cut_short():
    for size in range(0, len(FIRST), 5):
        with pytest.raises(InvalidInput, match="checkpoint"):
            EXECUTOR.record(DATA, FIRST[:size])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(CHECKPOINTS), st.data())
def test_no_bytes_crash(checkpoint, data):
    """What is not refused is a segment of some run, and its memory has the root it names."""
    at = data.draw(st.integers(0, len(checkpoint) - 1))
    value = data.draw(st.integers(0, 255))
    forged = checkpoint[:at] + bytes([value]) + checkpoint[at + 1 :]
    try:
        recorded = EXECUTOR.record(DATA, forged)
    except InvalidInput:
        return
    root = struct.unpack("<8I", checkpoint[-32:])
    assert forged == checkpoint or at < 4 * HEADER.size
    assert recorded.public.root_before == root


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data):
    with pytest.raises(InvalidInput):
        EXECUTOR.record(DATA, data)


def test_a_checkpoint_of_another_program():
    with pytest.raises(InvalidInput):
        Executor(program_of(9, 60)).record(DATA, CHECKPOINTS[1])
