"""Jumps, branches, calls, how a segment ends, padding: what a dishonest prover could claim."""

from collections import Counter

import pytest

from node.errors import InvalidProof
from node.recursion.air.bounds import multiplicity_bounds
from node.recursion.field import P
from node.recursion.layout import check_heights
from node.recursion.riscv.chips.ecall import HINT
from node.recursion.riscv.isa import CODE_START, DATA_START, Op
from tests.riscv.random_program import Writer
from tests.soundness.riscv.by_hand import (
    NEXT,
    TARGET,
    calling,
    denied_halt,
    jumping,
    output_from,
    pointer,
    wrapped_jump,
)
from tests.soundness.riscv.forging import IMAGE, OPERATION, attempt, limbs

pytestmark = pytest.mark.soundness

PC = CODE_START + 8
"""Of the instruction at OPERATION."""
CALL = 12
"""When `calling` calls with one argument."""


@pytest.mark.parametrize(
    ("op", "a", "b", "following", "chip", "cells", "refused"),
    [
        # taken though it is not, and the other way round
        (Op.BEQ, 5, 6, TARGET, "BranchEqual", {"equal": 1}, {"BranchEqual"}),
        (Op.BEQ, 5, 6, TARGET, "BranchEqual", {"equal": 1, "inverses[0]": 0}, {"BranchEqual"}),
        (Op.BEQ, 5, 5, NEXT, "BranchEqual", {"equal": 0}, {"BranchEqual"}),
        (Op.BNE, 5, 5, TARGET, "BranchEqual", {"equal": 0, "inverses[0]": 7}, {"BranchEqual"}),
        (Op.BNE, 5, 6, NEXT, "BranchEqual", {"equal": 1, "inverses[0]": 0}, {"BranchEqual"}),
        # limbs that differ and cancel
        (Op.BEQ, 0x10000, 1, TARGET, "BranchEqual",
         {"equal": 1, "inverses[0]": 1, "inverses[1]": 1}, {"BranchEqual"}),
        (Op.BEQ, 0x0001FFFF, 0x00020000 - 2**16, TARGET, "BranchEqual",
         {"equal": 1, "inverses[0]": 0, "inverses[1]": 0}, {"BranchEqual"}),
        # half equal: half of both
        (Op.BNE, 5, 6, NEXT, "BranchEqual", {"if_equal": 1, "if_not": 0}, {"program"}),
        (Op.BLT, 6, 5, TARGET, "BranchLess", {"compared.less": 1}, {"range"}),
        (Op.BLT, 2**31, 5, NEXT, "BranchLess", {"compared.less": 0}, {"range"}),
        (Op.BLT, 2**31, 5, NEXT, "BranchLess", {"compared.less": 0, "compared.sign_a": 0},
         {"range"}),
        (Op.BLTU, 2**31, 5, TARGET, "BranchLess", {"compared.less": 1, "compared.sign_a": 1},
         {"range"}),
        (Op.BGEU, 5, 5, NEXT, "BranchLess", {"compared.less": 1}, {"range"}),
        (Op.BLTU, 5, 4, TARGET, "BranchLess", {"compared.less": 1, "compared.borrow": 32512},
         {"BranchLess"}),
        (Op.BLTU, 5, 4, TARGET, "BranchLess", {"bltu": 0, "bgeu": 1}, {"program"}),
        # elsewhere than the program says
        (Op.BEQ, 5, 5, NEXT, "BranchEqual", {"step.target": NEXT}, {"program"}),
        # between: half of one target and half of the other
        (Op.BEQ, 5, 5, NEXT, "BranchEqual", {"step.target": NEXT, "step.at.pc": PC - 4},
         {"program", "state"}),
    ],
)  # fmt: skip
def test_branches(op, a, b, following, chip, cells, refused):
    forged = jumping(op, a, b, following={OPERATION: following})
    assert forged.put(chip, OPERATION, cells).refused_by() == refused


