"""Programs of our own, one or more for each family of instructions, with what they must compute.

A case computes a value into a0 and says which it must be. A program runs its cases in order; the
first that is wrong ends it with the case's number as exit code. If none is, it halts with 0 and
the digest of eight words that it leaves at `digest`. What must come out is worked out here in
Python from the manual's words, by nothing that the machine is made of.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

from tests.riscv.assembler import Assembled, assemble

GRID = [0, 1, 2, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFF0000]
GRID += [0xFFFF8000, 0xFFFFFFFE, 0xFFFFFFFF, 0x12345678]
SHORT = [0, 1, 2, 31, 2047, -1, -2048]
HALT, HINT = 93, 256

PROLOGUE = "_start:\n"
EPILOGUE = f"""
    la a1, digest
    li a0, 0
    li a7, {HALT}
    ecall
failed:
    la a1, digest
    mv a0, s11
    li a7, {HALT}
    ecall
.data
digest: .word 1, 2, 3, 4, 5, 6, 7, 8
"""


@dataclass(frozen=True)
class Example:
    """A program that must halt with code 0 and these eight words as its output."""

    name: str
    source: str
    output: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    input: bytes = b""

    @property
    def assembled(self) -> Assembled:
        return assemble(self.source)

    @property
    def output_bytes(self) -> bytes:
        return words_bytes(self.output)


def words_bytes(words: Iterable[int]) -> bytes:
    return b"".join(x.to_bytes(4, "little") for x in words)


def words_of(data: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(data[i : i + 4], "little") for i in range(0, len(data), 4))


def listed(words: Iterable[int]) -> str:
    """As .word wants them."""
    return ", ".join(map(str, words))


def check(cases: Iterable[tuple[str, int]]) -> str:
    """Code that runs cases, each code and what it must leave in a0, numbered from 1."""
    return "".join(
        f"""
    li s11, {number}
    {code}
    li a7, {value % 2**32}
    beq a0, a7, right_{number}
    j failed
right_{number}:"""
        for number, (code, value) in enumerate(cases, 1)
    )


def example(name: str, cases: Iterable[tuple[str, int]], rest: str = "", **more) -> Example:
    """A program of cases; rest: its data, or more code after a .text."""
    return Example(name, PROLOGUE + check(cases) + EPILOGUE + rest, **more)


def signed(value: int) -> int:
    return value - (value >> 31 << 32)


def quotient(a: int, b: int) -> int:
    """Toward zero, as C divides."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def div(a: int, b: int) -> int:
    return -1 if b == 0 else quotient(signed(a), signed(b))


def rem(a: int, b: int) -> int:
    return signed(a) if b == 0 else signed(a) - signed(b) * quotient(signed(a), signed(b))


MEANING: dict[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "xor": lambda a, b: a ^ b,
    "or": lambda a, b: a | b,
    "and": lambda a, b: a & b,
    "slt": lambda a, b: int(signed(a) < signed(b)),
    "sltu": lambda a, b: int(a < b),
    "sll": lambda a, b: a << b % 32,
    "srl": lambda a, b: a >> b % 32,
    "sra": lambda a, b: signed(a) >> b % 32,
    "mul": lambda a, b: a * b,
    "mulh": lambda a, b: signed(a) * signed(b) >> 32,
    "mulhsu": lambda a, b: signed(a) * b >> 32,
    "mulhu": lambda a, b: a * b >> 32,
    "div": div,
    "divu": lambda a, b: a // b if b else -1,
    "rem": rem,
    "remu": lambda a, b: a % b if b else a,
}
IMMEDIATE_OF = {"add": "addi", "xor": "xori", "or": "ori", "and": "andi", "slt": "slti"}
IMMEDIATE_OF |= {"sltu": "sltiu", "sll": "slli", "srl": "srli", "sra": "srai"}

ALU_FAMILIES = {
    "add": ["add", "sub"],
    "bitwise": ["xor", "or", "and"],
    "compare": ["slt", "sltu"],
    "shift": ["sll", "srl", "sra"],
    "mul": ["mul"],
    "mulhigh": ["mulh", "mulhsu", "mulhu"],
    "divrem": ["div", "divu", "rem", "remu"],
}


def alu_cases(op: str) -> Iterator[tuple[str, int]]:
    """Every pair of the grid; the immediate form with every number of 12 bits that matters."""
    for a, b in product(GRID, repeat=2):
        yield f"li a1, {a}\n li a2, {b}\n {op} a0, a1, a2", MEANING[op](a, b)
    if op in IMMEDIATE_OF:
        numbers = (0, 1, 15, 16, 31) if op in ("sll", "srl", "sra") else SHORT
        for a, b in product(GRID, numbers):
            code = f"li a1, {a}\n {IMMEDIATE_OF[op]} a0, a1, {b}"
            yield code, MEANING[op](a, b % 2**32)


def alias_cases() -> Iterator[tuple[str, int]]:
    """One register in two or three roles, and x0 in each."""
    for op in ("add", "sub", "xor", "slt", "sra", "mul", "mulhu", "div", "remu"):
        mean = MEANING[op]
        yield f"li a0, -7\n {op} a0, a0, a0", mean(2**32 - 7, 2**32 - 7)
        yield f"li a0, -7\n li a1, 3\n {op} a0, a0, a1", mean(2**32 - 7, 3)
        yield f"li a0, -7\n li a1, 3\n {op} a0, a1, a0", mean(3, 2**32 - 7)
        yield f"li a1, 3\n {op} x0, a1, a1\n mv a0, x0", 0
        yield f"li a1, 3\n {op} a0, a1, x0", mean(3, 0)
        yield f"li a1, 3\n {op} a0, x0, a1", mean(0, 3)
    yield "la a1, bytes\n lw x0, 0(a1)\n mv a0, x0", 0
    yield "la a1, bytes\n lb x0, 3(a1)\n mv a0, x0", 0
    yield "la a0, bytes\n lw a0, 0(a0)", 0x817F0180
    yield "lui x0, 5\n auipc x0, 5\n fence\n nop\n mv a0, x0", 0
    yield "la a1, bytes\n sw x0, 16(a1)\n lw a0, 16(a1)", 0
    yield "la a1, bytes\n sw a1, 16(a1)\n lw a0, 16(a1)\n sub a0, a0, a1", 0


