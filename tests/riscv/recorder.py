"""A plain recorder of decoded instructions: what the compiled executor's events must equal.

Slow and simple: one instruction at a time, memory as dictionaries, the tree from its leaves up.
"""

from dataclasses import dataclass, field

import numpy as np

from node.recursion.arithmetic import Native
from node.recursion.native import core
from node.recursion.poseidon2 import DIGEST
from node.recursion.riscv.chips.ecall import A0, A1, A2, A7, HALT, HINT
from node.recursion.riscv.chips.memory import DEPTH, WORDS
from node.recursion.riscv.events import signed
from node.recursion.riscv.isa import IMMEDIATE, REGISTERS, Op
from node.recursion.riscv.machine import CALLS, FAMILIES, Public
from node.recursion.riscv.trace import Recorded
from node.recursion.transcript import compress

WORD = 2**32
FAMILY = {
    "add": (Op.ADD, Op.SUB),
    "bitwise": (Op.XOR, Op.OR, Op.AND),
    "compare": (Op.SLT, Op.SLTU),
    "shift": (Op.SLL, Op.SRL, Op.SRA),
    "mul": (Op.MUL,),
    "mulhigh": (Op.MULH, Op.MULHSU, Op.MULHU),
    "divrem": (Op.DIV, Op.DIVU, Op.REM, Op.REMU),
    "load": (Op.LW,),
    "loadsub": (Op.LB, Op.LH, Op.LBU, Op.LHU),
    "store": (Op.SW,),
    "storesub": (Op.SB, Op.SH),
    "brancheq": (Op.BEQ, Op.BNE),
    "branchless": (Op.BLT, Op.BGE, Op.BLTU, Op.BGEU),
    "set": (Op.SET,),
    "jalr": (Op.JALR,),
}
FAMILY_OF = {op: name for name, ops in FAMILY.items() for op in ops}


def divide(a, b):
    """Quotient and remainder of words, rounded to zero, as RISC-V has them."""
    if b == 0:
        return -1, a
    quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    return quotient, a - quotient * b


COMPUTE = {
    Op.ADD: lambda a, b: a + b,
    Op.SUB: lambda a, b: a - b,
    Op.XOR: lambda a, b: a ^ b,
    Op.OR: lambda a, b: a | b,
    Op.AND: lambda a, b: a & b,
    Op.SLT: lambda a, b: int(signed(a) < signed(b)),
    Op.SLTU: lambda a, b: int(a < b),
    Op.SLL: lambda a, b: a << (b & 31),
    Op.SRL: lambda a, b: a >> (b & 31),
    Op.SRA: lambda a, b: signed(a) >> (b & 31),
    Op.MUL: lambda a, b: a * b,
    Op.MULH: lambda a, b: signed(a) * signed(b) >> 32,
    Op.MULHSU: lambda a, b: signed(a) * b >> 32,
    Op.MULHU: lambda a, b: a * b >> 32,
    Op.DIV: lambda a, b: divide(signed(a), signed(b))[0],
    Op.DIVU: lambda a, b: divide(a, b)[0],
    Op.REM: lambda a, b: divide(signed(a), signed(b))[1],
    Op.REMU: lambda a, b: divide(a, b)[1],
}
TAKEN = {
    Op.BEQ: lambda a, b: a == b,
    Op.BNE: lambda a, b: a != b,
    Op.BLT: lambda a, b: signed(a) < signed(b),
    Op.BGE: lambda a, b: signed(a) >= signed(b),
    Op.BLTU: lambda a, b: a < b,
    Op.BGEU: lambda a, b: a >= b,
}


def image_words(image):
    """{address: word} of (address, bytes) parts, aligned."""
    words = {}
    for start, data in image:
        padded = bytes(data) + bytes(-len(data) % 4)
        for i, word in enumerate(np.frombuffer(padded, "<u4").tolist()):
            words[start + 4 * i] = word
    return words


