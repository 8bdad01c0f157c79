"""Random words of code that mostly run: what hypothesis feeds executor and simulator."""

from dataclasses import dataclass

from hypothesis import strategies as st

from node.recursion.riscv.isa import CODE_START, DATA_START, decode_code
from node.recursion.riscv.program import Program
from tests.riscv.programs import words_bytes
from tests.riscv.recorder import image_words
from tests.riscv.simulator import Fault, Machine, step, stream_of

IMAGE = bytes(range(256)) * 2
REGISTERS = st.integers(0, 31)
LIMIT = 300
"""Cycles of a run: loops happen."""

_r_forms = st.sampled_from([(f, 0) for f in range(8)] + [(0, 32), (5, 32)])
_m_forms = st.tuples(st.integers(0, 7), st.just(1))


@st.composite
def operations(draw):
    (funct3, funct7), rd, rs1, rs2 = draw(
        st.tuples(_r_forms | _m_forms, REGISTERS, REGISTERS, REGISTERS)
    )
    return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x33


@st.composite
def immediates(draw):
    funct3, rd, rs1, imm = draw(
        st.tuples(st.integers(0, 7), REGISTERS, REGISTERS, st.integers(0, 4095))
    )
    if funct3 in (1, 5):
        imm = imm & 31 | draw(st.sampled_from([0, 0x400 if funct3 == 5 else 0]))
    return imm << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x13


@st.composite
def accesses(draw):
    """Loads and stores, half of them aligned and near the pointer in x1."""
    is_store, funct3, other = draw(
        st.tuples(st.booleans(), st.sampled_from([0, 1, 2, 4, 5]), REGISTERS)
    )
    imm = draw(st.integers(-64, 63) | st.integers(-16, 15).map(lambda x: 4 * x)) % 4096
    base = draw(st.sampled_from([1, 1, 1, 2]) | REGISTERS)
    if is_store:
        return (
            imm >> 5 << 25 | other << 20 | base << 15 | (funct3 % 3) << 12 | (imm & 31) << 7 | 0x23
        )
    return imm << 20 | base << 15 | funct3 << 12 | other << 7 | 0x03


@st.composite
def branches(draw):
    funct3, rs1, rs2 = draw(st.tuples(st.sampled_from([0, 1, 4, 5, 6, 7]), REGISTERS, REGISTERS))
    offset = draw(st.sampled_from([4, 8, 12, 16, -4, -8, 6]))
    imm = offset % 8192
    high, low = imm >> 12 << 6 | imm >> 5 & 63, imm & 30 | imm >> 11 & 1
    return high << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | low << 7 | 0x63


@st.composite
def jumps(draw):
    """jal, jalr from x3 (an address of code), lui and auipc."""
    rd, kind = draw(st.tuples(REGISTERS, st.integers(0, 3)))
    if kind == 0:
        imm = draw(st.sampled_from([4, 8, 20, -8, 2])) % 2**21
        bits = imm >> 20 << 19 | (imm >> 1 & 1023) << 9 | (imm >> 11 & 1) << 8 | imm >> 12 & 255
        return bits << 12 | rd << 7 | 0x6F
    if kind == 1:
        return draw(st.integers(0, 63)) << 20 | 3 << 15 | rd << 7 | 0x67
    return draw(st.integers(0, 2**20 - 1)) << 12 | rd << 7 | (0x37 if kind == 2 else 0x17)


def prologue():
    """Registers to begin with: a pointer to data, one to code, and values of every size."""
    lui = [
        0x01000 << 12 | 1 << 7 | 0x37,
        0x00010 << 12 | 2 << 7 | 0x37,
        0x00010 << 12 | 3 << 7 | 0x37,
    ]
    lui += [128 << 20 | 1 << 15 | 1 << 7 | 0x13, 48 << 20 | 3 << 15 | 3 << 7 | 0x13]
    for register in range(4, 32):
        lui.append((register * 0x9E377 % 2**20) << 12 | register << 7 | 0x37)
    return lui


WORDS = st.one_of(
    operations(), operations(), immediates(), accesses(), branches(), jumps(), st.just(0x0FF0000F)
)
STREAMS = st.lists(WORDS | WORDS | WORDS | st.integers(0, 2**32 - 1), min_size=1, max_size=40)


@dataclass(frozen=True)
class Simulated:
    """Where the simulator was when the run ended, and why."""

    machine: Machine
    fault: str


def program_of(words):
    code = words_bytes([*prologue(), *words])
    image = ((CODE_START, code), (DATA_START, IMAGE))
    return Program(CODE_START, CODE_START, decode_code(code, CODE_START), image)


def simulated(program, data=b"", limit=LIMIT):
    """Runs to a halt, a fault or the limit."""
    memory = image_words(program.image)
    code = range(program.base, program.base + 4 * len(program.instructions))
    machine = Machine(program.entry, memory, code, stream_of(data))
    while machine.exit_code is None:
        if machine.cycles == limit:
            return Simulated(machine, "cycle limit")
        if machine.pc not in code:
            return Simulated(machine, "fetch outside the code")
        registers = list(machine.registers)
        word = machine.load(machine.pc, 4)
        try:
            step(machine, word)
        except Fault as fault:
            reason = str(fault)
            if jumps_beyond_code(word, reason):
                machine.cycles += 1
                return Simulated(machine, "fetch outside the code")
            machine.registers = registers  # jumps fault after they wrote
            return Simulated(machine, reason)
        machine.cycles += 1
    return Simulated(machine, "halted")


def jumps_beyond_code(word, reason):
    """Whether the decoder has replaced a misaligned target, which is outside all code, by 0."""
    if "misaligned jump" not in reason or word & 127 == 0x67:
        return False
    return not CODE_START <= int(reason.split()[-1], 16) < DATA_START
