"""Whatever happens to a pool, its invariants hold."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from node.config import PoolConfig
from node.errors import InvalidTransaction
from node.evm.transactions import Transaction
from node.rollup.mempool import Mempool
from node.types import Address
from tests.unit.rollup.ledger import (
    ADDRESSES,
    CHAIN_ID,
    GWEI,
    Clock,
    Ledger,
    delegation,
    head,
    transfer,
)

ACCOUNTS = st.integers(0, 5)
NONCES = st.integers(0, 9)
TIPS = st.integers(1, 6)
LIMITS = PoolConfig(
    account_slots=2, global_slots=7, account_queue=3, global_queue=5, lifetime_s=100
)
Blocks = list[list[Transaction]]


class PoolMachine(RuleBasedStateMachine):
    """A pool on a ledger whose blocks are built from the pool's own candidates, and unwound."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        for address in ADDRESSES[:6]:
            self.ledger.fund(address, 3 * 10**15)
        self.clock = Clock()
        self.events: list[Transaction] = []
        self.pool = Mempool(
            LIMITS, CHAIN_ID, head(self.ledger), clock=self.clock, on_pending=self.events.append
        )
        self.blocks: Blocks = []

    @rule(account=ACCOUNTS, nonce=NONCES, tip=TIPS, size=st.sampled_from([0, 0, 0, 40_000]))
    def add(self, account: int, nonce: int, tip: int, size: int) -> None:
        fields: dict[str, Any] = {"data": bytes(size), "gas_limit": 500_000} if size else {}
        self.offer(transfer(account, nonce, tip=tip * GWEI, cap=6 * GWEI + tip, **fields))

    @rule(account=ACCOUNTS, nonce=NONCES, authority=ACCOUNTS)
    def delegate(self, account: int, nonce: int, authority: int) -> None:
        self.offer(delegation(account, authority, nonce=nonce))

    def offer(self, tx: Transaction) -> None:
        before = (self.pool.version, len(self.pool), self.pool.slots)
        try:
            assert self.pool.add_transaction(tx) in self.pool
        except InvalidTransaction:
            assert (self.pool.version, len(self.pool), self.pool.slots) == before

    @rule(count=st.integers(0, 6))
    def block(self, count: int) -> None:
        candidates = self.pool.candidates()
        block = []
        while len(block) < count and (entry := candidates.peek()) is not None:
            account = self.ledger.accounts[entry.sender]
            if account.balance < entry.cost:
                candidates.pop()
                continue
            assert entry.nonce == account.nonce
            self.ledger.update(
                entry.sender, nonce=entry.nonce + 1, balance=account.balance - entry.cost
            )
            block.append(entry.tx)
            candidates.shift()
        self.blocks.append(block)
        self.pool.reset(
            head(self.ledger),
            changed={tx.sender for tx in block},
            included=[tx.hash for tx in block],
        )

    @rule()
    def unwind(self) -> None:
        block = self.blocks.pop() if self.blocks else []
        for tx in reversed(block):
            account = self.ledger.accounts[tx.sender]
            cost = tx.gas_limit * tx.max_fee_per_gas + tx.value
            self.ledger.update(tx.sender, nonce=tx.nonce, balance=account.balance + cost)
        self.pool.reset(head(self.ledger), reinjected=block)

    @rule(account=ACCOUNTS, wei=st.integers(0, 3 * 10**15))
    def change_balance(self, account: int, wei: int) -> None:
        self.ledger.fund(ADDRESSES[account], wei)
        self.pool.reset(head(self.ledger), changed={ADDRESSES[account]})

    @rule(seconds=st.integers(1, 120))
    def wait(self, seconds: int) -> None:
        self.clock.now += seconds
        self.pool.expire()

    @invariant()
    def executable_runs_have_no_gap(self) -> None:
        for sender, txs in self.pool.content()[0].items():
            start = self.ledger.accounts[sender].nonce
            assert [tx.nonce for tx in txs] == list(range(start, start + len(txs)))

    @invariant()
    def nothing_that_could_run_waits(self) -> None:
        for sender, txs in self.pool.content()[1].items():
            assert txs[0].nonce > self.pool.nonce_of(sender)
            assert [tx.nonce for tx in txs] == sorted({tx.nonce for tx in txs})

    @invariant()
    def limits_hold(self) -> None:
        pending, queued = self.pool.content()
        assert all(len(txs) <= LIMITS.account_queue for txs in queued.values())
        assert sum(map(len, queued.values())) <= LIMITS.global_queue
        over = sum(map(len, pending.values())) > LIMITS.global_slots
        assert not over or all(len(txs) <= LIMITS.account_slots for txs in pending.values())

    @invariant()
    def space_is_counted(self) -> None:
        txs = self.everything()
        assert self.pool.slots == sum(-(-len(tx.encoded) // 32_768) for tx in txs)
        assert self.pool.slots <= LIMITS.global_slots + LIMITS.global_queue
        assert len({tx.hash for tx in txs}) == len(txs) == len(self.pool)
        assert sum(self.pool.status()) == len(txs)

    @invariant()
    def every_account_can_pay_each(self) -> None:
        for tx in self.everything():
            cost = tx.gas_limit * tx.max_fee_per_gas + tx.value
            assert cost <= self.ledger.accounts[tx.sender].balance

    @invariant()
    def best_first(self) -> None:
        """Against the definition: of all fronts, the best tip; among equals the first to come."""
        fronts: dict[Address, list[Transaction]] = {
            sender: list(txs) for sender, txs in self.pool.content()[0].items()
        }
        candidates, tips = self.pool.candidates(), defaultdict(list)
        while (entry := candidates.peek()) is not None:
            best = max(txs[0].max_priority_fee_per_gas for txs in fronts.values() if txs)
            assert fronts[entry.sender].pop(0) == entry.tx
            assert entry.tx.max_priority_fee_per_gas == best
            tips[best].append(entry)
            candidates.shift()
        assert not any(fronts.values())

    def everything(self) -> list[Transaction]:
        return [tx for part in self.pool.content() for txs in part.values() for tx in txs]


TestPool = PoolMachine.TestCase
TestPool.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