def test_a_jump_elsewhere():
    forged = jumping(Op.JALR, TARGET, following={OPERATION: NEXT})
    assert forged.refused_by() == {"state"}
    assert forged.put("JumpRegister", OPERATION, pointer("target", NEXT)).refused_by() == {
        "JumpRegister"
    }


def test_a_jump_that_keeps_its_lowest_bit():
    """4 quarter = target + 1: no quarter below 2^14, and no instruction there."""
    forged = jumping(Op.JALR, TARGET, imm=1, following={OPERATION: TARGET + 1})
    quarter = (TARGET + 1) % 2**16 * pow(4, -1, P)
    forged.put("JumpRegister", OPERATION, {"target.quarter": quarter, "odd": 0})
    assert forged.refused_by() >= {"range", "program"}


@pytest.mark.parametrize("imm", [2, 3])
def test_a_jump_whose_second_bit_is_set(imm):
    """As if that bit were not there."""
    assert jumping(Op.JALR, TARGET, imm=imm, following={OPERATION: TARGET}).refused_by() == {
        "JumpRegister"
    }


def test_a_jump_whose_bits_count_as_more_than_they_are():
    forged = jumping(Op.JALR, TARGET, imm=2, following={OPERATION: TARGET})
    forged.put("JumpRegister", OPERATION, {"odd": 2})
    assert forged.refused_by() == {"JumpRegister"}


def test_a_jump_that_wraps_at_p():
    assert wrapped_jump().refused_by() == {"JumpRegister"}


def test_a_jump_to_an_alias_of_its_target():
    """4 quarter + 2^16 high = target + p."""
    forged = jumping(Op.JALR, TARGET)
    alias = TARGET + P
    assert alias % 4 == 1
    low = (alias % 2**16) * pow(4, -1, P)
    forged.put("JumpRegister", OPERATION, {"target.quarter": low, "target.high": alias >> 16})
    assert forged.refused_by() == {"JumpRegister", "range"}


@pytest.mark.parametrize(
    ("link", "refused"),
    [(PC + 8, {"JumpRegister"}), (PC, {"JumpRegister"}), (PC + 4 + P, {"range"})],
)
def test_a_wrong_link(link, refused):
    forged = jumping(Op.JALR, TARGET, values={OPERATION + 2: link})
    assert forged.put("JumpRegister", OPERATION, limbs("link", link)).refused_by() == refused


SET = 8


@pytest.mark.parametrize(
    ("lies", "cells"),
    [
        # lui, auipc and jal: another value, another way on, another register, x0 itself
        ({"values": {SET + 2: 7}}, limbs("value", 7)),
        ({"addresses": {SET + 2: 20}}, {"rd": 5}),
        ({"addresses": {SET + 2: 0}}, {"rd": 0}),
        ({}, {"is_real": 2}),
    ],
)
def test_a_set_that_is_not_the_programs(lies, cells):
    forged = jumping(Op.BEQ, 5, 5, **lies)
    assert "program" in forged.put("Set", SET, cells).refused_by()
    if lies:
        assert forged.refused_by() == {"program"}


def test_a_jump_that_goes_elsewhere_than_the_program_says():
    forged = jumping(Op.BEQ, 5, 6, following={OPERATION + 4: TARGET})
    assert forged.put("Set", OPERATION + 4, {"target": TARGET}).refused_by() >= {"program"}


@pytest.mark.parametrize("column", range(6))
def test_another_program(column):
    """Every field of an instruction that ran."""
    forged = jumping(Op.BLT, 5, 6)
    changed = forged.instructions.copy()
    changed[1, column] ^= 8
    again = attempt(forged.instructions, program=changed)
    if column == 3:  # rs2 of SET: a target stands in rs1's place, nothing here
        assert again.refused_by() in ({"program"}, set())
    elif column == 2:  # rs1 of SET is not carried: target is
        assert again.refused_by() == set()
    else:
        assert again.refused_by() == {"program"}


