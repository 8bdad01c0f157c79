"""The native engine's failures: geth's words, exceptions of the reader, precompiles, tracing."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from node.crypto import keccak256
from node.errors import InvalidBlock, InvalidTransaction, Unavailable
from node.evm import _core
from node.evm.engine import CallRequest, TxOutcome
from node.evm.forks import Fork
from node.evm.halts import halt_text
from node.evm.interpreter.messages import create_address
from node.evm.interpreter.tables import INSTRUCTIONS
from node.evm.native_engine import NativeSession, native_engine
from node.evm.precompiles import PRECOMPILES
from node.evm.python_engine import python_engine
from node.state.account import Account
from node.state.memory import MemoryState
from node.types import Address, Hash32
from tests.unit.evm.programs import (
    ADD,
    CONTRACT,
    CREATE,
    CREATE2,
    ENV,
    INVALID,
    JUMP,
    JUMPDEST,
    KECCAK256,
    LOG1,
    MLOAD,
    MSTORE,
    OTHER,
    REVERT,
    SENDER,
    SLOAD,
    SSTORE,
    asm,
    call_to,
    op,
    open_session,
    push,
    state_of,
    transaction,
)

FORKS = (Fork.SHANGHAI, Fork.CANCUN, Fork.PRAGUE, Fork.OSAKA)
RETURN, RETURNDATACOPY, CALLDATACOPY, MCOPY, BLOCKHASH = 0xF3, 0x3E, 0x37, 0x5E, 0x40
HUGE = 2**255


def outcome(code: bytes, *, fork: Fork = Fork.OSAKA, gas: int = 1_000_000) -> TxOutcome:
    """What calling this code gives, on both engines alike."""
    state, env = state_of({CONTRACT: code}), replace(ENV, fork=fork)
    request = CallRequest(SENDER, CONTRACT, 0, b"", gas)
    native, python = (e.open(state, env).call(request) for e in (native_engine, python_engine))
    assert native == python
    return native


def created(initcode: bytes, gas: int = 1_000_000) -> TxOutcome:
    """What creating with this initcode gives, on both engines alike."""
    request = CallRequest(SENDER, None, 0, initcode, gas)
    native, python = (e.open(state_of(), ENV).call(request) for e in (native_engine, python_engine))
    assert native == python
    return native


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (asm(JUMPDEST, op(JUMP, 0)), "out of gas"),
        (op(MLOAD, HUGE), "gas uint64 overflow"),
        (op(MLOAD, 2**40), "out of gas"),
        (op(KECCAK256, HUGE, 32), "gas uint64 overflow"),
        (op(KECCAK256, 0, HUGE), "gas uint64 overflow"),
        (op(RETURN, HUGE, HUGE), "gas uint64 overflow"),
        (op(CALLDATACOPY, 0, 0, HUGE), "out of gas"),
        (op(CALLDATACOPY, HUGE, 0, 1), "gas uint64 overflow"),
        (op(MCOPY, 0, HUGE, 1), "gas uint64 overflow"),
        (op(LOG1, 0, HUGE, 0), "out of gas"),
        (op(LOG1, HUGE, 1, 0), "gas uint64 overflow"),
        (op(0xF1, 0, 0, 0, HUGE, 1, 0, 0), "gas uint64 overflow"),
        (op(0xFA, 0, 0, 0, 0, HUGE, 1), "gas uint64 overflow"),
        (op(CREATE, 0, HUGE, 1), "gas uint64 overflow"),
        (
            op(CREATE, 0, 0, 49_153),
            "out of gas: max initcode size exceeded: code size 49153 limit 49152",
        ),
        (
            op(CREATE2, 0, 0, HUGE, 0),
            f"out of gas: max initcode size exceeded: code size {HUGE} limit 49152",
        ),
        (asm(ADD), "stack underflow (0 <=> 2)"),
        (asm(push(1), ADD), "stack underflow (1 <=> 2)"),
        (asm(JUMPDEST, push(1), push(0), JUMP), "stack limit reached 1024 (1023)"),
        (asm(INVALID), "invalid opcode: INVALID"),
        (asm(0x0C), "invalid opcode: opcode 0xc not defined"),
        (op(JUMP, 1), "invalid jump destination"),
        (op(RETURNDATACOPY, 0, 1, 0), "return data out of bounds"),
        (op(REVERT, 0, 32), "execution reverted"),
        (asm(call_to(OTHER), op(MSTORE, HUGE, 1)), "gas uint64 overflow"),
    ],
)
def test_why_a_call_failed(code: bytes, text: str) -> None:
    assert outcome(code).error == text


def test_the_sentry_of_sstore() -> None:
    assert outcome(op(SSTORE, 0, 1), gas=21_000 + 2_305).error == (
        "out of gas: not enough gas for reentrancy sentry"
    )


def returning(data: bytes) -> bytes:
    """Initcode that deploys this code, at most a word."""
    return asm(push(data.ljust(32, b"\0")), push(0), MSTORE, op(RETURN, 0, len(data)))


@pytest.mark.parametrize(
    ("initcode", "gas", "text"),
    [
        (returning(b"\xef\0"), 1_000_000, "invalid code: must not begin with 0xef"),
        (op(RETURN, 0, 24_577), 10_000_000, "max code size exceeded"),
        (op(RETURN, 0, 1_000), 100_000, "contract creation code storage out of gas"),
        (asm(push(0), push(32), push(0), REVERT), 1_000_000, "execution reverted"),
    ],
)
def test_why_a_creation_failed(initcode: bytes, gas: int, text: str) -> None:
    assert created(initcode, gas).error == text


def test_a_creation_where_something_is() -> None:
    state = state_of({create_address(SENDER, 0): b"\0"})
    request = CallRequest(SENDER, None, 0, b"", 100_000)
    for engine in (native_engine, python_engine):
        assert engine.open(state, ENV).call(request).error == "contract address collision"


def programs_of(opcode: int, fork: Fork, random: Random) -> Iterator[tuple[bytes, int]]:
    """The opcode at every height of interest, on operands of interest, with more or less gas."""
    instruction = INSTRUCTIONS[fork].get(opcode)
    pops = instruction.pops if instruction else 0
    values = (0, 1, 32, 2**20, 2**33, 2**64 - 1, HUGE)
    for height in (*range(pops + 1), 7):
        pushes = b"".join(push(random.choice(values)) for _ in range(height))
        yield pushes + bytes((opcode,)), random.choice((21_100, 23_400, 60_000, 2_000_000))
    filled = asm(push(1)) * (1024 - (opcode % 3))
    yield filled + bytes((opcode,)), 1_000_000


@pytest.mark.parametrize("fork", FORKS)
def test_every_opcode_fails_alike(fork: Fork) -> None:
    random = Random(fork)
    texts = set()
    for opcode in range(256):
        for code, gas in programs_of(opcode, fork, random):
            texts.add((outcome(code, fork=fork, gas=gas).error or "").split("(")[0])
    assert {"out of gas", "gas uint64 overflow", "stack underflow ", "stack limit reached "} <= {
        text.rstrip("0123456789 ") + " " if text.startswith("stack") else text for text in texts
    }


@pytest.mark.parametrize("fork", FORKS)
def test_every_precompile_fails_alike(fork: Fork) -> None:
    random, env, failed = Random(1), replace(ENV, fork=fork), 0
    for address in PRECOMPILES[fork]:
        for size in (0, 1, 96, 128, 160, 192, 213, 288, 384):
            for gas in (40_000, 1_000_000):
                request = CallRequest(SENDER, address, 1, random.randbytes(size), gas)
                native, python = (
                    engine.open(state_of(), env).call(request)
                    for engine in (native_engine, python_engine)
                )
                assert native == python
                failed += native.error not in (None, "out of gas")
    assert failed > 20


class Failing(MemoryState):
    """A state whose reads fail at one place."""

    def __init__(self, state: MemoryState, place: Address | Hash32 | int) -> None:
        super().__init__()
        self._state, self._place = state, place

    def account(self, address: Address) -> Account | None:
        if address == self._place:
            raise Unavailable("no account")
        return self._state.account(address)

    def storage(self, address: Address, slot: int) -> int:
        if slot == self._place:
            raise KeyboardInterrupt
        return self._state.storage(address, slot)

    def code(self, code_hash: Hash32) -> bytes:
        if code_hash == self._place:
            raise ValueError("no code")
        return self._state.code(code_hash)


LOADER = asm(op(SSTORE, 1, 1), op(SLOAD, 3), op(SLOAD, 4))


def with_slots(codes: dict[Address, bytes]) -> MemoryState:
    """A state where the contract has storage, so that slots are asked for."""
    state = state_of(codes)
    session = python_engine.open(state, ENV)
    session.set_storage(CONTRACT, 9, 9)
    changes = session.changes()
    changes.accounts = state.accounts() | changes.accounts
    changes.codes = {keccak256(code): code for code in codes.values()}
    return MemoryState.of(changes)


@pytest.mark.parametrize(
    ("place", "error"),
    [
        (OTHER, Unavailable),
        (3, KeyboardInterrupt),
        (keccak256(b"\x5b"), ValueError),
    ],
)
def test_what_the_reader_raises_comes_out_and_ends_the_session(
    place: Address | Hash32 | int, error: type[BaseException]
) -> None:
    codes = {CONTRACT: asm(LOADER, call_to(OTHER)), OTHER: b"\x5b"}
    session = native_engine.open(Failing(with_slots(codes), place), ENV)
    before = session.snapshot()
    with pytest.raises(error):
        session.transact(transaction())
    session.revert(before)
    for use in (
        lambda: session.transact(transaction()),
        lambda: session.account(SENDER),
        session.changes,
    ):
        with pytest.raises(RuntimeError, match="broke off"):
            use()


def test_block_hashes_that_cannot_be_had() -> None:
    def lost(number: int) -> Hash32:
        raise Unavailable(f"no header {number}")

    state = state_of({CONTRACT: op(BLOCKHASH, 299)})
    session = native_engine.open(state, replace(ENV, block_hash=lost))
    with pytest.raises(Unavailable, match="no header 299"):
        session.transact(transaction())


def test_nobody_uses_a_session_while_it_executes() -> None:
    class Curious(MemoryState):
        def account(self, address: Address) -> Account | None:
            return sessions[0].account(address)

    sessions = [native_engine.open(Curious(), ENV)]
    with pytest.raises(RuntimeError, match="in the middle of an execution"):
        sessions[0].account(SENDER)
    sessions.clear()


@pytest.mark.parametrize(
    "answer",
    [(0, -1, bytes(32), bytes(32)), (0, 2**256, bytes(32), bytes(32)), (0, 0, b"", b"")],
)
def test_a_reader_that_answers_nonsense(answer: tuple[int, int, bytes, bytes]) -> None:
    class Wrong(MemoryState):
        def account(self, address: Address) -> Account | None:
            return Account(*answer)

    with pytest.raises((OverflowError, ValueError)):
        native_engine.open(Wrong(), ENV).account(SENDER)


def test_a_system_call_that_fails_says_why() -> None:
    session = native_engine.open(state_of({CONTRACT: asm(ADD)}), ENV)
    with pytest.raises(InvalidBlock, match=r"stack underflow \(0 <=> 2\)"):
        session.system_call(CONTRACT, b"")


def test_words_for_every_signal() -> None:
    for why in _core.Signal:
        if why != _core.Signal.PRECOMPILE_FAILED:
            opcode = INVALID if why == _core.Signal.INVALID_OPCODE else ADD
            assert halt_text((why, opcode, 1, 50_000), Fork.OSAKA, CONTRACT, b"")


def test_what_the_core_refuses_is_said_in_python() -> None:
    session = open_session(engine=native_engine)
    assert isinstance(session, NativeSession)
    with pytest.raises(InvalidTransaction, match="nonce too high"):
        session.transact(transaction(1))


class TimeIsUp(BaseException):
    """What a signal's handler raises."""


def test_a_signal_interrupts_an_endless_call() -> None:
    def ring(*_: object) -> None:
        raise TimeIsUp

    session = open_session({CONTRACT: asm(JUMPDEST, op(JUMP, 0))}, engine=native_engine)
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises(TimeIsUp):
            session.call(CallRequest(SENDER, CONTRACT, 0, b"", 2**62))
    finally:
        signal.signal(signal.SIGALRM, before)
    with pytest.raises(RuntimeError, match="broke off"):
        session.changes()


def test_other_threads_run_during_a_long_call() -> None:
    ticks: list[float] = []
    done = threading.Event()

    def tick() -> None:
        while not done.wait(0.001):
            ticks.append(time.monotonic())

    thread = threading.Thread(target=tick)
    session = open_session({CONTRACT: asm(JUMPDEST, op(JUMP, 0))}, engine=native_engine)
    thread.start()
    start = time.monotonic()
    assert session.call(CallRequest(SENDER, CONTRACT, 0, b"", 10**9)).error == "out of gas"
    end = time.monotonic()
    done.set()
    thread.join()
    # one could come on the way into the call, and one on the way out
    assert sum(start < moment < end for moment in ticks) > 2
