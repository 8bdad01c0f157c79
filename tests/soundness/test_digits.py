"""Numbers of many digits: products, carries that cannot wrap, multiples of any modulus, order."""

import random
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.recursion.air.bounds import Range
from node.recursion.air.chip import Array, Bit, Chip, Constraints, Group, Messages, is_bit
from node.recursion.air.expr import column, constant
from node.recursion.field import P
from node.recursion.riscv.bignum import Below, Multiple, digits_of, fill_below
from node.recursion.riscv.chips.muladdmod import MulAddMod
from node.recursion.riscv.chips.secp256k1 import Secp256k1Add, Secp256k1Double
from node.recursion.riscv.digits import Digits, carry_chain, show_bytes, show_limbs
from node.recursion.riscv.events import put
from tests.soundness.machines.bignum import filled, machine, problems, row_objections

INVERSES = {pow(256**width, -1, P): 256**width for width in (1, 2)}


def value(number):
    return sum(digit * 256**i for i, digit in enumerate(number.cells))


def octets(number, count):
    return Digits.of_bytes(list(number.to_bytes(count, "little")))


@given(st.data(), st.integers(1, 48))
def test_products(data, count):
    """Every digit is the schoolbook's, and in its range."""
    x, y = (octets(data.draw(st.integers(0, 256**count - 1)), count) for _ in range(2))
    product = (x - octets(7, count)) * y
    schoolbook = np.convolve(np.array((x - octets(7, count)).cells), np.array(y.cells))
    assert list(product.cells) == schoolbook.tolist()
    for digit, (low, high) in zip(product.cells, product.ranges, strict=True):
        assert low <= digit <= high


def test_the_ranges_of_products_are_reached():
    full, most = octets(256**32 - 1, 32), octets(256**32 - 1, 32)
    for number, end in ((full * most, "high"), ((octets(0, 32) - full) * most, "low")):
        assert list(number.cells) == [getattr(x, end) for x in number.ranges]


def test_products_want_equal_lengths():
    with pytest.raises(TypeError, match="3 digits times 2"):
        octets(0, 3) * octets(0, 2)


def accepted(number):
    """Whether carries are in their ranges and nothing is left."""
    chain, rest = carry_chain(number)
    carries = [((constant(c.value) - c.start) % P, c.bits) for c in chain]
    left = rest if isinstance(rest, int) else constant(rest)
    return all(carry < 2**bits for carry, bits in carries) and left % P == 0


@given(
    st.integers(0, 2**256 - 1), st.integers(0, 2**256 - 1), st.integers(-2, 2), st.integers(0, 62)
)
def test_only_zero_is_zero(x, y, wrong, place):
    product = octets(x, 32) * octets(y, 32)
    claimed = octets((x * y + wrong * 256**place) % 2**512, 64)
    assert accepted(product - claimed) == (value(product) == value(claimed))


LOW = st.just(-(2**22)) | st.integers(-(2**22), 0)
HIGH = st.just(2**22) | st.integers(0, 2**22)


@given(st.lists(st.tuples(LOW, HIGH), min_size=1, max_size=8), st.data())
def test_digits_that_agree_with_carries_modulo_p_alone(ends, data):
    """An adversary who picks the carries and solves for the digits finds none p away."""
    ranges = tuple(Range(*pair) for pair in ends)
    chain, _ = carry_chain(Digits(tuple(column(f"d{i}") for i in range(len(ends))), ranges))
    carry, at = 0, 0
    for step in chain:
        radix = INVERSES[constant(step.value.args[1])]
        width = 1 if radix == 256 else 2
        ends = step.start, step.start + 2**step.bits - 1
        following = data.draw(st.sampled_from(ends) | st.integers(*ends))
        wanted = radix * following - carry
        low = sum(256**i * ranges[at + i].low for i in range(width))
        high = sum(256**i * ranges[at + i].high for i in range(width))
        assert not low <= wanted + P <= high
        assert not low <= wanted - P <= high
        carry, at = following, at + width


