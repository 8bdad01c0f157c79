"""The chain: blocks on a state database, appended, imported, unwound and looked up.

Every block that gets in was either sealed by a builder of this chain or fully validated by
`import_block`. Storing one is a single atomic write: a block is there whole or not at all.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from node.codec import as_bytes, as_list, decode, encode
from node.errors import InvalidBlock, InvalidGenesis, Unavailable
from node.evm.block import (
    Block,
    Header,
    Receipt,
    block_from_parts,
    decode_receipt,
    header_from_items,
)
from node.evm.builder import BlockAttributes, BlockBuilder
from node.evm.engine import BlockEnv, Engine
from node.evm.execution import ExecutedBlock, block_env
from node.evm.genesis import Genesis
from node.evm.importer import execute_block
from node.evm.ommers import MAX_OMMER_DEPTH
from node.evm.validation import BlockRule
from node.evm.witness import NO_WITNESS, Witness, decode_witness
from node.state.db import StateDB
from node.state.roots import StateView
from node.state.writes import BlockRecord
from node.types import Hash32

_HEADERS_KEPT: Final = 1024
"""Decoded headers in memory: BLOCKHASH alone wants the last 256."""


class Chain:
    """The canonical chain of one database.

    What makes it grow or shrink is called from one thread, lookups from any.
    """

    def __init__(self, db: StateDB, genesis: Genesis, engine: Engine) -> None:
        """Opens the chain, writing the genesis block into an empty database.

        Raises InvalidGenesis where the database was made with another genesis.
        """
        self.db = db
        self.genesis = genesis
        self.config = genesis.config
        self.engine = engine
        self._header_of = lru_cache(maxsize=_HEADERS_KEPT)(self._read_header)
        if db.head is None:
            executed = ExecutedBlock(genesis.block, (), genesis.update, NO_WITNESS)
            db.append(_record(executed, b""), executed.update)
        stored = self.header(0)
        if stored.hash != genesis.header.hash:
            raise InvalidGenesis(
                f"the database holds the chain of genesis 0x{stored.hash.hex()}, this genesis has"
                f" hash 0x{genesis.header.hash.hex()}; use the genesis the database was made with,"
                " or another data directory"
            )

    @property
    def head(self) -> Header:
        """The newest header."""
        assert self.db.head is not None
        return self._header_of(*self.db.head)

    # ------------------------------------------------------------------------------ lookups

    def header(self, number: int) -> Header:
        """The header of a canonical block. Raises Unavailable for a block that is not there."""
        block_hash = self.db.hash_of(number)
        if block_hash is None:
            raise _not_found(number)
        return self._header_of(number, block_hash)

    def header_by_hash(self, block_hash: Hash32) -> Header | None:
        """The canonical header with this hash, or None."""
        number = self.db.number_of(block_hash)
        return None if number is None else self.header(number)

    def block(self, number: int) -> Block:
        """A canonical block. Raises Unavailable for a block that is not there."""
        body = as_list(decode(_found(self.db.body(number), number)), "body")
        return block_from_parts(self.header(number), list(body))

    def receipts(self, number: int) -> tuple[Receipt, ...]:
        """A block's receipts, in the order of its transactions. Raises Unavailable."""
        items = as_list(decode(_found(self.db.receipts(number), number)), "receipts")
        return tuple(decode_receipt(as_bytes(item, "receipt")) for item in items)

    def witness(self, number: int) -> Witness:
        """The execution witness of a block. Raises Unavailable; genesis has an empty one."""
        return decode_witness(_found(self.db.witness(number), number))

    def signature(self, number: int) -> bytes:
        """What `append` was given beside a block: the sequencer's signature. Raises Unavailable."""
        return _found(self.db.extra(number), number)  # noqa: S610  # a database of ours, not Django

    def find_transaction(self, tx_hash: Hash32) -> tuple[int, int] | None:
        """(block number, index in the block) of a canonical transaction, or None."""
        return self.db.transaction(tx_hash)

    def state(self, number: int | None = None) -> StateView:
        """The state at the end of a block, of the head if None. Raises HistoryPruned."""
        return self.db.view(number)

    def block_env(self, header: Header) -> BlockEnv:
        """The environment of a block with this header, for calls; hashes from the chain."""
        return block_env(self.config, header, self._block_hash)

    # ------------------------------------------------------------------------------- growing

    def builder(self, attributes: BlockAttributes) -> BlockBuilder:
        """A block on top of the head in the making; the chain must not grow before it is sealed."""
        return BlockBuilder(
            self.engine, self.config, self.head, self.state(), attributes, header_at=self.header
        )

    def append(self, executed: ExecutedBlock, signature: bytes = b"") -> None:
        """Stores an executed block as the new head.

        signature: bytes kept beside it, the sequencer's seal. Raises InvalidBlock where its
        parent is not the head, StorageError where the disk refuses; then nothing has changed.
        """
        header = executed.block.header
        if header.parent_hash != self.head.hash:
            raise InvalidBlock(
                BlockRule.UNKNOWN_PARENT,
                f"block {header.number} does not follow the head {self.head.number}: its parent is"
                f" 0x{header.parent_hash.hex()}, the head 0x{self.head.hash.hex()}",
            )
        self.db.append(_record(executed, signature), executed.update)

    def import_block(self, block: Block, signature: bytes = b"") -> ExecutedBlock:
        """Validates, executes and stores a block on top of the head.

        Raises InvalidBlock, and then nothing has changed.
        """
        parent = self.head
        ancestors: tuple[Block, ...] = ()
        if block.ommers:
            oldest = max(parent.number - MAX_OMMER_DEPTH, -1)
            ancestors = tuple(self.block(number) for number in range(parent.number, oldest, -1))
        executed = execute_block(
            self.engine,
            self.config,
            block,
            parent,
            self.state(),
            header_at=self.header,
            ancestors=ancestors,
        )
        self.append(executed, signature)
        return executed

    def unwind(self, number: int) -> None:
        """Takes back every block after `number`. Raises HistoryPruned where the undo is gone."""
        self.db.unwind(number)

    # ------------------------------------------------------------------------------ internals

    def _block_hash(self, number: int) -> Hash32:
        return self.header(number).hash

    def _read_header(self, number: int, block_hash: Hash32) -> Header:
        """The header with this hash; cached by it, so that unwinding makes nothing stale."""
        header = header_from_items(decode(_found(self.db.header(number), number)))
        if header.hash != block_hash:
            raise _not_found(number)  # replaced while it was being read
        return header


def _found(data: bytes | None, number: int) -> bytes:
    if data is None:
        raise _not_found(number)
    return data


def _not_found(number: int) -> Unavailable:
    return Unavailable(f"header not found: block {number} is not in the chain")


def _record(executed: ExecutedBlock, signature: bytes) -> BlockRecord:
    """What the database stores of a block."""
    block, receipts = executed.block, executed.receipts
    logs = [log for receipt in receipts for log in receipt.logs]
    return BlockRecord(
        number=block.header.number,
        hash=block.header.hash,
        header=block.header.encoded,
        body=encode(block.body_items()),
        receipts=encode([receipt.encoded for receipt in receipts]),
        witness=executed.witness.encode(),
        extra=signature,
        tx_hashes=tuple(tx.hash for tx in block.transactions),
        log_keys=frozenset(key for log in logs for key in (log.address, *log.topics)),
    )
