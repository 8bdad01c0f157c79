"""The native engine and the Python engine: the same outcomes, words, reads and changes.

`STRIKEFOLD_FUZZ_CASES=2000 pytest -m slow tests/unit/evm/test_engines_agree.py` runs as many random
sessions more; a failure names its seed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import orjson
import pytest

from node.codec import encode, int_to_bytes
from node.crypto import keccak256, sign
from node.errors import ConfigError, InvalidBlock, InvalidTransaction
from node.evm.engine import CallRequest, Session
from node.evm.engines import engine_named
from node.evm.forks import Fork
from node.evm.native_engine import NativeSession, native_engine
from node.evm.python_engine import python_engine
from node.evm.tracing.registry import named_tracer
from node.evm.transactions import BLOB, SET_CODE, Authorization, Transaction
from node.state.account import StateChanges
from node.state.memory import MemoryState
from tests.conformance.random_contracts import program
from tests.conformance.random_writer import (
    ACCOUNTS,
    AUTHORITY,
    AUTHORITY_SECRET,
    NOBODY,
    OSAKA,
)
from tests.unit.evm.programs import COINBASE, ENV, SENDER, state_of, transaction

Action = Callable[[Session], object]

FORKS = (Fork.SHANGHAI, Fork.CANCUN, Fork.PRAGUE, Fork.OSAKA)
PLACES = (*ACCOUNTS, NOBODY, AUTHORITY, SENDER, COINBASE)
SLOTS = range(4)
STEPS = 12


def random_state(random: Random) -> MemoryState:
    """Random contracts, some of them with storage and wei."""
    codes = {address: program(random, address, OSAKA) for address in ACCOUNTS}
    state = state_of(codes, {random.choice(ACCOUNTS): 7})
    session = python_engine.open(state, ENV)
    for address in ACCOUNTS[: random.randrange(4)]:
        for slot in SLOTS:
            session.set_storage(address, slot, random.choice((0, 1, 2**255)))
    changes = session.changes()
    return MemoryState.of(
        StateChanges(
            accounts=state.accounts() | changes.accounts,
            storage=changes.storage,
            codes={keccak256(code): code for code in codes.values()},
        )
    )


def random_authorization(random: Random) -> Authorization:
    chain_id, nonce = random.choice((0, 1, 1, 5)), random.randrange(3)
    target = random.choice((*ACCOUNTS, bytes(20)))
    message = encode([int_to_bytes(chain_id), target, int_to_bytes(nonce)])
    signature = sign(AUTHORITY_SECRET, keccak256(b"\x05" + message))
    return Authorization(chain_id, target, nonce, *signature)


def random_fields(random: Random) -> dict[str, Any]:
    """What transactions and calls have in common."""
    creates = random.randrange(8) == 0
    precompile = random.randrange(1, 0x12).to_bytes(20)
    to = None if creates else random.choice((*ACCOUNTS, *ACCOUNTS, AUTHORITY, NOBODY, precompile))
    data = program(random, ACCOUNTS[0], OSAKA) if creates else random.randbytes(40)
    listed = tuple(random.choices(ACCOUNTS, k=random.randrange(3)))
    return {
        "to": to,
        "data": data,
        "value": random.choice((0, 0, 1, 3, 10**25)),
        "access_list": tuple((address, (0, 1)) for address in listed),
    }


def random_transaction(random: Random, nonce: int) -> Transaction:
    fields = random_fields(random)
    if random.randrange(4) == 0:
        kind = random.choice((BLOB, SET_CODE))
        fields["type"] = kind
        if kind == BLOB:
            fields["blob_hashes"] = (b"\x01" + random.randbytes(31),) * random.randrange(3)
            fields["max_fee_per_blob_gas"] = random.randrange(3)
        else:
            authorizations = [random_authorization(random) for _ in range(random.randrange(3))]
            fields["authorizations"] = tuple(authorizations)
    fields["gas_limit"] = random.choice((20_000, 60_000, 200_000, 200_000, 10**6, 2**24 + 1))
    fields["max_fee_per_gas"] = random.choice((9, 10, 100, 100))
    return transaction(nonce + random.choice((0, 0, 0, 0, 1, -1)) % 2**64, **fields)


def random_request(random: Random) -> CallRequest:
    authorizations = [random_authorization(random) for _ in range(random.choice((0, 0, 0, 1)))]
    fields = random_fields(random)
    gas = random.choice((20_000, 60_000, 200_000, 10**6, 2**63))
    if gas == 2**63:
        fields["to"] = NOBODY  # no code would ever spend that
    return CallRequest(
        sender=random.choice((SENDER, SENDER, NOBODY, ACCOUNTS[0])),
        gas=gas,
        gas_price=random.choice((0, 0, 10, 12, 2**255)),
        authorizations=tuple(authorizations),
        blob_hashes=(b"\x01" * 32,) * random.randrange(2),
        **fields,
    )


def random_override(random: Random) -> Action:
    """One thing that calls may pretend; storage only of accounts that exist."""
    place, number = random.choice(PLACES), random.choice((0, 1, 2, 2**64))
    slots = {slot: random.randrange(2) for slot in SLOTS if random.randrange(2)}
    code = random.choice((b"", b"\xef\x01\x00" + ACCOUNTS[1], program(random, ACCOUNTS[2], OSAKA)))
    slot = random.randrange(5)
    overrides: list[Action] = [
        lambda session: session.add_balance(place, number),
        lambda session: session.set_balance(place, number + 10**20),
        lambda session: session.set_nonce(place, number % 2**64),
        lambda session: session.set_code(place, code),
        lambda session: session.account(place) and session.set_storage(place, slot, number),
        lambda session: session.account(place) and session.replace_storage(place, slots),
    ]
    return random.choice(overrides)


def random_action(random: Random, nonce: int) -> Action:
    """One thing to do with a session."""
    choice = random.randrange(20)
    if choice < 8:
        tx = random_transaction(random, nonce)
        return lambda session: session.transact(tx)
    if choice < 13:
        request = random_request(random)
        return lambda session: session.call(request)
    if choice == 13:
        traced = random_transaction(random, nonce)
        return lambda session: _traced(session, traced)
    if choice == 14:
        place, data = random.choice(PLACES), random.randbytes(32)
        return lambda session: session.system_call(place, data)
    return random_override(random)


def _traced(session: Session, tx: Transaction) -> object:
    tracer = named_tracer("callTracer", {"withLog": True})
    return session.transact(tx, tracer), orjson.dumps(tracer.result())


def observed(session: Session, action: Action) -> object:
    """What came of an action: its result, or the error and its words."""
    try:
        return action(session)
    except (InvalidTransaction, InvalidBlock) as error:
        return type(error), getattr(error, "fault", None), str(error)


def seen(session: Session) -> object:
    """All that a session shows; the storage root of an account is that before the session."""
    accounts = [session.account(place) for place in PLACES]
    return (
        [account and (account.nonce, account.balance, account.code_hash) for account in accounts],
        [session.code(place) for place in PLACES],
        [session.storage(place, slot) for place in PLACES for slot in SLOTS],
    )


def net(session: Session, state: MemoryState) -> object:
    """A session's changes; codes that the state has already may be among them or not."""
    changes = session.changes()
    known = {account.code_hash for account in state.accounts().values()}
    accounts = {
        address: account and (account.nonce, account.balance, account.code_hash)
        for address, account in changes.accounts.items()
    }
    codes = {code_hash: code for code_hash, code in changes.codes.items() if code_hash not in known}
    return accounts, changes.storage, changes.wiped, codes


