"""Random contracts on our engines, however they run, and on revm: the same, to the last gas.

The default run is short and the same every time. `STRIKEFOLD_FUZZ_CASES=100000 pytest -m slow
tests/conformance/test_differential.py` runs as many more as asked for, from
`STRIKEFOLD_FUZZ_SEED` on; a failure names its seed, and `make_case(seed)` rebuilds it.

Cancun only: pyrevm 0.3.7 takes the name of a fork and executes Cancun's rules all the same.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, fields
from random import Random

import pyrevm
import pytest

from node.crypto import EMPTY_TRIE_ROOT, address_of, keccak256
from node.evm.engine import BlockEnv, Engine, Session, TxOutcome
from node.evm.forks import Fork
from node.evm.interpreter.compiled import CompiledLoop
from node.evm.interpreter.stepwise import run_stepwise
from node.evm.native_engine import native_engine
from node.evm.python_engine import PythonEngine
from node.evm.transactions import LEGACY, Transaction
from node.state.account import Account, StateChanges
from node.state.memory import MemoryState
from tests.conformance.random_contracts import program
from tests.conformance.random_writer import ACCOUNTS, CANCUN, SENDER_SECRET

pytestmark = pytest.mark.conformance

SENDER = address_of(SENDER_SECRET)
COINBASE = b"\xcb" * 20
NUMBER, TIMESTAMP, GAS_LIMIT = 1000, 1_700_000_000, 30_000_000
RANDAO = bytes(range(32))
SLOTS = range(4)
CASES, BATCH = 600, 100
ENGINES: dict[str, Engine] = {
    "stepwise": PythonEngine(run_stepwise),
    "compiled": PythonEngine(CompiledLoop(budget=0)),
    "native": native_engine,
}


@dataclass(frozen=True)
class Case:
    """Contracts with storage, and a transaction that calls the first."""

    codes: dict[bytes, bytes]
    storage: dict[bytes, dict[int, int]]
    data: bytes
    value: int
    gas: int

    @property
    def to(self) -> bytes:
        return ACCOUNTS[0]


@dataclass(frozen=True)
class Result:
    """What both engines must agree on. accounts: nonce, balance, code hash."""

    success: bool
    gas_used: int
    output: bytes
    logs: list[tuple[bytes, list[bytes], bytes]]
    storage: dict[tuple[bytes, int], int]
    accounts: dict[bytes, tuple[int, int, bytes]]


def make_case(seed: int) -> Case:
    random = Random(seed)
    values = (1, 2, 2**255)
    return Case(
        codes={address: program(random, address, CANCUN) for address in ACCOUNTS},
        storage={
            address: {slot: random.choice(values) for slot in SLOTS if random.randrange(2)}
            for address in ACCOUNTS
        },
        data=random.randbytes(random.choice((0, 1, 4, 36, 100))),
        value=random.choice((0, 0, 1, 1000)),
        gas=random.choice((60_000, 1_000_000, 5_000_000, 10_000_000)),
    )


def block_hash(number: int) -> bytes:
    """As revm's empty database has it."""
    return keccak256(str(number).encode())


def execute_ours(case: Case, engine: Engine) -> tuple[Session, TxOutcome]:
    alloc = StateChanges(accounts={SENDER: Account(0, 10**18)})
    for address, code in case.codes.items():
        code_hash = keccak256(code)
        alloc.accounts[address] = Account(1, 10**6, EMPTY_TRIE_ROOT, code_hash)
        alloc.codes[code_hash] = code
        alloc.storage[address] = case.storage[address]
    env = BlockEnv(
        fork=Fork.CANCUN,
        chain_id=1,
        number=NUMBER,
        timestamp=TIMESTAMP,
        coinbase=COINBASE,
        gas_limit=GAS_LIMIT,
        prev_randao=RANDAO,
        base_fee=0,
        blob_base_fee=1,
        block_hash=block_hash,
    )
    session = engine.open(MemoryState.of(alloc), env)
    tx = Transaction(LEGACY, 1, 0, 0, 0, case.gas, case.to, case.value, case.data)
    return session, session.transact(tx.signed(SENDER_SECRET))


