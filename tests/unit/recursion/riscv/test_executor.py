"""The compiled executor: how runs end, whatever the code; held against the simulator in tests/."""

import datetime
import json
import lzma
import random
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.errors import InvalidInput
from node.recursion.field import P
from node.recursion.native import available_builds, core, load_build
from node.recursion.riscv import native
from node.recursion.riscv.isa import CODE_START, DATA_START, MEMORY_END, decode_code
from node.recursion.riscv.native import HALTED, PAGE, Areas, Executor
from node.recursion.riscv.program import Program
from tests.riscv import word_streams
from tests.riscv.assembler import assemble
from tests.riscv.call_programs import call_examples
from tests.riscv.elf_file import elf_of
from tests.riscv.programs import Example, listed, rv32im_examples
from tests.riscv.recorder import image_words
from tests.riscv.simulator import SECP256K1, simulate
from tests.suites import suite_path

QEMU = shutil.which("qemu-riscv32")
UNCUT = Areas(2**62)
EXAMPLES = [*rv32im_examples(), *call_examples()]


def run(source, data=b"", **limits):
    return Executor(assemble(source).program()).execute(data, **limits)


@pytest.mark.parametrize("case", EXAMPLES, ids=[x.name for x in EXAMPLES])
def test_examples(case: Example):
    program = case.assembled.program()
    execution = Executor(program).execute(case.input)
    assert (execution.status, execution.exit_code, execution.pc) == (HALTED, 0, 0)
    assert execution.output == case.output_bytes
    code = range(program.base, program.base + 4 * len(program.instructions))
    reference = simulate(program.image, program.entry, code, case.input, 2**20)
    assert execution.cycles == reference.cycles
    families = list(execution.rows.values())[: native.ROWS.index("ecall") + 1]
    assert sum(families) == execution.cycles


def agrees(status, fault):
    """Whether executor and simulator name the same reason."""
    same = {
        "illegal instruction": "illegal instruction",
        "misaligned access": "misaligned access",
        "misaligned jump": "misaligned jump",
        "access outside memory": "outside the map",
        "store to code": "outside the map",
        "unknown call": "unknown call",
        "hint past the input's end": "the input has ended",
    }
    return same.get(status, status) in fault


@settings(max_examples=150, deadline=None)
@given(word_streams.STREAMS)
def test_any_code_runs_as_in_the_simulator(words):
    program = word_streams.program_of(words)
    reference = word_streams.simulated(program)
    machine = reference.machine
    executor = Executor(program)
    execution = executor.execute(cycle_limit=word_streams.LIMIT, areas=UNCUT)
    assert agrees(execution.status, reference.fault)
    assert execution.cycles == machine.cycles
    if execution.pc != 0:  # the decoder's word for all that is outside code
        assert execution.pc == machine.pc
    memory = memory_after(executor.record(b"", execution.checkpoints[0]))
    assert [memory[4 * r] for r in range(32)] == machine.registers
    for address, word in memory.items():
        if address >= CODE_START:
            assert word == machine.load(address, 4)
    image = image_words(program.image)
    for address, word in machine.memory.items():
        assert address in memory or word == image[address]


def test_operand_and_result_vectors():
    """What riscv-tests and riscv-arch-test expect of each operation, thousands of times."""
    vectors = json.loads(lzma.decompress(suite_path("riscv/rv_op_vectors.json.xz").read_bytes()))
    cases = [x for x in vectors if x["xlen"] == 32]
    assert len(cases) > 10_000
    stores = [f"{vector_code(case)}\n sw a0, 0(s0)\n addi s0, s0, 4\n" for case in cases]
    end = f"li a7, 1\n ecall\n.data\nresults: .space {4 * len(cases)}"
    executor = Executor(assemble("la s0, results\n" + "".join(stores) + end).program())
    execution = executor.execute(areas=UNCUT)
    assert execution.status == "unknown call"
    memory = memory_after(executor.record(b"", execution.checkpoints[0]))
    for i, case in enumerate(cases):
        assert memory[DATA_START + 4 * i] == int(case["r"], 0), case


