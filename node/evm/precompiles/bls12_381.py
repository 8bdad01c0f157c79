"""BLS12-381: addition, multi-scalar multiplication, pairing check, maps to the curve (EIP-2537).

A field element is 64 bytes big-endian, below p; a G1 point two, a G2 point four (the
imaginary parts second), all zero for the point at infinity. arkworks takes them without the
sixteen zero bytes. Additions check the curve only; products and pairings the subgroup too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

from node.evm.precompiles.base import Precompile, PrecompileFailure, constant

_PAD: Final = bytes(16)
_G1: Final = 128
_G2: Final = 256
_SCALAR: Final = 32
_TRUE: Final = (1).to_bytes(32, "big")
_FALSE: Final = bytes(32)

# EIP-2537, "Discounts table for G1 MSM" and "for G2 MSM": thousandths by number of pairs, from 1.
_G1_DISCOUNTS: Final = (
    1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677, 673, 669,
    665, 661, 658, 654, 651, 648, 645, 642, 640, 637, 635, 632, 630, 627, 625, 623, 621, 619,
    617, 615, 613, 611, 609, 608, 606, 604, 603, 601, 599, 598, 596, 595, 593, 592, 591, 589,
    588, 586, 585, 584, 582, 581, 580, 579, 577, 576, 575, 574, 573, 572, 570, 569, 568, 567,
    566, 565, 564, 563, 562, 561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 551, 550, 549,
    548, 547, 547, 546, 545, 544, 543, 542, 541, 540, 540, 539, 538, 537, 536, 536, 535, 534,
    533, 532, 532, 531, 530, 529, 528, 528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520,
    520, 519,
)  # fmt: skip
_G2_DISCOUNTS: Final = (
    1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717, 711,
    704, 699, 693, 688, 683, 679, 674, 670, 666, 663, 659, 655, 652, 649, 646, 643, 640, 637,
    634, 632, 629, 627, 624, 622, 620, 618, 615, 613, 611, 609, 607, 606, 604, 602, 600, 598,
    597, 595, 593, 592, 590, 589, 587, 586, 584, 583, 582, 580, 579, 578, 576, 575, 574, 573,
    571, 570, 569, 568, 567, 566, 565, 563, 562, 561, 560, 559, 558, 557, 556, 555, 554, 553,
    552, 552, 551, 550, 549, 548, 547, 546, 545, 545, 544, 543, 542, 541, 541, 540, 539, 538,
    537, 537, 536, 535, 535, 534, 533, 532, 532, 531, 530, 530, 529, 528, 528, 527, 526, 526,
    525, 524, 524,
)  # fmt: skip


def _unpad(data: bytes) -> bytes:
    """Field elements of 64 bytes as arkworks wants them, 48 each (it checks them against p)."""
    parts = []
    for at in range(0, len(data), 64):
        if data[at : at + 16] != _PAD:
            raise PrecompileFailure(f"field element at byte {at} is not below the modulus")
        parts.append(data[at + 16 : at + 64])
    return b"".join(parts)


def _pad(raw: bytes) -> bytes:
    """Field elements of 48 bytes as the EVM wants them, 64 each."""
    return b"".join(_PAD + raw[at : at + 48] for at in range(0, len(raw), 48))


def _g1(data: bytes) -> G1Point:
    """A point of the curve, perhaps outside the subgroup."""
    try:
        return G1Point.from_xy_bytes_unchecked_be(_unpad(data))
    except ValueError as error:
        raise PrecompileFailure(f"not a point of G1's curve: {error}") from error


def _g2(data: bytes) -> G2Point:
    """A point of the twist, perhaps outside the subgroup."""
    try:
        return G2Point.from_xy_bytes_unchecked_be(_unpad(data))
    except ValueError as error:
        raise PrecompileFailure(f"not a point of G2's curve: {error}") from error


def _g1_in_subgroup(data: bytes) -> G1Point:
    point = _g1(data)
    if not point.is_in_subgroup():
        raise PrecompileFailure("G1 point is not in the subgroup of prime order")
    return point


def _g2_in_subgroup(data: bytes) -> G2Point:
    point = _g2(data)
    if not point.is_in_subgroup():
        raise PrecompileFailure("G2 point is not in the subgroup of prime order")
    return point


def _check_length(data: bytes, length: int, name: str) -> None:
    if len(data) != length:
        raise PrecompileFailure(f"{name} takes {length} bytes, got {len(data)}")


def _check_pairs(data: bytes, length: int, name: str) -> range:
    """Where each pair starts; there is at least one."""
    if not data or len(data) % length:
        raise PrecompileFailure(f"{name} takes multiples of {length} bytes, got {len(data)}")
    return range(0, len(data), length)


def _scalar(data: bytes) -> Scalar:
    return Scalar.from_be_bytes_mod_order(data)


def g1_add(data: bytes) -> bytes:
    """The sum of two points of G1's curve."""
    _check_length(data, 2 * _G1, "G1 addition")
    return _pad((_g1(data[:_G1]) + _g1(data[_G1:])).to_xy_bytes_be())


