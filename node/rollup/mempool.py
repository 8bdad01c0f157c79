"""The mempool: geth's legacypool rules, numbers and texts, run synchronously.

Executable transactions ("pending") form gapless runs from the account's nonce; the rest wait
("queued"). A full pool gives up the highest nonce of the account with the cheapest transaction,
so that it never strands those above the one it drops. Everything runs on the event loop's thread;
a builder on another thread works on the copy that `candidates` hands out.

Sources: go-ethereum core/txpool/legacypool; EIP-1559, EIP-7702.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

from node.config import PoolConfig
from node.crypto import EMPTY_CODE_HASH
from node.errors import InvalidTransaction, StorageError, TxFault
from node.evm.forks import Fork
from node.evm.transactions import Transaction, decode_transaction
from node.evm.zk_gas import ZkGasExceeded
from node.log import get_logger
from node.rollup.admission import (
    AdmissionRules,
    check_account,
    check_sender_code,
    check_stateless,
)
from node.rollup.candidates import Candidates
from node.rollup.eviction import cheapest_victims, queue_overflow, spam_overflow
from node.rollup.fates import Fate, Fates, Status
from node.rollup.journal import Journal
from node.rollup.nonce_list import PoolEntry, is_replacement, pool_entry
from node.rollup.pool_store import PoolStore, authorities
from node.rollup.price_index import PriceIndex
from node.state.account import Account, StateReader
from node.types import Address, Hash32

_NO_ACCOUNT: Final = Account()
_JOURNAL_SLACK: Final = 4
"""The journal is rewritten once it holds this many times what the pool can."""

_UNPROVABLE_KEPT: Final = 20_000

_log = get_logger("mempool")

Content = dict[Address, list[Transaction]]


@dataclass(frozen=True)
class PoolHead:
    """What the pool needs to know of the block it builds on.

    fork, gas_limit, base_fee (wei per gas): of the next block. state: after this block.
    """

    fork: Fork
    gas_limit: int
    base_fee: int
    state: StateReader


class Mempool:
    """Transactions that wait for a block."""

    def __init__(
        self,
        config: PoolConfig,
        chain_id: int,
        head: PoolHead,
        *,
        zk_gas_limit: int = 0,
        clock: Callable[[], float] = time.time,
        journal: Journal | None = None,
        on_pending: Callable[[Transaction], None] = lambda _: None,
    ) -> None:
        """zk_gas_limit: of a block; 0: any. clock: Unix seconds.

        on_pending: told of every transaction that becomes executable.
        """
        self._config = config
        self._chain_id = chain_id
        self._head = head
        self._zk_gas_limit = zk_gas_limit
        self._unprovable: OrderedDict[Hash32, ZkGasExceeded] = OrderedDict()
        self._clock = clock
        self._journal = journal
        self._on_pending = on_pending
        self._store = PoolStore(clock)
        self._fates = Fates(clock)
        self._accounts: dict[Address, Account] = {}
        self._prices: PriceIndex | None = None
        self._arrivals = 0
        self._churn = 0
        self._journal_stale = False
        self._restored = False

    # Reading

    def __len__(self) -> int:
        return len(self._store.entries)

    def __contains__(self, tx_hash: Hash32) -> bool:
        return tx_hash in self._store.entries

    @property
    def version(self) -> int:
        """Grows with every change, so that views know when they are stale."""
        return self._store.version

    @property
    def slots(self) -> int:
        """Space taken, in slots of 32 KiB."""
        return self._store.slots

    def get(self, tx_hash: Hash32) -> Transaction | None:
        """A pooled transaction."""
        entry = self._store.entries.get(tx_hash)
        return None if entry is None else entry.tx

    def nonce_of(self, address: Address) -> int:
        """The next nonce of an account with its executable transactions applied."""
        pending = self._store.pending_of(address)
        return pending.last_nonce + 1 if pending else self._account(address).nonce

    def status(self) -> tuple[int, int]:
        """How many are (executable, queued): txpool_status."""
        return self._store.pending_count, self._store.queued_count

    def content(self) -> tuple[Content, Content]:
        """(executable, queued) by sender in nonce order: txpool_content."""
        pending, queued = (
            {sender: [entry.tx for entry in entries] for sender, entries in lists.items()}
            for lists in (self._store.pending, self._store.queued)
        )
        return pending, queued

    def content_from(self, address: Address) -> tuple[list[Transaction], list[Transaction]]:
        """(executable, queued) of one sender in nonce order: txpool_contentFrom."""
        pending, queued = self._store.pending_of(address), self._store.queued_of(address)
        return [entry.tx for entry in pending], [entry.tx for entry in queued]

    def by_arrival(self) -> tuple[Transaction, ...]:
        """Everything in the order in which it arrived."""
        entries = sorted(self._store.entries.values(), key=lambda entry: entry.arrival)
        return tuple(entry.tx for entry in entries)

    def fate(self, tx_hash: Hash32) -> Fate | None:
        """What became of a transaction this pool has seen; None if it has not, or forgot."""
        entry = self._store.entries.get(tx_hash)
        if entry is None:
            return self._fates.get(tx_hash)
        executable = self._store.is_pending(entry)
        return Fate(Status.PENDING if executable else Status.QUEUED, "", self._clock())

    def candidates(self, base_fee: int | None = None, min_tip: int = 0) -> Candidates:
        """A copy of the executable transactions to build a block from, best first.

        base_fee: of that block, wei per gas; the next block's if None. min_tip: wei per gas.
        """
        fee = self._head.base_fee if base_fee is None else base_fee
        return Candidates((list(run) for run in self._store.pending.values()), fee, min_tip)

    # Adding

    def add(self, raw: bytes) -> Hash32:
        """Accepts an encoded transaction; returns its hash. Raises InvalidTransaction."""
        return self.add_transaction(decode_transaction(raw))

    def add_transaction(self, tx: Transaction) -> Hash32:
        """Accepts a transaction; returns its hash. Raises InvalidTransaction, changing nothing."""
        return self._add(tx, accepted_before=False)

    def _add(self, tx: Transaction, *, accepted_before: bool) -> Hash32:
        """accepted_before: it was in the pool once, which limits on accounts do not undo."""
        if tx.hash in self._store.entries:
            raise InvalidTransaction(TxFault.ALREADY_KNOWN, "already known")
        if tx.hash in self._unprovable:
            raise self._unprovable[tx.hash]
        check_stateless(tx, self._rules())
        entry = pool_entry(tx, self._arrivals)
        replaced = self._check_with_account(entry)
        if not accepted_before:
            self._check_delegation(entry)
        self._check_limits(entry, replaced)
        for victim in self._room_for(entry, replaced):
            self._drop(victim, "evicted: the pool is full and this account paid least")
            self._churn += 1
        self._insert(entry, replaced)
        self._record(entry)
        return entry.hash

    def drop(self, tx_hash: Hash32, reason: str) -> None:
        """Takes a transaction out for good, for a reason that `fate` will tell."""
        entry = self._store.entries.get(tx_hash)
        if entry is not None:
            self._drop(entry, reason)
            self._journal_stale = True

    def refuse(self, tx_hash: Hash32, error: InvalidTransaction) -> None:
        """Drops what a block could not take, and does not take again what none can prove."""
        if not isinstance(error, ZkGasExceeded):
            self.drop(tx_hash, f"invalid when its block was built: {error}")
            return
        self.drop(tx_hash, str(error))
        self._unprovable[tx_hash] = error
        if len(self._unprovable) > _UNPROVABLE_KEPT:
            self._unprovable.popitem(last=False)

    def clear(self) -> None:
        """Empties the pool (development: a snapshot is restored)."""
        for entry in list(self._store.entries.values()):
            self._drop(entry, "the pool was cleared")
        self._journal_stale = True

    def _rules(self) -> AdmissionRules:
        head, limit = self._head, self._config.price_limit_wei
        return AdmissionRules(head.fork, self._chain_id, head.gas_limit, limit, self._zk_gas_limit)

    def _check_with_account(self, entry: PoolEntry) -> PoolEntry | None:
        """The account's rules and the replacement rule; returns what the newcomer replaces."""
        sender, nonce = entry.sender, entry.nonce
        pending, account = self._store.pending_of(sender), self._account(sender)
        old = pending.get(nonce)
        check_account(entry.tx, entry.cost, account, pending.total_cost, old.cost if old else None)
        check_sender_code(sender, account, self._head.state)
        old = old or self._store.queued_of(sender).get(nonce)
        if old and not is_replacement(old, entry, self._config.price_bump_percent):
            raise InvalidTransaction(
                TxFault.REPLACEMENT_UNDERPRICED, "replacement transaction underpriced"
            )
        return old

    def _check_delegation(self, entry: PoolEntry) -> None:
        """An account that others can empty gets one transaction in flight (EIP-7702)."""
        sender, pending = entry.sender, self._store.pending_of(entry.sender)
        delegated = self._account(sender).code_hash != EMPTY_CODE_HASH
        if (delegated or self._store.has_authority(sender)) and entry.nonce not in pending:
            if pending:
                raise InvalidTransaction(
                    TxFault.DELEGATED_LIMIT,
                    "in-flight transaction limit reached for delegated accounts",
                )
            if entry.nonce != self.nonce_of(sender):
                raise InvalidTransaction(
                    TxFault.DELEGATED_GAP, "gapped-nonce tx from delegated accounts"
                )
        for authority in authorities(entry.tx):
            if len(self._store.from_the_top(authority)) > 1:
                raise InvalidTransaction(TxFault.AUTHORITY_RESERVED, "authority already reserved")

    def _check_limits(self, entry: PoolEntry, replaced: PoolEntry | None) -> None:
        """Refuses what the limits on the two halves of the pool would drop again at once."""
        if replaced:
            return
        if self._is_gapped(entry):
            self._check_queue_limits(entry)
        elif self._store.pending_count >= self._config.global_slots:
            length = len(self._store.pending_of(entry.sender)) + 1
            longest = max(map(len, self._store.pending.values()), default=0)
            if length > self._config.account_slots and length >= longest:
                raise InvalidTransaction(TxFault.POOL_FULL, "txpool is full")

    def _check_queue_limits(self, entry: PoolEntry) -> None:
        store, queue = self._store, self._store.queued_of(entry.sender)
        if queue and entry.nonce < queue.last_nonce:
            return
        if len(queue) >= self._config.account_queue:
            raise InvalidTransaction(
                TxFault.ACCOUNT_LIMIT, f"account limit exceeded: pooled {len(queue)} txs"
            )
        if store.queued_count >= self._config.global_queue:
            silent = min(store.beats, key=lambda sender: store.beats[sender], default=None)
            if silent in (None, entry.sender):
                raise InvalidTransaction(TxFault.POOL_FULL, "txpool is full")

    def _is_gapped(self, entry: PoolEntry) -> bool:
        """Whether a nonce below the newcomer's is missing."""
        queue, start = self._store.queued_of(entry.sender), self.nonce_of(entry.sender)
        return any(nonce not in queue for nonce in range(start, entry.nonce))

    def _insert(self, entry: PoolEntry, replaced: PoolEntry | None) -> None:
        self._arrivals += 1
        self._fates.forget(entry.hash)
        if self._prices is not None:
            self._prices.put(entry)
        if replaced is None:
            self._store.enqueue(entry)
            self._promote(entry.sender)
            self._enforce_limits()
            return
        self._fates.record(replaced.hash, Status.REPLACED, f"by 0x{entry.hash.hex()}")
        self._store.replace(replaced, entry)
        if self._store.is_pending(entry):
            self._on_pending(entry.tx)

    # Making room

    def _room_for(self, entry: PoolEntry, replaced: PoolEntry | None) -> list[PoolEntry]:
        """Which transactions a full pool gives up for a newcomer."""
        limit = self._config.global_slots + self._config.global_queue
        freed = replaced.slots if replaced else 0
        excess = self._store.slots + entry.slots - freed - limit
        if excess <= 0:
            return []
        if self._prices is None:
            entries = self._store.entries
            self._prices = PriceIndex(entries.values(), self._head.base_fee, entries.__contains__)
        if self._prices.is_underpriced(entry):
            raise InvalidTransaction(TxFault.UNDERPRICED, "transaction underpriced")
        if self._churn > self._config.global_slots // 4:
            raise InvalidTransaction(TxFault.POOL_FULL, "txpool is full")
        return cheapest_victims(
            self._store, self._prices, entry, replaced, excess, gapped=self._is_gapped(entry)
        )

    def _enforce_limits(self) -> None:
        store, config = self._store, self._config
        if store.pending_count > config.global_slots:
            for entry in spam_overflow(store.pending, config.account_slots, config.global_slots):
                self._drop(entry, "dropped: the pool is full and this account has most in it")
        if store.queued_count > config.global_queue:
            for entry in queue_overflow(store.queued, store.beats, config.global_queue):
                self._drop(entry, "dropped: too many queued transactions")

    # Following the chain

    def reset(
        self,
        head: PoolHead,
        *,
        changed: Collection[Address] | None = None,
        included: Iterable[Hash32] = (),
        reinjected: Iterable[Transaction] = (),
    ) -> None:
        """Moves to a new head.

        changed: accounts whose state differs from the old head's; None: any may. included: what
        its blocks contain. reinjected: transactions of blocks that were unwound.
        """
        narrower = head.gas_limit < self._head.gas_limit
        self._head, self._prices, self._churn = head, None, 0
        self._accounts.clear()
        mined = frozenset(included)
        senders = {*self._store.pending, *self._store.queued}
        if changed is not None and not narrower:
            senders.intersection_update(changed)
        for tx_hash in mined:
            self._fates.record(tx_hash, Status.INCLUDED)
        for sender in senders:
            self._demote(sender, mined)
        self.put_back(reinjected)
        for sender in senders:
            self._promote(sender)
        self._enforce_limits()
        self._compact_journal()

    def expire(self) -> int:
        """Drops queued transactions of accounts silent for the configured lifetime."""
        oldest = self._clock() - self._config.lifetime_s
        silent = [sender for sender, beat in self._store.beats.items() if beat < oldest]
        expired = [entry for sender in silent for entry in self._store.queued_of(sender)]
        for entry in expired:
            self._drop(entry, f"dropped: queued for more than {self._config.lifetime_s} s")
        return len(expired)

    def put_back(self, transactions: Iterable[Transaction]) -> None:
        """Takes transactions in again after an unwind; those that no longer fit are dropped."""
        for tx in transactions:
            try:
                self._add(tx, accepted_before=True)
            except InvalidTransaction as error:
                if error.fault is not TxFault.ALREADY_KNOWN:
                    reason = f"after its block was unwound: {error}"
                    self._fates.record(tx.hash, Status.DROPPED, reason)

    def _demote(self, sender: Address, included: frozenset[Hash32]) -> None:
        """What the new state makes stale or hopeless goes; what lost its predecessor waits."""
        account = self._account(sender)
        for entry in self._store.remove_below(sender, account.nonce):
            if entry.hash not in included:
                self._fates.record(entry.hash, Status.DROPPED, "another took its nonce")
        for entry in self._store.from_the_top(sender):
            reason = self._hopeless(entry, account)
            if reason:
                self._drop(entry, reason)
        pending = self._store.pending_of(sender)
        if pending and pending.first_nonce != account.nonce:
            self._store.demote_from(sender, pending.first_nonce)

    def _hopeless(self, entry: PoolEntry, account: Account) -> str:
        if entry.tx.gas_limit > self._head.gas_limit:
            return "dropped: exceeds block gas limit"
        if entry.cost > account.balance:
            return (
                "dropped: insufficient funds for gas * price + value: "
                f"balance {account.balance}, tx cost {entry.cost}"
            )
        return ""

    def _promote(self, sender: Address) -> None:
        for entry in self._store.promote(sender, self.nonce_of(sender)):
            self._on_pending(entry.tx)
        overflow = len(self._store.queued_of(sender)) - self._config.account_queue
        for entry in list(self._store.queued_of(sender))[::-1][: max(overflow, 0)]:
            self._drop(entry, "dropped: too many queued transactions of this account")

    def _drop(self, entry: PoolEntry, reason: str) -> None:
        self._fates.record(entry.hash, Status.DROPPED, reason)
        self._store.remove(entry)

    def _account(self, address: Address) -> Account:
        account = self._accounts.get(address)
        if account is None:
            account = self._accounts[address] = self._head.state.account(address) or _NO_ACCOUNT
        return account

    # The journal

    def restore(self) -> int:
        """Takes back the journal of an earlier run; returns how many are still valid."""
        if self._journal is None:
            return 0
        journal, self._journal = self._journal, None
        for raw in journal.load():
            try:
                self._add(decode_transaction(raw), accepted_before=True)
            except InvalidTransaction as error:
                _log.debug("journaled transaction is no longer valid", reason=str(error))
        self._journal, self._restored = journal, True
        self._rewrite_journal(journal)
        return len(self)

    def _record(self, entry: PoolEntry) -> None:
        if self._journal is None:
            return
        try:
            self._journal.append(entry.tx.encoded)
        except StorageError as error:
            _log.error("journal", error=str(error))

    def close(self) -> None:
        """Leaves a journal of exactly what is pooled; the pool is not used afterwards."""
        if self._journal is not None:
            self._rewrite_journal(self._journal)

    def _compact_journal(self) -> None:
        most = _JOURNAL_SLACK * (self._config.global_slots + self._config.global_queue)
        journal = self._journal
        if journal is not None and (self._journal_stale or journal.records > most):
            self._rewrite_journal(journal)

    def _rewrite_journal(self, journal: Journal) -> None:
        if not self._restored:
            return  # what an earlier run left in it has not been read yet
        self._journal_stale = False
        try:
            journal.rewrite(tx.encoded for tx in self.by_arrival())
        except StorageError as error:
            _log.error("journal", error=str(error))
