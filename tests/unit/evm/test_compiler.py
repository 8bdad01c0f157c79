"""Compiled traces compute what stepping computes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.evm.engine import CallRequest, TxOutcome
from node.evm.forks import Fork
from node.evm.interpreter.compiled import CompiledLoop
from node.evm.interpreter.compiler import MAX_INSTRUCTIONS, compile_trace
from node.evm.interpreter.program import Program
from node.evm.interpreter.stepwise import run_stepwise
from node.evm.interpreter.tables import INSTRUCTIONS
from node.evm.python_engine import PythonEngine
from node.state.account import StateChanges
from tests.unit.evm.programs import (
    ADD,
    CALLDATALOAD,
    CONTRACT,
    GAS,
    JUMP,
    JUMPDEST,
    JUMPI,
    MSTORE,
    OTHER,
    POP,
    RETURN,
    SENDER,
    SLOAD,
    SSTORE,
    STOP,
    SUB,
    asm,
    call_to,
    op,
    open_session,
    push,
)

STEPWISE = PythonEngine(run_stepwise)
EAGER = PythonEngine(CompiledLoop(budget=0))
OPCODES = sorted(INSTRUCTIONS[Fork.OSAKA])


def both(code: bytes, gas: int = 100_000, data: bytes = b"\x07") -> TxOutcome:
    """Runs a program both ways and returns the outcome they agree on."""
    outcomes: list[tuple[TxOutcome, StateChanges]] = []
    for engine in (STEPWISE, EAGER):
        session = open_session({CONTRACT: code, OTHER: asm(op(SSTORE, 0, 1))}, engine=engine)
        outcome = session.call(CallRequest(SENDER, CONTRACT, 0, data, gas))
        outcomes.append((outcome, session.changes()))
    (stepped, stepped_changes), (compiled, compiled_changes) = outcomes
    assert replace(compiled, error=stepped.error) == stepped
    assert (compiled.error is None) == (stepped.error is None)
    assert compiled_changes == stepped_changes
    return stepped


pieces = st.one_of(
    st.sampled_from(OPCODES).map(lambda opcode: bytes((opcode,))),
    st.integers(0, 80).map(push),
    st.integers(0, 2**256 - 1).map(push),
    st.integers(0, 80).map(lambda target: asm(push(target), JUMP)),
    st.integers(0, 80).map(lambda target: asm(push(target), JUMPI)),
    st.sampled_from([asm(JUMPDEST), asm(push(1), push(0), CALLDATALOAD), asm(GAS), asm(0x80)]),
)


@settings(max_examples=300)
@given(st.lists(pieces, max_size=40), st.integers(0, 2_000))
def test_random_programs(items: list[bytes], gas: int) -> None:
    code = b"".join(items)
    both(code, gas=21_040 + gas)
    both(code, gas=300_000)


@settings(max_examples=100)
@given(st.binary(max_size=80))
def test_random_bytes(code: bytes) -> None:
    both(code)


@given(st.integers(0, 400))
def test_gas_runs_out_anywhere_in_a_loop(gas: int) -> None:
    both(countdown(9), gas=21_040 + gas)


def countdown(turns: int) -> bytes:
    """Subtracts one until zero, keeping a running sum in memory; returns the sum."""
    body = asm(JUMPDEST, 0x80, push(0), 0x51, ADD, push(0), MSTORE, push(1), 0x90, SUB)
    loop = asm(body, 0x80, push(2), JUMPI, POP, op(RETURN, 0, 32))
    return asm(push(turns), loop)


def test_loops() -> None:
    outcome = both(countdown(100))
    assert int.from_bytes(outcome.output) == 5050


def test_calls_within_traces() -> None:
    code = asm(push(3), JUMPDEST, call_to(OTHER, gas=30_000), 0x01, op(SLOAD, 0), POP, STOP)
    assert both(code, gas=200_000).success


def test_jumps_to_known_places_are_followed() -> None:
    subroutine = asm(push(8), push(7), push(6), JUMP, 0x5F, JUMPDEST, POP, 0x90, JUMP)
    assert both(asm(subroutine, STOP)).error is not None
    inlined = asm(push(5), push(4), JUMP, JUMPDEST, JUMP)
    assert both(inlined).error is not None


def test_an_infinite_loop_ends() -> None:
    outcome = both(asm(JUMPDEST, push(0), JUMP))
    assert outcome.error == "out of gas"


@pytest.mark.parametrize("filler", [asm(push(2**255), 0x54), asm(0xA4), asm(push(1)), asm(0x57)])
def test_a_trace_is_bounded(filler: bytes) -> None:
    program = Program(filler * 2_000)
    trace = compile_trace(program, Fork.OSAKA, 0)
    assert len(trace.__code__.co_code) < 400 * MAX_INSTRUCTIONS  # type: ignore[attr-defined]


def test_code_is_compiled_once_it_is_hot() -> None:
    loop = CompiledLoop(budget=100)
    engine = PythonEngine(loop)
    session = open_session({CONTRACT: countdown(200)}, engine=engine)
    outcome = session.call(CallRequest(SENDER, CONTRACT, 0, b"", 100_000))
    stepped = open_session({CONTRACT: countdown(200)}, engine=STEPWISE)
    assert stepped.call(CallRequest(SENDER, CONTRACT, 0, b"", 100_000)) == outcome
