"""Runs the official state tests: one transaction on a given state, compared with its root and logs.

Format: execution-spec-tests, `state_test`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node.codec import encode
from node.crypto import keccak256
from node.errors import InvalidTransaction
from node.evm.engine import BlockEnv, Engine
from node.evm.fees import MIN_BLOB_BASE_FEE, fake_exponential
from node.evm.forks import Fork, fork_named
from node.evm.transactions import decode_transaction
from node.state.account import Account, StateChanges
from node.state.memory import MemoryState
from node.state.roots import compute_update
from node.types import ZERO_HASH, Hash32


@dataclass(frozen=True)
class StateCase:
    """One (test, fork, post index). test: the fixture's JSON object."""

    name: str
    fork: str
    index: int
    test: dict[str, Any]

    @property
    def post(self) -> dict[str, Any]:
        post: dict[str, Any] = self.test["post"][self.fork][self.index]
        return post


def read_state_tests(path: Path, forks: frozenset[str] | None = None) -> Iterator[StateCase]:
    """The cases of a fixture file, of these forks (all if None)."""
    for name, test in json.loads(path.read_bytes()).items():
        for fork, posts in test["post"].items():
            if forks is None or fork in forks:
                for index in range(len(posts)):
                    yield StateCase(name, fork, index, test)


def run_state_test(case: StateCase, engine: Engine) -> str | None:
    """None if the engine agrees with the fixture, else what differs."""
    fork, post = fork_named(case.fork), case.post
    state = MemoryState.of(state_changes(case.test["pre"]))
    session = engine.open(state, block_env(case, fork))
    logs: tuple[Any, ...] = ()
    fault = None
    try:
        tx = decode_transaction(_bytes(post["txbytes"]))
        logs = session.transact(tx).logs
    except InvalidTransaction as error:
        fault = error.fault.value
    if not fault_matches(fault, post.get("expectException")):
        return f"expected {post.get('expectException')}, got {fault}"
    update = compute_update(state, session.changes())
    if update.root != _bytes(post["hash"]):
        state.apply(update)
        return f"state root differs: {_difference(state, post.get('state'))}"
    if keccak256(encode([log.items() for log in logs])) != _bytes(post["logs"]):
        return "logs differ"
    return None


_SAME_FAULT = {
    "TYPE_4_TX_PRE_FORK": "TYPE_NOT_SUPPORTED",
    "TYPE_3_TX_PRE_FORK": "TYPE_NOT_SUPPORTED",
}


def fault_matches(fault: str | None, expected: str | None) -> bool:
    """Whether a transaction was refused as a fixture expects; None where it was not."""
    if expected is None or fault is None:
        return expected is None and fault is None
    names = {name.removeprefix("TransactionException.") for name in expected.split("|")}
    return fault in names | {_SAME_FAULT.get(name, name) for name in names}


def state_changes(alloc: dict[str, Any]) -> StateChanges:
    """An allocation as the changes that create it."""
    changes = StateChanges()
    for key, item in alloc.items():
        address, code = _bytes(key), _bytes(item.get("code", "0x"))
        account = Account(nonce=_int(item.get("nonce", "0x0")), balance=_int(item["balance"]))
        if code:
            code_hash = keccak256(code)
            account = account._replace(code_hash=code_hash)
            changes.codes[code_hash] = code
        changes.accounts[address] = account
        slots = {_int(slot): _int(value) for slot, value in item.get("storage", {}).items()}
        if any(slots.values()):
            changes.storage[address] = {slot: value for slot, value in slots.items() if value}
    return changes


def block_env(case: StateCase, fork: Fork) -> BlockEnv:
    """The block around the transaction."""
    env, config = case.test["env"], case.test["config"]
    blob_fee, max_blobs = 0, 0
    if fork >= Fork.CANCUN:
        schedule = config["blobSchedule"][case.fork]
        fraction, max_blobs = _int(schedule["baseFeeUpdateFraction"]), _int(schedule["max"])
        excess = _int(env["currentExcessBlobGas"])
        blob_fee = fake_exponential(MIN_BLOB_BASE_FEE, excess, fraction)
    mixed = env.get("currentRandom") if fork >= Fork.PARIS else env.get("currentDifficulty")
    return BlockEnv(
        fork=fork,
        chain_id=_int(config["chainid"]),
        number=_int(env["currentNumber"]),
        timestamp=_int(env["currentTimestamp"]),
        coinbase=_bytes(env["currentCoinbase"]),
        gas_limit=_int(env["currentGasLimit"]),
        prev_randao=_int(mixed or "0x0").to_bytes(32),
        base_fee=_int(env.get("currentBaseFee", "0x0")) if fork >= Fork.LONDON else 0,
        blob_base_fee=blob_fee,
        block_hash=_fixture_block_hash,
        max_blobs=max_blobs,
    )


def _fixture_block_hash(number: int) -> Hash32:
    return keccak256(str(number).encode()) if number >= 0 else ZERO_HASH


def _difference(state: MemoryState, expected: dict[str, Any] | None) -> str:
    """The first difference between a state and a fixture's, in words."""
    if expected is None:
        return "the fixture has no expected state"
    wanted = {_bytes(address): item for address, item in expected.items()}
    found = state.accounts()
    for address in sorted(wanted.keys() | found.keys()):
        account, item = found.get(address), wanted.get(address)
        if account is None or item is None:
            return f"0x{address.hex()}: {'missing' if account is None else f'unexpected {account}'}"
        slots = {_int(s): _int(v) for s, v in item["storage"].items() if _int(v)}
        code_hash = keccak256(_bytes(item["code"]))
        want = (_int(item["nonce"]), _int(item["balance"]), code_hash, slots)
        have = (account.nonce, account.balance, account.code_hash, state.slots(address))
        if want != have:
            return f"0x{address.hex()}: have {have} want {want}"
    return "only in the tries"


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _int(text: str) -> int:
    return int(text, 16) if text.startswith("0x") else int(text)
