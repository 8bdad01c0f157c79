"""A small assembler for RV32IM: programs of our own, word for word.

A line is `label:`, an instruction, a directive, or a label before one of these; `#` starts a
comment. Directives: .text, .data, .word (numbers or labels), .byte, .half, .space, .align.
Numbers are Python's. `li` takes one word where 12 bits suffice, else two; `la` always two.
"""

import re
from dataclasses import dataclass, field

from node.recursion.riscv.isa import CODE_START, DATA_START, decode_code
from node.recursion.riscv.program import Function, Program

ABI = ["zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1"]
ABI += (
    [f"a{i}" for i in range(8)] + [f"s{i}" for i in range(2, 12)] + [f"t{i}" for i in range(3, 7)]
)
REGISTERS = {name: i for i, name in enumerate(ABI)} | {f"x{i}": i for i in range(32)} | {"fp": 8}

# Values: funct3 and, for register forms and shifts, funct7.
REGISTER_FORMS = {
    "add": (0, 0), "sub": (0, 32), "sll": (1, 0), "slt": (2, 0), "sltu": (3, 0), "xor": (4, 0),
    "srl": (5, 0), "sra": (5, 32), "or": (6, 0), "and": (7, 0), "mul": (0, 1), "mulh": (1, 1),
    "mulhsu": (2, 1), "mulhu": (3, 1), "div": (4, 1), "divu": (5, 1), "rem": (6, 1), "remu": (7, 1),
}  # fmt: skip
IMMEDIATE_FORMS = {"addi": 0, "slti": 2, "sltiu": 3, "xori": 4, "ori": 6, "andi": 7}
SHIFTS = {"slli": (1, 0), "srli": (5, 0), "srai": (5, 32)}
LOADS = {"lb": 0, "lh": 1, "lw": 2, "lbu": 4, "lhu": 5}
STORES = {"sb": 0, "sh": 1, "sw": 2}
BRANCHES = {"beq": 0, "bne": 1, "blt": 4, "bge": 5, "bltu": 6, "bgeu": 7}
SWAPPED = {"bgt": "blt", "ble": "bge", "bgtu": "bltu", "bleu": "bgeu"}
AGAINST_ZERO = {"beqz": "beq", "bnez": "bne", "bltz": "blt", "bgez": "bge"}
FIXED = {"ecall": 0x73, "ebreak": 0x100073, "fence": 0x0FF0000F, "nop": 0x13, "ret": 0x8067}
TWO_WORDS = ("la", "call")
ELEMENTS = {".byte": 1, ".half": 2, ".word": 4}


@dataclass
class Section:
    """Bytes in the making; each statement knows where it goes."""

    address: int
    size: int = 0
    statements: list[tuple[int, str, list[str]]] = field(default_factory=list)


@dataclass(frozen=True)
class Assembled:
    """What the assembler makes of a source."""

    code: bytes
    data: bytes
    labels: dict[str, int]

    def program(self) -> Program:
        """Entry: the label _start, or the first instruction."""
        image = tuple(x for x in ((CODE_START, self.code), (DATA_START, self.data)) if x[1])
        instructions = decode_code(self.code, CODE_START)
        entry = self.labels.get("_start", CODE_START)
        return Program(entry, CODE_START, instructions, image, self.functions())

    def functions(self) -> tuple[Function, ...]:
        """The code's labels, each up to the next."""
        end = CODE_START + len(self.code)
        found = sorted((at, name) for name, at in self.labels.items() if CODE_START <= at < end)
        ends = [at for at, _ in found[1:]] + [end] * bool(found)
        return tuple(
            Function(name, at, until - at)
            for (at, name), until in zip(found, ends, strict=True)
            if until > at
        )


def assemble(source: str) -> Assembled:
    """Machine code of a source. Raises ValueError naming what it does not understand."""
    code, data, labels = parse(source)
    return Assembled(emit(code, labels), emit(data, labels), labels)


