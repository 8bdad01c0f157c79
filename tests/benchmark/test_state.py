"""The state database: blocks appended (root, diffs, sync), reads now and in the past.

`pytest tests/benchmark/test_state.py --benchmark-enable` prints the time of one round; what a round
is, is in the extra columns.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from node.codec import encode
from node.crypto import keccak256
from node.state.account import Account, StateChanges
from node.state.db import StateDB
from node.state.roots import compute_update
from node.state.writes import BlockRecord

ACCOUNTS = 20_000
READS = 1_000


class Bench:
    """A database with many accounts, and blocks that write to some of them."""

    def __init__(self, path: Path, accounts: int) -> None:
        self.rng = random.Random(1)
        self.db = StateDB.open(path)
        self.addresses = [keccak256(b"%d" % number)[:20] for number in range(accounts)]
        self.append(StateChanges(accounts={a: Account(1, 10**18) for a in self.addresses}))

    def changes(self, accounts: int, slots: int) -> StateChanges:
        """Balances of `accounts`, and `slots` slots in each fourth of them."""
        chosen = self.rng.sample(self.addresses, accounts)
        balance = self.rng.getrandbits(80)
        return StateChanges(
            accounts={address: Account(2, balance) for address in chosen},
            storage={
                a: {self.rng.randrange(999): balance for _ in range(slots)} for a in chosen[::4]
            },
        )

    def append(self, changes: StateChanges) -> None:
        number = self.db.head[0] + 1 if self.db.head else 0
        update = compute_update(self.db.view(), changes)
        header = encode([self.db.hash_of(number - 1) or bytes(32), b"", b"", update.root])
        parts = (header, encode([[], []]), encode([]), bytes(20_000))
        self.db.append(BlockRecord(number, keccak256(header + b"%d" % number), *parts), update)


@pytest.fixture
def bench(benchmark, tmp_path: Path):
    bench = Bench(tmp_path, 500 if benchmark.disabled else ACCOUNTS)
    yield bench
    bench.db.close()


@pytest.mark.parametrize(("accounts", "slots"), [(40, 4), (400, 4)])
def test_blocks(benchmark, bench: Bench, accounts: int, slots: int) -> None:
    benchmark.extra_info.update(accounts=accounts, slots=accounts // 4 * slots, round="one block")
    benchmark.pedantic(
        bench.append, setup=lambda: ((bench.changes(accounts, slots),), {}), rounds=40
    )
    assert bench.db.view().root == bench.db.root_of(bench.db.head[0])


@pytest.mark.parametrize("blocks_back", [0, 10])
def test_account_reads(benchmark, bench: Bench, blocks_back: int) -> None:
    for _ in range(10):
        bench.append(bench.changes(100, 4))
    number = bench.db.head[0] - blocks_back
    chosen = bench.rng.sample(bench.addresses, min(READS, len(bench.addresses)))

    def read() -> list[Account | None]:
        view = bench.db.view(number)
        return [view.account(address) for address in chosen]

    benchmark.extra_info.update(round=f"{READS} accounts, {blocks_back} blocks back")
    assert None not in benchmark.pedantic(read, rounds=20)
