"""The RV32IM chips accept what RISC-V does: every operation on every pair of corner values."""

import random

import pytest

from node.recursion.air.check import unbalanced, violations
from node.recursion.prover import prove
from node.recursion.riscv.isa import CODE_START, DATA_START
from node.recursion.riscv.machine import FAMILIES, riscv_machine, split
from node.recursion.riscv.trace import tables
from node.recursion.security import TOY
from node.recursion.verifier import verify
from tests.riscv import recorder
from tests.riscv.random_program import every_pair, random_program

IMAGE = [(DATA_START, bytes(range(256)) * 2)]


def traced(instructions):
    """(machine, recorded, tables) of a whole run in one segment."""
    state = recorder.machine(instructions, CODE_START, CODE_START, IMAGE, bytes(range(64)))
    recorded = state.record()
    machine = riscv_machine(instructions, CODE_START)
    return machine, recorded, tables(machine, recorded, instructions, CODE_START)


def assert_satisfied(machine, recorded, parts):
    """No equation fails and every bus balances."""
    instances = {}
    for slot, table in zip(machine.slots, parts, strict=True):
        if table is not None:
            assert [str(v) for v in violations(slot.circuit, table)] == []
            instances.setdefault(slot.circuit, []).append(table)
    assert unbalanced(instances, machine.boundary, recorded.public.values()) == {}


@pytest.mark.parametrize(
    "family",
    ["add", "bitwise", "compare", "shift", "mul", "mulhigh", "divrem"],
)
def test_every_operation_on_every_pair_of_corners(family):
    machine, recorded, parts = traced(every_pair(recorder.FAMILY[family]))
    assert len(recorded.steps[family]) >= 12 * 12
    assert_satisfied(machine, recorded, parts)


@pytest.mark.parametrize("seed", range(3))
def test_random_programs_of_every_instruction(seed):
    machine, recorded, parts = traced(random_program(random.Random(seed), 400))
    assert all(len(recorded.steps[name]) for name in FAMILIES)
    assert all(len(recorded.calls[name]) for name in ("ecall", "halt", "hint"))
    assert_satisfied(machine, recorded, parts)


def test_a_random_program_is_proved():
    machine, recorded, parts = traced(random_program(random.Random(4), 100))
    proof, key = prove(machine, TOY, parts, recorded.public.values())
    verify(key, proof.encode(), recorded.public.values())


@pytest.mark.parametrize(
    ("rows", "instances", "heights"),
    [
        (0, 3, []),
        (1, 1, [0]),
        (3, 1, [2]),
        (3, 2, [1, 0]),
        (7, 2, [3]),
        (7, 3, [2, 1, 0]),
        (9, 3, [3, 0]),
        (13, 3, [3, 2, 0]),
        (832, 3, [9, 8, 6]),
        (900, 3, [10]),
    ],
)
def test_rows_are_split_into_falling_powers_of_two(rows, instances, heights):
    assert split(rows, instances) == heights
    assert sum(1 << h for h in heights) >= rows
