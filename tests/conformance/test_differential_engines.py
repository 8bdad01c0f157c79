"""Random transactions on the native and the Python engine, under Prague and Osaka: all the same.

What no other implementation at hand executes without a node around it: every precompile with valid
input, transactions of all types, calls with more gas than any block has, down to the deepest frame.
`STRIKEFOLD_FUZZ_CASES=100000 pytest -m slow tests/conformance/test_differential_engines.py` runs as
many cases more, from `STRIKEFOLD_FUZZ_SEED` on; a failure names its seed.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from node.crypto import keccak256
from node.errors import InvalidTransaction
from node.evm.engine import BlockEnv, CallRequest, Engine, Session, TxOutcome
from node.evm.forks import Fork
from node.evm.native_engine import NativeSession, native_engine
from node.evm.python_engine import python_engine
from node.evm.transactions import BLOB
from node.state.account import Account, StateChanges
from node.state.memory import MemoryState
from tests.conformance.random_contracts import recursive
from tests.conformance.random_transactions import (
    CHAIN_ID,
    COINBASE,
    KINDS,
    SENDER,
    SLOTS,
    Case,
    make_case,
)
from tests.conformance.random_writer import ACCOUNTS, AUTHORITY, NOBODY, OSAKA

CASES, BATCH = 300, 100
ENV = BlockEnv(
    fork=Fork.OSAKA,
    chain_id=CHAIN_ID,
    number=1000,
    timestamp=1_700_000_000,
    coinbase=COINBASE,
    gas_limit=30_000_000,
    prev_randao=bytes(range(32)),
    base_fee=7,
    blob_base_fee=1,
    block_hash=lambda number: keccak256(number.to_bytes(32)),
)
PLENTY = 2**44
"""Gas for 1,024 frames within each other, each with 63/64 of what the one around it had."""


def recursion(seed: int) -> Case:
    """A case whose first contract calls or creates itself until it may no more."""
    case = make_case(seed)
    return replace(case, codes=case.codes | {ACCOUNTS[0]: recursive(Random(seed), OSAKA)})


def execute(case: Case, fork: Fork, engine: Engine, *, deep: bool) -> tuple[Session, object]:
    """The session afterwards, and the outcome or the words of a refusal."""
    session = engine.open(MemoryState.of(case.alloc()), replace(ENV, fork=fork))
    try:
        if deep:
            request = CallRequest(SENDER, ACCOUNTS[0], case.tx.value, case.tx.data, PLENTY)
            return session, session.call(request)
        return session, session.transact(case.tx)
    except InvalidTransaction as error:
        return session, (error.fault, str(error))


def shown(session: Session, case: Case) -> tuple[object, ...]:
    """All that a session says of accounts, storage, codes and reads."""
    accessed = session.accessed  # before we read more
    changes = session.changes()
    places = sorted({*ACCOUNTS, AUTHORITY, NOBODY, SENDER, COINBASE, *changes.accounts})
    return (
        [account_of(session.account(place)) for place in places],
        [session.code(place) for place in places],
        [session.storage(place, slot) for place in places for slot in SLOTS],
        {place: account_of(account) for place, account in changes.accounts.items()},
        changes.storage,
        changes.wiped,
        new_codes(changes, case),
        accessed,
    )


def account_of(account: Account | None) -> tuple[int, int, bytes] | None:
    """Without the storage's root, which is that before the session, or that of none."""
    return account and (account.nonce, account.balance, account.code_hash)


def new_codes(changes: StateChanges, case: Case) -> dict[bytes, bytes]:
    """Of accounts that are left, and not in the state before; engines may give others or not."""
    hashes = {account.code_hash for account in changes.accounts.values() if account}
    hashes -= set(map(keccak256, case.codes.values()))
    return {code_hash: code for code_hash, code in changes.codes.items() if code_hash in hashes}


def compare(seed: int) -> str:
    """Fails where the engines differ; what became of the transaction."""
    fork = (Fork.OSAKA, Fork.OSAKA, Fork.OSAKA, Fork.PRAGUE)[seed % 4]
    deep = seed % 50 == 0
    case = recursion(seed) if deep else make_case(seed, (*KINDS, BLOB))
    python, expected = execute(case, fork, python_engine, deep=deep)
    native, outcome = execute(case, fork, native_engine, deep=deep)
    assert isinstance(native, NativeSession)
    assert outcome == expected, f"seed {seed}"
    assert shown(native, case) == shown(python, case), f"seed {seed}"
    if not isinstance(outcome, TxOutcome):
        return "refused"
    return "succeeded" if outcome.success else "failed"


def check(seeds: range) -> Counter[str]:
    """How many transactions succeeded, failed and were refused."""
    return Counter(compare(seed) for seed in seeds)


@pytest.mark.parametrize("first", range(0, CASES, BATCH))
def test_engines_agree(first):
    counts = check(range(first, first + BATCH))
    assert counts["succeeded"] > BATCH // 4, "too few cases get anywhere"
    assert counts["failed"] > BATCH // 20, "too few cases fail"


@pytest.mark.slow
def test_engines_agree_for_long():
    first = int(os.environ.get("STRIKEFOLD_FUZZ_SEED", CASES))
    last = first + int(os.environ.get("STRIKEFOLD_FUZZ_CASES", "5000"))
    counts: Counter[str] = Counter()
    for start in range(first, last, BATCH):
        counts += check(range(start, min(start + BATCH, last)))
        print(f"seeds below {start + BATCH}: {dict(counts)}", flush=True)  # seen with pytest -s