def vector_code(case):
    """Immediates are given as twelve bits, or with their sign before them."""
    a, b, name = int(case["a"], 0), int(case["b"], 0), case["op"]
    if name.endswith("i") or name == "sltiu":
        return f"li a1, {a}\n {name} a0, a1, {(b & 0x7FF) - (b & 0x800)}"
    return f"li a1, {a}\n li a2, {b}\n {name} a0, a1, a2"


def memory_after(recorded):
    """{address: word} of all that the segment touched, registers at 4 r."""
    return {int(row[0]) * 32 + 4 * i: int(row[9 + i]) for row in recorded.leaves for i in range(8)}


CALL = "la a0, place\n la a1, other\n li a7, {}\n ecall\n"
PLACES = "\n.data\nplace: .word {}\nother: .word {}\n"
POINT = listed([1, *[0] * 7, 5, *[0] * 7])
OVER = listed([SECP256K1 >> 32 * i & 0xFFFFFFFF for i in range(8)] + [1, *[0] * 7])
OVER_Y = listed([1, *[0] * 7] + [SECP256K1 >> 32 * i & 0xFFFFFFFF for i in range(8)])


def two_places(number, one, two="0"):
    return CALL.format(number) + PLACES.format(one, two)


COORDINATE = "secp256k1 coordinate that is not below the field's prime"
ERRORS = [
    (".word 0", "illegal instruction", 0),
    ("ebreak", "illegal instruction", 0),
    (".word 0x4505", "illegal instruction", 0),  # a compressed instruction
    ("nop", "fetch outside the code", 4),
    ("j there\n there: .space 0", "fetch outside the code", 4),
    ("lui a0, 0x1000\n jr a0", "fetch outside the code", DATA_START - CODE_START),
    ("jr x0", "fetch outside the code", -CODE_START),
    ("auipc a0, 0\n jalr ra, 2(a0)", "misaligned jump", 4),
    ("beq x0, x0, 0x10006", "misaligned jump", 0),
    ("jal ra, 0x1000a", "misaligned jump", 0),
    ("lui a0, 0x1000\n lh a1, 1(a0)", "misaligned access", 4),
    ("lui a0, 0x1000\n lw a1, 2(a0)", "misaligned access", 4),
    ("lui a0, 0x1000\n sw a1, 1(a0)", "misaligned access", 4),
    ("lui a0, 0x1000\n sh a1, 3(a0)", "misaligned access", 4),
    ("lw a0, 0(x0)", "access outside memory", 0),
    ("lui a0, 0x10\n lb a0, -1(a0)", "access outside memory", 4),
    ("sb a0, 0(x0)", "access outside memory", 0),
    ("lui a0, 0x20000\n lw a1, -4(a0)\n lw a1, 0(a0)", "access outside memory", 8),
    ("lui a0, 0x20000\n sb a1, -1(a0)\n sb a1, 0(a0)", "access outside memory", 8),
    ("lw a0, -4(x0)", "access outside memory", 0),
    ("auipc a0, 0\n sw a0, 0(a0)", "store to code", 4),
    ("lui a0, 0x1000\n sb a0, -1(a0)", "store to code", 4),
    ("ecall", "unknown call", 0),
    ("li a7, 255\n ecall", "unknown call", 4),
    ("li a7, 264\n ecall", "unknown call", 4),
    (two_places(256, "0, 0, 0, 0, 0, 0, 0, 0") .replace("ecall", "ecall\n ecall"),
     "hint past the input's end", 24),
    ("li a7, 256\n li a0, 2\n ecall", "misaligned access", 8),
    ("li a7, 256\n lui a0, 0x10\n ecall", "store to code", 8),
    ("li a7, 257\n lui a0, 0x20000\n addi a0, a0, -196\n ecall", "access outside memory", 12),
    ("li a7, 93\n lui a1, 0x20000\n addi a1, a1, -28\n ecall", "access outside memory", 12),
    ("li a7, 258\n lui a0, 0x1000\n ecall", "access outside memory", 8),
    ("li a7, 260\n lui a0, 0x1000\n ecall", "access outside memory", 8),
    ("li a7, 261\n lui a0, 0x1000\n li a1, 1\n ecall", "misaligned access", 12),
    (two_places(259, listed([*[0] * 15, P])), "poseidon2 of a word that is not below p", 20),
    (two_places(261, OVER, POINT), COORDINATE, 20),
    (two_places(261, POINT, OVER_Y), COORDINATE, 20),
    (two_places(262, OVER_Y), COORDINATE, 20),
    (two_places(261, POINT, POINT), "secp256k1 sum of points of one x", 20),
    *((f"li a2, {op}\n" + two_places(263, POINT, POINT), "word_alu of an unknown operation", at)
      for op, at in ((0, 24), (9, 24), (65537, 28), (0xFFFFFFFF, 28))),
    ("li a7, 263\n lui a0, 0x1000\n li a2, 1\n ecall", "access outside memory", 12),
    ("li a7, 263\n lui a0, 0x10\n lui a1, 0x1000\n li a2, 1\n ecall", "store to code", 16),
    (two_places(262, listed([1, *[0] * 15])), "secp256k1 double of a point of y zero", 20),
]  # fmt: skip