BYTES = bytes([0x80, 0x01, 0x7F, 0x81, 0xFF, 0x00, 0x00, 0xFF])
MEMORY = f"bytes: .byte {listed(BYTES)}\n .space 8\n room: .space 8\n"


def load_cases(width: int, extend: bool) -> Iterator[tuple[str, int]]:
    """Every aligned place of eight bytes, with offsets of both signs."""
    name = {1: "lb", 2: "lh", 4: "lw"}[width] + ("" if extend or width == 4 else "u")
    for at, offset in product(range(0, 8, width), (0, 2047 - 2047 % width, -2048)):
        value = int.from_bytes(BYTES[at : at + width], "little", signed=extend)
        yield (
            f"la a1, bytes\n li a2, {at - offset}\n add a1, a1, a2\n {name} a0, {offset}(a1)",
            value,
        )


def store_cases(width: int) -> Iterator[tuple[str, int]]:
    """Every place of a word, over zeros and over ones; the word's other bytes must stay."""
    name = {1: "sb", 2: "sh", 4: "sw"}[width]
    places = product(range(0, 4, width), (0, 2**32 - 1), (0, 0x80, 0xFFFF, 0x89ABCDEF), (0, -2048))
    for at, old, value, offset in places:
        mask = (256**width - 1) << 8 * at
        code = f"""
    la a1, room
    li a2, {old}
    sw a2, 0(a1)
    li a3, {at - offset}
    add a1, a1, a3
    li a2, {value}
    {name} a2, {offset}(a1)
    la a1, room
    lw a0, 0(a1)"""
        yield code, old & ~mask | value << 8 * at & mask


BRANCH_MEANING: dict[str, Callable[[int, int], bool]] = {
    "beq": lambda a, b: a == b,
    "bne": lambda a, b: a != b,
    "blt": lambda a, b: signed(a) < signed(b),
    "bge": lambda a, b: signed(a) >= signed(b),
    "bltu": lambda a, b: a < b,
    "bgeu": lambda a, b: a >= b,
}


def branch_cases(op: str) -> Iterator[tuple[str, int]]:
    """Every pair of the grid; a0 says whether the branch was taken."""
    for number, (a, b) in enumerate(product(GRID, repeat=2)):
        label = f"{op}_{number}"
        code = f"li a1, {a}\n li a2, {b}\n li a0, 1\n {op} a1, a2, {label}\n li a0, 0\n{label}:"
        yield code, int(BRANCH_MEANING[op](a, b))


LOOPS = """
.text
count_down:                      # a branch and a jump backward
    addi a0, a0, 1
    addi a1, a1, -1
    bnez a1, count_down
    jr ra
add_seven: addi a0, a0, 7
    jalr ra, 0(ra)               # reads and writes one register
    .space 4000
far:
    li a0, 5
    ret
"""


def jump_cases() -> Iterator[tuple[str, int]]:
    """SET and JALR: where they go, and what they leave."""
    for upper in (0, 1, 0x7FFFF, 0x80000, 0xFFFFF):
        yield f"lui a0, {upper}", upper << 12
        yield f"auipc a0, {upper}\n auipc a1, 0\n addi a1, a1, -4\n sub a0, a0, a1", upper << 12
    yield (
        "jal a0, over_1\nback_1: j over_2\nover_1: la a1, back_1\n sub a0, a0, a1\n j over_3\n"
        "over_2: j failed\nover_3:",
        0,
    )
    yield "li a0, 0\n li a1, 5\n call count_down", 5
    yield "li a0, 1\n call add_seven", 8
    yield "call far", 5
    for number, offset in enumerate((0, 1, -4, 2047, -2048)):
        there = f"there_{number}"
        code = f"""
    la a1, {there}
    li a2, {offset}
    sub a1, a1, a2
    li a0, 0
    jalr a3, {offset}(a1)
    li a0, 1                     # jumped over
{there}:
    la a1, {there}
    sub a1, a1, a3
    add a0, a0, a1"""
        yield code, 4
    yield ODD, 4


ODD = """
    la a1, odd
    addi a1, a1, 1
    jalr a1, 0(a1)               # the lowest bit of a target does not count
    j failed
odd:
    la a2, odd
    sub a0, a2, a1"""


@cache
def rv32im_examples() -> list[Example]:
    """Families of RV32IM, each with all it can do on the grid; no ecall but halt."""
    examples = [
        example(f"{family}-{op}", alu_cases(op))
        for family, ops in ALU_FAMILIES.items()
        for op in ops
    ]
    examples.append(example("aliases", alias_cases(), MEMORY))
    for width, extend in ((4, True), (2, True), (2, False), (1, True), (1, False)):
        name = f"load-{8 * width}-{'signed' if extend else 'unsigned'}"
        examples.append(example(name, load_cases(width, extend), MEMORY))
    examples += [example(f"store-{8 * x}", store_cases(x), MEMORY) for x in (1, 2, 4)]
    examples += [example(f"branch-{op}", branch_cases(op)) for op in BRANCH_MEANING]
    examples.append(example("jumps", jump_cases(), LOOPS))
    return examples
