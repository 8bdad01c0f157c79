"""Which places may be jumped to: the core looks for them near a jump's target only."""

from __future__ import annotations

from random import Random

import pytest

from node.evm.engine import CallRequest
from node.evm.native_engine import native_engine
from tests.unit.evm.programs import CONTRACT, ENV, JUMP, JUMPDEST, SENDER, asm, state_of

PUSH0, PUSH1, PUSH32, CALLDATALOAD = 0x5F, 0x60, 0x7F, 0x35
START = asm(PUSH0, CALLDATALOAD, JUMP)


def jump_targets(code: bytes) -> set[int]:
    """By walking over the instructions from the first on (Yellow Paper, 9.4.3)."""
    targets, at = set(), 0
    while at < len(code):
        if code[at] == JUMPDEST:
            targets.add(at)
        at += 1 + (code[at] - PUSH0 if PUSH1 <= code[at] <= PUSH32 else 0)
    return targets


def accepted(code: bytes, places: list[int]) -> set[int]:
    """The places that the core jumps to, asked for in this order in one session."""
    session = native_engine.open(state_of({CONTRACT: code}), ENV)
    found = set()
    for place in places:
        request = CallRequest(SENDER, CONTRACT, 0, place.to_bytes(32, "big"), 100_000)
        if session.call(request).error != "invalid jump destination":
            found.add(place)
    return found


def random_body(random: Random) -> bytes:
    """Mostly what could be data or not: JUMPDEST, and pushes of any size."""
    choices = (
        JUMPDEST,
        PUSH1,
        PUSH1 + 1,
        PUSH32,
        random.randrange(PUSH1, PUSH32),
        0x00,
        0x80,
        0xFF,
    )
    weights = [random.random() ** 2 for _ in choices]
    return bytes(random.choices(choices, weights, k=random.randrange(1, 600)))


@pytest.mark.parametrize("seed", range(12))
def test_random_codes(seed: int) -> None:
    random = Random(seed)
    code = START + random_body(random)
    places = list(range(len(code) + 2))
    random.shuffle(places)
    assert accepted(code, places) == jump_targets(code)


@pytest.mark.parametrize("count", [1, 2, 29, 30, 31, 32, 33, 253, 254, 255, 256, 257, 258, 700])
@pytest.mark.parametrize("push", [PUSH1, PUSH1 + 1, PUSH32])
def test_rows_of_pushes_reach_back_to_where_they_start(push: int, count: int) -> None:
    code = START + bytes((push,)) * count + bytes((JUMPDEST,)) * 40
    places = list(range(len(code) - 1, len(code) - 41, -1))
    assert accepted(code, places) == jump_targets(code)


@pytest.mark.parametrize("size", range(1, 33))
def test_the_last_byte_of_a_push(size: int) -> None:
    """No byte but the push itself, as far away as pushes reach, says that it is data."""
    code = START + bytes((PUSH0 + size, *bytes(size - 1), JUMPDEST, JUMPDEST))
    assert accepted(code, [len(code) - 2, len(code) - 1]) == {len(code) - 1}


def test_when_looking_back_has_taken_too_long() -> None:
    """One look a JUMPDEST: after one for 64 bytes the whole code is gone through."""
    code = START + bytes((PUSH1, JUMPDEST, JUMPDEST, 0x00)) * 300
    places = list(range(len(START), len(code)))
    assert accepted(code, places) == jump_targets(code)
