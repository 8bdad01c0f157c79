"""Random programs give the same outcome here and in revm, another implementation of the rules."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st
from pyrevm import EVM, AccountInfo, BlockEnv, CfgEnv, Env, TxEnv

from node.evm.engine import CallRequest
from node.evm.forks import Fork
from node.evm.interpreter.compiled import CompiledLoop
from node.evm.interpreter.tables import INSTRUCTIONS
from node.evm.python_engine import PythonEngine
from tests.unit.evm.programs import (
    CALL,
    CONTRACT,
    CREATE,
    CREATE2,
    DELEGATECALL,
    ENV,
    GAS,
    JUMP,
    JUMPDEST,
    JUMPI,
    MSTORE,
    OTHER,
    POP,
    RETURN,
    REVERT,
    SELFDESTRUCT,
    SENDER,
    SLOAD,
    SSTORE,
    STATICCALL,
    TLOAD,
    TSTORE,
    asm,
    op,
    open_session,
    push,
)

FORK = Fork.CANCUN
"""pyrevm runs one set of rules whatever fork it is told; it is Cancun's."""
ENGINE = PythonEngine(CompiledLoop(budget=20))
BLOCKHASH = 0x40
OPCODES = sorted(code for code in INSTRUCTIONS[FORK] if code != BLOCKHASH)
SLOTS = range(4)

small = st.integers(0, 3)
address = st.sampled_from([CONTRACT, OTHER, SENDER, (2).to_bytes(20), b"\x99" * 20])
pieces = st.one_of(
    st.sampled_from(OPCODES).map(lambda opcode: bytes((opcode,))),
    st.integers(0, 2**256 - 1).map(push),
    st.integers(0, 90).map(push),
    st.builds(lambda slot, value: op(SSTORE, slot, value), small, small),
    st.builds(lambda slot, value: op(TSTORE, slot, value), small, small),
    st.builds(lambda slot: op(SLOAD, slot), small),
    st.builds(lambda slot: op(TLOAD, slot), small),
    st.builds(lambda to, value: op(CALL, 60_000, to, value, 0, 8, 0, 32), address, small),
    st.builds(lambda to: op(DELEGATECALL, 60_000, to, 0, 8, 0, 32), address),
    st.builds(lambda to: op(STATICCALL, 60_000, to, 0, 8, 0, 32), address),
    st.builds(lambda value, size: op(CREATE, value, 0, size), small, small),
    st.builds(lambda size, salt: op(CREATE2, 0, 0, size, salt), small, small),
    st.builds(lambda to: op(SELFDESTRUCT, to), address),
    st.builds(lambda target: asm(push(target), JUMP), st.integers(0, 60)),
    st.builds(lambda target: asm(push(target), JUMPI), st.integers(0, 60)),
    st.sampled_from([asm(JUMPDEST), asm(GAS), asm(POP), op(RETURN, 0, 32), op(REVERT, 0, 32)]),
    st.builds(lambda word: op(MSTORE, 0, word), st.integers(0, 2**256 - 1)),
)
program = st.lists(pieces, max_size=25).map(b"".join)


@dataclass(frozen=True)
class Seen:
    """What both report."""

    success: bool
    gas_used: int
    output: bytes
    logs: int
    balances: tuple[int, ...]
    storage: tuple[int, ...]


def ours(code: bytes, other: bytes, gas: int) -> Seen:
    session = open_session(
        {CONTRACT: code, OTHER: other}, balances={CONTRACT: 5}, fork=FORK, engine=ENGINE
    )
    outcome = session.call(CallRequest(SENDER, CONTRACT, 1, b"", gas))
    return Seen(
        outcome.success,
        outcome.gas_used,
        outcome.output,
        len(outcome.logs),
        tuple(getattr(session.account(a), "balance", 0) for a in (CONTRACT, OTHER)),
        tuple(session.storage(a, slot) for a in (CONTRACT, OTHER) for slot in SLOTS),
    )


def revm(code: bytes, other: bytes, gas: int) -> Seen:
    block = BlockEnv(
        number=ENV.number, coinbase=text(ENV.coinbase), timestamp=ENV.timestamp, basefee=0,
        prevrandao=ENV.prev_randao, gas_limit=ENV.gas_limit, excess_blob_gas=0,
    )  # fmt: skip
    evm = EVM(Env(CfgEnv(chain_id=1), block, TxEnv(chain_id=1)), spec_id="CANCUN")
    evm.insert_account_info(text(SENDER), AccountInfo(balance=10**24))
    evm.insert_account_info(text(CONTRACT), AccountInfo(balance=5, nonce=1, code=code))
    evm.insert_account_info(text(OTHER), AccountInfo(nonce=1, code=other))
    output = b""
    try:
        output = evm.message_call(
            text(SENDER), text(CONTRACT), calldata=b"", value=1, gas=gas, gas_price=0
        )
    except RuntimeError as error:
        output = reverted_output(str(error))
    result = evm.result
    return Seen(
        result.is_success,
        result.gas_used,
        output,
        len(result.logs),
        tuple(evm.get_balance(text(a)) for a in (CONTRACT, OTHER)),
        tuple(evm.storage(text(a), slot) for a in (CONTRACT, OTHER) for slot in SLOTS),
    )


def text(address: bytes) -> str:
    return "0x" + address.hex()


def reverted_output(message: str) -> bytes:
    """What was reverted with, from `Revert { gas_used: N, output: 0x... }`; a halt has nothing."""
    found = re.search(r"output: 0x([0-9a-f]*)", message)
    return bytes.fromhex(found[1]) if found else b""


@settings(max_examples=200)
@given(code=program, other=program, gas=st.sampled_from([22_000, 60_000, 400_000]))
def test_random_programs(code: bytes, other: bytes, gas: int) -> None:
    assert ours(code, other, gas) == revm(code, other, gas)
