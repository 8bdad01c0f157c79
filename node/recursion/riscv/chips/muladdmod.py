"""a b + c = q m + r on numbers of 256 bits: the EVM's arithmetic, by one identity."""

from __future__ import annotations

from itertools import accumulate
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
    Word,
    is_bit,
)
from node.recursion.riscv.bignum import Below, digits_of, exchange_block, fill_block, integers
from node.recursion.riscv.buses import CALL
from node.recursion.riscv.digits import (
    Digits,
    carry_chain,
    limbs_of,
    show_bytes,
    show_carries,
    show_limbs,
)
from node.recursion.riscv.events import Numbers, limbs, put
from node.recursion.riscv.gadgets import Access, Pointer, accessed_before
from node.recursion.riscv.isa import CODE_START, DATA_START

MULADDMOD: Final = 260
SIZE: Final = 32
"""Bytes of a number."""
WORDS_IN: Final = 4 * SIZE // 4
WORDS_OUT: Final = 2 * SIZE // 4


class MulAddMod(Chip):
    """a b + c = q m + r and r < m, where m = 0 stands for 2^256: the call muladdmod(out, in).

    Assumes: limbs in memory are in range. Ensures: with a, b, c, m read from `in`, r and then
    q mod 2^256 are written to `out`; q itself has as many bits as it needs, up to 512.
    """

    is_real, wraps = Bit(), Felt()
    """wraps: 1 if m is 0, else 0.

    Whatever is not 0 requires m = 0; whatever is not 1 requires marks that show r < m. So it is a
    bit, without an equation for that.
    """
    time = Felt()
    out, source = Group(Pointer), Group(Pointer)
    a2 = Word()
    a, b, m = Array(SIZE), Array(SIZE), Array(SIZE)
    c, r = Array(SIZE // 2), Array(SIZE // 2)
    q, q_high = Array(SIZE), Array(SIZE)
    below = Group(Below)
    before = Array(2 * WORDS_OUT)
    """What `out` held."""
    reads, writes = Groups(Access, WORDS_IN), Groups(Access, WORDS_OUT)

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)
        yield self.wraps * sum(self.m) == 0  # over the integers too: below 2^13
        yield self._overflow() == 0
        yield carry_chain(self._difference())[1] == 0
        yield from self.below.constrain(self.r, limbs_of(self.m), self.is_real - self.wraps)

    def interact(self) -> Messages:
        real, m = self.is_real, limbs_of(self.m)
        pointers = self.out.limbs, self.source.limbs
        yield CALL.receive(MULADDMOD, 0, self.time, *pointers, self.a2, times=real)
        for octets in (self.a, self.b, self.m, self.q, self.q_high):
            yield from show_bytes(octets, real)
        yield from show_limbs(self.r, real)
        yield from show_carries(self._difference(), real)
        yield from self.below.interact(self.r, m, real - self.wraps, real)
        yield from self.source.check(CODE_START, real)
        yield from self.out.check(DATA_START, real)
        given = (*limbs_of(self.a), *limbs_of(self.b), *self.c, *m)
        result = (*self.r, *limbs_of(self.q))
        early, late = self.time + 1, self.time + 2
        yield from exchange_block(self.reads, self.source, given, given, early, real)
        yield from exchange_block(self.writes, self.out, self.before, result, late, real)
        accesses = [(access, early) for access in self.reads]
        yield from accessed_before(accesses + [(access, late) for access in self.writes], real)

    def fill(self, events: Numbers) -> None:
        """events: time, a0, a1, a2; 32 words read, and their last; 16 replaced, and their last."""
        time, out, source, a2 = events[:4]
        given, last_read, before, last_written = np.split(events[4:], [32, 64, 80])
        a, b, c, m = (integers(words) for words in np.split(given, 4))
        moduli = [x or 1 << 256 for x in m]
        results = [divmod(x * y + z, n) for x, y, z, n in zip(a, b, c, moduli, strict=True)]
        q, r = [x for x, _ in results], [x for _, x in results]
        for cells, numbers in ((self.a, a), (self.b, b), (self.m, m)):
            put(cells, digits_of(numbers, SIZE, 8))
        put((*self.q, *self.q_high), digits_of(q, 2 * SIZE, 8))
        for cells, numbers in ((self.c, c), (self.r, r)):
            put(cells, digits_of(numbers, SIZE // 2, 16))
        self.below.fill(digits_of(r, SIZE // 2, 16), digits_of(m, SIZE // 2, 16))
        put(self.wraps, [x == 0 for x in m])
        put(self.time, time)
        self.out.fill(out)
        self.source.fill(source)
        put(self.a2, limbs(a2))
        put(self.before, [limb for word in before for limb in limbs(word)])
        fill_block(self.reads, time + 1, last_read)
        fill_block(self.writes, time + 2, last_written)
        put(self.is_real, 1)

    def _difference(self) -> Digits:
        """The digits below 2^512 of a b + c - q m - r, with wraps 2^256 added to m."""
        m, low, high = (Digits.of_bytes(x) for x in (self.m, self.q, self.q_high))
        wrapped = Digits.of_bytes([self.wraps * x for x in self.q]).shifted(SIZE)
        product = low * m + (high * m).shifted(SIZE) + wrapped
        total = Digits.of_bytes(self.a) * Digits.of_bytes(self.b) + Digits.of_limbs(self.c)
        return (total - product - Digits.of_limbs(self.r)).split(2 * SIZE)[0]

    def _overflow(self) -> Cell:
        """The sum of all products of digits of q and the modulus that count 2^512 or more.

        None is negative and their sum is below 2^25: it is 0 only if q times the modulus is below
        2^512, and so equal to what _difference compares.
        """
        q = (*self.q, *self.q_high)
        tails = list(accumulate(reversed(q)))[: SIZE - 1]  # the highest 1, 2, ... 31 digits
        products = [x * tail for x, tail in zip(self.m[1:], tails, strict=True)]
        return sum(products) + self.wraps * tails[-1] + self.wraps * self.q_high[0]
