"""Appends blocks until it is killed; says each one it has sealed. Run by test_crash.py.

What a block does depends on its number alone, so the parent can recompute every state.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from node.codec import RlpItem, encode, int_to_bytes
from node.crypto import keccak256
from node.state.account import Account, StateChanges
from node.state.db import StateDB
from node.state.roots import compute_update
from node.state.writes import BlockRecord

WINDOW = 64


def changes_of(number: int) -> StateChanges:
    """The accounts, slots, deletions and wipes of a block."""
    rng = random.Random(number)
    changes = StateChanges()
    for index in rng.sample(range(60), 12):
        address = keccak256(bytes((index,)))[:20]
        if rng.random() < 0.1:
            changes.accounts[address] = None
            continue
        changes.accounts[address] = Account(number, rng.getrandbits(90))
        if rng.random() < 0.1:
            changes.wiped.add(address)
        changes.storage[address] = {rng.randrange(50): rng.randrange(3) for _ in range(8)}
    return changes


def append(db: StateDB, number: int) -> bytes:
    """Appends a block of random size on top of the head; returns its root."""
    rng = random.Random(-number)
    update = compute_update(db.view(), changes_of(number))
    txs = [b"%d" % number + rng.randbytes(rng.randrange(2000)) for _ in range(3)]
    topic = keccak256(bytes((number % 7,)))
    log: RlpItem = [topic[:20], [topic], b""]
    receipts: list[RlpItem] = [b"\x02" + encode([b"\x01", b"", b"", [log]]) for _ in txs]
    parent = db.hash_of(number - 1) or bytes(32)
    header = encode([parent, b"", b"", update.root, int_to_bytes(number)])
    record = BlockRecord(
        number,
        keccak256(header),
        header,
        encode([txs, []]),
        encode(receipts),
        witness=rng.randbytes(rng.randrange(20_000)),
        tx_hashes=tuple(map(keccak256, txs)),
        log_keys=(topic[:20], topic),
    )
    db.append(record, update)
    return update.root


def main() -> None:
    db = StateDB.open(Path(sys.argv[1]), window=WINDOW, segment_bytes=2**20)
    number = db.head[0] + 1 if db.head else 0
    while True:
        print("sealed", number, append(db, number).hex(), flush=True)
        if number % 25 == 24:
            number -= 5
            print("unwinding", number, "", flush=True)
            db.unwind(number)
            for again in range(number + 1, number + 6):
                append(db, again)
            number += 5
            print("sealed", number, db.view().root.hex(), flush=True)
        number += 1


if __name__ == "__main__":
    main()