def bounds_of_steps(number):
    """By step of a chain, the ends of radix * carry - digits - carry in, over the integers."""
    chain, _ = carry_chain(number)
    at, low, high = 0, 0, 0
    for step in chain:
        radix = INVERSES[constant(step.value.args[1])]
        for i in range(1 if radix == 256 else 2):
            low += 256**i * number.ranges[at].low
            high += 256**i * number.ranges[at].high
            at += 1
        first, last = step.start, step.start + 2**step.bits - 1
        yield radix * first - high, radix * last - low, step.bits
        assert first <= -(-low // radix)
        assert high // radix <= last
        low, high = first, last
    top = number.ranges[at:]
    assert len(top) <= 2
    yield (
        low + sum(256**i * x.low for i, x in enumerate(top)),
        high + sum(256**i * x.high for i, x in enumerate(top)),
        0,
    )


def numbers_of_the_chips():
    """Every number that a chip shows to be 0."""
    for chip in (MulAddMod, Secp256k1Add, Secp256k1Double):
        row = chip([column(c.name) for c in chip.declare()])
        if chip is MulAddMod:
            yield row._difference()
        else:
            multiples = (row.direction, *row.result.multiples)
            for multiple, number in zip(multiples, row._zeros(), strict=True):
                yield multiple._rest(number)


def test_no_step_of_a_chip_can_wrap():
    steps = [step for number in numbers_of_the_chips() for step in bounds_of_steps(number)]
    assert len(steps) > 200
    for low, high, bits in steps:
        assert -P < low <= high < P
        assert bits <= 16


@pytest.mark.parametrize("end", [2**31, 2**25])
def test_digits_without_room_are_refused(end):
    cells = tuple(column(f"d{i}") for i in range(4))
    with pytest.raises(TypeError, match="no carry of 16 bits"):
        carry_chain(Digits(cells, (Range(-end, end),) * 4))
    with pytest.raises(TypeError, match="no field element"):
        carry_chain(Digits(cells[:1], (Range(0, P),)))


BN254 = 0x30644E72E131A029B85045B68181585D97816A916871CA8D3C208C16D87CFD47
BLS12_381 = int(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab",
    16,
)


class Bn254Multiple(Multiple):
    modulus: ClassVar = dict(enumerate(BN254.to_bytes(32, "little")))
    digit_bits = 8
    quotient = Array(33)


class Bls12Multiple(Multiple):
    modulus: ClassVar = dict(enumerate(BLS12_381.to_bytes(48, "little")))
    digit_bits = 8
    quotient = Array(49)


class Below384(Below):
    line, place = Array(3), Array(5)


class Product(Chip):
    """x y = r modulo a constant, r reduced."""

    def constrain(self) -> Constraints:
        yield is_bit(self.is_real)
        yield from self.multiple.constrain(self.number())
        yield from self.below.constrain(self.r, self.modulus_limbs(), self.is_real)

    def interact(self) -> Messages:
        for cells in (self.x, self.y):
            yield from show_bytes(cells, self.is_real)
        yield from show_limbs(self.r, self.is_real)
        yield from self.multiple.interact(self.number(), self.is_real)
        yield from self.below.interact(self.r, self.modulus_limbs(), self.is_real, self.is_real)

    def number(self):
        return Digits.of_bytes(self.x) * Digits.of_bytes(self.y) - Digits.of_limbs(self.r)

    def modulus_limbs(self):
        return [self.multiple.modulus_value() >> 16 * i & 0xFFFF for i in range(len(self.r))]

    def fill(self, events):
        x, y, r = ([int(number) for number in row] for row in events)
        size = len(self.x)
        put(self.x, digits_of(x, size, 8))
        put(self.y, digits_of(y, size, 8))
        put(self.r, digits_of(r, size // 2, 16))
        self.multiple.fill([a * b - c for a, b, c in zip(x, y, r, strict=True)])
        fill_below(self.below, r, self.multiple.modulus_value(), size // 2)
        put(self.is_real, 1)


class Bn254Product(Product):
    is_real = Bit()
    x, y, r = Array(32), Array(32), Array(16)
    multiple, below = Group(Bn254Multiple), Group(Below)


class Bls12Product(Product):
    is_real = Bit()
    x, y, r = Array(48), Array(48), Array(24)
    multiple, below = Group(Bls12Multiple), Group(Below384)


def cases(prime, size):
    generator = random.Random(5)
    edges = [0, 1, 2, prime - 1, 256**size - 1, 256**size - 2, prime]
    return [(x, y) for x in edges for y in edges] + [
        (generator.getrandbits(8 * size), generator.getrandbits(8 * size)) for _ in range(100)
    ]


@pytest.mark.parametrize(("chip", "prime"), [(Bn254Product, BN254), (Bls12Product, BLS12_381)])
def test_products_modulo_primes_of_pairings(chip, prime):
    of, size = machine(chip), 32 if prime == BN254 else 48
    pairs = cases(prime, size)
    right = [(x, y, x * y % prime) for x, y in pairs]
    assert problems(of, filled_objects(chip, right)) == set()
    wrong = [(x, y, (r + 1) % prime) for x, y, r in right]
    wrong += [(x, y, r + prime) for x, y, r in right]
    assert all(row_objections(of, filled_objects(chip, wrong)[: len(wrong)]))
    row = chip([column(c.name) for c in chip.declare()])
    for low, high, _ in bounds_of_steps(row.multiple._rest(row.number())):
        assert -P < low <= high < P


def filled_objects(chip, rows):
    """Rows of integers of any size."""
    return filled(chip, rows, dtype=object)