@dataclass
class Machine:
    """State between instructions; `record` runs one segment of so many steps at most."""

    instructions: np.ndarray
    base: int
    pc: int
    words: dict = field(default_factory=dict)
    stream: bytes = b""
    at: int = 0

    def start(self):
        self.time = 4
        self.seen, self.first = {}, {}
        self.steps = {name: [] for name in FAMILIES}
        self.calls = {name: [] for name in CALLS}
        self.halted, self.exit_code, self.output = 0, 0, [0] * 8

    def access(self, address, tick, value=None):
        """(what it held, when it was last accessed); writes `value` if there is one."""
        before = self.words.get(address, 0)
        self.first.setdefault(address, before)
        last = self.seen.get(address, 0)
        self.seen[address] = self.time + tick
        if value is not None:
            self.words[address] = value % WORD
        return before, last

    def step(self):
        row = [int(x) for x in self.instructions[(self.pc - self.base) // 4]]
        op = Op(row[0] % IMMEDIATE)
        if op == Op.ECALL:
            self.pc = self.call()
        else:
            run = {**dict.fromkeys(COMPUTE, self.compute), **dict.fromkeys(TAKEN, self.branch)}
            run |= dict.fromkeys(FAMILY["load"] + FAMILY["loadsub"], self.load)
            run |= dict.fromkeys(FAMILY["store"] + FAMILY["storesub"], self.store)
            run |= {Op.SET: self.set, Op.JALR: self.jump}
            event, following = run[op](op, *row)
            self.steps[FAMILY_OF[op]].append([self.time, self.pc, *event])
            self.pc = following
        self.time += 4

    def compute(self, op, opcode, rd, rs1, rs2, imm, _):
        a, last1 = self.access(4 * rs1, 0)
        b, last2 = self.access(4 * rs2, 1)
        b = imm if opcode >= IMMEDIATE else b
        before, last3 = self.access(4 * rd, 2, COMPUTE[op](a, b))
        return (a, b, before, last1, last2, last3), self.pc + 4

    def load(self, op, _, rd, rs1, rs2, imm, __):
        a, last1 = self.access(4 * rs1, 0)
        address = (a + imm) % WORD
        b, last2 = self.access(address & ~3, 1)
        part = b >> 8 * (address & 3)
        value = {
            Op.LW: part,
            Op.LB: part & 255 | -(part >> 7 & 1) << 8,
            Op.LH: part & 0xFFFF | -(part >> 15 & 1) << 16,
            Op.LBU: part & 255,
            Op.LHU: part & 0xFFFF,
        }[op]
        before, last3 = self.access(4 * rd, 2, value)
        return (a, b, before, last1, last2, last3), self.pc + 4

    def store(self, op, _, rd, rs1, rs2, imm, __):
        a, last1 = self.access(4 * rs1, 0)
        b, last2 = self.access(4 * rs2, 1)
        address = (a + imm) % WORD
        shift = 8 * (address & 3)
        mask = {Op.SW: WORD - 1, Op.SB: 255, Op.SH: 0xFFFF}[op] << shift
        new = self.words.get(address & ~3, 0) & ~mask | b << shift & mask
        before, last3 = self.access(address & ~3, 2, new)
        return (a, b, before, last1, last2, last3), self.pc + 4

    def branch(self, op, _, rd, rs1, rs2, imm, target):
        a, last1 = self.access(4 * rs1, 0)
        b, last2 = self.access(4 * rs2, 1)
        return (a, b, 0, last1, last2, 0), target if TAKEN[op](a, b) else self.pc + 4

    def set(self, op, _, rd, rs1, rs2, imm, target):
        before, last3 = self.access(4 * rd, 2, imm)
        return (0, 0, before, 0, 0, last3), target

    def jump(self, op, _, rd, rs1, rs2, imm, target):
        a, last1 = self.access(4 * rs1, 0)
        before, last3 = self.access(4 * rd, 2, self.pc + 4)
        return (a, 0, before, last1, 0, last3), (a + imm) % WORD & ~1

    def call(self):
        reads = [self.access(4 * number, 0) for number in (A7, A0, A1, A2)]
        (number, a0, a1, a2), lasts = zip(*reads, strict=True)
        self.calls["ecall"].append([self.time, self.pc, number, a0, a1, a2, *lasts])
        start = [self.time, a0, a1, a2]
        if number == HALT:
            words, times = zip(*(self.access(a1 + 4 * i, 1) for i in range(8)), strict=True)
            self.calls["halt"].append([*start, *words, *times])
            self.halted, self.exit_code, self.output = 1, a0, list(words)
            return 0
        assert number == HINT
        block = np.frombuffer(self.stream[self.at : self.at + 32], "<u4").tolist()
        self.at += 32
        written = [self.access(a0 + 4 * i, 2, word) for i, word in enumerate(block)]
        before, times = zip(*written, strict=True)
        self.calls["hint"].append([*start, *block, *before, *times])
        return self.pc + 4

    def record(self, limit=2**20, index=0):
        """The next segment."""
        self.start()
        first_pc = self.pc
        for _ in range(limit):
            if self.halted:
                break
            self.step()
        untouched = {a: w for a, w in self.words.items() if a not in self.first}
        leaves, nodes = tree(untouched, self.first, self.words, self.seen)
        root_before, root_after = nodes[-1][36:44], nodes[-1][44:52]
        public = Public(
            index, first_pc, self.pc, tuple(root_before), tuple(root_after),
            self.halted, self.exit_code, tuple(self.output),
        )  # fmt: skip
        steps = {name: array(rows, 8) for name, rows in self.steps.items()}
        widths = {
            "ecall": 10, "halt": 20, "hint": 28, "keccakf": 104, "sha256": 52, "poseidon2": 36,
            "muladdmod": 100, "secp256k1_add": 68, "secp256k1_double": 36,
            "word_alu": 36,
        }  # fmt: skip
        calls = {name: array(rows, widths[name]) for name, rows in self.calls.items()}
        return Recorded(public, self.time, steps, calls, array(leaves, 41), array(nodes, 52))


def array(rows, width):
    return np.array(rows, np.uint32).reshape(len(rows), width)


def machine(instructions, base, pc, image=(), stream=b""):
    """Before the first instruction."""
    assert REGISTERS == 33
    return Machine(instructions, base, pc, image_words(image), stream)


_NATIVE = Native(core.permute)


def _hash(left, right):
    return [int(x) for x in compress(_NATIVE, left, right)]


def _leaf_digest(words):
    halves = [limb for word in words for limb in (word & 0xFFFF, word >> 16)]
    return _hash(halves[:8], halves[8:])


def tree(untouched, first, after, seen):
    """Leaf and node events of a segment: from words before (first or untouched) and after."""
    empty = [_leaf_digest([0] * WORDS)]
    for _ in range(DEPTH):
        empty.append(_hash(empty[-1], empty[-1]))
    touched = {address // 32 for address in first}
    level = {}
    leaves = []
    for index in sorted(touched | {a // 32 for a, word in untouched.items() if word}):
        addresses = [32 * index + 4 * i for i in range(WORDS)]
        old = [first.get(a, untouched.get(a, 0)) for a in addresses]
        new = [after.get(a, 0) for a in addresses]
        digests = _leaf_digest(old), _leaf_digest(new)
        level[index] = (*digests, index in touched)
        if index in touched:
            times = [seen.get(a, 0) for a in addresses]
            leaves.append([index, *old, *new, *times, *digests[0], *digests[1]])
    nodes = []
    for height in range(1, DEPTH + 1):
        above = {}
        blank = (empty[height - 1], empty[height - 1], False)
        for index in sorted({i // 2 for i in level}):
            left, right = level.get(2 * index, blank), level.get(2 * index + 1, blank)
            own = _hash(left[0], right[0]), _hash(left[1], right[1])
            above[index] = (*own, left[2] or right[2])
            if left[2] or right[2]:
                flags = [height, index, int(left[2]), int(right[2])]
                nodes.append([*flags, *left[0], *left[1], *right[0], *right[1], *own[0], *own[1]])
        level = above
    assert DIGEST == 8
    return leaves, nodes