@pytest.mark.parametrize(("source", "status", "offset"), ERRORS)
def test_what_is_illegal_ends_the_run_and_is_named(source, status, offset):
    execution = run(source, areas=UNCUT)
    assert (execution.status, execution.pc - CODE_START) == (status, offset)
    assert (execution.exit_code, execution.output) == (0, bytes(32))


def test_an_exit_code_is_reported():
    execution = run("la a1, there\n li a0, 7\n li a7, 93\n ecall\n.data\nthere: .word 9")
    assert (execution.status, execution.exit_code) == (HALTED, 7)
    assert execution.output == (9).to_bytes(32, "little")


def test_cycle_limit():
    source = "la a1, there\n li a7, 93\n ecall\n.data\nthere: .word 0"
    assert run(source, cycle_limit=4).status == HALTED
    for limit in range(4):
        execution = run(source, cycle_limit=limit)
        assert (execution.status, execution.cycles) == ("cycle limit", limit)
        assert execution.pc == CODE_START + 4 * limit
    forever = run("loop: j loop", cycle_limit=10**6)
    assert (forever.status, forever.cycles) == ("cycle limit", 10**6)


@pytest.mark.parametrize("areas", [None, UNCUT])
def test_memory_limit(areas):
    source = "lui a0, 0x1000\n lui a1, 1\nnext: sw a0, 0(a0)\n add a0, a0, a1\n j next"
    execution = run(source, memory_limit=10 * PAGE, areas=areas)
    assert (execution.status, execution.rows["store"]) == ("memory limit", 10)  # one is registers'
    calls = "lui a0, 0x1000\n lui a1, 1\n li a7, 257\nnext: ecall\n add a0, a0, a1\n j next"
    execution = run(calls, memory_limit=10 * PAGE, areas=areas)
    assert (execution.status, execution.rows["keccakf"]) == ("memory limit", 10)


@pytest.mark.parametrize("length", [0, 1, 27, 28, 29, 60, 61, 1000])
def test_the_input_stream(length):
    data = random.Random(length).randbytes(length)
    source = (
        "la a0, room\n li a7, 256\nnext: ecall\n addi a0, a0, 32\n j next\n.data\nroom: .word 0"
    )
    executor = Executor(assemble(source).program())
    execution = executor.execute(data, areas=UNCUT)
    assert execution.status == "hint past the input's end"
    blocks = executor.record(data, execution.checkpoints[0]).calls["hint"][:, 4:12]
    stream = length.to_bytes(4, "little") + data
    assert blocks.astype("<u4").tobytes() == stream + bytes(-len(stream) % 32)


