"""A slow, plain RV32IM machine, written from the manual alone: what faster ones are held against.

It shares no code with node/recursion/riscv: it decodes words by itself and keeps memory in a
dictionary of words. Accelerators are those of docs/zkvm.md.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from node.recursion.field import P
from node.recursion.poseidon2 import permute

CODE, DATA, END = 0x10000, 0x1000000, 0x20000000
SECP256K1 = 2**256 - 2**32 - 977
MASK = 2**64 - 1


class Fault(Exception):
    """What ends a run without success; the message says why."""


@dataclass
class Machine:
    """Registers, memory and what is left of the input."""

    pc: int
    memory: dict[int, int]
    code: range
    input: bytes
    registers: list[int] = field(default_factory=lambda: [0] * 32)
    cycles: int = 0
    exit_code: int | None = None
    output: bytes = bytes(32)

    def load(self, address: int, size: int) -> int:
        check_address(address, size, CODE)
        return self.memory.get(address & ~3, 0) >> 8 * (address & 3) & 256**size - 1

    def store(self, address: int, value: int, size: int) -> None:
        check_address(address, size, DATA)
        mask, shift = 256**size - 1, 8 * (address & 3)
        old = self.memory.get(address & ~3, 0)
        self.memory[address & ~3] = old & ~(mask << shift) | (value & mask) << shift

    def words(self, address: int, count: int) -> list[int]:
        return [self.load(address + 4 * i, 4) for i in range(count)]

    def put_words(self, address: int, words: list[int]) -> None:
        for i, word in enumerate(words):
            self.store(address + 4 * i, word, 4)

    def number(self, address: int) -> int:
        """32 bytes, little-endian."""
        return join(self.words(address, 8), 32)

    def set(self, register: int, value: int) -> None:
        if register:
            self.registers[register] = value % 2**32


def check_address(address: int, size: int, start: int) -> None:
    if address % size:
        raise Fault(f"misaligned access of {size} bytes at {address:#x}")
    if not start <= address <= END - size:
        raise Fault(f"access outside the map at {address:#x}")


def stream_of(data: bytes) -> bytes:
    """The input stream of an input."""
    stream = len(data).to_bytes(4, "little") + data
    return stream + bytes(-len(stream) % 32)


def simulate(
    image: tuple[tuple[int, bytes], ...],
    entry: int,
    code: range,
    data: bytes,
    cycle_limit: int,
    stream: bytes | None = None,
) -> Machine:
    """Runs a program to its end, on an input or any stream.

    Raises Fault where the machine's rules are broken.
    """
    memory = {
        at + i: int.from_bytes(part[i : i + 4], "little")
        for at, part in image
        for i in range(0, len(part), 4)
    }
    machine = Machine(entry, memory, code, stream_of(data) if stream is None else stream)
    while machine.exit_code is None:
        if machine.cycles == cycle_limit:
            raise Fault(f"over {cycle_limit} cycles")
        if machine.pc not in code or machine.pc % 4:
            raise Fault(f"no code at {machine.pc:#x}")
        step(machine, machine.load(machine.pc, 4))
        machine.cycles += 1
    return machine


def bits(word: int, high: int, low: int) -> int:
    return word >> low & (1 << (high - low + 1)) - 1


def signed(value: int, width: int = 32) -> int:
    return value - (value >> width - 1 << width)


def step(m: Machine, word: int) -> None:  # noqa: PLR0912  # opcodes
    """One instruction."""
    opcode, rd, funct3 = bits(word, 6, 0), bits(word, 11, 7), bits(word, 14, 12)
    a, b = m.registers[bits(word, 19, 15)], m.registers[bits(word, 24, 20)]
    imm = signed(bits(word, 31, 20), 12)
    following = m.pc + 4
    match opcode:
        case 0b0110111:
            m.set(rd, word & 0xFFFFF000)
        case 0b0010111:
            m.set(rd, m.pc + (word & 0xFFFFF000))
        case 0b1101111:
            m.set(rd, following)
            following = m.pc + jump_distance(word)
        case 0b1100111 if funct3 == 0:
            m.set(rd, following)
            following = (a + imm) % 2**32 & ~1
        case 0b1100011 if funct3 in BRANCHES:
            if BRANCHES[funct3](a, b):
                following = m.pc + branch_distance(word)
        case 0b0000011 if funct3 in (0, 1, 2, 4, 5):
            size = 1 << (funct3 & 3)
            value = m.load((a + imm) % 2**32, size)
            m.set(rd, signed(value, 8 * size) if funct3 < 4 else value)
        case 0b0100011 if funct3 < 3:
            size = 1 << funct3
            offset = signed(bits(word, 31, 25) << 5 | rd, 12)
            m.store((a + offset) % 2**32, b, size)
        case 0b0010011 if (f := immediate_operation(funct3, word >> 25)) is not None:
            m.set(rd, f(a, bits(word, 24, 20) if funct3 in (1, 5) else imm % 2**32))
        case 0b0110011 if (funct3, word >> 25) in OPERATIONS:
            m.set(rd, OPERATIONS[funct3, word >> 25](a, b))
        case 0b0001111 if funct3 == 0:
            pass
        case 0b1110011 if word == 0b1110011:
            ecall(m)
        case _:
            raise Fault(f"illegal instruction {word:08x} at {m.pc:#x}")
    if following % 4:
        raise Fault(f"misaligned jump to {following:#x}")
    m.pc = following


def jump_distance(w: int) -> int:
    high, low = w >> 31 << 20 | bits(w, 19, 12) << 12, bits(w, 20, 20) << 11 | bits(w, 30, 21) << 1
    return signed(high | low, 21)


def branch_distance(w: int) -> int:
    high, low = w >> 31 << 12 | bits(w, 7, 7) << 11, bits(w, 30, 25) << 5 | bits(w, 11, 8) << 1
    return signed(high | low, 13)


def divide(a: int, b: int) -> int:
    a, b = signed(a), signed(b)
    if b == 0:
        return -1
    q = abs(a) // abs(b)
    return q if a * b >= 0 else -q


def remainder(a: int, b: int) -> int:
    return a if b == 0 else signed(a) - signed(b) * divide(a, b)


Operation = Callable[[int, int], int]
OPERATIONS: dict[tuple[int, int], Operation] = {
    (0, 0): lambda a, b: a + b,
    (0, 32): lambda a, b: a - b,
    (1, 0): lambda a, b: a << (b & 31),
    (2, 0): lambda a, b: int(signed(a) < signed(b)),
    (3, 0): lambda a, b: int(a < b),
    (4, 0): lambda a, b: a ^ b,
    (5, 0): lambda a, b: a >> (b & 31),
    (5, 32): lambda a, b: signed(a) >> (b & 31),
    (6, 0): lambda a, b: a | b,
    (7, 0): lambda a, b: a & b,
    (0, 1): lambda a, b: a * b,
    (1, 1): lambda a, b: signed(a) * signed(b) >> 32,
    (2, 1): lambda a, b: signed(a) * b >> 32,
    (3, 1): lambda a, b: a * b >> 32,
    (4, 1): divide,
    (5, 1): lambda a, b: a // b if b else 2**32 - 1,
    (6, 1): remainder,
    (7, 1): lambda a, b: a % b if b else a,
}
WORD_OPERATIONS: dict[int, Operation] = {
    1: lambda q, p: q + p,
    2: lambda q, p: q - p,
    3: lambda q, p: int(q < p),
    4: lambda q, p: int(q > p),
    5: lambda q, p: int(signed(q, 256) < signed(p, 256)),
    6: lambda q, p: int(signed(q, 256) > signed(p, 256)),
    7: lambda q, p: int(q == p),
    8: lambda q, _: q,
}
"""Of word_alu, by its third argument."""
BRANCHES: dict[int, Callable[[int, int], bool]] = {
    0: lambda a, b: a == b,
    1: lambda a, b: a != b,
    4: lambda a, b: signed(a) < signed(b),
    5: lambda a, b: signed(a) >= signed(b),
    6: lambda a, b: a < b,
    7: lambda a, b: a >= b,
}


def immediate_operation(funct3: int, funct7: int) -> Operation | None:
    if funct3 not in (1, 5):
        return OPERATIONS[funct3, 0]
    return None if funct7 == 1 else OPERATIONS.get((funct3, funct7))


def ecall(m: Machine) -> None:
    number, a0, a1 = m.registers[17], m.registers[10], m.registers[11]
    match number:
        case 93:
            m.exit_code, m.output = a0, join(m.words(a1, 8), 32).to_bytes(32, "little")
        case 256:
            if not m.input:
                raise Fault("the input has ended")
            block, m.input = m.input[:32], m.input[32:]
            m.put_words(a0, split(int.from_bytes(block, "little"), 8))
        case 257:
            m.put_words(a0, keccak_f(m.words(a0, 50)))
        case 258:
            m.put_words(a0, sha256_compress(m.words(a0, 8), m.words(a1, 16)))
        case 259:
            state = m.words(a0, 16)
            if any(x >= P for x in state):
                raise Fault("no field element")
            m.put_words(a0, [int(x) for x in permute(state)])
        case 260:
            a, b, c, modulus = (m.number(a1 + 32 * i) for i in range(4))
            q, r = divmod(a * b + c, modulus or 2**256)
            m.put_words(a0, split(r, 8) + split(q % 2**256, 8))
        case 261 | 262:
            m.put_words(a0, curve_sum(m, a0, a1 if number == 261 else a0))
        case 263:
            a2 = m.registers[12]
            if a2 not in WORD_OPERATIONS:
                raise Fault(f"word_alu {a2}")
            m.put_words(a0, split(WORD_OPERATIONS[a2](m.number(a1), m.number(a0)) % 2**256, 8))
        case _:
            raise Fault(f"unknown call {number}")


def join(words: list[int], size: int) -> int:
    return int.from_bytes(b"".join(x.to_bytes(4, "little") for x in words)[:size], "little")


def split(value: int, count: int) -> list[int]:
    return [value >> 32 * i & 0xFFFFFFFF for i in range(count)]


def curve_sum(m: Machine, p: int, q: int) -> list[int]:
    """The sum of the points at two addresses; of one point with itself, its double."""
    (x1, y1), (x2, y2) = ((m.number(at), m.number(at + 32)) for at in (p, q))
    rise, run = (3 * x1 * x1, 2 * y1) if p == q else (y2 - y1, x2 - x1)
    if run % SECP256K1 == 0:
        raise Fault("points with one x")
    slope = rise * pow(run, -1, SECP256K1)
    x3 = (slope * slope - x1 - x2) % SECP256K1
    return split(x3, 8) + split((slope * (x1 - x3) - y1) % SECP256K1, 8)


def rotate(value: int, by: int) -> int:
    return (value << by | value >> (64 - by)) & MASK


def keccak_f(words: list[int]) -> list[int]:
    """FIPS 202, section 3.3; the constants from its linear register and its walk."""
    lanes = [[join(words[2 * (x + 5 * y) :][:2], 8) for y in range(5)] for x in range(5)]
    register = 1
    for _ in range(24):
        c = [a[0] ^ a[1] ^ a[2] ^ a[3] ^ a[4] for a in lanes]
        d = [c[x - 1] ^ rotate(c[(x + 1) % 5], 1) for x in range(5)]
        lanes = [[lanes[x][y] ^ d[x] for y in range(5)] for x in range(5)]
        x, y, current = 1, 0, lanes[1][0]
        for t in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            current, lanes[x][y] = lanes[x][y], rotate(current, (t + 1) * (t + 2) // 2 % 64)
        rows = lanes
        lanes = [
            [rows[x][y] ^ (~rows[(x + 1) % 5][y] & MASK & rows[(x + 2) % 5][y]) for y in range(5)]
            for x in range(5)
        ]
        for j in range(7):
            register = (register << 1 ^ (register >> 7) * 0x171) & 0xFF
            if register & 2:
                lanes[0][0] ^= 1 << (1 << j) - 1
    return [word for y in range(5) for x in range(5) for word in split(lanes[x][y], 2)]


def sha256_compress(state: list[int], block: list[int]) -> list[int]:
    """FIPS 180-4, section 6.2.2."""
    w = list(block)
    for t in range(16, 64):
        s0 = turn(w[t - 15], 7) ^ turn(w[t - 15], 18) ^ w[t - 15] >> 3
        s1 = turn(w[t - 2], 17) ^ turn(w[t - 2], 19) ^ w[t - 2] >> 10
        w.append((w[t - 16] + s0 + w[t - 7] + s1) % 2**32)
    a, b, c, d, e, f, g, h = state
    for k, word in zip(SHA256_CONSTANTS, w, strict=True):
        s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)
        t1 = h + s1 + (e & f ^ ~e & g) + k + word
        t2 = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + (a & b ^ a & c ^ b & c)
        a, b, c, d, e, f, g, h = (t1 + t2) % 2**32, a, b, c, (d + t1) % 2**32, e, f, g
    return [(x + y) % 2**32 for x, y in zip(state, (a, b, c, d, e, f, g, h), strict=True)]


def turn(value: int, by: int) -> int:
    return (value >> by | value << (32 - by)) & 0xFFFFFFFF


def primes(count: int) -> list[int]:
    return [n for n in range(2, 400) if all(n % d for d in range(2, n))][:count]


def cube_root(value: int) -> int:
    root = round(value ** (1 / 3))
    while root**3 > value:
        root -= 1
    while (root + 1) ** 3 <= value:
        root += 1
    return root


SHA256_CONSTANTS = [cube_root(p << 96) % 2**32 for p in primes(64)]
