"""256-bit arithmetic that is more than one Python expression. Operands: ints below 2**256."""

from __future__ import annotations

from typing import Final

WORD_MASK: Final = 2**256 - 1
SIGN_BIT: Final = 1 << 255
_MODULUS: Final = 1 << 256


def signed(value: int) -> int:
    """The two's complement reading of a word."""
    return value - _MODULUS if value & SIGN_BIT else value


def sdiv(a: int, b: int) -> int:
    """SDIV: rounds towards zero; 0 if b is 0."""
    if not b:
        return 0
    x, y = signed(a), signed(b)
    quotient = abs(x) // abs(y)
    return (-quotient if (x < 0) != (y < 0) else quotient) & WORD_MASK


def smod(a: int, b: int) -> int:
    """SMOD: has the sign of a; 0 if b is 0."""
    if not b:
        return 0
    x = signed(a)
    remainder = abs(x) % abs(signed(b))
    return (-remainder if x < 0 else remainder) & WORD_MASK


def signextend(a: int, b: int) -> int:
    """SIGNEXTEND: b read as a two's complement number of a + 1 bytes."""
    if a > 30:
        return b
    sign = 1 << (8 * a + 7)
    low = b & (2 * sign - 1)
    return (low - 2 * sign) & WORD_MASK if low & sign else low


def sar(a: int, b: int) -> int:
    """SAR: b shifted right by a, arithmetically (EIP-145)."""
    if a < 256:
        return (signed(b) >> a) & WORD_MASK
    return WORD_MASK if b & SIGN_BIT else 0
