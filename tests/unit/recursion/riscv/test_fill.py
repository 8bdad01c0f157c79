"""The compiled fillers make the tables that the chips' own `fill` makes, cell for cell."""

import random

import numpy as np
import pytest

from node.errors import InvalidInput
from node.recursion.air.check import unbalanced, violations
from node.recursion.air.chip import Bus, Chip, Felt, trace_chip
from node.recursion.riscv.areas import segment_areas
from node.recursion.riscv.buses import BYTES, PROGRAM, RANGE
from node.recursion.riscv.fill import LOOKUPS, fill_tables, lookup_graph
from node.recursion.riscv.isa import CODE_START, DATA_START
from node.recursion.riscv.machine import CALLS, FAMILIES, riscv_machine
from node.recursion.riscv.native import Areas, Executor
from node.recursion.riscv.program import Program
from node.recursion.riscv.trace import tables
from tests.riscv.assembler import assemble
from tests.riscv.call_programs import call_examples, random_arguments
from tests.riscv.programs import listed, rv32im_examples, words_of
from tests.riscv.random_program import every_pair, random_program
from tests.riscv.recorder import FAMILY

UNCUT = Areas(2**62)
DATA = bytes(range(100))


def program_of(instructions):
    return Program(CODE_START, CODE_START, instructions, ((DATA_START, bytes(range(256)) * 2),))


def segments(program, areas=UNCUT, **limits):
    executor = Executor(program)
    execution = executor.execute(DATA, areas=areas, **limits)
    return [executor.record(DATA, x, i) for i, x in enumerate(execution.checkpoints)]


def assert_equal(program, segment):
    machine = riscv_machine(program.instructions, program.base)
    reference = tables(machine, segment, program.instructions, program.base)
    filled = fill_tables(machine, segment, program.base)
    for slot, one, two in zip(machine.slots, filled, reference, strict=True):
        assert (one is None) == (two is None), slot.circuit.name
        if one is not None:
            assert (one.dtype, one.shape) == (two.dtype, two.shape)
            names = [c.name for c in slot.circuit.columns]
            wrong = [names[i] for i in np.flatnonzero((one != two).any(axis=0))]
            assert not wrong, slot.circuit.name
    return machine, filled


@pytest.mark.parametrize("seed", range(3))
def test_random_programs(seed):
    program = program_of(random_program(random.Random(seed), 500))
    (segment,) = segments(program)
    assert all(len(segment.steps[name]) for name in FAMILIES)
    assert all(len(segment.calls[name]) for name in ("ecall", "halt", "hint"))
    assert_equal(program, segment)


@pytest.mark.parametrize(
    "family", ["add", "bitwise", "compare", "shift", "mul", "mulhigh", "divrem"]
)
def test_corners(family):
    program = program_of(every_pair(FAMILY[family]))
    (segment,) = segments(program)
    assert_equal(program, segment)


EXAMPLES = [x for x in rv32im_examples() if x.name.split("-")[0] in ("load", "store", "branch")]
EXAMPLES += [x for x in call_examples() if x.name in CALLS]


@pytest.mark.parametrize("case", EXAMPLES, ids=[x.name for x in EXAMPLES])
def test_memory_branches_and_calls(case):
    program = case.assembled.program()
    (segment,) = segments(program)
    assert_equal(program, segment)


NUMBER = {name: 257 + i for i, name in enumerate(list(CALLS)[3:])}


def calling(name, arguments):
    """A program that makes one call after the other, each on a place of its own."""
    code, data = [], []
    for i, (first, second, third) in enumerate(arguments):
        code.append(f"la a0, first{i}\nla a1, second{i}\nli a2, {third}\n")
        code.append(f"li a7, {NUMBER[name]}\necall\n")
        for label, part in (("first", first), ("second", second or bytes(4))):
            data.append(f"{label}{i}: .word {listed(words_of(part))}\n")
    halt = "li a0, 0\nla a1, first0\nli a7, 93\necall\n.data\n"
    return assemble("_start:\n" + "".join(code) + halt + "".join(data)).program()


@pytest.mark.parametrize("name", NUMBER)
def test_random_calls(name):
    """Enough that tables have several instances and rounds fill more than one block."""
    rng = random.Random(name)
    program = calling(name, [random_arguments(name, rng) for _ in range(13)])
    (segment,) = segments(program)
    assert len(segment.calls[name]) == 13
    assert_equal(program, segment)


