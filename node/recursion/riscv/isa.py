"""RV32IM, decoded once: what the executor runs and what the program chip holds.

Source: The RISC-V Instruction Set Manual, volume I, 20191213: chapters 2 (RV32I), 7 (M), 24
(encodings).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

Instructions = npt.NDArray[np.uint32]
"""Shape (n, 6): opcode, rd, rs1, rs2, imm, target; unused fields are zero."""

IMMEDIATE: Final = 64
"""Added to the opcode of a register operation whose second operand is imm."""
SINK: Final = 32
"""The register that takes what is written to x0."""
REGISTERS: Final = 33
CODE_START: Final = 0x0001_0000
DATA_START: Final = 0x0100_0000
MEMORY_END: Final = 0x2000_0000


class Op(IntEnum):
    """What an instruction does. ILLEGAL: no chip takes it."""

    ILLEGAL = 0
    ADD = 1
    SUB = 2
    XOR = 3
    OR = 4
    AND = 5
    SLT = 6
    SLTU = 7
    SLL = 8
    SRL = 9
    SRA = 10
    MUL = 11
    MULH = 12
    MULHSU = 13
    MULHU = 14
    DIV = 15
    DIVU = 16
    REM = 17
    REMU = 18
    LW = 19
    LB = 20
    LH = 21
    LBU = 22
    LHU = 23
    SW = 24
    SB = 25
    SH = 26
    BEQ = 27
    BNE = 28
    BLT = 29
    BGE = 30
    BLTU = 31
    BGEU = 32
    SET = 33
    JALR = 34
    ECALL = 35


_ALU: Final = (Op.ADD, Op.SLL, Op.SLT, Op.SLTU, Op.XOR, Op.SRL, Op.OR, Op.AND)
_MULDIV: Final = (Op.MUL, Op.MULH, Op.MULHSU, Op.MULHU, Op.DIV, Op.DIVU, Op.REM, Op.REMU)
_LOADS: Final = {0: Op.LB, 1: Op.LH, 2: Op.LW, 4: Op.LBU, 5: Op.LHU}
_STORES: Final = {0: Op.SB, 1: Op.SH, 2: Op.SW}
_BRANCHES: Final = {0: Op.BEQ, 1: Op.BNE, 4: Op.BLT, 5: Op.BGE, 6: Op.BLTU, 7: Op.BGEU}
_NOTHING: Final = (0, 0, 0, 0, 0, 0)


def decode(word: int, pc: int) -> tuple[int, int, int, int, int, int]:  # noqa: PLR0911  # formats
    """One instruction: (opcode, rd, rs1, rs2, imm, target), all unsigned 32 bits."""
    rd, rs1, rs2 = word >> 7 & 31, word >> 15 & 31, word >> 20 & 31
    rd = rd or SINK
    funct3, funct7 = word >> 12 & 7, word >> 25
    imm_i = _signed(word >> 20, 12) % 2**32
    match word & 127:
        case 0x33:
            op = _register_operation(funct3, funct7)
            return (op, rd, rs1, rs2, 0, 0) if op else _NOTHING
        case 0x13:
            return _immediate_operation(funct3, funct7, rd, rs1, imm_i)
        case 0x03 if funct3 in _LOADS:
            return _LOADS[funct3], rd, rs1, 0, imm_i, 0
        case 0x23 if funct3 in _STORES:
            imm = _signed(funct7 << 5 | word >> 7 & 31, 12) % 2**32
            return _STORES[funct3], 0, rs1, rs2, imm, 0
        case 0x63 if funct3 in _BRANCHES:
            return _BRANCHES[funct3], 0, rs1, rs2, 0, _target(pc + _branch_offset(word))
        case 0x37:
            return Op.SET, rd, 0, 0, word & 0xFFFFF000, pc + 4
        case 0x17:
            return Op.SET, rd, 0, 0, (pc + (word & 0xFFFFF000)) % 2**32, pc + 4
        case 0x6F:
            return Op.SET, rd, 0, 0, pc + 4, _target(pc + _jump_offset(word))
        case 0x67 if funct3 == 0:
            return Op.JALR, rd, rs1, 0, imm_i, 0
        case 0x0F if funct3 == 0:
            return Op.ADD + IMMEDIATE, SINK, 0, 0, 0, 0  # fence: one hart needs none
        case 0x73 if word == 0x73:
            return Op.ECALL, 0, 0, 0, 0, 0
    return _NOTHING


def decode_code(code: bytes, base: int) -> Instructions:
    """Every word of a code segment that starts at `base`. Length: a multiple of 4."""
    words = np.frombuffer(code, "<u4").tolist()
    rows = [decode(word, base + 4 * i) for i, word in enumerate(words)]
    return np.array(rows, np.uint32).reshape(len(rows), 6)


def _register_operation(funct3: int, funct7: int) -> Op | None:
    match funct7:
        case 0:
            return _ALU[funct3]
        case 1:
            return _MULDIV[funct3]
        case 0x20 if funct3 in (0, 5):
            return Op.SUB if funct3 == 0 else Op.SRA
    return None


def _immediate_operation(
    funct3: int, funct7: int, rd: int, rs1: int, imm: int
) -> tuple[int, int, int, int, int, int]:
    op = _ALU[funct3]
    if op in (Op.SLL, Op.SRL):
        if funct7 not in (0, 0x20) or (funct7 and op == Op.SLL):
            return _NOTHING
        op, imm = (Op.SRA if funct7 else op), imm & 31
    return op + IMMEDIATE, rd, rs1, 0, imm, 0


def _target(pc: int) -> int:
    """Where a jump goes; 0, where nothing can be executed, for what lies outside all code."""
    return pc if CODE_START <= pc < DATA_START else 0


def _signed(value: int, bits: int) -> int:
    return value - (value >> (bits - 1) << bits)


def _branch_offset(word: int) -> int:
    bits = word >> 31 << 12 | (word >> 7 & 1) << 11 | (word >> 25 & 63) << 5 | (word >> 8 & 15) << 1
    return _signed(bits, 13)


def _jump_offset(word: int) -> int:
    bits = (
        word >> 31 << 20
        | (word >> 12 & 255) << 12
        | (word >> 20 & 1) << 11
        | (word >> 21 & 1023) << 1
    )
    return _signed(bits, 21)
