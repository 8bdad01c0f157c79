"""Programs that make calls, each accelerator against somebody else's answer.

The answers come from hashlib, py_ecc and Python's integers; Poseidon2's from the verifier's own.
"""

import hashlib
import random
from dataclasses import dataclass
from functools import cache
from itertools import product

from py_ecc.secp256k1 import secp256k1

from node.recursion.field import P
from node.recursion.poseidon2 import permute
from tests.riscv.programs import HINT, Example, example, listed, words_bytes, words_of

EDGES = [0, 1, 2**128, secp256k1.P, 2**256 - 1]
SHA256_START = "6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19"

DIFFERENCES = """
.text
differences:                     # counts in a0 the words that differ
    li a0, 0
next:
    lw a4, 0(a1)
    lw a5, 0(a2)
    beq a4, a5, same
    addi a0, a0, 1
same:
    addi a1, a1, 4
    addi a2, a2, 4
    addi a3, a3, -1
    bnez a3, next
    ret
.data
"""


@dataclass(frozen=True)
class Calls:
    """Calls in a row on one place, each with its own second argument, and what it then holds.

    third: a2 of all of them.
    """

    number: int
    place: bytes
    seconds: tuple[bytes | None, ...]
    result: bytes
    third: int = 0

    def code(self, name: str) -> str:
        calls = "".join(
            f"""
    la a0, {name}_place
    {f"la a1, {name}_{i}" if second else "li a1, 0"}
    li a2, {self.third}
    li a7, {self.number}
    ecall"""
            for i, second in enumerate(self.seconds)
        )
        return f"""{calls}
    la a1, {name}_place
    la a2, {name}_result
    li a3, {len(self.result) // 4}
    call differences"""

    def data(self, name: str) -> str:
        seconds = [(f"{name}_{i}", x) for i, x in enumerate(self.seconds) if x]
        parts = [(f"{name}_place", self.place), (f"{name}_result", self.result), *seconds]
        return "".join(f"{label}: .word {listed(words_of(part))}\n" for label, part in parts)


def call_example(name: str, cases: list[Calls]) -> Example:
    """A program that makes these calls and compares every word."""
    names = [f"{name}_{i}" for i in range(len(cases))]
    code = [(case.code(label), 0) for label, case in zip(names, cases, strict=True)]
    data = DIFFERENCES + "".join(x.data(label) for label, x in zip(names, cases, strict=True))
    return example(name, code, data)


def swapped(data: bytes) -> bytes:
    """Big-endian words as native ones."""
    return b"".join(data[i : i + 4][::-1] for i in range(0, len(data), 4))


def number_bytes(*numbers: int) -> bytes:
    """Each as 32 bytes, little-endian."""
    return b"".join(x.to_bytes(32, "little") for x in numbers)


def keccak_calls() -> list[Calls]:
    """SHAKE128 shows 168 bytes of a state; the hidden ones decide what it shows next."""
    cases = []
    for message in (b"", b"a", bytes(range(166))):
        state = (message + b"\x1f").ljust(167, b"\0") + b"\x80" + bytes(32)
        stream = hashlib.shake_128(message).digest(3 * 168)
        for blocks in (1, 2, 3):
            shown = stream[168 * (blocks - 1) : 168 * blocks]
            cases.append(Calls(257, state, (None,) * blocks, shown))
    return cases


def sha256_calls() -> list[Calls]:
    """Messages of one to four blocks, one of them full."""
    start = words_bytes(int(x, 16) for x in SHA256_START.split())
    cases = []
    for message in (b"", b"abc", bytes(range(64)), bytes(range(200))):
        padded = message + b"\x80" + bytes(-(len(message) + 9) % 64)
        padded = swapped(padded + (8 * len(message)).to_bytes(8, "big"))
        blocks = tuple(padded[i : i + 64] for i in range(0, len(padded), 64))
        cases.append(Calls(258, start, blocks, swapped(hashlib.sha256(message).digest())))
    return cases


def poseidon2_calls() -> list[Calls]:
    states = [[0] * 16, list(range(16)), [P - 1] * 16, [x**9 % P for x in range(7, 23)]]
    return [Calls(259, words_bytes(x), (None,), words_bytes(permute(x))) for x in states]


def muladdmod_calls() -> list[Calls]:
    """Edge against edge, every modulus; q is cut to 256 bits."""
    cases = []
    for a, b, m in product(EDGES, EDGES, [0, 1, 2, 7 << 200, secp256k1.P, 2**256 - 1]):
        c = (a + b + m) % 2**256
        q, r = divmod(a * b + c, m or 2**256)
        result = number_bytes(r, q % 2**256)
        cases.append(Calls(260, bytes(64), (number_bytes(a, b, c, m),), result))
    return cases


