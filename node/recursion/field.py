"""KoalaBear and its degree-5 extension, as numbers.

`Felt` and `Ext` are the concrete form of what the verifier computes on; a recorder that turns the
verifier into a circuit supplies symbols with the same operators. Plain ints may stand on either
side of an operator and mean constants.
Source: Plonky3, koala-bear; ../docs/proof-system.md, section 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

P: Final = 2**31 - 2**24 + 1
"""The prime. p - 1 = 2^24 * 127."""
TWO_ADICITY: Final = 24
GENERATOR: Final = 3
DEGREE: Final = 5
"""Of the extension F_p[X] / (X^5 + X^2 - 1)."""


def root_of_unity(log_order: int) -> int:
    """The generator of the subgroup of order 2^log_order; each is the square of the next."""
    return pow(GENERATOR, (P - 1) >> log_order, P)


class Felt(int):
    """An element of KoalaBear, always reduced."""

    __slots__ = ()

    def __add__(self, other: int) -> Felt:
        if not isinstance(other, int):
            return NotImplemented
        return Felt((int(self) + int(other)) % P)

    def __sub__(self, other: int) -> Felt:
        if not isinstance(other, int):
            return NotImplemented
        return Felt((int(self) - int(other)) % P)

    def __rsub__(self, other: int) -> Felt:
        return Felt((int(other) - int(self)) % P)

    def __mul__(self, other: int) -> Felt:
        if not isinstance(other, int):
            return NotImplemented
        return Felt(int(self) * int(other) % P)

    def __neg__(self) -> Felt:
        return Felt(-int(self) % P)

    __radd__ = __add__
    __rmul__ = __mul__

    def __truediv__(self, other: int) -> Felt:
        return Felt(int(self) * pow(int(other), -1, P) % P)


class Ext:
    """An element of the extension: five canonical coefficients, constant first."""

    __slots__ = ("c",)

    def __init__(self, coefficients: Iterable[int]) -> None:
        self.c = tuple(coefficients)

    def __add__(self, other: Scalar) -> Ext:
        if isinstance(other, Ext):
            return Ext([(a + b) % P for a, b in zip(self.c, other.c, strict=True)])
        return Ext(((self.c[0] + int(other)) % P, *self.c[1:]))

    def __sub__(self, other: Scalar) -> Ext:
        if isinstance(other, Ext):
            return Ext([(a - b) % P for a, b in zip(self.c, other.c, strict=True)])
        return Ext(((self.c[0] - int(other)) % P, *self.c[1:]))

    def __neg__(self) -> Ext:
        return Ext([-a % P for a in self.c])

    def __rsub__(self, other: int) -> Ext:
        return -self + other

    def __mul__(self, other: Scalar) -> Ext:
        if not isinstance(other, Ext):
            factor = int(other)
            return Ext([a * factor % P for a in self.c])
        a0, a1, a2, a3, a4 = self.c
        b0, b1, b2, b3, b4 = other.c
        c5 = a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1
        c6 = a2 * b4 + a3 * b3 + a4 * b2
        c7 = a3 * b4 + a4 * b3
        c8 = a4 * b4
        # X^5 = 1 - X^2, X^6 = X - X^3, X^7 = X^2 - X^4, X^8 = X^3 + X^2 - 1
        return Ext(
            (
                (a0 * b0 + c5 - c8) % P,
                (a0 * b1 + a1 * b0 + c6) % P,
                (a0 * b2 + a1 * b1 + a2 * b0 - c5 + c7 + c8) % P,
                (a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 - c6 + c8) % P,
                (a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0 - c7) % P,
            )
        )

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Ext):
            return self.c == other.c
        return isinstance(other, int) and self.c == (other % P, 0, 0, 0, 0)

    def __hash__(self) -> int:
        return hash(self.c)

    def __repr__(self) -> str:
        return f"Ext{self.c}"

    def __pow__(self, exponent: int) -> Ext:
        result, square = ONE, self
        while exponent:
            if exponent & 1:
                result = result * square
            square = square * square
            exponent >>= 1
        return result

    def inverse(self) -> Ext:
        """1 / self. Raises ZeroDivisionError for zero.

        By the norm: for r = 1 + p + p^2 + p^3 + p^4, x^r is in the base field (Itoh, Tsujii 1988).
        """
        if not any(self.c):
            raise ZeroDivisionError("inverse of zero")
        conjugates = ONE
        image = self
        for _ in range(DEGREE - 1):
            image = image.frobenius()
            conjugates = conjugates * image
        norm = (self * conjugates).c[0]
        return conjugates * pow(norm, -1, P)

    def frobenius(self) -> Ext:
        """self^p: coefficients stay, X^i becomes (X^p)^i."""
        total = Ext((self.c[0], 0, 0, 0, 0))
        for coefficient, image in zip(self.c[1:], _FROBENIUS, strict=True):
            total = total + image * coefficient
        return total


Scalar: TypeAlias = "Ext | int"

ZERO: Final = Ext((0, 0, 0, 0, 0))
ONE: Final = Ext((1, 0, 0, 0, 0))


def _frobenius_images() -> Sequence[Ext]:
    image = Ext((0, 1, 0, 0, 0)) ** P
    images = [image]
    for _ in range(DEGREE - 2):
        images.append(images[-1] * image)
    return images


_FROBENIUS: Final = _frobenius_images()