def g2_add(data: bytes) -> bytes:
    """The sum of two points of G2's curve."""
    _check_length(data, 2 * _G2, "G2 addition")
    return _pad((_g2(data[:_G2]) + _g2(data[_G2:])).to_xy_bytes_be())


def g1_msm(data: bytes) -> bytes:
    """The sum of scalar times point over pairs of (G1 point, scalar)."""
    starts = _check_pairs(data, _G1 + _SCALAR, "G1 multi-scalar multiplication")
    points = [_g1_in_subgroup(data[at : at + _G1]) for at in starts]
    scalars = [_scalar(data[at + _G1 : at + _G1 + _SCALAR]) for at in starts]
    return _pad(G1Point.multiexp_unchecked(points, scalars).to_xy_bytes_be())


def g2_msm(data: bytes) -> bytes:
    """The sum of scalar times point over pairs of (G2 point, scalar)."""
    starts = _check_pairs(data, _G2 + _SCALAR, "G2 multi-scalar multiplication")
    points = [_g2_in_subgroup(data[at : at + _G2]) for at in starts]
    scalars = [_scalar(data[at + _G2 : at + _G2 + _SCALAR]) for at in starts]
    return _pad(G2Point.multiexp_unchecked(points, scalars).to_xy_bytes_be())


def pairing_check(data: bytes) -> bytes:
    """One, as a word, where the pairings of (G1 point, G2 point) multiply to one, else zero."""
    starts = _check_pairs(data, _G1 + _G2, "BLS12-381 pairing check")
    g1 = [_g1_in_subgroup(data[at : at + _G1]) for at in starts]
    g2 = [_g2_in_subgroup(data[at + _G1 : at + _G1 + _G2]) for at in starts]
    return _TRUE if GT.pairing_check(g1, g2) else _FALSE


def map_fp_to_g1(data: bytes) -> bytes:
    """The point of G1 that a field element maps to (RFC 9380, simplified SWU, cofactor cleared)."""
    _check_length(data, 64, "map to G1")
    try:
        return _pad(G1Point.map_from_fp_be(_unpad(data)).to_xy_bytes_be())
    except ValueError as error:
        raise PrecompileFailure(f"not a field element: {error}") from error


def map_fp2_to_g2(data: bytes) -> bytes:
    """The point of G2 that an element of the quadratic extension maps to (RFC 9380)."""
    _check_length(data, 128, "map to G2")
    try:
        return _pad(G2Point.map_from_fp2_be(_unpad(data)).to_xy_bytes_be())
    except ValueError as error:
        raise PrecompileFailure(f"not a field element: {error}") from error


def _msm_gas(pair: int, price: int, discounts: Sequence[int]) -> Callable[[bytes], int]:
    """The price of as many products as pairs fit in the input, discounted by their number."""

    def gas(data: bytes) -> int:
        count = len(data) // pair
        if count == 0:
            return 0
        return count * price * discounts[min(count, len(discounts)) - 1] // 1000

    return gas


def _pairing_gas(data: bytes) -> int:
    return 37_700 + 32_600 * (len(data) // (_G1 + _G2))


G1ADD: Final = Precompile("BLS12_G1ADD", constant(375), g1_add)
G1MSM: Final = Precompile("BLS12_G1MSM", _msm_gas(_G1 + _SCALAR, 12_000, _G1_DISCOUNTS), g1_msm)
G2ADD: Final = Precompile("BLS12_G2ADD", constant(600), g2_add)
G2MSM: Final = Precompile("BLS12_G2MSM", _msm_gas(_G2 + _SCALAR, 22_500, _G2_DISCOUNTS), g2_msm)
PAIRING_CHECK: Final = Precompile("BLS12_PAIRING_CHECK", _pairing_gas, pairing_check)
MAP_FP_TO_G1: Final = Precompile("BLS12_MAP_FP_TO_G1", constant(5500), map_fp_to_g1)
MAP_FP2_TO_G2: Final = Precompile("BLS12_MAP_FP2_TO_G2", constant(23_800), map_fp2_to_g2)