def parse(source: str) -> tuple[Section, Section, dict[str, int]]:
    """Where everything goes: the sections' statements with their addresses, and the labels'."""
    code, data = Section(CODE_START), Section(DATA_START)
    labels: dict[str, int] = {}
    section = code
    for line in source.splitlines():
        rest = line.split("#")[0].strip()
        while match := re.match(r"([\w.]+):\s*", rest):
            if match[1] in labels:
                raise ValueError(f"label {match[1]} stands twice")
            labels[match[1]] = section.address + section.size
            rest = rest[match.end() :]
        if not rest:
            continue
        name, *tail = rest.split(None, 1)
        arguments = re.split(r"\s*,\s*", tail[0].strip()) if tail else []
        if name in (".text", ".data"):
            section = code if name == ".text" else data
            continue
        section.statements.append((section.address + section.size, name, arguments))
        section.size += size_of(name, arguments, section.size)
    return code, data, labels


def size_of(name: str, arguments: list[str], offset: int) -> int:
    """Bytes that a statement takes."""
    if name in ELEMENTS:
        return ELEMENTS[name] * len(arguments)
    if name == ".space":
        return int(arguments[0], 0)
    if name == ".align":
        return -offset % int(arguments[0], 0)
    if name == "li":
        return 4 if -2048 <= int(arguments[1], 0) < 2048 else 8
    return 8 if name in TWO_WORDS else 4


def emit(section: Section, labels: dict[str, int]) -> bytes:
    """The section's bytes."""
    out = bytearray()
    for address, name, arguments in section.statements:
        try:
            if name in ELEMENTS:
                size = ELEMENTS[name]
                for argument in arguments:
                    out += (value_of(argument, labels) % 256**size).to_bytes(size, "little")
            elif name in (".space", ".align"):
                out += bytes(size_of(name, arguments, len(out)))
            else:
                for word in encode(name, arguments, address, labels):
                    out += word.to_bytes(4, "little")
        except (KeyError, ValueError, IndexError) as error:
            raise ValueError(f"{address:#x}: {name} {', '.join(arguments)}: {error!r}") from error
    return bytes(out)


def value_of(text: str, labels: dict[str, int]) -> int:
    return labels[text] if text in labels else int(text, 0)


def encode(name: str, arguments: list[str], pc: int, labels: dict[str, int]) -> list[int]:
    """The words of an instruction, or of a few that stand for it."""
    match name, arguments:
        case "li", [rd, value]:
            return load_constant(rd, int(value, 0))
        case "la", [rd, label]:
            return load_constant(rd, labels[label], short=False)
        case "call", [label]:
            return far_call(labels[label] - pc)
        case "mv", [rd, rs]:
            name, arguments = "addi", [rd, rs, "0"]
        case "not", [rd, rs]:
            name, arguments = "xori", [rd, rs, "-1"]
        case "neg", [rd, rs]:
            name, arguments = "sub", [rd, "x0", rs]
        case "seqz", [rd, rs]:
            name, arguments = "sltiu", [rd, rs, "1"]
        case "snez", [rd, rs]:
            name, arguments = "sltu", [rd, "x0", rs]
        case "j", [label]:
            name, arguments = "jal", ["x0", label]
        case "jr", [rs]:
            name, arguments = "jalr", ["x0", f"0({rs})"]
        case _ if name in SWAPPED:
            name, arguments = SWAPPED[name], [arguments[1], arguments[0], arguments[2]]
        case _ if name in AGAINST_ZERO:
            name, arguments = AGAINST_ZERO[name], [arguments[0], "x0", arguments[1]]
    return [encode_one(name, arguments, pc, labels)]


