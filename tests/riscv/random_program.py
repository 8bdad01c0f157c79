"""Decoded programs of every instruction, for traces and proofs."""

import numpy as np

from node.recursion.riscv.chips.ecall import HALT, HINT
from node.recursion.riscv.isa import CODE_START, DATA_START, IMMEDIATE, SINK, Op
from tests.riscv.recorder import COMPUTE, FAMILY, TAKEN

CORNERS = (0, 1, 2, 255, 256, 0xFFFF, 0x10000, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 2, 2**32 - 1)
POINTER = 30
SCRATCH = 28
WIDTH = {Op.LW: 4, Op.LH: 2, Op.LHU: 2, Op.LB: 1, Op.LBU: 1, Op.SW: 4, Op.SH: 2, Op.SB: 1}
SHIFTS = (Op.SLL, Op.SRL, Op.SRA)
IMMEDIATES = (Op.ADD, Op.XOR, Op.OR, Op.AND, Op.SLT, Op.SLTU, *SHIFTS)


class Writer:
    """Appends decoded instructions."""

    def __init__(self):
        self.rows = []

    @property
    def pc(self):
        return CODE_START + 4 * len(self.rows)

    def put(self, op, rd=0, rs1=0, rs2=0, imm=0, target=0):
        self.rows.append([int(op), rd, rs1, rs2, imm % 2**32, target])

    def set(self, rd, value):
        self.put(Op.SET, rd, imm=value, target=self.pc + 4)

    def immediate(self, op, rd, rs1, imm):
        self.put(op + IMMEDIATE, rd, rs1, imm=imm)

    def call(self, number, *arguments):
        for register, value in zip((17, 10, 11, 12), (number, *arguments), strict=False):
            self.set(register, value)
        self.put(Op.ECALL)

    def halt(self, code=0):
        self.call(HALT, code, DATA_START + 0x100)

    def instructions(self):
        return np.array(self.rows, np.uint32)


def every_pair(ops, values=CORNERS):
    """Each operation on every pair of values."""
    writer = Writer()
    for a in values:
        writer.set(1, a)
        for b in values:
            writer.set(2, b)
            for op in ops:
                writer.put(op, 3, 1, 2)
    writer.halt()
    return writer.instructions()


def random_program(rng, length):
    """Every instruction in some order; every jump goes forward, so that it ends."""
    writer = Writer()
    for register in range(1, 32):
        writer.set(register, rng.choice([*CORNERS, rng.getrandbits(32)]))
    writer.set(POINTER, DATA_START + 0x100)
    for _ in range(length):
        _instruction(writer, rng)
    for _ in range(2):
        writer.immediate(Op.ADD, SINK, 0, 0)
    writer.call(HINT, DATA_START + 0x140)
    writer.halt()
    return writer.instructions()


def _instruction(writer, rng):
    rd = rng.choice([*range(1, SCRATCH), SINK])
    a, b = rng.randrange(SCRATCH), rng.randrange(SCRATCH)
    match rng.randrange(10):
        case 5:
            op = rng.choice(IMMEDIATES)
            imm = rng.getrandbits(5) if op in SHIFTS else rng.getrandbits(12) - 2048
            writer.immediate(op, rd, a, imm)
        case 6:
            op = rng.choice(FAMILY["load"] + FAMILY["loadsub"])
            writer.put(op, rd, POINTER, imm=rng.randrange(0, 64, WIDTH[op]) - 32)
        case 7:
            op = rng.choice(FAMILY["store"] + FAMILY["storesub"])
            writer.put(op, 0, POINTER, b, rng.randrange(0, 64, WIDTH[op]) - 32)
        case 8:
            target = writer.pc + 4 * rng.choice([1, 2])
            writer.put(rng.choice(list(TAKEN)), 0, a, b, target=target)
            writer.immediate(Op.ADD, SINK, 0, 0)
        case 9:
            writer.set(SCRATCH, writer.pc)
            writer.put(Op.JALR, rd, SCRATCH, imm=8)
        case _:
            writer.put(rng.choice(list(COMPUTE)), rd, a, b)