def check(seed: int) -> None:
    """A random session on both engines."""
    random = Random(seed)
    state = random_state(random)
    env = replace(ENV, fork=FORKS[seed % len(FORKS)])
    python, native = python_engine.open(state, env), native_engine.open(state, env)
    assert isinstance(native, NativeSession)
    snapshots = [(python.snapshot(), native.snapshot(), seen(python), net(python, state))]
    for _ in range(STEPS):
        account = python.account(SENDER)
        action = random_action(random, account.nonce if account else 0)
        assert observed(native, action) == observed(python, action)
        assert seen(native) == seen(python)
        assert net(native, state) == net(python, state)
        if random.randrange(3) == 0:
            snapshots.append(
                (python.snapshot(), native.snapshot(), seen(python), net(python, state))
            )
        if random.randrange(6) == 0:
            del snapshots[random.randrange(1, len(snapshots) + 1) :]
            before_python, before_native, *before = snapshots[-1]
            python.revert(before_python)
            native.revert(before_native)
            assert [seen(native), net(native, state)] == before
            assert [seen(python), net(python, state)] == before


@pytest.mark.parametrize("seed", range(80))
def test_random_sessions(seed: int) -> None:
    check(seed)


@pytest.mark.slow
def test_many_more_random_sessions() -> None:
    for seed in range(1000, 1000 + int(os.environ.get("STRIKEFOLD_FUZZ_CASES", "2000"))):
        try:
            check(seed)
        except Exception as failure:
            raise AssertionError(f"seed {seed}: {failure!r}") from failure


def test_engines_have_names() -> None:
    assert engine_named("native") is native_engine
    assert engine_named("python") is python_engine
    with pytest.raises(ConfigError, match="engine = 'rust': expected one of native, python"):
        engine_named("rust")


def test_the_environments_the_core_does_not_serve() -> None:
    for changes in ({"fork": Fork.PARIS}, {"number": 2**64}, {"timestamp": 2**64}):
        session = native_engine.open(state_of(), replace(ENV, **changes))  # type: ignore[arg-type]
        assert not isinstance(session, NativeSession)
        assert session.transact(transaction()).success
