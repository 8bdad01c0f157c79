"""Building a block, one transaction at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from node.codec import encode
from node.crypto import keccak256
from node.errors import InvalidInput, InvalidTransaction, TxFault
from node.evm.block import EMPTY_REQUESTS_HASH, Block, Header, Receipt, Withdrawal, bloom_of
from node.evm.chain_config import ChainConfig
from node.evm.difficulty import next_difficulty
from node.evm.engine import Engine, Session, TxOutcome
from node.evm.execution import BlockExecution, ExecutedBlock, Outcome
from node.evm.fees import excess_blob_gas, next_base_fee, next_gas_limit, parent_gas_limit
from node.evm.forks import Fork
from node.evm.transactions import Transaction
from node.evm.validation import MAX_BLOCK_BYTES, MAX_EXTRA_DATA_BYTES
from node.evm.witness import NO_WITNESS, WitnessRecorder
from node.evm.zk_gas import NoZkGasLeft, ZkGasExceeded
from node.state.roots import StateView
from node.state.trie import ordered_root
from node.types import ZERO_ADDRESS, ZERO_HASH, Address, Hash32

_EMPTY_BLOCK_BYTES: Final = 1024
"""More than a header and the list prefixes of a block take."""
_WITHDRAWAL_BYTES: Final = 48
_TX_PREFIX_BYTES: Final = 9


@dataclass(frozen=True)
class BlockAttributes:
    """What whoever makes a block chooses.

    timestamp: seconds, after the parent's. gas_limit: the limit to move towards, by less than
    1/1024 of the parent's a block; None keeps the parent's. withdrawals count from Shanghai on,
    parent_beacon_block_root from Cancun on, prev_randao from Paris on.
    """

    timestamp: int
    coinbase: Address = ZERO_ADDRESS
    prev_randao: Hash32 = ZERO_HASH
    parent_beacon_block_root: Hash32 = ZERO_HASH
    gas_limit: int | None = None
    extra_data: bytes = b""
    withdrawals: tuple[Withdrawal, ...] = ()
    zk_gas_limit: int = 0
    """Zk gas that the block's transactions may take; 0: any."""
    base_fee_per_gas: int | None = None
    """Overrides the base fee (development chains only: the block then breaks EIP-1559)."""