@pytest.mark.skipif(QEMU is None, reason="needs qemu-riscv32 (Debian: qemu-user)")
@settings(max_examples=25, deadline=None)
@given(st.lists(word_streams.operations() | word_streams.immediates(), min_size=1, max_size=60))
def test_operations_as_in_qemu(tmp_path_factory, words):
    """The sum of all registers, as an exit code of seven bits that Linux hands on."""
    add = "\n".join(f"add a0, a0, x{i}" if i != 10 else "nop" for i in range(1, 32))
    fold = "".join(f"srli a1, a0, {n}\n xor a0, a0, a1\n" for n in (16, 8))
    start = "\n".join(f".word {w:#x}" for w in [*word_streams.prologue(), *words])
    end = f"\n{add}\n{fold} andi a0, a0, 127\n la a1, there\n li a7, 93\n ecall\n"
    end += ".data\nthere: .word 0"
    program = assemble("_start:\n" + start + end)
    path = tmp_path_factory.mktemp("qemu") / "program"
    path.write_bytes(elf_of(program).encode())
    path.chmod(0o755)
    done = subprocess.run([QEMU, path], check=False, timeout=60)
    execution = Executor(program.program()).execute()
    assert (execution.status, execution.exit_code) == (HALTED, done.returncode)


def program_with(**changes):
    code = assemble("nop\n nop").code
    fields = {
        "entry": CODE_START,
        "base": CODE_START,
        "instructions": decode_code(code, CODE_START),
        "image": ((CODE_START, code),),
    }
    return Program(**{**fields, **changes})


BAD_ROWS = {
    "an opcode is unknown": [36, 1, 0, 0, 0, 0],
    "a register is unknown": [1, 33, 0, 0, 0, 0],
    "an instruction writes x0": [1, 0, 1, 1, 0, 0],
    "an operation has two second operands": [1, 1, 1, 1, 5, 0],
    "only operations have immediate forms": [64 + 19, 1, 1, 0, 5, 0],
}


@pytest.mark.parametrize(("why", "row"), BAD_ROWS.items())
def test_instructions_that_nobody_decodes_are_refused(why, row):
    program = program_with()
    rows = program.instructions.copy()
    rows[1] = row
    with pytest.raises(InvalidInput, match=f"program: {why}"):
        Executor(program_with(instructions=rows))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"entry": CODE_START + 8}, "entry point"),
        ({"entry": CODE_START + 2}, "entry point"),
        ({"entry": CODE_START - 4}, "entry point"),
        ({"base": CODE_START + 2}, "code lies outside"),
        ({"base": 0}, "code lies outside"),
        ({"base": DATA_START - 4, "entry": DATA_START - 4}, "code lies outside"),
        ({"image": ((CODE_START - 4, b"1234"),)}, "image lies outside"),
        ({"image": ((MEMORY_END - 4, b"12345"),)}, "image lies outside"),
    ],
)
def test_programs_outside_the_map_are_refused(changes, why):
    fields = {"instructions": program_with().instructions, **changes}
    with pytest.raises(InvalidInput, match=why):
        Executor(program_with(**fields))


def test_the_initial_root():
    rng = random.Random(1)
    parts = ((CODE_START + 5, rng.randbytes(100)), (MEMORY_END - 40, rng.randbytes(40)))
    program = program_with(image=parts)
    assert Executor(program).root == program.root
    assert Executor(program_with(image=())).root == program_with(image=()).root


@pytest.mark.parametrize("build", available_builds())
def test_every_build_hashes_alike(build):
    """Whole vectors of pairs and what is left over."""
    native._riscv.use_compressor(load_build(build).compressor)
    try:
        for leaves in (1, 2, 5, 16, 33):
            data = random.Random(leaves).randbytes(32 * leaves)
            program = program_with(image=((DATA_START, data),))
            assert Executor(program).root == program.root
    finally:
        native._riscv.use_compressor(core.compressor)


def test_only_compressors_hash():
    with pytest.raises(ValueError, match="no compressor"):
        native._riscv.use_compressor(datetime.datetime_CAPI)