def encode_one(name: str, arguments: list[str], pc: int, labels: dict[str, int]) -> int:
    """The word of a real instruction."""
    if name in FIXED:
        return FIXED[name]
    first = REGISTERS[arguments[0]]
    if name in BRANCHES:
        target = value_of(arguments[2], labels)
        return b_type(BRANCHES[name], first, REGISTERS[arguments[1]], target - pc)
    if name in ("lui", "auipc"):
        upper = fit(int(arguments[1], 0), 0, 2**20 - 1)
        return upper << 12 | first << 7 | (0x37 if name == "lui" else 0x17)
    if name == "jal":
        return j_type(first, value_of(arguments[1], labels) - pc)
    if name in LOADS or name in STORES or name == "jalr":
        return encode_access(name, first, *memory_operand(arguments[1]))
    return encode_operation(name, first, arguments[1:])


def encode_access(name: str, first: int, base: str, offset: int) -> int:
    """Loads, stores and jalr."""
    if name in STORES:
        return s_type(STORES[name], first, base, offset)
    return i_type(0x03 if name in LOADS else 0x67, LOADS.get(name, 0), first, base, offset)


def encode_operation(name: str, rd: int, operands: list[str]) -> int:
    """What computes rd from two operands."""
    if name in REGISTER_FORMS:
        funct3, funct7 = REGISTER_FORMS[name]
        rs1, rs2 = (REGISTERS[x] for x in operands)
        return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x33
    if name in IMMEDIATE_FORMS:
        return i_type(0x13, IMMEDIATE_FORMS[name], rd, operands[0], int(operands[1], 0))
    if name in SHIFTS:
        funct3, funct7 = SHIFTS[name]
        amount = fit(int(operands[1], 0), 0, 31)
        return i_type(0x13, funct3, rd, operands[0], funct7 << 5 | amount)
    raise ValueError("unknown instruction")


def fit(value: int, low: int, high: int, step: int = 1) -> int:
    if not low <= value <= high or value % step:
        raise ValueError(f"{value} is not within {low} to {high} in steps of {step}")
    return value


def memory_operand(text: str) -> tuple[str, int]:
    """Register and offset of `offset(register)`."""
    offset, register = text.rstrip(")").split("(")
    return register, int(offset, 0) if offset else 0


def i_type(opcode: int, funct3: int, rd: int, rs1: str, imm: int) -> int:
    imm = fit(imm, -2048, 2047) % 4096
    return imm << 20 | REGISTERS[rs1] << 15 | funct3 << 12 | rd << 7 | opcode


def s_type(funct3: int, rs2: int, rs1: str, imm: int) -> int:
    imm = fit(imm, -2048, 2047) % 4096
    high, low = imm >> 5, imm & 31
    return high << 25 | rs2 << 20 | REGISTERS[rs1] << 15 | funct3 << 12 | low << 7 | 0x23


def b_type(funct3: int, rs1: int, rs2: int, offset: int) -> int:
    imm = fit(offset, -4096, 4094, 2) % 8192
    high = imm >> 12 << 6 | imm >> 5 & 63
    low = imm & 30 | imm >> 11 & 1
    return high << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | low << 7 | 0x63


def j_type(rd: int, offset: int) -> int:
    imm = fit(offset, -(2**20), 2**20 - 2, 2) % 2**21
    bits = imm >> 20 << 19 | (imm >> 1 & 1023) << 9 | (imm >> 11 & 1) << 8 | imm >> 12 & 255
    return bits << 12 | rd << 7 | 0x6F


def load_constant(rd: str, value: int, short: bool = True) -> list[int]:
    low = (value & 0xFFF) - (value & 0x800) * 2
    if short and -2048 <= value < 2048:
        return [i_type(0x13, 0, REGISTERS[rd], "x0", value)]
    upper = ((value - low) >> 12) % 2**20
    return [upper << 12 | REGISTERS[rd] << 7 | 0x37, i_type(0x13, 0, REGISTERS[rd], rd, low)]


def far_call(offset: int) -> list[int]:
    """auipc ra, jalr ra."""
    low = (offset & 0xFFF) - (offset & 0x800) * 2
    upper = ((offset - low) >> 12) % 2**20
    return [upper << 12 | 1 << 7 | 0x17, i_type(0x67, 0, 1, "ra", low)]
