"""Whatever order things happen in, chain, pool, pending block and listeners agree."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from node.errors import InvalidTransaction
from node.evm.block import Block
from node.rollup.devtools import DevTools
from node.rollup.service import Node
from tests.unit.rollup.ledger import ADDRESSES, GWEI, delegation, transfer
from tests.unit.rollup.nodes import open_node

T = TypeVar("T")
ACCOUNTS = st.integers(0, 2)


class NodeMachine(RuleBasedStateMachine):
    """A real node on a real database, driven from its own event loop."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.snapshots: list[tuple[int, int]] = []
        self.open()
        self.followed: list[Block] = []

    def open(self) -> None:
        self.node: Node = open_node(Path(self.directory.name))
        self.run(self.node.start())
        self.tools = DevTools(self.node)
        self.heads = self.node.heads.subscribe()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.node.stop())
        self.loop.close()
        self.directory.cleanup()

    @rule(account=ACCOUNTS, ahead=st.integers(0, 2), tip=st.integers(1, 3), value=st.integers(0, 5))
    def submit(self, account: int, ahead: int, tip: int, value: int) -> None:
        nonce = self.node.pool.nonce_of(ADDRESSES[account]) + ahead
        with suppress(InvalidTransaction):
            self.node.submit_transaction(transfer(account, nonce, tip=tip * GWEI, value=value))

    @rule(account=ACCOUNTS, authority=ACCOUNTS)
    def delegate(self, account: int, authority: int) -> None:
        nonce = self.node.pool.nonce_of(ADDRESSES[account])
        with suppress(InvalidTransaction):
            self.node.submit_transaction(delegation(account, authority, nonce=nonce))

    @rule()
    def seal(self) -> None:
        pending = self.run(self.node.pending()).block
        block = self.node.chain.block(self.run(self.node.sequencer.seal()).number)
        assert set(pending.transactions) <= set(block.transactions)

    @rule(blocks=st.integers(1, 3))
    def unwind(self, blocks: int) -> None:
        self.run(self.node.unwind(max(self.node.chain.head.number - blocks, 0)))
        self.snapshots = [s for s in self.snapshots if s[1] <= self.node.chain.head.number]

    @rule()
    def snapshot(self) -> None:
        self.snapshots.append((self.tools.snapshot(), self.node.chain.head.number))

    @rule()
    def revert(self) -> None:
        if self.snapshots:
            number, height = self.snapshots.pop()
            if self.node.chain.head.number >= height:
                assert self.run(self.tools.revert(number))

    @rule()
    def restart(self) -> None:
        head, pooled = self.node.chain.head, {tx.hash for tx in self.node.pool.by_arrival()}
        self.follow()
        self.run(self.node.stop())
        self.open()
        self.snapshots = []
        assert self.node.chain.head == head
        assert {tx.hash for tx in self.node.pool.by_arrival()} == pooled

    def follow(self) -> None:
        """Applies the announced changes of the head, as a follower would."""
        while self.heads._events:
            change = self.run(anext(self.heads))
            for block, _ in change.removed:
                assert self.followed.pop() == block
            self.followed += [block for block, _ in change.added]

    @invariant()
    def listeners_know_the_chain(self) -> None:
        self.follow()
        chain = self.node.chain
        assert len(self.followed) == chain.head.number
        assert all(b.header == chain.header(i + 1) for i, b in enumerate(self.followed))

    @invariant()
    def pool_follows_the_state(self) -> None:
        state = self.node.chain.state()
        for sender, txs in self.node.pool.content()[0].items():
            account = state.account(sender)
            assert account is not None
            expected = list(range(account.nonce, account.nonce + len(txs)))
            assert [tx.nonce for tx in txs] == expected

    @invariant()
    def nothing_is_both_mined_and_pooled(self) -> None:
        for tx in self.node.pool.by_arrival():
            assert self.node.chain.find_transaction(tx.hash) is None

    @invariant()
    def node_is_healthy(self) -> None:
        assert self.node.health().problem == ""


TestNode = NodeMachine.TestCase
TestNode.settings = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
