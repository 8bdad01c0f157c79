"""Sums, differences, comparisons and copies of EVM words: by one identity, x + y = z + 2^256 carry.

Which of the words is which number depends on the operation, so the carries need no columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

import numpy as np

from node.recursion.air.chip import (
    Array,
    Bit,
    Cell,
    Chip,
    Constraints,
    Felt,
    Group,
    Groups,
    Messages,
    is_bit,
)
from node.recursion.riscv.bignum import digits_of, exchange_block, fill_block, integers, inverses
from node.recursion.riscv.buses import CALL
from node.recursion.riscv.digits import show_limbs
from node.recursion.riscv.events import Numbers, put
from node.recursion.riscv.gadgets import Access, Pointer, accessed_before, show_sign
from node.recursion.riscv.isa import CODE_START, DATA_START

WORD_ALU: Final = 263
LIMBS: Final = 16
WORDS: Final = 8
TOP: Final = 255
"""The place of the sign."""


class WordOp(IntEnum):
    """What a2 says: p := q op p. A comparison's result is 0 or 1."""

    ADD = 1
    SUB = 2
    LT = 3
    GT = 4
    SLT = 5
    SGT = 6
    EQ = 7
    COPY = 8


class WordAlu(Chip):
    """p := q op p on words of 256 bits: the call word_alu(p, q, op).

    x + y = z + 2^256 carry, where q + p = z to add, x = p - q to show that q > p, and x = q - p for
    all else. So the last carry says whether z < y as unsigned numbers; they are equal where x = 0.
    Assumes: limbs in memory are in range. Ensures: op is one of WordOp and its result is written.
    """

    add, sub, lt, gt, slt, sgt, eq, copy = Bit(), Bit(), Bit(), Bit(), Bit(), Bit(), Bit(), Bit()
    time = Felt()
    p, q = Group(Pointer), Group(Pointer)
    x, y, z = Array(LIMBS), Array(LIMBS), Array(LIMBS)
    sign_y, sign_z = Bit(), Bit()
    """0 where the comparison is not signed."""
    equal, inverse = Felt(), Felt()
    """equal: the result of EQ, else 0; inverse: of the sum of x's limbs, where EQ finds it not 0.

    equal is a bit without an equation for that: it is 0 or eq.
    """
    exchanges, reads = Groups(Access, WORDS), Groups(Access, WORDS)

    def constrain(self) -> Constraints:
        for flag in self._flags():
            yield is_bit(flag)
        yield is_bit(self._real())
        for carry in self._carries():
            yield is_bit(carry)  # over the integers too: |x + y + carry - z| < 2**18 < p
        yield is_bit(self.sign_y)
        yield is_bit(self.sign_z)
        total = sum(self.x)  # 0 over the integers too: it is below 2^20
        yield self.equal * total == 0
        yield self.inverse * total == self.eq - self.equal

    def interact(self) -> Messages:
        real, signed, swapped = self._real(), self.slt + self.sgt, self.gt + self.sgt
        operation = sum(op * flag for op, flag in zip(WordOp, self._flags(), strict=True))
        arguments = self.p.limbs, self.q.limbs, (operation, 0)
        yield CALL.receive(WORD_ALU, 0, self.time, *arguments, times=real)
        yield from show_limbs(_where(self.add, self.z, self.x), real)
        yield from show_sign(self.y[-1], 16, signed, self.sign_y, real)
        yield from show_sign(self.z[-1], 16, signed, self.sign_z, real)
        yield from self.p.check(DATA_START, real)
        yield from self.q.check(CODE_START, real)
        p = _where(swapped, self.z, self.y)
        q = [
            self.add * x + swapped * y + (1 - self.add - swapped) * z
            for x, y, z in zip(self.x, self.y, self.z, strict=True)
        ]
        early, late = self.time + 1, self.time + 2
        yield from exchange_block(self.reads, self.q, q, q, early, real)
        yield from exchange_block(self.exchanges, self.p, p, self._result(), late, real)
        accesses = [(access, early) for access in self.reads]
        yield from accessed_before(accesses + [(access, late) for access in self.exchanges], real)

    def fill(self, events: Numbers) -> None:
        """events: time, a0, a1, a2; 8 words of p, and their last; 8 of q, and their last."""
        time, p, q, op = events[:4]
        first, last_exchanged, second, last_read = np.split(events[4:], 4)
        rows = list(zip(op, integers(first), integers(second), strict=True))
        x, y, z = zip(*(_terms(*row) for row in rows), strict=True)
        signed = (op == WordOp.SLT) | (op == WordOp.SGT)
        for cell, known in zip(self._flags(), WordOp, strict=True):
            put(cell, op == known)
        put(self.time, time)
        self.p.fill(p)
        self.q.fill(q)
        for cells, numbers in ((self.x, x), (self.y, y), (self.z, z)):
            put(cells, digits_of(numbers, LIMBS, 16))
        put(self.sign_y, signed & np.array([number >> TOP for number in y]))
        put(self.sign_z, signed & np.array([number >> TOP for number in z]))
        differs = (op == WordOp.EQ) & (sum(self.x) != 0)
        put(self.equal, (op == WordOp.EQ) & ~differs)
        put(self.inverse, differs * inverses(np.where(differs, sum(self.x), 1)))
        fill_block(self.exchanges, time + 2, last_exchanged)
        fill_block(self.reads, time + 1, last_read)

    def _flags(self) -> tuple[Cell, ...]:
        """In the order of WordOp."""
        return self.add, self.sub, self.lt, self.gt, self.slt, self.sgt, self.eq, self.copy

    def _real(self) -> Cell:
        return sum(self._flags())

    def _carries(self) -> list[Cell]:
        """Out of each limb of x + y = z."""
        carries, carry = [], 0
        for x, y, z in zip(self.x, self.y, self.z, strict=True):
            carry = (x + y + carry - z) / 2**16
            carries.append(carry)
        return carries

    def _result(self) -> list[Cell]:
        """What is written.

        Signed numbers are 2^256 sign less, so their difference borrows carry + sign_z - sign_y.
        """
        words = [
            (self.add + self.copy) * z + self.sub * x for x, z in zip(self.x, self.z, strict=True)
        ]
        borrow = self._carries()[-1] + self.sign_z - self.sign_y
        compares = self.lt + self.gt + self.slt + self.sgt
        return [words[0] + compares * borrow + self.equal, *words[1:]]


def _where(flag: Cell, yes: Sequence[Cell], no: Sequence[Cell]) -> list[Cell]:
    """Yes if flag, else no."""
    return [flag * a + (1 - flag) * b for a, b in zip(yes, no, strict=True)]


def _terms(op: int, p: int, q: int) -> tuple[int, int, int]:
    """x, y and z of an operation."""
    if op == WordOp.ADD:
        return q, p, (q + p) % 2**256
    minuend, subtrahend = (p, q) if op in (WordOp.GT, WordOp.SGT) else (q, p)
    return (minuend - subtrahend) % 2**256, subtrahend, minuend