@pytest.mark.parametrize(
    ("name", "chip", "rows"), [("keccakf", "KeccakRound", 24), ("sha256", "Sha256Step", 16)]
)
def test_parts_of_tables(name, chip, rows):
    """Wherever a part begins, it is that part."""
    rng = random.Random(name)
    (segment,) = segments(calling(name, [random_arguments(name, rng) for _ in range(3)]))
    whole = segment.fill(chip, 0, 3 * rows, 7)
    assert not whole[:, 3 * rows :].any()
    for begin, end in ((1, 2), (rows - 1, 3 * rows), (rows, rows), (rows + 5, 2 * rows + 1)):
        part = segment.fill(chip, begin, end, 6)
        assert (part[:, : end - begin] == whole[:, begin:end]).all()
        assert not part[:, end - begin :].any()


def test_segments_satisfy_the_machine():
    """The second of several: nothing but tables and public values."""
    program = program_of(random_program(random.Random(5), 3000))
    machine = riscv_machine(program.instructions, program.base)
    least = segment_areas(machine, 0).fixed
    segment = segments(program, segment_areas(machine, least + 2**16))[1]
    machine, filled = assert_equal(program, segment)
    instances = {}
    for slot, table in zip(machine.slots, filled, strict=True):
        if table is not None:
            assert [str(v) for v in violations(slot.circuit, table)] == []
            instances.setdefault(slot.circuit, []).append(table)
    assert unbalanced(instances, machine.boundary, segment.public.values()) == {}


def test_tables_are_stored_by_column():
    """The prover takes columns: no copy."""
    program = program_of(random_program(random.Random(6), 50))
    (segment,) = segments(program)
    machine = riscv_machine(program.instructions, program.base)
    for table in fill_tables(machine, segment, program.base):
        assert table is None or table.T.flags.c_contiguous


@pytest.mark.parametrize(
    ("chip", "begin", "end", "log_height"),
    [
        ("Add", 2, 1, 4),
        ("Add", 0, 2**20, 20),
        ("Add", 0, 9, 3),
        ("Add", 0, 0, 32),
        ("Sub", 0, 0, 0),
    ],
)
def test_rows_that_are_not_there(chip, begin, end, log_height):
    (segment,) = segments(program_of(random_program(random.Random(7), 50)))
    with pytest.raises(ValueError, match=r"no filler|rows are not there"):
        segment.fill(chip, begin, end, log_height)


class Asks(Chip):
    """Asks whatever its columns say."""

    times, value, byte, pc = Felt(), Felt(), Felt(), Felt()

    def interact(self):
        yield RANGE.send(self.value, 8, times=self.times)
        yield BYTES.send(self.byte, 2 * self.byte, times=self.times)
        yield PROGRAM.send(self.pc, 0, 0, 0, 0, 0, 0, times=2 * self.times)
        yield Bus("other", arity=1).send(self.pc, times=self.times)


def asked(rows):
    (segment,) = segments(program_of(random_program(random.Random(7), 50)))
    counts = [np.zeros(size, np.uint32) for size in (2**17, 2**16, 2**16, 8)]
    graph = lookup_graph(trace_chip(Asks), CODE_START)
    segment.count(graph, np.array(rows, np.uint32).T, counts)
    return {
        bus.name: {int(i): int(c[i]) for i in np.flatnonzero(c)}
        for bus, c in zip(LOOKUPS, counts, strict=True)
    }


def test_lookups_are_counted():
    rows = [[0, 999, 999, 999]] * 200 + [[1, 255, 100, CODE_START + 8]] * 300
    rows += [[1, 7, 100, CODE_START]]
    assert asked(rows) == {
        "range": {256 + 255: 300, 256 + 7: 1},
        "bytes": {100 + 256 * 200: 301},
        "xor": {},
        "program": {2: 600, 0: 2},
    }


@pytest.mark.parametrize(
    "row", [[1, 2**17, 0, CODE_START], [1, 0, 2**15, CODE_START], [1, 0, 0, CODE_START + 2]]
)
def test_lookups_outside_tables_are_refused(row):
    with pytest.raises(InvalidInput, match="a row asks for what no table holds"):
        asked([row])
