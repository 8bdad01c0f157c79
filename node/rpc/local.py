"""The node's own chain as a ChainReader. Any thread may read through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Final, Protocol

from node.evm.block import Block, Header, Receipt
from node.evm.chain import Chain
from node.rpc.backend import PENDING, Heads, PendingBlock
from node.rpc.params import FilterQuery
from node.rpc.remote import Situation
from node.state.account import StateReader
from node.state.roots import StateView
from node.types import Hash32

_BLOCKS: Final = 64
_STATES: Final = 4


class Pending(Protocol):
    """The block being built, with the state after it."""

    @property
    def block(self) -> Block:
        """The block."""

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """Its receipts."""

    @property
    def state(self) -> StateReader:
        """The state after it."""


class LocalChain:
    """Reads of a chain that grows meanwhile.

    pending: the block being built, None where none is; called on threads other than the event
    loop's. Blocks and views are remembered by number, until the chain is unwound.
    """

    def __init__(self, chain: Chain, pending: Callable[[], Pending | None]) -> None:
        self._chain = chain
        self._pending = pending
        self.config = chain.config
        self.genesis_hash: Hash32 = chain.genesis.header.hash
        self._block = lru_cache(_BLOCKS)(chain.block)
        self._receipts = lru_cache(_BLOCKS)(chain.receipts)
        self._state = lru_cache(_STATES)(chain.state)
        self._epoch = 0
        self._last = chain.head

    @property
    def heads(self) -> Heads:
        """See ChainReader. Until blocks settle on L1, every sealed block counts as final."""
        head = self._chain.head
        self._notice_unwinding(head)
        return Heads(head, head.number, head.number)

    def situation(self) -> Situation:
        """The heads now, and how often the chain was unwound before."""
        return Situation(self.heads, self._epoch)

    def _notice_unwinding(self, head: Header) -> None:
        last, self._last = self._last, head
        if head is last:
            return
        if head.number >= last.number and self._chain.header(last.number).hash == last.hash:
            return
        self._epoch += 1
        self._block.cache_clear()
        self._receipts.cache_clear()
        self._state.cache_clear()

    def header(self, number: int) -> Header | None:
        """See ChainReader."""
        return self._chain.header(number) if self._known(number) else None

    def number_of(self, block_hash: Hash32) -> int | None:
        """See ChainReader."""
        header = self._chain.header_by_hash(block_hash)
        return None if header is None else header.number

    def block(self, number: int) -> Block | None:
        """See ChainReader."""
        return self._block(number) if self._known(number) else None

    def receipts(self, number: int) -> Sequence[Receipt] | None:
        """See ChainReader."""
        return self._receipts(number) if self._known(number) else None

    def body(self, number: int) -> bytes | None:
        """The stored body of a block, for a worker to decode."""
        return self._chain.db.body(number)

    def raw_receipts(self, number: int) -> bytes | None:
        """The stored receipts of a block, for a worker to decode."""
        return self._chain.db.receipts(number)

    def locate(self, tx_hash: Hash32) -> tuple[int, int] | None:
        """See ChainReader."""
        return self._chain.find_transaction(tx_hash)

    def state(self, number: int) -> StateView:
        """See ChainReader."""
        if number != PENDING:
            return self._state(number)
        pending = self._pending()
        if pending is None:
            return self._state(self._chain.head.number)
        return pending.state  # type: ignore[return-value]  # has no tries; nobody proves it

    def slots(
        self, number: int, account_hash: Hash32, start: bytes, limit: int
    ) -> list[tuple[Hash32, int]]:
        """See ChainReader."""
        return list(islice(self._chain.db.view(number).slots(account_hash, start), limit))

    def pending(self) -> PendingBlock | None:
        """See ChainReader."""
        pending = self._pending()
        return None if pending is None else PendingBlock(pending.block, pending.receipts)

    def log_blocks(self, query: FilterQuery, first: int, last: int) -> Sequence[int]:
        """See ChainReader."""
        groups = [tuple(group) for group in (query.addresses, *query.topics) if group]
        return list(self._chain.db.log_blocks(groups, first, last))

    def witness(self, number: int) -> dict[str, Any] | None:
        """See ChainReader."""
        return self._chain.witness(number).to_json() if self._known(number) else None

    @property
    def oldest_state(self) -> int:
        """The oldest block whose state can be read."""
        return self._chain.db.oldest_state

    def _known(self, number: int) -> bool:
        return 0 <= number <= self._chain.head.number
