"""Ommers (uncles) of blocks before Paris: their validity and the rewards they bring.

Sources: Yellow Paper 11.1 and 11.3, EIP-649 and EIP-1234 (block reward).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from node.errors import InvalidBlock
from node.evm.block import Block, Header
from node.evm.chain_config import ChainConfig
from node.evm.forks import Fork
from node.evm.validation import BlockRule, validate_header
from node.types import Address

MAX_OMMER_DEPTH: Final = 7
"""Ancestors, parent included, that the rules about ommers look at."""

_MAX_OMMERS: Final = 2
_ETHER: Final = 10**18


def validate_ommers(config: ChainConfig, block: Block, ancestors: Sequence[Block]) -> None:
    """Whether a block may carry its ommers.

    ancestors: up to MAX_OMMER_DEPTH blocks, the parent first. Raises InvalidBlock.
    """
    if len(block.ommers) > _MAX_OMMERS:
        raise InvalidBlock(BlockRule.UNCLES_TOO_MANY, f"too many uncles: {len(block.ommers)}")
    seen = {ommer.hash for ancestor in ancestors for ommer in ancestor.ommers}
    chain = {ancestor.header.hash: ancestor.header for ancestor in ancestors}
    for ommer in block.ommers:
        name = f"0x{ommer.hash.hex()}"
        if ommer.hash in seen:
            raise InvalidBlock(BlockRule.UNCLE_DUPLICATE, f"duplicate uncle {name}")
        if ommer.hash in chain or ommer.hash == block.header.hash:
            raise InvalidBlock(BlockRule.UNCLE_IS_ANCESTOR, f"uncle {name} is ancestor")
        parent = chain.get(ommer.parent_hash)
        if parent is None or ommer.parent_hash == block.header.parent_hash:
            raise InvalidBlock(BlockRule.UNCLE_PARENT, f"uncle {name}'s parent is not ancestor")
        validate_header(config, ommer, parent)
        seen.add(ommer.hash)


def rewards(fork: Fork, header: Header, ommers: Sequence[Header]) -> Iterator[tuple[Address, int]]:
    """(account, wei) for the miner and the ommers' miners; nothing from Paris on."""
    reward = block_reward(fork)
    if reward:
        yield header.coinbase, reward + len(ommers) * (reward // 32)
        for ommer in ommers:
            yield ommer.coinbase, (8 + ommer.number - header.number) * reward // 8


def block_reward(fork: Fork) -> int:
    """Wei for the miner of a block without ommers; 0 from Paris on."""
    if fork >= Fork.PARIS:
        return 0
    if fork >= Fork.CONSTANTINOPLE:
        return 2 * _ETHER
    return (3 if fork >= Fork.BYZANTIUM else 5) * _ETHER