class BlockBuilder:
    """A block on top of `parent` in the making. Rejected transactions leave no trace.

    `seal` and `peek` may be called at any time, more transactions may follow.
    """

    def __init__(
        self,
        engine: Engine,
        config: ChainConfig,
        parent: Header,
        view: StateView,
        attributes: BlockAttributes,
        *,
        header_at: Callable[[int], Header],
    ) -> None:
        """Starts a block. Raises InvalidInput on attributes no block may have.

        view: the state at the end of `parent`; it must not change until the block is sealed.
        header_at: headers of ancestors by number.
        """
        self.parent = parent
        self.attributes = attributes
        self.transactions: list[Transaction] = []
        self.outcomes: list[TxOutcome] = []
        self._header = _open_header(config, parent, attributes)
        self._open = partial(self._opened, engine, config, view, header_at)
        self._recorder, self._execution = self._open()
        self._size = _EMPTY_BLOCK_BYTES + _WITHDRAWAL_BYTES * len(attributes.withdrawals)

    def _opened(
        self,
        engine: Engine,
        config: ChainConfig,
        view: StateView,
        header_at: Callable[[int], Header],
    ) -> tuple[WitnessRecorder, BlockExecution]:
        recorder = WitnessRecorder(view, header_at)
        return recorder, BlockExecution(engine, config, self._header, recorder, recorder.block_hash)

    @property
    def header(self) -> Header:
        """The header as far as it is known: what transactions see."""
        return self._execution.header

    @property
    def session(self) -> Session:
        """The state after the transactions so far.

        Calls on it belong between `snapshot` and `revert`; what they read enters the witness.
        """
        return self._execution.session

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """The receipts so far."""
        return tuple(self._execution.receipts)

    @property
    def gas_left(self) -> int:
        """Gas that further transactions may use."""
        return self._execution.gas_left

    @property
    def zk_gas_left(self) -> int:
        """Zk gas that further transactions may take, where there is a limit."""
        return self.attributes.zk_gas_limit - sum(outcome.zk_gas for outcome in self.outcomes)

    def add(self, tx: Transaction) -> Receipt:
        """Executes the block's next transaction, or raises InvalidTransaction and leaves it out.

        GAS_ALLOWANCE_EXCEEDED, BLOB_MAX_GAS_EXCEEDED and NoZkGasLeft mean that this block has no
        room for it; ZkGasExceeded, that none has.
        """
        size = self._size + len(tx.encoded) + _TX_PREFIX_BYTES
        if self._execution.env.fork >= Fork.OSAKA and size > MAX_BLOCK_BYTES:
            raise InvalidTransaction(
                TxFault.GAS_ALLOWANCE_EXCEEDED,
                f"block size limit reached: {size} of {MAX_BLOCK_BYTES} bytes with this one",
            )
        receipt, outcome = self._execution.add(tx)
        self._check_zk_gas(outcome.zk_gas)
        self._size = size
        self.transactions.append(tx)
        self.outcomes.append(outcome)
        return receipt

    def _check_zk_gas(self, zk_gas: int) -> None:
        """Takes back what was executed last where proving it would cost too much."""
        limit = self.attributes.zk_gas_limit
        if not limit or zk_gas <= self.zk_gas_left:
            return
        self._restart()
        if zk_gas > limit:
            raise ZkGasExceeded(zk_gas, limit)
        raise NoZkGasLeft(zk_gas, self.zk_gas_left)

    def _restart(self) -> None:
        """Executes the block's transactions anew: what others read is in no witness then."""
        self._recorder, self._execution = self._open()
        for tx in self.transactions:
            self._execution.add(tx)

    def seal(self) -> ExecutedBlock:
        """The finished block. Raises InvalidBlock where a system contract of the chain fails."""
        executed = self.peek()
        return replace(
            executed, witness=self._recorder.witness(self.parent, executed.update.changes)
        )

    def peek(self) -> ExecutedBlock:
        """The pending block: what `seal` would give now, with an empty witness."""
        session = self._execution.session
        before = session.snapshot()
        try:
            outcome = self._execution.finish(self.attributes.withdrawals)
        finally:
            session.revert(before)
        block = self._block(outcome)
        return ExecutedBlock(block, self.receipts, outcome.update, NO_WITNESS, outcome.requests)

    def _block(self, outcome: Outcome) -> Block:
        execution, receipts = self._execution, self.receipts
        header = execution.header
        withdrawals = None
        if header.withdrawals_root is not None:
            withdrawals = self.attributes.withdrawals
        return Block(
            replace(
                header,
                state_root=outcome.update.root,
                transactions_root=ordered_root([tx.encoded for tx in self.transactions]),
                receipts_root=ordered_root([receipt.encoded for receipt in receipts]),
                bloom=bloom_of(tuple(log for receipt in receipts for log in receipt.logs)),
                gas_used=execution.gas_used,
                blob_gas_used=None if header.blob_gas_used is None else execution.blob_gas_used,
                requests_hash=outcome.requests_hash,
            ),
            tuple(self.transactions),
            withdrawals=withdrawals,
        )


def prev_randao_after(parent: Header, anchor: Hash32) -> Hash32:
    """The L2's randomness: keccak of the parent's and the L1 anchor, known to all beforehand."""
    return keccak256(parent.prev_randao + anchor)


def _open_header(config: ChainConfig, parent: Header, attributes: BlockAttributes) -> Header:
    number, timestamp = parent.number + 1, attributes.timestamp
    if timestamp <= parent.timestamp:
        raise InvalidInput(
            f"block {number} at {timestamp} is not after its parent at {parent.timestamp}"
        )
    if len(attributes.extra_data) > MAX_EXTRA_DATA_BYTES:
        raise InvalidInput(
            f"extra data of {len(attributes.extra_data)} bytes, at most 32 fit a header"
        )
    fork = config.fork_at(number, timestamp)
    limit = parent_gas_limit(config, parent, timestamp)
    desired = parent.gas_limit if attributes.gas_limit is None else attributes.gas_limit
    base_fee = next_base_fee(config, parent, timestamp)
    if base_fee is not None and attributes.base_fee_per_gas is not None:
        base_fee = attributes.base_fee_per_gas
    withdrawals = [encode(withdrawal.items()) for withdrawal in attributes.withdrawals]
    return Header(
        parent_hash=parent.hash,
        coinbase=attributes.coinbase,
        difficulty=next_difficulty(config, parent, timestamp),
        number=number,
        gas_limit=next_gas_limit(limit, desired),
        timestamp=timestamp,
        extra_data=attributes.extra_data,
        prev_randao=attributes.prev_randao if fork >= Fork.PARIS else ZERO_HASH,
        base_fee_per_gas=base_fee,
        withdrawals_root=ordered_root(withdrawals) if fork >= Fork.SHANGHAI else None,
        blob_gas_used=0 if fork >= Fork.CANCUN else None,
        excess_blob_gas=excess_blob_gas(config, parent, timestamp),
        parent_beacon_block_root=attributes.parent_beacon_block_root
        if fork >= Fork.CANCUN
        else None,
        requests_hash=EMPTY_REQUESTS_HASH if fork >= Fork.PRAGUE else None,
    )
