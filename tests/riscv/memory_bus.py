"""Every access that recorded events tell of, as docs/zkvm.md orders them."""

from collections.abc import Iterator

from node.recursion.riscv.events import Steps
from node.recursion.riscv.isa import IMMEDIATE, Op
from tests.riscv.recorder import COMPUTE
from tests.riscv.simulator import (
    SECP256K1,
    WORD_OPERATIONS,
    join,
    keccak_f,
    permute,
    sha256_compress,
    split,
)

Access = tuple[int, int, int, int, int]
"""(time, address, value before, value after, time of the access before)."""
LOADS = (Op.LW, Op.LB, Op.LH, Op.LBU, Op.LHU)
STORES = (Op.SW, Op.SB, Op.SH)


def accesses(recorded, program) -> list[Access]:
    """All of a segment, in order of time."""
    found: list[Access] = []
    for events in recorded.steps.values():
        steps = Steps.of(events, program.instructions, program.base)
        for i in range(len(steps)):
            found += step_accesses(*(int(getattr(steps, x)[i]) for x in Steps.__annotations__))
    for name, events in recorded.calls.items():
        for row in events.tolist():
            found += CALLS[name](*row[:4], row[4:]) if name != "ecall" else ecall(row)
    return sorted(found)


def step_accesses(
    time, pc, a, b, before, last1, last2, last3, opcode, rd, rs1, rs2, imm, target
) -> Iterator[Access]:
    op = Op(opcode % IMMEDIATE)
    if op not in (Op.SET,):
        yield time, 4 * rs1, a, a, last1
    address = (a + imm) % 2**32
    if op in COMPUTE:
        value = b if opcode < IMMEDIATE else 0
        yield time + 1, 4 * rs2, value, value, last2
        yield time + 2, 4 * rd, before, COMPUTE[op](a, b) % 2**32, last3
    elif op in LOADS:
        yield time + 1, address & ~3, b, b, last2
        yield time + 2, 4 * rd, before, loaded(op, b, address), last3
    elif op in STORES:
        yield time + 1, 4 * rs2, b, b, last2
        size = {Op.SW: 4, Op.SB: 1, Op.SH: 2}[op]
        word = bytearray(before.to_bytes(4, "little"))
        word[address % 4 : address % 4 + size] = (b % 256**size).to_bytes(size, "little")
        yield time + 2, address & ~3, before, int.from_bytes(word, "little"), last3
    elif op in (Op.SET, Op.JALR):
        yield time + 2, 4 * rd, before, imm if op == Op.SET else pc + 4, last3
    else:
        yield time + 1, 4 * rs2, b, b, last2


def loaded(op, word, address):
    size = {Op.LW: 4, Op.LB: 1, Op.LBU: 1, Op.LH: 2, Op.LHU: 2}[op]
    part = word.to_bytes(4, "little")[address % 4 : address % 4 + size]
    return int.from_bytes(part, "little", signed=op in (Op.LB, Op.LH)) % 2**32


def block(time, address, before, after, lasts) -> Iterator[Access]:
    for i, (old, new, last) in enumerate(zip(before, after, lasts, strict=True)):
        yield time, address + 4 * i, old, new, last


def ecall(row) -> Iterator[Access]:
    time, _, number, a0, a1, a2, *lasts = row
    for register, value, last in zip((17, 10, 11, 12), (number, a0, a1, a2), lasts, strict=True):
        yield time, 4 * register, value, value, last


def halt(time, a0, a1, a2, rest):
    return block(time + 1, a1, rest[:8], rest[:8], rest[8:])


def hint(time, a0, a1, a2, rest):
    return block(time + 2, a0, rest[8:16], rest[:8], rest[16:])


def keccakf(time, a0, a1, a2, rest):
    return block(time + 2, a0, rest[:50], keccak_f(rest[:50]), rest[50:])


def sha256(time, a0, a1, a2, rest):
    state, state_last, data, data_last = rest[:8], rest[8:16], rest[16:32], rest[32:]
    yield from block(time + 1, a1, data, data, data_last)
    yield from block(time + 2, a0, state, sha256_compress(state, data), state_last)


def poseidon2(time, a0, a1, a2, rest):
    return block(time + 2, a0, rest[:16], permute(rest[:16]), rest[16:])


def muladdmod(time, a0, a1, a2, rest):
    given, given_last, before, last = rest[:32], rest[32:64], rest[64:80], rest[80:]
    a, b, c, m = (join(given[8 * i : 8 * i + 8], 32) for i in range(4))
    quotient, remainder = divmod(a * b + c, m or 2**256)
    yield from block(time + 1, a1, given, given, given_last)
    yield from block(time + 2, a0, before, split(remainder, 8) + split(quotient % 2**256, 8), last)


def secp256k1_add(time, a0, a1, a2, rest):
    p, p_last, q, q_last = rest[:16], rest[16:32], rest[32:48], rest[48:]
    yield from block(time + 1, a1, q, q, q_last)
    yield from block(time + 2, a0, p, curve_sum(p, q), p_last)


def secp256k1_double(time, a0, a1, a2, rest):
    return block(time + 2, a0, rest[:16], curve_sum(rest[:16], rest[:16]), rest[16:])


def word_alu(time, a0, a1, a2, rest):
    p, p_last, q, q_last = rest[:8], rest[8:16], rest[16:24], rest[24:]
    result = WORD_OPERATIONS[a2](join(q, 32), join(p, 32)) % 2**256
    yield from block(time + 1, a1, q, q, q_last)
    yield from block(time + 2, a0, p, split(result, 8), p_last)


def curve_sum(p, q):
    (x1, y1), (x2, y2) = ((join(at[:8], 32), join(at[8:], 32)) for at in (p, q))
    rise, run = (3 * x1 * x1, 2 * y1) if p == q else (y2 - y1, x2 - x1)
    slope = rise * pow(run, -1, SECP256K1)
    x3 = (slope * slope - x1 - x2) % SECP256K1
    return split(x3, 8) + split((slope * (x1 - x3) - y1) % SECP256K1, 8)


CALLS = {
    "halt": halt,
    "hint": hint,
    "keccakf": keccakf,
    "sha256": sha256,
    "poseidon2": poseidon2,
    "muladdmod": muladdmod,
    "secp256k1_add": secp256k1_add,
    "secp256k1_double": secp256k1_double,
    "word_alu": word_alu,
}
