"""Running a block: system calls, transactions, rewards, withdrawals and requests, in that order.

What building and importing share. A `BlockExecution` yields what the body does; sealing a header
from it (`builder`) or comparing it with one (`importer`) is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from node.errors import InvalidTransaction, TxFault
from node.evm.block import Block, Header, Receipt, Withdrawal
from node.evm.chain_config import GAS_PER_BLOB, ChainConfig
from node.evm.engine import BlockEnv, Engine, TxOutcome
from node.evm.fees import header_blob_base_fee
from node.evm.forks import Fork
from node.evm.ommers import rewards
from node.evm.requests import call_at_start, collect_requests, requests_hash
from node.evm.transactions import Transaction
from node.evm.witness import Witness
from node.state.roots import StateUpdate, StateView, compute_update
from node.types import Hash32

_GWEI: Final = 10**9


@dataclass(frozen=True)
class ExecutedBlock:
    """A block together with everything that executing it gave."""

    block: Block
    receipts: tuple[Receipt, ...]
    update: StateUpdate
    witness: Witness
    requests: tuple[bytes, ...] = ()
    """EIP-7685: type byte and data, those that are not empty."""


@dataclass(frozen=True)
class Outcome:
    """What the end of a block leaves. requests_hash: None before Prague."""

    update: StateUpdate
    requests: tuple[bytes, ...]
    requests_hash: Hash32 | None


def block_env(config: ChainConfig, header: Header, block_hash: Callable[[int], Hash32]) -> BlockEnv:
    """What execution sees of the block with this header."""
    fork = config.fork_at(header.number, header.timestamp)
    schedule = config.blob_schedule_at(header.timestamp)
    return BlockEnv(
        fork=fork,
        chain_id=config.chain_id,
        number=header.number,
        timestamp=header.timestamp,
        coinbase=header.coinbase,
        gas_limit=header.gas_limit,
        prev_randao=header.prev_randao
        if fork >= Fork.PARIS
        else header.difficulty.to_bytes(32, "big"),
        base_fee=header.base_fee_per_gas or 0,
        blob_base_fee=header_blob_base_fee(config, header),
        block_hash=block_hash,
        max_blobs=schedule.max if schedule else 0,
    )


class BlockExecution:
    """One block, executed step by step on an overlay of `view`; nothing is written anywhere."""

    def __init__(
        self,
        engine: Engine,
        config: ChainConfig,
        header: Header,
        view: StateView,
        block_hash: Callable[[int], Hash32],
    ) -> None:
        """Opens the session and makes the system calls at the block's start.

        header: its fields that are known before execution are read, no others.
        """
        self.config = config
        self.header = header
        self.view = view
        self.env = block_env(config, header, block_hash)
        self.session = engine.open(view, self.env)
        self.receipts: list[Receipt] = []
        self.gas_used = 0
        self.blob_gas_used = 0
        self._max_blob_gas = self.env.max_blobs * GAS_PER_BLOB
        call_at_start(self.session, self.env.fork, header)

    @property
    def gas_left(self) -> int:
        """Gas that further transactions may use."""
        return self.header.gas_limit - self.gas_used

    def add(self, tx: Transaction) -> tuple[Receipt, TxOutcome]:
        """Executes the next transaction, or raises InvalidTransaction and changes nothing."""
        if tx.gas_limit > self.gas_left:
            raise InvalidTransaction(
                TxFault.GAS_ALLOWANCE_EXCEEDED,
                f"gas limit reached: transaction gas limit {tx.gas_limit}, left {self.gas_left}",
            )
        if self.blob_gas_used + tx.blob_gas > self._max_blob_gas:
            raise InvalidTransaction(
                TxFault.BLOB_MAX_GAS_EXCEEDED,
                f"blob gas limit reached: transaction needs {tx.blob_gas},"
                f" left {self._max_blob_gas - self.blob_gas_used}",
            )
        outcome = self.session.transact(tx)
        self.gas_used += outcome.gas_used
        self.blob_gas_used += tx.blob_gas
        receipt = Receipt(tx.type, self._status(outcome), self.gas_used, outcome.logs)
        self.receipts.append(receipt)
        return receipt, outcome

    def _status(self, outcome: TxOutcome) -> int | Hash32:
        """EIP-658; before it the state root after the transaction."""
        if self.env.fork >= Fork.BYZANTIUM:
            return int(outcome.success)
        return compute_update(self.view, self.session.changes()).root

    def finish(
        self, withdrawals: Sequence[Withdrawal] | None, ommers: Sequence[Header] = ()
    ) -> Outcome:
        """Everything after the last transaction. Raises InvalidBlock where requests are wrong."""
        fork = self.env.fork
        for address, wei in rewards(fork, self.header, ommers):
            self.session.add_balance(address, wei)
        for withdrawal in withdrawals or ():
            self.session.add_balance(withdrawal.address, withdrawal.amount * _GWEI)
        requests: tuple[bytes, ...] = ()
        commitment = None
        if fork >= Fork.PRAGUE:
            requests = collect_requests(self.session, self.receipts, self.config.deposit_contract)
            commitment = requests_hash(requests)
        update = compute_update(self.view, self.session.changes())
        return Outcome(update, requests, commitment)
