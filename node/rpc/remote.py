"""A worker's view of the chain: every read is a question to the node's process, asked once.

LevelDB belongs to one process, so workers read through a socket. What is known under a block's
number never changes while the chain only grows; when it was unwound (`epoch` differs) everything
is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from node.codec import as_bytes, as_list, decode
from node.evm.block import Block, Header, Receipt, block_from_parts, decode_receipt
from node.evm.chain_config import ChainConfig
from node.rpc.backend import PENDING, ChainReader, Heads, PendingBlock
from node.rpc.params import FilterQuery
from node.state.account import Account
from node.types import Address, Hash32

Ask = Callable[..., Any]
"""ask(operation, *arguments): one question to the node's process. Raises StrikefoldError."""

_HEADERS: Final = 4_096
_BLOCKS: Final = 512
_STATES: Final = 4
_CODES: Final = 512


@dataclass(frozen=True)
class Situation:
    """What a worker is told with every call."""

    heads: Heads
    epoch: int


class RemoteState:
    """The state after one block, remembered as it is read."""

    def __init__(self, ask: Ask, number: int, root: Hash32, codes: dict[Hash32, bytes]) -> None:
        self._ask = ask
        self._number = number
        self.root = root
        self._codes = codes
        self._accounts: dict[Address, Account | None] = {}
        self._slots: dict[tuple[Address, int], int] = {}

    def account(self, address: Address) -> Account | None:
        """See StateReader."""
        if address not in self._accounts:
            self._accounts[address] = self._ask("account", self._number, address)
        return self._accounts[address]

    def storage(self, address: Address, slot: int) -> int:
        """See StateReader."""
        key = address, slot
        if key not in self._slots:
            self._slots[key] = self._ask("storage", self._number, address, slot)
        return self._slots[key]

    def code(self, code_hash: Hash32) -> bytes:
        """See StateReader."""
        if code_hash not in self._codes:
            if len(self._codes) >= _CODES:
                self._codes.clear()
            self._codes[code_hash] = self._ask("code", self._number, code_hash)
        return self._codes[code_hash]

    def node(self, owner: bytes, path: bytes, node_hash: Hash32) -> bytes:
        """See NodeReader."""
        node: bytes = self._ask("node", self._number, owner, path, node_hash)
        return node


class RemoteChain:
    """A ChainReader over a socket."""

    def __init__(self, ask: Ask, config: ChainConfig, genesis_hash: Hash32) -> None:
        self._ask = ask
        self.config = config
        self.genesis_hash = genesis_hash
        self._situation: Situation | None = None
        self._header = lru_cache(_HEADERS)(lambda number: ask("header", number))
        self._block = lru_cache(_BLOCKS)(self._decode_block)
        self._receipts = lru_cache(_BLOCKS)(self._decode_receipts)
        self._codes: dict[Hash32, bytes] = {}
        self._state = lru_cache(_STATES)(self._open_state)

    def move_to(self, situation: Situation) -> None:
        """Takes note of the head that the next call is to see."""
        if self._situation is not None and situation.epoch != self._situation.epoch:
            for cache in (self._header, self._block, self._receipts, self._state):
                cache.cache_clear()
        self._situation = situation

    @property
    def heads(self) -> Heads:
        """See ChainReader."""
        assert self._situation is not None, "no call is being answered"
        return self._situation.heads

    def _known(self, number: int) -> bool:
        return 0 <= number <= self.heads.latest.number

    def header(self, number: int) -> Header | None:
        """See ChainReader."""
        if number == self.heads.latest.number:
            return self.heads.latest
        return self._header(number) if self._known(number) else None

    def number_of(self, block_hash: Hash32) -> int | None:
        """See ChainReader."""
        number: int | None = self._ask("number_of", block_hash)
        return number

    def block(self, number: int) -> Block | None:
        """See ChainReader."""
        return self._block(number) if self._known(number) else None

    def receipts(self, number: int) -> Sequence[Receipt] | None:
        """See ChainReader."""
        return self._receipts(number) if self._known(number) else None

    def _decode_block(self, number: int) -> Block:
        """Blocks come as bytes: decoding them is this process's work."""
        header = self.header(number)
        assert header is not None, "the caller checked"
        return block_from_parts(header, list(as_list(decode(self._ask("body", number)), "body")))

    def _decode_receipts(self, number: int) -> Sequence[Receipt]:
        items = as_list(decode(self._ask("raw_receipts", number)), "receipts")
        return [decode_receipt(as_bytes(item, "receipt")) for item in items]

    def locate(self, tx_hash: Hash32) -> tuple[int, int] | None:
        """See ChainReader."""
        location: tuple[int, int] | None = self._ask("locate", tx_hash)
        return location

    def state(self, number: int) -> RemoteState:
        """See ChainReader."""
        return self._open_state(number) if number == PENDING else self._state(number)

    def _open_state(self, number: int) -> RemoteState:
        header = self.header(number)
        return RemoteState(self._ask, number, header.state_root if header else b"", self._codes)

    def slots(
        self, number: int, account_hash: Hash32, start: bytes, limit: int
    ) -> list[tuple[Hash32, int]]:
        """See ChainReader."""
        slots: list[tuple[Hash32, int]] = self._ask("slots", number, account_hash, start, limit)
        return slots

    def pending(self) -> PendingBlock | None:
        """See ChainReader."""
        pending: PendingBlock | None = self._ask("pending")
        return pending

    def log_blocks(self, query: FilterQuery, first: int, last: int) -> Sequence[int]:
        """See ChainReader."""
        numbers: Sequence[int] = self._ask("log_blocks", query, first, last)
        return numbers

    def witness(self, number: int) -> dict[str, Any] | None:
        """See ChainReader."""
        witness: dict[str, Any] | None = self._ask("witness", number)
        return witness


def answer(chain: Any, operation: str, arguments: tuple[Any, ...]) -> object:  # noqa: ANN401
    """The node's side of `Ask`: the value a worker asks for.

    Raises KeyError for an operation that is none.
    """
    if operation in _READS:
        return getattr(chain, operation)(*arguments)
    return _STATE_READS[operation](chain, *arguments)


def _account(chain: ChainReader, number: int, address: Address) -> Account | None:
    return chain.state(number).account(address)


def _storage(chain: ChainReader, number: int, address: Address, slot: int) -> int:
    return chain.state(number).storage(address, slot)


def _node(chain: ChainReader, number: int, owner: bytes, path: bytes, node: Hash32) -> bytes:
    return chain.state(number).node(owner, path, node)


def _code(chain: ChainReader, number: int, code_hash: Hash32) -> bytes:
    return chain.state(number).code(code_hash)


_STATE_READS: Final[dict[str, Callable[..., object]]] = {
    "account": _account,
    "storage": _storage,
    "node": _node,
    "code": _code,
}
"""Reads of a state; every other operation is the method of ChainReader with its name."""
_READS: Final = frozenset(
    (
        "header",
        "body",
        "raw_receipts",
        "number_of",
        "locate",
        "slots",
        "pending",
        "log_blocks",
        "witness",
    )
)
