"""The forks whose execution rules differ, oldest first."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from node.errors import InvalidInput


class Fork(IntEnum):
    """Execution rules by fork; comparisons read as "at or after".

    Forks that change no execution rule (Muir Glacier, Arrow Glacier, Gray Glacier, the
    blob-parameter-only forks of EIP-7892) are their predecessor here.
    """

    FRONTIER = 0
    HOMESTEAD = 1
    TANGERINE_WHISTLE = 2
    SPURIOUS_DRAGON = 3
    BYZANTIUM = 4
    CONSTANTINOPLE = 5
    PETERSBURG = 6
    ISTANBUL = 7
    BERLIN = 8
    LONDON = 9
    PARIS = 10
    SHANGHAI = 11
    CANCUN = 12
    PRAGUE = 13
    OSAKA = 14


_NAMES: Final = {
    "Frontier": Fork.FRONTIER,
    "Homestead": Fork.HOMESTEAD,
    "EIP150": Fork.TANGERINE_WHISTLE,
    "TangerineWhistle": Fork.TANGERINE_WHISTLE,
    "EIP158": Fork.SPURIOUS_DRAGON,
    "SpuriousDragon": Fork.SPURIOUS_DRAGON,
    "Byzantium": Fork.BYZANTIUM,
    "Constantinople": Fork.CONSTANTINOPLE,
    "ConstantinopleFix": Fork.PETERSBURG,
    "Petersburg": Fork.PETERSBURG,
    "Istanbul": Fork.ISTANBUL,
    "Berlin": Fork.BERLIN,
    "London": Fork.LONDON,
    "Paris": Fork.PARIS,
    "Merge": Fork.PARIS,
    "Shanghai": Fork.SHANGHAI,
    "Cancun": Fork.CANCUN,
    "Prague": Fork.PRAGUE,
    "Osaka": Fork.OSAKA,
    "BPO1": Fork.OSAKA,
    "BPO2": Fork.OSAKA,
    "BPO3": Fork.OSAKA,
    "BPO4": Fork.OSAKA,
    "BPO5": Fork.OSAKA,
}


def fork_named(name: str) -> Fork:
    """The fork with this name, as test fixtures and geth spell it. Raises InvalidInput."""
    fork = _NAMES.get(name)
    if fork is None:
        raise InvalidInput(f"unknown fork {name!r}: expected one of {', '.join(_NAMES)}")
    return fork