def test_an_instruction_of_another_place():
    """The same state as if the instruction before stood there."""
    forged = jumping(Op.BEQ, 5, 5)
    forged.put("Set", SET, {"at.pc": CODE_START})
    assert forged.refused_by() == {"program", "state"}


def test_a_call_that_no_chip_takes():
    forged = calling(HINT, DATA_START)
    forged.put("Ecall", CALL, {"number": 300})
    assert forged.refused_by() == {"call", "memory"}


def test_a_call_goes_on_elsewhere():
    """The next pc of a call that does not halt."""
    forged = calling(HINT, DATA_START, following={CALL: CODE_START + 4 * 4})
    assert forged.refused_by() == {"state"}


def test_a_halt_that_goes_on_and_a_hint_that_halts():
    forged = calling(HINT, DATA_START)
    assert forged.put("Ecall", CALL, {"halts": 1}).refused_by() == {"call", "state"}
    forged = jumping(Op.BEQ, 5, 5)
    halt = forged.get("Halt", None, is_real=1)["call.time"]
    end = forged.get("Ecall", halt)["at.pc"] + 4
    forged.put("Ecall", halt, {"halts": 0}).put("End", None, {"pc": end}, is_real=1)
    forged.claim(last_pc=end)
    assert forged.refused_by() == {"End", "call"}


def test_halts_is_no_bit():
    """Between: pc = (1 - halts) (pc + 4)."""
    forged = jumping(Op.BEQ, 5, 5)
    halt = forged.get("Halt", None, is_real=1)["call.time"]
    assert forged.put("Ecall", halt, {"halts": 2}).refused_by() == {"Ecall", "call", "state"}


@pytest.mark.parametrize("field", ["exit_code", "output"])
def test_what_a_halt_says(field):
    """Claimed, then said by End as well, then by Halt: it must be what a0 and the memory hold."""
    forged = jumping(Op.BEQ, 5, 5)
    exit_code = field == "exit_code"
    forged.claim(**{field: 5 if exit_code else (5, *forged.recorded.public.output[1:])})
    assert forged.refused_by() == {"end"}
    cells = limbs("exit_code", 5) if exit_code else {"output[0]": 5, "output[1]": 0}
    forged.put("End", None, cells, is_real=1)
    assert forged.refused_by() == {"halted"}
    cells = limbs("call.a0", 5) if exit_code else cells
    forged.put("Halt", None, cells, is_real=1)
    assert forged.refused_by() == ({"call"} if exit_code else {"memory"})


def test_a_digest_elsewhere():
    """The output is read where a1 does not point."""
    forged = jumping(Op.BEQ, 5, 5)
    halt = forged.get("Halt", None, is_real=1)
    forged.put("Halt", None, {"pointer.quarter": halt["pointer.quarter"] + 8}, is_real=1)
    assert forged.refused_by() == {"Halt", "memory"}
    assert output_from(64).refused_by() == {"Halt"}


def test_hints():
    """Into code, and limbs that are none."""
    forged = calling(HINT, CODE_START)
    assert forged.refused_by() == {"range"}
    forged = calling(HINT, DATA_START)
    limb = forged.get("Hint", CALL)["after[0]"]
    forged.put("Hint", CALL, {"after[0]": limb + 2**16, "after[1]": -1})
    assert forged.refused_by() == {"range", "memory"}
    forged = calling(HINT, DATA_START + 2)
    assert {"Hint"} <= forged.refused_by()


def unfinished(**lies):
    """A segment that does not halt."""
    return attempt(jumping(Op.BEQ, 5, 5).instructions, limit=3, **lies)


def test_an_output_without_a_halt():
    forged = unfinished().claim(exit_code=1)
    assert forged.refused_by() == {"end"}
    assert forged.put("End", None, limbs("exit_code", 1), is_real=1).refused_by() == {"End"}
    forged = unfinished().claim(output=(1, *[0] * 7))
    forged.put("End", None, {"output[0]": 1}, is_real=1)
    assert forged.refused_by() == {"End"}


