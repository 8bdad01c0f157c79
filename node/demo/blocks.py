"""How actions are packed into blocks: by the gas they are given, at least a second apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from node.demo.actions import (
    Action,
    Approve,
    Block,
    Close,
    CreateFeed,
    CreateSeries,
    Fill,
    Mint,
    Post,
    SetOperator,
    Settle,
    Write,
)

BLOCK_GAS: Final = 30_000_000
_BUDGET: Final = BLOCK_GAS * 9 // 10
"""Gas limits a block may hold. About half of it gets used, so the base fee stays low (EIP-1559)."""


def gas_limit(action: Action) -> int:
    """Gas to give an action: above what it needs in the worst case, unused gas returns."""
    match action:
        case Mint() | Approve() | SetOperator():
            return 120_000
        case Post():
            return 200_000 + 80_000 * len(action.observations)
        case Fill():
            return 250_000 + 350_000 * len(action.order.legs)
        case CreateFeed():
            return 800_000
        case CreateSeries() | Write() | Close():
            return 400_000
        case Settle():
            return 300_000 + 120_000 * len(action.positions)


def pack(events: Iterable[tuple[int, str, Iterable[Action]]]) -> Iterator[Block]:
    """Blocks of (time, stage, actions) events, in order; times ascend strictly.

    An event that doesn't fit goes on in later blocks, a second apart. The actions of an event are
    looked at only once all blocks before it have been taken, so they may depend on those.
    """
    clock = 0
    for time, stage, actions in events:
        pending: list[Action] = []
        gas = 0
        for action in actions:
            if gas + gas_limit(action) > _BUDGET:
                clock = max(time, clock + 1)
                yield Block(clock, stage, tuple(pending))
                pending, gas = [], 0
            pending.append(action)
            gas += gas_limit(action)
        if pending:
            clock = max(time, clock + 1)
            yield Block(clock, stage, tuple(pending))
