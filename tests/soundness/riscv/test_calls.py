"""Calls in the whole machine: recorded by the executor, then told otherwise."""

import random

import numpy as np
import pytest

from node.recursion.riscv.chips.word_alu import WordOp
from node.recursion.riscv.fill import fill_tables
from node.recursion.riscv.isa import CODE_START, DATA_START, MEMORY_END
from node.recursion.riscv.native import Areas, Executor
from node.recursion.riscv.program import Program
from tests.riscv.call_programs import random_arguments
from tests.riscv.random_program import Writer
from tests.soundness.mutation import fixed_tables
from tests.soundness.riscv.forging import Attempt, machine_of
from tests.soundness.riscv.search import Search

pytestmark = pytest.mark.soundness

NAMES = {
    "KeccakCall": "keccakf",
    "Sha256Call": "sha256",
    "Poseidon2Call": "poseidon2",
    "MulAddMod": "muladdmod",
    "Secp256k1Add": "secp256k1_add",
    "Secp256k1Double": "secp256k1_double",
    "WordAlu": "word_alu",
}
NUMBERS = {chip: 257 + i for i, chip in enumerate(NAMES)}
STEPS = {"KeccakCall": {"keccak"}, "Sha256Call": {"sha256"}}
"""The bus to the chip that does a call's steps."""
FIRST, SECOND = DATA_START, DATA_START + 0x1000
TIME = 20
"""When the call is made, after four instructions that set its registers."""


def calling(chip, first=FIRST, second=SECOND):
    """A run that makes one call, ready for lies."""
    writer = Writer()
    one, two, third = random_arguments(NAMES[chip], random.Random(chip))
    writer.call(NUMBERS[chip], first, second, third)
    writer.halt()
    code = writer.instructions()
    program = Program(CODE_START, CODE_START, code, ((FIRST, one), (SECOND, two)))
    executor = Executor(program)
    (checkpoint,) = executor.execute(areas=Areas(2**62)).checkpoints
    segment, machine = executor.record(b"", checkpoint), machine_of(code.tobytes())
    tables = [x if x is None else np.array(x) for x in fill_tables(machine, segment, CODE_START)]
    return Attempt(machine, segment, tables, code)


def real_of(run, chip):
    """The column that says that the row is one: of WordAlu, the operation's."""
    row = run.get(chip, TIME)
    return "is_real" if "is_real" in row else next(x for x in row if row[x] == 1)


@pytest.fixture(params=NAMES)
def chip(request):
    return request.param


def test_a_call_is_accepted(chip):
    run = calling(chip)
    assert run.get(chip, TIME)[real_of(run, chip)] == 1
    assert run.refused_by() == set()


def test_a_call_that_is_not_answered(chip):
    run = calling(chip)
    run.put(chip, TIME, dict.fromkeys(run.get(chip, TIME), 0))
    assert run.refused_by() == {"call", "memory"} | STEPS.get(chip, set())


def test_a_call_that_is_answered_twice(chip):
    run = calling(chip)
    run.append(chip, run.get(chip, TIME))
    assert run.refused_by() == {"call", "memory"} | STEPS.get(chip, set())


def test_a_call_that_nobody_made(chip):
    """At the time of another instruction."""
    run = calling(chip)
    row = run.get(chip, TIME)
    clock = next(name for name in ("call.time", "time") if name in row)
    run.append(chip, row | {clock: TIME - 4})
    assert run.refused_by() >= {"call", "memory"}


def test_a_call_in_the_name_of_another(chip):
    run = calling(chip)
    run.put("Ecall", TIME, {"number": NUMBERS[chip] - 1})
    assert run.refused_by() == {"call", "memory"}


def test_another_operation_on_words():
    """Whatever else the row says: a2 is not its number."""
    for other in WordOp:
        run = calling("WordAlu")
        real, name = real_of(run, "WordAlu"), other.name.lower()
        if real != name:
            run.put("WordAlu", TIME, {real: 0, name: 1})
            assert "call" in run.refused_by()
            run.put("Ecall", TIME, {"a2[0]": other})
            assert run.refused_by() >= {"memory"}


def test_a_row_taken_back(chip):
    """Twice a row and once its negative: every bus balances, is_real is no bit.

    What WordAlu's rows say depends on the operations, so other buses object too.
    """
    run = calling(chip)
    row = run.get(chip, TIME)
    real = real_of(run, chip)
    run.put(chip, TIME, {real: 2}).append(chip, row | {real: -1})
    refused = run.refused_by()
    assert refused - {"range"} == {chip} if real == "is_real" else chip in refused
    if chip in STEPS:
        # no other equation of these knows is_real
        assert run.broken() == {(chip, 0, 0), (chip, 1, 0)}


def test_memory_that_is_not_there(chip):
    """Above 2^29 pointers are in range, but the tree has no leaf."""
    run, by = calling(chip), MEMORY_END >> 16
    value = run.get("Set", 4)["value[1]"] + by
    run.put("Set", 4, {"value[1]": value})
    run.put("Ecall", TIME, {"a0[1]": value})
    row = run.get(chip, TIME)
    name = next(n for n in ("call.a0[1]", "out.high", "p.high") if n in row)
    run.put(chip, TIME, {name: value})
    # what sets x10 again finds it there
    again = next(c for c in settings(run) if c["rd"] == 10 and c["at.time"] > TIME)
    run.put("Set", again["at.time"], {"before[1]": value})
    refused = {fields[0] for bus, fields in run.left() if bus == "memory"}
    assert run.refused_by() == {"memory", "program"}
    assert max(refused) >= MEMORY_END


def settings(run):
    """The rows of SET."""
    found = []
    for slot, table in zip(run.machine.slots, run.tables, strict=True):
        if slot.circuit.name == "Set" and table is not None:
            names = run.names("Set")
            found += [dict(zip(names, row.tolist(), strict=True)) for row in table if row.any()]
    return found


@pytest.mark.parametrize("sign", [1, -1])
def test_a_pointer_of_other_limbs(chip, sign):
    """The same address from limbs out of range: they are not the caller's."""
    run = calling(chip)
    row = run.get(chip, TIME)
    pairs = (("call.a0[0]", "call.a0[1]"), ("out.quarter", "out.high"), ("p.quarter", "p.high"))
    low, high = next(pair for pair in pairs if pair[0] in row)
    unit = 2**16 if low.startswith("call") else 2**14
    run.put(chip, TIME, {high: row[high] + sign, low: row[low] - sign * unit})
    assert run.refused_by() == {"call", "range"}


@pytest.mark.slow
@pytest.mark.parametrize("chip", ["KeccakCall", "Sha256Call", "Poseidon2Call"])
def test_the_search_finds_no_other_result(chip):
    """No few cells can be changed so that something else is written and nothing objects."""
    run = calling(chip)
    slot, table = next(
        (slot, table)
        for slot, table in zip(run.machine.slots, run.tables, strict=True)
        if slot.circuit.name == chip
    )
    written = {("memory", False, limb): lambda _: range(2**16) for limb in (1, 2)}
    search = Search(slot.circuit, fixed_tables(run.machine), written)
    assert search.forge(table[0].tolist(), depth=3, tries=8) is None
