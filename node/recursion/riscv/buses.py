"""The buses of the RISC-V machine: what its chips tell each other."""

from __future__ import annotations

from typing import Final

from node.recursion.air.chip import Bus
from node.recursion.poseidon2 import DIGEST

STATE: Final = Bus("state", arity=2)
"""(time, pc): an instruction takes the state it starts in and leaves the next."""
PROGRAM: Final = Bus("program", arity=7)
"""(pc, opcode, rd, rs1, rs2, imm low, imm high).

A branch's target stands in the place of imm low, that of SET in the place of rs1.
"""
MEMORY: Final = Bus("memory", arity=4)
"""(address, low, high, time): what an address holds and since when."""
RANGE: Final = Bus("range", arity=2)
"""(value, bits): value < 2^bits, for bits up to 16."""
BYTES: Final = Bus("bytes", arity=2)
"""(x, y): two bytes."""
XOR: Final = Bus("xor", arity=3)
"""(x, y, x ^ y): bytes."""
CALL: Final = Bus("call", arity=9)
"""(number, halts, time, a0 low, high, a1 low, high, a2 low, high): an ecall, for its chip."""
HALTED: Final = Bus("halted", arity=18)
"""(exit code low, high, output as sixteen limbs)."""
END: Final = Bus("end", arity=20)
"""(halted, pc, exit code low, high, output as sixteen limbs): how the segment ends."""
NODE: Final = Bus("node", arity=2 + 2 * DIGEST)
"""(level, index, digest before, digest after): a touched node of the memory tree."""
