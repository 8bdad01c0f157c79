"""The executor under address and undefined-behaviour sanitizers answers as the installed one."""

import random

import numpy as np
import pytest

from node.errors import InvalidInput
from node.recursion.riscv.machine import CALLS, FAMILIES, ROUNDS
from node.recursion.riscv.native import Areas, ChipArea, Executor
from node.recursion.riscv.program import Program
from tests.riscv import word_streams
from tests.riscv.call_programs import call_examples
from tests.riscv.random_program import random_program
from tests.unit.recursion.core_input import run, sanitized_program

pytestmark = pytest.mark.slow
LIMIT = 64
AREAS = Areas(LIMIT, [ChipArea(1, dict.fromkeys(FAMILIES, 1))])
CHIPS = [chip.__name__ for chip in (*FAMILIES.values(), *CALLS.values(), *(x.chip for x in ROUNDS))]
CHIPS += ["End", "Leaf", "Node", "Poseidon2"]
OPCODES = (0x30, 0x10, 0x00, 0x20, 0x60)
"""Operations, immediate and not, loads, stores and branches."""


@pytest.fixture(scope="module")
def sanitized(tmp_path_factory):
    return sanitized_program(tmp_path_factory, "riscv_test")


def words(program, data, checkpoints=()):
    fields = program.instructions.ravel().tolist()
    out = [program.entry, program.base, len(fields), *fields, len(program.image)]
    for address, part in program.image:
        out += [address, len(part), *part]
    out += [len(data), *data, LIMIT, len(checkpoints)]
    for checkpoint in checkpoints:
        out += [len(checkpoint), *checkpoint]
    return out


def answer(executor, data, checkpoint):
    """What the installed executor makes of a checkpoint, as the program prints it."""
    try:
        segment = executor.record(data, checkpoint)
    except InvalidInput as error:
        return str(error).replace("checkpoint: ", "invalid: ", 1)
    cells = 0
    for chip in CHIPS:
        rows = segment.rows(chip)
        table = segment.fill(chip, 0, rows, (max(rows, 1) - 1).bit_length())
        cells += int(table.sum(dtype=np.uint64))
    return f"{segment.public.last_pc} {segment.end_time} {cells}"


def assert_same(sanitized, program, data, forged=()):
    executor = Executor(program)
    execution = executor.execute(data, cycle_limit=2**20, areas=AREAS)
    expected = [f"{execution.status} {execution.pc} {execution.cycles}"]
    expected += [answer(executor, data, x) for x in (*execution.checkpoints, *forged)]
    assert run(sanitized, words(program, data, forged)) == expected
    return execution


@pytest.mark.parametrize("case", call_examples(), ids=[x.name for x in call_examples()])
def test_calls(sanitized, case):
    assert_same(sanitized, case.assembled.program(), case.input)


def test_random_code(sanitized):
    rng = random.Random(1)
    for _ in range(10):
        code = [rng.getrandbits(32) & ~0x7C | rng.choice(OPCODES) for _ in range(20)]
        assert_same(sanitized, word_streams.program_of(code), b"")


def test_forged_checkpoints(sanitized):
    instructions = random_program(random.Random(2), 200)
    image = ((0x1000000, bytes(range(256)) * 2),)
    program = Program(0x10000, 0x10000, instructions, image)
    checkpoints = assert_same(sanitized, program, b"").checkpoints
    rng = random.Random(3)
    forged = [b"", checkpoints[0][:-1], *(x[: rng.randrange(len(x))] for x in checkpoints)]
    for checkpoint in checkpoints:
        for _ in range(6):
            at = 4 * rng.randrange(len(checkpoint) // 4)
            value = rng.choice([0, 1, 4, 255, 2**16, 2**22 - 1, 2**31, 2**32 - 4, 2**32 - 1])
            forged.append(checkpoint[:at] + value.to_bytes(4, "little") + checkpoint[at + 4 :])
    assert_same(sanitized, program, b"", forged)
