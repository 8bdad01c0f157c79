"""What the methods need of the node: two narrow interfaces.

`ChainReader` is what reads are answered from. The node's process implements it on its chain
(`node.rpc.local`), a worker process on a socket to that (`node.rpc.remote`), so that a method is
written once and runs in either place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from node.config import RpcConfig
from node.evm.block import Block, Header, Receipt
from node.evm.chain_config import ChainConfig
from node.evm.engine import Engine
from node.evm.transactions import Transaction
from node.rpc.params import FilterQuery
from node.state.roots import StateView
from node.types import Address, Hash32

PENDING: Final = -1
"""The number under which a ChainReader knows the state of the block being built."""


@dataclass(frozen=True)
class Heads:
    """The newest block and how far the chain can no longer change."""

    latest: Header
    safe: int
    finalized: int


@dataclass(frozen=True)
class PendingBlock:
    """The block being built: as it would be sealed now."""

    block: Block
    receipts: tuple[Receipt, ...]


class ChainReader(Protocol):
    """The chain as it was when the request came. Numbers beyond the head give None."""

    config: ChainConfig
    genesis_hash: Hash32

    @property
    def heads(self) -> Heads:
        """Where the chain stands."""

    def header(self, number: int) -> Header | None:
        """The header of a block."""

    def number_of(self, block_hash: Hash32) -> int | None:
        """The number of a block of this chain."""

    def block(self, number: int) -> Block | None:
        """A whole block."""

    def receipts(self, number: int) -> Sequence[Receipt] | None:
        """The receipts of a block."""

    def locate(self, tx_hash: Hash32) -> tuple[int, int] | None:
        """(block number, index) of a transaction."""

    def state(self, number: int) -> StateView:
        """The state after a block, or of the block being built. Raises HistoryPruned."""

    def slots(
        self, number: int, account_hash: Hash32, start: bytes, limit: int
    ) -> list[tuple[Hash32, int]]:
        """(keccak(slot), value) of at most `limit` slots of an account, in order from `start`."""

    def pending(self) -> PendingBlock | None:
        """The block being built, None where none is."""

    def log_blocks(self, query: FilterQuery, first: int, last: int) -> Sequence[int]:
        """The blocks in first..last that may hold a matching log, ascending."""

    def witness(self, number: int) -> dict[str, Any] | None:
        """The execution witness of a block in debug_executionWitness' shape."""


class PoolReader(Protocol):
    """What is asked of the mempool."""

    def add(self, raw: bytes) -> Hash32:
        """Accepts an encoded transaction. Raises InvalidTransaction."""

    def get(self, tx_hash: Hash32) -> Transaction | None:
        """A pooled transaction."""

    def nonce_of(self, address: Address) -> int:
        """The next nonce with executable transactions applied."""

    def status(self) -> tuple[int, int]:
        """How many are (executable, queued)."""

    def content(
        self,
    ) -> tuple[dict[Address, list[Transaction]], dict[Address, list[Transaction]]]:
        """(executable, queued) by sender in nonce order."""

    def content_from(self, address: Address) -> tuple[list[Transaction], list[Transaction]]:
        """(executable, queued) of one sender."""


@dataclass(frozen=True)
class ReadContext:
    """What heavy methods run against."""

    chain: ChainReader
    engine: Engine
    config: RpcConfig


Unsubscribe = Callable[[], None]
