"""Zk gas of precompiles: a line above what their dearest and cheapest inputs cost."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from node.crypto import keccak256
from node.evm import _core
from tests.benchmark.test_precompiles import (
    CASES,
    blake2f,
    bls_g1,
    bls_g2,
    bls_msm,
    bls_pairs,
    bn_pairs,
    modexp,
    noise,
)
from tests.benchmark.zk_gas.guest import Call, chain_of, measure
from tests.unit.evm.programs import STOP, asm, push

_MODEXP: Final = 0x05
_MOST_SQUARES: Final = 128**2
_LEFT_OUT: Final = ("100 kB", "100,000", "128", "bls12 pairing, 8", "bn254 pairing, 12")
"""Cases too large to be recorded; those below take their place."""
_MORE: Final = (
    (0x02, noise(4000)), (0x03, noise(4000)), (0x04, noise(4000)), (0x09, blake2f(400)),
    (0x08, bn_pairs(4)), (0x0C, bls_msm(bls_g1, 32)), (0x0E, bls_msm(bls_g2, 32)),
    (0x0F, bls_pairs(3)), (0x05, modexp(33, b"\xff" * 4, 33)), (0x05, modexp(32, b"\xff" * 64, 32)),
    (0x05, modexp(64, b"\xff" * 16, 64)), (0x05, modexp(256, b"\1\1", 256)),
    (0x05, modexp(512, b"\xff", 512)), (0x05, modexp(1024, b"\1", 1)),
    (0x05, modexp(1, b"\3", 1024)),
)  # fmt: skip

Point = tuple[int, int]
"""(gas, cells) of a call."""


def inputs() -> list[tuple[int, bytes]]:
    """(number, input), every precompile."""
    kept = [c for name, c in CASES.items() if not any(part in name for part in _LEFT_OUT)]
    return [*((number, make()) for number, make in kept), *_MORE]


def measure_calls(cases: list[tuple[int, bytes]], known: dict[str, int]) -> list[Point]:
    """What each call costs. known: cells of instructions."""
    addresses = [keccak256(index.to_bytes(4))[:20] for index in range(len(cases))]
    codes = {a: _caller(number) for a, (number, _) in zip(addresses, cases, strict=True)}
    calls = [
        Call(address, prefix + data)
        for address, (_, data) in zip(addresses, cases, strict=True)
        for prefix in (b"\0", b"\0", b"\0", b"\1")
    ]
    cells = measure(chain_of(codes), calls).transactions
    pushes = {"PUSH0": 3, "PUSH2": 1, "CALLDATASIZE": 1, "SUB": 0, "GAS": 1, "POP": 1}
    others = known["STATICCALL"] + sum(known[name] * count for name, count in pushes.items())
    points = []
    for index, (number, data) in enumerate(cases):
        without, with_call = cells[4 * index + 2 : 4 * index + 4]
        gas, _ = _core.run_precompile(number, data)
        points.append((gas, with_call - without - others))
    return points


def _caller(number: int) -> bytes:
    """Copies the call data but its first byte; calls the precompile with it where that is 1."""
    copy = asm(push(b"\1"), 0x36, 0x03, push(b"\1"), push(0), 0x37)
    choice = asm(push(0), 0x35, push(0), 0x1A)
    at = len(copy) + len(choice) + 5
    call = asm(
        push(0), push(0), push(b"\1"), 0x36, 0x03, push(0), push(number.to_bytes(2)), 0x5A, 0xFA
    )
    return asm(copy, choice, push(at.to_bytes(2)), 0x57, STOP, 0x5B, call, 0x50, STOP)


def lines(cases: list[tuple[int, bytes]], points: list[Point]) -> tuple[int, dict[int, Point]]:
    """(cells of a square of MODEXP, number -> (base, cells per gas)): no point lies above.

    Squares are of the size in words of 8 bytes. What they take is told by the largest input with a
    short exponent; MODEXP's line is above the rest.
    """
    square = max(
        -(-cells // _MOST_SQUARES)
        for (number, data), (_, cells) in zip(cases, points, strict=True)
        if number == _MODEXP and _squares(data) == _MOST_SQUARES
    )
    by_number: dict[int, list[Point]] = defaultdict(list)
    for (number, data), (gas, cells) in zip(cases, points, strict=True):
        squares = _squares(data) if number == _MODEXP else 0
        by_number[number].append((gas, max(cells - square * squares, 0)))
    return square, {number: line_above(found) for number, found in sorted(by_number.items())}


def _squares(modexp_input: bytes) -> int:
    size = max(int.from_bytes(modexp_input[at : at + 32].ljust(32, b"\0")) for at in (0, 64))
    return ((size + 7) // 8) ** 2


def line_above(points: list[Point]) -> Point:
    """(base, slope) of a line over points, through the dearest of those of the least gas."""
    least = min(gas for gas, _ in points)
    low = max(cells for gas, cells in points if gas == least)
    slopes = [-(-(cells - low) // (gas - least)) for gas, cells in points if gas > least]
    slope = max(0, *slopes, 0)
    return max(low - slope * least, 0), slope
