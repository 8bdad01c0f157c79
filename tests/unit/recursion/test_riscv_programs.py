"""The tools of the tests themselves: assembler, simulator and example programs."""

import shutil
import subprocess

import pytest

from node.recursion.riscv.isa import CODE_START, Op, decode_code
from tests.riscv.assembler import assemble
from tests.riscv.call_programs import call_examples
from tests.riscv.elf_file import elf_of
from tests.riscv.programs import MEANING, example, rv32im_examples
from tests.riscv.simulator import Fault, simulate

QEMU = shutil.which("qemu-riscv32")
LIMIT = 100_000


def run(program, data=b""):
    code = range(program.base, program.base + 4 * len(program.instructions))
    return simulate(program.image, program.entry, code, data, LIMIT)


def names(examples):
    return [x.name for x in examples]


@pytest.mark.parametrize("case", rv32im_examples(), ids=names(rv32im_examples()))
def test_examples_in_the_simulator(case):
    machine = run(case.assembled.program())
    assert (machine.exit_code, machine.output) == (0, case.output_bytes)


@pytest.mark.parametrize("case", call_examples(), ids=names(call_examples()))
def test_calls_in_the_simulator(case):
    machine = run(case.assembled.program(), case.input)
    assert (machine.exit_code, machine.output) == (0, case.output_bytes)


@pytest.mark.skipif(QEMU is None, reason="needs qemu-riscv32")
@pytest.mark.parametrize("case", rv32im_examples(), ids=names(rv32im_examples()))
def test_examples_in_qemu(case, tmp_path):
    path = tmp_path / "program"
    path.write_bytes(elf_of(case.assembled).encode())
    path.chmod(0o755)
    assert subprocess.run([QEMU, path], check=False, timeout=60).returncode == 0


@pytest.mark.parametrize("op", MEANING)
def test_a_wrong_case_is_named(op):
    right = f"li a1, 9\n li a2, 5\n {op} a0, a1, a2"
    cases = [(right, MEANING[op](9, 5)), (right, MEANING[op](9, 5) + 1)]
    assert run(example("wrong", cases).assembled.program()).exit_code == 2


def test_a_wrong_call_is_counted():
    case = call_examples()[1]
    broken = case.source.replace("keccakf_0_result: .word ", "keccakf_0_result: .word 1")
    assert run(assemble(broken).program()).exit_code == 1


def test_every_instruction_is_assembled_as_decoded():
    decoded = {
        Op(row[0] % 64)
        for case in (*rv32im_examples(), *call_examples())
        for row in case.assembled.program().instructions.tolist()
    }
    assert decoded == set(Op)


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("addi a0, a1, -2048", (Op.ADD + 64, 10, 11, 0, 2**32 - 2048, 0)),
        ("srai t6, t5, 31", (Op.SRA + 64, 31, 30, 0, 31, 0)),
        ("sw s1, -1(sp)", (Op.SW, 0, 2, 9, 2**32 - 1, 0)),
        ("bgeu a0, a1, 0x10ffe", (Op.BGEU, 0, 10, 11, 0, 0x10FFE)),
        ("beq a0, a1, 0xf000", (Op.BEQ, 0, 10, 11, 0, 0)),
        ("jal ra, 0x1feee", (Op.SET, 1, 0, 0, CODE_START + 4, 0x1FEEE)),
        ("jalr x0, -4(ra)", (Op.JALR, 32, 1, 0, 2**32 - 4, 0)),
        ("lui a0, 0xfffff", (Op.SET, 10, 0, 0, 0xFFFFF000, CODE_START + 4)),
        ("auipc a0, 0xfffff", (Op.SET, 10, 0, 0, 0xF000, CODE_START + 4)),
    ],
)
def test_one_instruction(line, row):
    assert tuple(decode_code(assemble(line).code, CODE_START)[0]) == row


@pytest.mark.parametrize(
    "line", ["addi a0, a0, 2048", "beq a0, a0, 0x11000", "foo a0", "a: a:", "add a0, a1, b9"]
)
def test_the_assembler_refuses(line):
    with pytest.raises(ValueError, match=r"within|unknown|twice|KeyError"):
        assemble(line)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (".word 0", "illegal instruction"),
        ("ebreak", "illegal instruction"),
        ("lw a0, 0(x0)", "outside the map"),
        ("auipc a0, 0\n sw a0, 0(a0)", "outside the map"),
        ("lui a0, 0x20000\n lw a0, -4(a0)\n lw a0, 0(a0)", "outside the map"),
        ("lui a0, 0x20000\n lb a1, 0(a0)", "outside the map"),
        ("lui a0, 0x1000\n lh a1, 1(a0)", "misaligned"),
        ("auipc a0, 0\n jalr ra, 2(a0)", "misaligned jump"),
        ("nop", "no code"),
        ("li a7, 1\n ecall", "unknown call"),
        ("loop: j loop", "cycles"),
        ("lui a0, 0x1000\n li a7, 256\n ecall\n ecall", "input has ended"),
    ],
)
def test_the_simulator_refuses(source, why):
    with pytest.raises(Fault, match=why):
        run(assemble(source).program())
