"""A program that runs every instruction on telling operands, and in which each result stands alone.

Nobody reads what a tested instruction writes, and both ways out of a branch or a jump are equally
long: so a lie about one of them changes no other row.
"""

from node.recursion.riscv.chips.ecall import HINT
from node.recursion.riscv.isa import DATA_START, SINK, Op
from tests.riscv.random_program import IMMEDIATES, WIDTH, Writer
from tests.riscv.recorder import COMPUTE, FAMILY, TAKEN

PAIRS = (
    (0, 0), (5, 3), (3, 5), (7, 0), (9, 0), (11, 0), (2**31, 0), (5, 5), (5, 33), (0, 4),
    (0, 8), (0, 16), (0, 24), (2**32 - 1, 1), (0, 2**24),
    (2**31, 2**32 - 1), (2**31 + 1, 2**31), (0xFFFF0001, 0x10000), (0x80018001, 0x7FFF),
    (0x12345678, 0x12349ABC), (0x89ABCDEF, 0xFEDCBA98), (3, 0xFFFFFFF9), (0x7FFFFFFF, 0xFFFF),
)  # fmt: skip
TWIN = 2**16
"""From one of two areas with the same words to the other."""
AREA = 2**12
PATTERN = b"\x81\x92\xa5\x92"
IMAGE = tuple((start, PATTERN * (AREA // 4)) for start in (DATA_START, DATA_START + TWIN))
RESULT = 3
LOADS = FAMILY["load"] + FAMILY["loadsub"]
STORES = FAMILY["store"] + FAMILY["storesub"]


def specimens(pairs=PAIRS):
    """The instructions; run them on IMAGE."""
    writer = Writer()
    for a, b in pairs:
        writer.set(1, a)
        writer.set(2, b)
        for op in COMPUTE:
            writer.put(op, RESULT, 1, 2)
        for op in IMMEDIATES:
            writer.immediate(op, RESULT, 1, b & 31 if op in (Op.SLL, Op.SRL, Op.SRA) else b)
        for op in TAKEN:
            _align(writer)
            writer.put(op, 0, 1, 2, target=writer.pc + 8)
            _landing(writer)
    _accesses(writer)
    for offset in (0, 1, 5):
        _align(writer, after=1)
        writer.set(1, writer.pc + 12 - offset)
        writer.put(Op.JALR, RESULT, 1, imm=offset)
        _landing(writer)
    writer.immediate(Op.ADD, SINK, 0, 0)
    writer.call(HINT, DATA_START + AREA // 2)
    writer.halt()
    return writer.instructions()


def _align(writer, after=0):
    """To a multiple of 8, some instructions later: the two ways on differ in that bit of the pc."""
    if (writer.pc + 4 * after) % 8:
        writer.set(SINK, 0)


def _landing(writer):
    """Two places to go on from, each one instruction long."""
    writer.put(Op.SET, SINK, target=writer.pc + 8)
    writer.set(SINK, 0)


def _accesses(writer):
    writer.set(1, DATA_START)
    writer.set(2, 0x5AA5C33C)
    place = 64
    for op in LOADS:
        for offset in range(0, 16, WIDTH[op]):
            writer.put(op, RESULT, 1, imm=place + offset)
    for op in STORES:
        for offset in range(0, 12, WIDTH[op]):
            place += 32
            writer.put(op, 0, 1, 2, imm=place + offset)
    assert place < AREA // 2