def named(address: bytes) -> str:
    """The address as revm takes it."""
    return "0x" + address.hex()


def execute_revm(case: Case) -> tuple[pyrevm.EVM, bytes]:
    """The machine after execution, and the output."""
    evm = pyrevm.EVM(gas_limit=GAS_LIMIT, spec_id="CANCUN")
    evm.insert_account_info(named(SENDER), pyrevm.AccountInfo(balance=10**18))
    for address, code in case.codes.items():
        info = pyrevm.AccountInfo(balance=10**6, nonce=1, code=code)
        evm.insert_account_info(named(address), info)
        for slot, value in case.storage[address].items():
            cold = evm.snapshot()  # inserting warms the account; it does not undo the insertion
            evm.insert_account_storage(named(address), slot, value)
            evm.revert(cold)
    evm.set_block_env(
        pyrevm.BlockEnv(
            number=NUMBER,
            coinbase=named(COINBASE),
            timestamp=TIMESTAMP,
            prevrandao=RANDAO,
            basefee=0,
            gas_limit=GAS_LIMIT,
            excess_blob_gas=0,
        )
    )
    try:
        call = (named(SENDER), named(case.to), case.data, case.value, case.gas, 0)
        return evm, bytes(evm.message_call(*call))
    except RuntimeError as error:  # reverted or halted: the output is in the text alone
        reverted = re.search(r"output: 0x([0-9a-f]*)", str(error))
        return evm, bytes.fromhex(reverted[1]) if reverted else b""


def results(case: Case, engine: Engine) -> tuple[Result, Result]:
    """Ours and revm's, over every account and slot that either has touched."""
    session, outcome = execute_ours(case, engine)
    evm, output = execute_revm(case)
    changes = session.changes()
    slots = {(address, slot) for address in ACCOUNTS for slot in SLOTS}
    slots |= {(address, slot) for address, written in changes.storage.items() for slot in written}
    touched = {bytes.fromhex(address[2:]) for address in evm.journal_state}
    addresses = {*ACCOUNTS, *changes.accounts, *touched} - {SENDER, COINBASE}

    accounts = {address: session.account(address) for address in addresses}

    def of_revm(address: bytes) -> tuple[int, int, bytes]:
        # It still shows a contract that was created and destroyed, as if nothing had happened.
        found = shown(evm.basic(named(address)))
        gone = accounts[address] is None and address not in ACCOUNTS and found[0] > 0
        return shown(Account()) if gone else found

    return (
        Result(
            outcome.success,
            outcome.gas_used,
            outcome.output,
            [(log.address, list(log.topics), log.data) for log in outcome.logs],
            {(address, slot): session.storage(address, slot) for address, slot in slots},
            {address: shown(account or Account()) for address, account in accounts.items()},
        ),
        Result(
            evm.result.is_success,
            evm.result.gas_used,
            output,
            [
                (bytes.fromhex(log.address[2:]), [*map(unhex, log.topics)], log.data[1])
                for log in evm.result.logs
            ],
            {(address, slot): evm.storage(named(address), slot) for address, slot in slots},
            {address: of_revm(address) for address in addresses},
        ),
    )


def shown(account: Account | pyrevm.AccountInfo) -> tuple[int, int, bytes]:
    return account.nonce, account.balance, account.code_hash


def unhex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def check(seeds: range, engine: Engine) -> int:
    """Fails at the first difference; the number of transactions that succeeded."""
    succeeded = 0
    for seed in seeds:
        ours, revm = results(make_case(seed), engine)
        for field in fields(Result):
            mine, theirs = getattr(ours, field.name), getattr(revm, field.name)
            assert mine == theirs, f"seed {seed}: {field.name}"
        succeeded += ours.success
    return succeeded


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
@pytest.mark.parametrize("first", range(0, CASES, BATCH))
def test_engines_agree(first, engine):
    assert check(range(first, first + BATCH), engine) > BATCH // 4, "too few cases get anywhere"


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_engines_agree_for_long(engine):
    first = int(os.environ.get("STRIKEFOLD_FUZZ_SEED", CASES))
    check(range(first, first + int(os.environ.get("STRIKEFOLD_FUZZ_CASES", "5000"))), engine)
