"""Which block a parameter means."""

from __future__ import annotations

from typing import Final

from node.evm.block import Header
from node.rpc.backend import PENDING, ChainReader
from node.rpc.errors import header_not_found
from node.rpc.params import BlockRef
from node.state.roots import StateView

NOWHERE: Final = -2
"""No block: beyond the head, or a hash that is not of this chain."""


def find(chain: ChainReader, ref: BlockRef) -> int:
    """The number a block parameter means: PENDING for the block being built, NOWHERE for none."""
    heads = chain.heads
    if ref.hash is not None:
        number = chain.number_of(ref.hash)
        return NOWHERE if number is None else number
    if ref.number is not None:
        return ref.number if ref.number <= heads.latest.number else NOWHERE
    by_tag = {
        "earliest": 0,
        "pending": PENDING,
        "safe": heads.safe,
        "finalized": heads.finalized,
    }
    return by_tag.get(ref.tag or "latest", heads.latest.number)


def require(chain: ChainReader, ref: BlockRef) -> int:
    """Like `find`, with the newest block where none is being built. Raises "header not found"."""
    number = find(chain, ref)
    if number == NOWHERE:
        raise header_not_found()
    if number == PENDING and chain.pending() is None:
        return chain.heads.latest.number
    return number


def header_and_state(chain: ChainReader, ref: BlockRef) -> tuple[Header, StateView]:
    """The block that a call runs in and the state it sees. Raises "header not found"."""
    number = find(chain, ref)
    pending = chain.pending() if number == PENDING else None
    if pending is not None:
        return pending.block.header, chain.state(PENDING)
    if number == PENDING:
        number = chain.heads.latest.number
    header = chain.header(number) if number != NOWHERE else None
    if header is None:
        raise header_not_found()
    return header, chain.state(number)


def state_at(chain: ChainReader, ref: BlockRef) -> StateView:
    """The state after a block. Raises "header not found", HistoryPruned."""
    return chain.state(require(chain, ref))