def secp256k1_calls() -> tuple[list[Calls], list[Calls]]:
    """Sums and doubles of the generator's multiples, small and large."""
    points = [secp256k1.multiply(secp256k1.G, n) for n in (1, 2, 5, 2**255 - 19, secp256k1.N - 1)]
    sums = [
        Calls(261, number_bytes(*p), (number_bytes(*q),), number_bytes(*secp256k1.add(p, q)))
        for p, q in product(points, repeat=2)
        if p[0] != q[0]
    ]
    doubles = [
        Calls(262, number_bytes(*p), (None,), number_bytes(*secp256k1.add(p, p))) for p in points
    ]
    return sums, doubles


WORD_EDGES = [0, 2**16 - 1, 2**255 - 1, 2**255, 2**256 - 1]
WORD_OPERATIONS = {
    1: lambda q, p: (q + p) % 2**256,
    2: lambda q, p: (q - p) % 2**256,
    3: lambda q, p: q < p,
    4: lambda q, p: q > p,
    5: lambda q, p: (q ^ 2**255) < (p ^ 2**255),
    6: lambda q, p: (q ^ 2**255) > (p ^ 2**255),
    7: lambda q, p: q == p,
    8: lambda q, p: q,
}
"""By a2, as Python's integers have them."""


def word_calls() -> list[Calls]:
    """Every operation, edge against edge."""
    return [
        Calls(263, number_bytes(p), (number_bytes(q),), number_bytes(compute(q, p)), op)
        for (op, compute), p, q in product(WORD_OPERATIONS.items(), WORD_EDGES, WORD_EDGES)
    ]


NUMBERS = [0, 1, 255, 2**16, 2**128 - 1, 2**255, 2**256 - 2**32 - 978, 2**256 - 1]
"""Edges of the chips behind calls; the last but one is the largest coordinate of secp256k1."""


def random_number(rng: random.Random) -> int:
    number = rng.getrandbits(rng.randrange(257)) if rng.random() < 0.7 else rng.choice(NUMBERS)
    return number % 2**256


def random_coordinates(rng: random.Random, count: int) -> list[int]:
    """On the curve or not: the first and the third differ, the second is not 0."""
    numbers = [min(random_number(rng), NUMBERS[-2]) for _ in range(count)]
    numbers[1] = numbers[1] or 1
    return numbers if count < 4 or numbers[0] != numbers[2] else random_coordinates(rng, count)


def random_arguments(name: str, rng: random.Random) -> tuple[bytes, bytes, int]:
    """What a call of this name takes: bytes where a0 points and where a1 does, and a2."""
    third = rng.choice(list(WORD_OPERATIONS)) if name == "word_alu" else rng.getrandbits(32)
    return *random_operands(name, rng), third


def random_operands(name: str, rng: random.Random) -> tuple[bytes, bytes]:
    """Bytes that a call of this name takes, where a0 points and where a1 does."""
    if name == "poseidon2":
        return words_bytes(rng.choice([0, P - 1, rng.randrange(P)]) for _ in range(16)), b""
    if name.startswith("secp256k1"):
        numbers = number_bytes(*random_coordinates(rng, 4))
        return numbers[:64], numbers[64:]
    if name == "word_alu":
        p, q = random_number(rng), random_number(rng)
        return number_bytes(p), number_bytes(rng.choice([p, q, q, q]))
    if name == "muladdmod":
        return rng.randbytes(64), number_bytes(*(random_number(rng) for _ in range(4)))
    return rng.choice([bytes(200), b"\xff" * 200, rng.randbytes(200)]), rng.randbytes(64)


HINTED = f"""
_start:
    la a0, block
    li a7, {HINT}
    ecall
    la a0, block
    addi a0, a0, 32
    ecall
    la a1, block
    lw a2, 0(a1)                 # the length
    li a3, 40
    bne a2, a3, wrong
    addi a1, a1, 12              # the output: bytes 8 to 40 of the input
    li a0, 0
    li a7, 93
    ecall
wrong:
    li a0, 1
    li a7, 93
    ecall
.data
block: .space 64
"""


@cache
def call_examples() -> list[Example]:
    """Each call's program."""
    sums, doubles = secp256k1_calls()
    data = bytes(range(100, 140))
    return [
        Example("hint", HINTED, words_of(data[8:40]), data),
        call_example("keccakf", keccak_calls()),
        call_example("sha256", sha256_calls()),
        call_example("poseidon2", poseidon2_calls()),
        call_example("muladdmod", muladdmod_calls()),
        call_example("secp256k1_add", sums),
        call_example("secp256k1_double", doubles),
        call_example("word_alu", word_calls()),
    ]
