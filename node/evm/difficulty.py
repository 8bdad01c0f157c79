"""The difficulty of blocks before Paris, as far as importing an old chain needs it.

Sources: Yellow Paper 4.3.4, EIP-2 (Homestead), EIP-100 (Byzantium); the bomb's delays are in
`ChainConfig.bomb_delay_at`.
"""

from __future__ import annotations

from typing import Final

from node.crypto import EMPTY_OMMERS_HASH
from node.evm.block import Header
from node.evm.chain_config import ChainConfig
from node.evm.forks import Fork

_MIN_DIFFICULTY: Final = 2**17
_BOUND_DIVISOR: Final = 2048
_FRONTIER_SECONDS: Final = 13
_BOMB_PERIOD: Final = 100_000


def next_difficulty(config: ChainConfig, parent: Header, timestamp: int) -> int:
    """The difficulty of the block after `parent`; 0 from Paris on (EIP-3675)."""
    number = parent.number + 1
    fork = config.fork_at(number, timestamp)
    if fork >= Fork.PARIS:
        return 0
    step = parent.difficulty // _BOUND_DIVISOR * _adjustment(fork, parent, timestamp)
    difficulty = max(parent.difficulty + step, _MIN_DIFFICULTY)
    exponent = max(number - config.bomb_delay_at(number), 0) // _BOMB_PERIOD - 2
    return difficulty + 2**exponent if exponent >= 0 else difficulty


def _adjustment(fork: Fork, parent: Header, timestamp: int) -> int:
    """By how many steps the difficulty moves."""
    seconds = timestamp - parent.timestamp
    if fork < Fork.HOMESTEAD:
        return 1 if seconds < _FRONTIER_SECONDS else -1
    if fork < Fork.BYZANTIUM:
        return max(1 - seconds // 10, -99)
    uncles = 1 if parent.ommers_hash == EMPTY_OMMERS_HASH else 2
    return max(uncles - seconds // 9, -99)
