"""Bytecode for tests, and running it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import replace
from typing import Final

from node.crypto import EMPTY_TRIE_ROOT, address_of, keccak256
from node.evm.engine import BlockEnv, CallRequest, Engine, Session, TxOutcome
from node.evm.forks import Fork
from node.evm.python_engine import python_engine
from node.evm.tracing.hooks import Tracer
from node.evm.transactions import DYNAMIC_FEE, Transaction
from node.state.account import Account, StateChanges
from node.state.memory import MemoryState
from node.types import Address

ENGINE: Final[ContextVar[Engine]] = ContextVar("engine", default=python_engine)
"""What executes where a test names no engine."""
SECRET: Final = b"\x07" * 32
SENDER: Final = address_of(SECRET)
CONTRACT: Final[Address] = b"\xcc" * 20
OTHER: Final[Address] = b"\xdd" * 20
COINBASE: Final[Address] = b"\xee" * 20
ENV: Final = BlockEnv(
    fork=Fork.OSAKA,
    chain_id=1,
    number=300,
    timestamp=1_000,
    coinbase=COINBASE,
    gas_limit=30_000_000,
    prev_randao=b"\x05" * 32,
    base_fee=10,
    blob_base_fee=1,
    block_hash=lambda number: keccak256(number.to_bytes(32)),
)

STOP, ADD, MUL, SUB, EXP, ISZERO = 0x00, 0x01, 0x02, 0x03, 0x0A, 0x15
KECCAK256, CALLER, CALLVALUE, CALLDATALOAD = 0x20, 0x33, 0x34, 0x35
POP, MLOAD, MSTORE, SLOAD, SSTORE, JUMP, JUMPI, GAS, JUMPDEST = (
    0x50, 0x51, 0x52, 0x54, 0x55, 0x56, 0x57, 0x5A, 0x5B,
)  # fmt: skip
TLOAD, TSTORE, LOG1, CREATE, CALL, RETURN, DELEGATECALL, CREATE2 = (
    0x5C, 0x5D, 0xA1, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5,
)  # fmt: skip
STATICCALL, REVERT, INVALID, SELFDESTRUCT, BALANCE = 0xFA, 0xFD, 0xFE, 0xFF, 0x31


def push(value: int | bytes) -> bytes:
    """The shortest PUSH of a number, or a PUSH of exactly these bytes."""
    data = value.to_bytes((value.bit_length() + 7) // 8) if isinstance(value, int) else value
    return bytes((0x5F + len(data),)) + data


def asm(*items: int | bytes) -> bytes:
    """Opcodes and ready bytes, joined."""
    return b"".join(bytes((item,)) if isinstance(item, int) else item for item in items)


def op(opcode: int, *operands: int | bytes) -> bytes:
    """Pushes operands, first one to be popped first, then the opcode."""
    return asm(*(push(operand) for operand in reversed(operands)), opcode)


def return_top() -> bytes:
    """Returns the top of the stack as one word."""
    return asm(push(0), MSTORE, op(RETURN, 0, 32))


def call_to(address: Address, *, gas: int = 100_000, value: int = 0) -> bytes:
    """CALL without data; leaves the success flag."""
    return op(CALL, gas, address, value, 0, 0, 0, 0)


def state_of(
    codes: dict[Address, bytes] | None = None, balances: dict[Address, int] | None = None
) -> MemoryState:
    """A rich sender, contracts with nonce 1, other balances."""
    changes = StateChanges(accounts={SENDER: Account(balance=10**24)})
    for address, code in (codes or {}).items():
        code_hash = keccak256(code)
        changes.accounts[address] = Account(1, 0, EMPTY_TRIE_ROOT, code_hash)
        changes.codes[code_hash] = code
    for address, wei in (balances or {}).items():
        account = changes.accounts.get(address) or Account()
        changes.accounts[address] = account._replace(balance=wei)
    return MemoryState.of(changes)


def open_session(
    codes: dict[Address, bytes] | None = None,
    *,
    balances: dict[Address, int] | None = None,
    fork: Fork = Fork.OSAKA,
    engine: Engine | None = None,
) -> Session:
    """A session over `state_of`."""
    return (engine or ENGINE.get()).open(state_of(codes, balances), replace(ENV, fork=fork))


def run(
    code: bytes,
    *,
    gas: int = 1_000_000,
    value: int = 0,
    data: bytes = b"",
    fork: Fork = Fork.OSAKA,
    tracer: Tracer | None = None,
    engine: Engine | None = None,
) -> TxOutcome:
    """Calls a contract with this code."""
    session = open_session({CONTRACT: code}, fork=fork, engine=engine)
    return session.call(CallRequest(SENDER, CONTRACT, value, data, gas), tracer)


def result(code: bytes, fork: Fork = Fork.OSAKA) -> int:
    """What a program leaves on top of its stack."""
    outcome = run(code + return_top(), fork=fork)
    assert outcome.error is None, outcome.error
    return int.from_bytes(outcome.output)


def transaction(nonce: int = 0, to: Address | None = CONTRACT, **changes: object) -> Transaction:
    """A signed dynamic-fee transaction."""
    plain = Transaction(DYNAMIC_FEE, 1, nonce, 1, 100, 200_000, to, 0, b"")
    return replace(plain, **changes).signed(SECRET)  # type: ignore[arg-type]
