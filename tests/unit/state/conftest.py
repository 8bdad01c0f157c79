"""Random chains for the database: blocks with real roots, and a copy of every state they made."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from node.codec import RlpItem, encode, int_to_bytes
from node.crypto import keccak256
from node.state.account import Account, StateChanges
from node.state.db import StateDB
from node.state.memory import MemoryState
from node.state.roots import StateUpdate, StateView, compute_update
from node.state.writes import BlockRecord

ADDRESSES = [bytes((n,)) * 20 for n in range(1, 30)]


def random_changes(rng: random.Random, state: MemoryState) -> StateChanges:
    """Writes, clears, deletions, wipes and codes over few addresses, so that they meet."""
    changes = StateChanges()
    for address in rng.sample(ADDRESSES, rng.randrange(6)):
        old = state.account(address)
        if old is not None and rng.random() < 0.15:
            changes.accounts[address] = None
            continue
        code = rng.randbytes(rng.randrange(1, 60))
        changes.codes[keccak256(code)] = code
        changes.accounts[address] = Account(rng.randrange(9), rng.getrandbits(90))._replace(
            code_hash=keccak256(code)
        )
        if rng.random() < 0.1:
            changes.wiped.add(address)
        changes.storage[address] = {
            rng.randrange(40): rng.choice([0, 1, rng.getrandbits(256)])
            for _ in range(rng.randrange(12))
        }
    return changes


def make_record(number: int, parent: bytes, update: StateUpdate, rng: random.Random) -> BlockRecord:
    """A block whose header has the parent hash and state root where a header has them."""
    txs = [rng.randbytes(rng.randrange(60, 120)) for _ in range(rng.randrange(4))]
    logs = [[rng.choice(ADDRESSES), [keccak256(bytes((rng.randrange(9),)))], b"data"] for _ in txs]
    receipts: list[RlpItem] = [b"\x02" + encode([b"\x01", b"", b"", [log]]) for log in logs]
    header = encode([parent, b"", b"", update.root, int_to_bytes(number), rng.randbytes(8)])
    return BlockRecord(
        number,
        keccak256(header),
        header,
        encode([txs, []]),
        encode(receipts),
        witness=rng.randbytes(rng.randrange(400)),
        extra=rng.randbytes(65),
        tx_hashes=tuple(map(keccak256, txs)),
        log_keys=tuple(k for address, topics, _ in logs for k in (address, *topics)),
    )


@dataclass
class RandomChain:
    """What a database should hold: a record and a state for every block."""

    seed: int = 1
    first: int = 0
    records: list[BlockRecord] = field(default_factory=list)
    states: list[MemoryState] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)

    @property
    def head(self) -> int:
        return self.first + len(self.records) - 1

    def state(self, number: int) -> MemoryState:
        return self.states[number - self.first]

    def record(self, number: int) -> BlockRecord:
        return self.records[number - self.first]

    def next(self, view: StateView | None = None) -> tuple[BlockRecord, StateUpdate]:
        """Makes the next block, its update computed on `view` (default: the copy in memory)."""
        state = copy.deepcopy(self.states[-1]) if self.states else MemoryState()
        update = compute_update(view or state, random_changes(self.rng, state))
        parent = self.records[-1].hash if self.records else bytes(32)
        record = make_record(self.head + 1, parent, update, self.rng)
        state.apply(update)
        self.records.append(record)
        self.states.append(state)
        return record, update

    def grow(self, db: StateDB, count: int) -> None:
        for _ in range(count):
            record, update = self.next(db.view())
            db.append(record, update)

    def unwind(self, number: int) -> None:
        del self.records[number - self.first + 1 :]
        del self.states[number - self.first + 1 :]


@pytest.fixture
def chain() -> RandomChain:
    return RandomChain()


@pytest.fixture
def new_chain() -> type[RandomChain]:
    return RandomChain


OpenDB = Callable[..., StateDB]


@pytest.fixture
def open_db(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Opens databases (by default the one in tmp_path/db) and closes them at the end."""
    opened: list[StateDB] = []

    def open_one(name: str = "db", **options: object) -> StateDB:
        db = StateDB.open(tmp_path / name, **options)  # type: ignore[arg-type]
        opened.append(db)
        return db

    yield open_one
    for db in opened:
        db.close()


def assert_same_state(view, state: MemoryState) -> None:  # type: ignore[no-untyped-def]
    """Every account, slot, code and trie node the copy has, the view has, and no others."""
    assert view.root == state.root
    accounts = state.accounts()
    assert dict(view.accounts()) == {keccak256(a): account for a, account in accounts.items()}
    for address in ADDRESSES:
        assert view.account(address) == accounts.get(address)
        slots = state.slots(address)
        for slot in range(40):
            assert view.storage(address, slot) == slots.get(slot, 0)
        stored = list(view.slots(keccak256(address)))
        assert stored == sorted(stored)
        assert dict(stored) == {keccak256(s.to_bytes(32, "big")): v for s, v in slots.items()}
        if address in accounts:
            assert view.code(accounts[address].code_hash) == state.code(accounts[address].code_hash)
    for owner, nodes in state._nodes.items():
        for path, data in nodes.items():
            assert view.node(owner, path, keccak256(data)) == data


@pytest.fixture
def same_state():  # type: ignore[no-untyped-def]
    return assert_same_state