def test_halted_without_a_halt():
    forged = unfinished().claim(halted=1)
    assert forged.put("End", None, {"halted": 1}, is_real=1).refused_by() == {"End", "halted"}
    forged.claim(last_pc=0).put("End", None, {"pc": 0}, is_real=1)
    assert forged.refused_by() == {"halted", "state"}


def test_a_halt_that_is_denied():
    """A second row of End takes what the halt said: it must be a real one."""
    forged = jumping(Op.BEQ, 5, 5)
    end = forged.get("End", None, is_real=1)
    said = {n: 0 for n in end if n.startswith(("output", "exit_code"))}
    forged.put("End", None, said | {"halted": 0}, is_real=1)
    forged.claim(halted=0, exit_code=0, output=(0,) * 8)
    assert forged.refused_by() == {"halted"}
    assert denied_halt().refused_by() == {"End"}


def test_two_ends():
    forged = jumping(Op.BEQ, 5, 5)
    forged.append("End", {"time": 4, "pc": CODE_START, "is_real": 1})
    assert forged.refused_by() == {"state", "end"}


@pytest.mark.parametrize("chip", ["Add", "Shift", "DivRem", "Load", "StorePart", "JumpRegister"])
def test_a_row_of_padding_that_is_real(chip):
    forged = jumping(Op.BEQ, 5, 5)
    flags = [
        n for n in forged.names(chip) if n in ("adds", "left", "div", "is_real", "byte_stored")
    ]
    (flag,) = flags
    refused = forged.append(chip, {flag: 1}).refused_by()
    assert refused >= {"state", "program", "memory"}


@pytest.mark.parametrize("chip", ["Halt", "Hint", "Leaf", "Node"])
def test_a_row_taken_back(chip):
    """Twice a row and once its negative: every bus balances, and is_real is no bit."""
    forged = jumping(Op.BEQ, 5, 5) if chip != "Hint" else calling(HINT, DATA_START)
    row = forged.get(chip, None, is_real=1)
    scaled = {"left_touched", "right_touched"} & set(row)
    for factor in (2, -1):
        flags = {name: row[name] * factor for name in ("is_real", *scaled)}
        if factor == 2:
            forged.put(chip, None, flags, **row)
        else:
            forged.append(chip, row | flags)
    assert forged.refused_by() == {chip}


def test_an_addition_as_so_many_parts_of_loads():
    """ADD x3, x1, x0 as 19 rows of LW with a multiplicity of 1/19: opcode 19/19, one in all."""
    writer = Writer()
    writer.set(1, DATA_START)
    writer.put(Op.ADD, 3, 1, 0)
    writer.halt()
    loaded = writer.instructions()
    loaded[1, 0] = Op.LW
    word = int.from_bytes(IMAGE[0][1][:4], "little")
    forged = attempt(loaded, program=writer.instructions())
    assert forged.recorded.steps["load"][0, 3] == word
    assert forged.refused_by() == {"program"}
    row = forged.get("Load", 8) | {"is_real": pow(int(Op.LW), -1, P)}
    forged.put("Load", 8, row)
    for _ in range(int(Op.LW) - 1):
        forged.append("Load", row)
    assert forged.refused_by() == {"Load"}


def test_multiplicities_cannot_sum_to_p():
    """Whatever heights are allowed: what every bus could carry stays below p, or is refused."""
    machine = jumping(Op.BEQ, 5, 5).machine
    heights, last, carried = [], {}, Counter()
    for slot in machine.slots:
        top = last.get(slot.circuit.name, slot.circuit.max_log_height + 1) - 1
        last[slot.circuit.name] = top
        heights.append(top)
        for bus, times in multiplicity_bounds(slot.circuit).items():
            carried[bus] += times << top
    if max(carried.values()) < P:
        check_heights(machine, heights, 22)
    else:
        with pytest.raises(InvalidProof, match="could carry"):
            check_heights(machine, heights, 22)
