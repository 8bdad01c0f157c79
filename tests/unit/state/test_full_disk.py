"""A disk that refuses to grow, in a process of its own: a limit on the size of its files."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

_CHILD = """
import resource, sys
from pathlib import Path
from node.codec import encode
from node.crypto import keccak256
from node.errors import StorageError
from node.state.account import Account, StateChanges
from node.state.db import StateDB
from node.state.roots import compute_update
from node.state.writes import BlockRecord

def block(db, number, accounts, witness):
    addresses = [keccak256(b"%d" % (1000 * number + i))[:20] for i in range(accounts)]
    changes = StateChanges(accounts={address: Account(balance=number) for address in addresses})
    update = compute_update(db.view(), changes)
    header = encode([db.hash_of(number - 1) or bytes(32), b"", b"", update.root])
    parts = (header, encode([[], []]), encode([]), bytes(witness))
    db.append(BlockRecord(number, keccak256(header), *parts), update)

db = StateDB.open(Path(sys.argv[1]))
for number in range(5):
    block(db, number, 10, 100)
size, accounts, witness = map(int, sys.argv[2:])
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
root = db.view().root
try:
    for number in range(5, 100):
        block(db, number, accounts, witness)
except StorageError as error:
    print(error)
head = db.head
assert head[0] == number - 1 >= 4
assert db.header(head[0]) is not None and db.header(number) is None
assert sum(1 for _ in db.view().accounts()) == 50 + accounts * (number - 5)
try:
    block(db, number, 1, 1)
except StorageError as error:
    print(error)
db.close()
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
db = StateDB.open(Path(sys.argv[1]))
assert db.head == head and db.verify() == []
block(db, number, accounts, witness)
assert db.head[0] == number and db.verify() == []
print("recovered")
"""


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ((60_000, 2, 20_000), r"cannot write block \d+ to .*seg: File too large; nothing of it"),
        (
            (100_000, 300, 10),
            r"cannot store block \d+: IO error: .*: File too large; nothing of it was applied",
        ),
    ],
    ids=["history file", "leveldb"],
)
def test_nothing_is_half_applied(tmp_path, limits, message) -> None:
    arguments = [sys.executable, "-c", _CHILD, str(tmp_path / "db"), *map(str, limits)]
    child = subprocess.run(arguments, check=False, capture_output=True, text=True, timeout=60)
    assert child.returncode == 0, child.stderr
    refused, read_only, recovered = child.stdout.strip().splitlines()
    assert read_only.startswith("database ")
    assert "is read-only since a write failed" in read_only
    assert recovered == "recovered"
    assert re.match(message, refused), refused
