from __future__ import annotations

from types import SimpleNamespace

import pytest
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.stack import Stack
from hypothesis import given
from hypothesis import strategies as st

from node.crypto import keccak256
from node.evm.engine import CallRequest
from node.evm.forks import Fork
from node.evm.interpreter.ops import OPS
from node.evm.interpreter.program import Program, ProgramCache
from tests.unit.evm.programs import (
    ADD,
    BALANCE,
    CALL,
    CALLDATALOAD,
    CONTRACT,
    CREATE,
    DELEGATECALL,
    GAS,
    INVALID,
    JUMP,
    JUMPDEST,
    JUMPI,
    KECCAK256,
    LOG1,
    MLOAD,
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
    SUB,
    TLOAD,
    TSTORE,
    asm,
    call_to,
    op,
    open_session,
    push,
    result,
    return_top,
    run,
)

pytestmark = pytest.mark.usefixtures("each_engine")

BASE = 21_000
PURE = sorted(code for code, item in OPS.items() if item.pure and code != 0x1E)
words = st.one_of(
    st.integers(0, 2**256 - 1),
    st.sampled_from([0, 1, 2, 31, 32, 255, 256, 2**255 - 1, 2**255, 2**256 - 1]),
)


def py_evm(opcode: int, operands: list[int]) -> int:
    """What upstream's logic computes."""
    stack = Stack()
    for operand in reversed(operands):
        stack.push_int(operand)
    computation = SimpleNamespace(
        stack_pop_ints=stack.pop_ints,
        stack_pop1_int=stack.pop1_int,
        stack_push_int=stack.push_int,
        consume_gas=lambda *_args, **_kwargs: None,
    )
    PragueComputation.opcodes[opcode](computation=computation)
    answer: int = stack.pop1_int()
    return answer


@given(st.sampled_from(PURE), st.lists(words, min_size=3, max_size=3))
def test_arithmetic_agrees_with_py_evm(opcode: int, operands: list[int]) -> None:
    operands = operands[: OPS[opcode].pops]
    assert result(op(opcode, *operands)) == py_evm(opcode, operands)


@given(words)
def test_clz(value: int) -> None:
    assert result(op(0x1E, value)) == 256 - value.bit_length()


def test_clz_is_of_osaka() -> None:
    outcome = run(op(0x1E, 1), fork=Fork.PRAGUE)
    assert outcome.error == "invalid opcode: opcode 0x1e not defined"
    assert outcome.gas_used == 1_000_000


def test_the_stack_holds_1024_items() -> None:
    assert run(push(0) * 1024).success
    assert run(push(0) * 1025).error == "stack limit reached 1024 (1023)"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (asm(ADD), "stack underflow (0 <=> 2)"),
        (op(0x9F), "stack underflow (0 <=> 17)"),
        (asm(INVALID), "invalid opcode: INVALID"),
        (asm(0x0C), "invalid opcode: opcode 0xc not defined"),
        (op(JUMP, 3), "invalid jump destination"),
        (op(JUMPI, 2**200, 1), "invalid jump destination"),
        (asm(op(JUMP, 3), push(bytes((JUMPDEST,)))), "invalid jump destination"),
        (op(MLOAD, 2**40), "out of gas"),
        (op(MLOAD, 2**64), "gas uint64 overflow"),
        (op(0x3E, 0, 0, 1), "return data out of bounds"),
        (
            op(CREATE, 0, 0, 49_153),
            "out of gas: max initcode size exceeded: code size 49153 limit 49152",
        ),
    ],
)
def test_exceptional_halts_take_all_gas(code: bytes, error: str) -> None:
    outcome = run(code)
    assert not outcome.success
    assert outcome.error == error
    assert outcome.gas_used == 1_000_000
    assert outcome.output == b""


def test_reverting_returns_data_and_gas() -> None:
    outcome = run(asm(op(MSTORE, 0, 42), op(REVERT, 0, 32)))
    assert outcome.error == "execution reverted"
    assert int.from_bytes(outcome.output) == 42
    assert outcome.gas_used == BASE + 16


@given(st.integers(0, 40))
def test_gas_is_enough_to_the_unit(additions: int) -> None:
    code = asm(push(1), *([push(1) + asm(ADD)] * additions))
    needed = BASE + 3 + 6 * additions
    assert run(code, gas=needed).success
    if needed > BASE + 3:
        failed = run(code, gas=needed - 1)
        assert failed.error == "out of gas"
        assert failed.gas_used == needed - 1


@given(st.integers(0, 20_000))
def test_memory_expansion_gas(offset: int) -> None:
    expanded = (offset + 63) // 32
    outcome = run(op(MLOAD, offset))
    pushing = 2 if offset == 0 else 3
    assert outcome.gas_used == BASE + pushing + 3 + 3 * expanded + expanded**2 // 512


def test_a_push_at_the_end_reads_zeros() -> None:
    session = open_session({CONTRACT: asm(0x61, 0xAB)})
    assert session.call(CallRequest(SENDER, CONTRACT, 0, b"", 100_000)).success
    assert Program(asm(0x61, 0xAB)).jump_destinations == frozenset()


def test_jump_destinations_skip_push_data() -> None:
    code = asm(JUMPDEST, push(bytes((JUMPDEST, JUMPDEST))), JUMPDEST)
    assert Program(code).jump_destinations == {0, 4}


def test_the_program_cache_keeps_what_is_used() -> None:
    cache = ProgramCache(size=2)
    first = cache.get(b"1", b"\x01")
    cache.get(b"2", b"\x02")
    assert cache.get(b"1", b"\x01") is first
    cache.get(b"3", b"\x03")
    assert cache.get(b"1", b"\x01") is first
    assert cache.get(b"2", b"\x02").compiled == {}


def test_a_loop_counts() -> None:
    loop = asm(push(10), JUMPDEST, op(SUB, b"\x01")[:-1], 0x90, SUB, 0x80, push(2), JUMPI, push(7))
    assert result(loop) == 7


def test_keccak_of_memory() -> None:
    assert result(asm(op(MSTORE, 0, 1), op(KECCAK256, 0, 32))) == int.from_bytes(
        keccak256((1).to_bytes(32))
    )


def test_storage_is_read_back_and_refunded() -> None:
    session = open_session({CONTRACT: asm(op(CALLDATALOAD, 0), push(1), SSTORE)})
    first = session.call(CallRequest(SENDER, CONTRACT, 0, (5).to_bytes(32), 100_000))
    assert session.storage(CONTRACT, 1) == 5
    second = session.call(CallRequest(SENDER, CONTRACT, 0, bytes(32), 100_000))
    assert session.storage(CONTRACT, 1) == 0
    assert first.gas_refund == 0
    assert second.gas_refund == 4_800


def test_sstore_needs_more_than_the_stipend() -> None:
    code = op(SSTORE, 0, 0)
    short = run(code, gas=BASE + 4 + 2_300)
    assert short.error == "out of gas: not enough gas for reentrancy sentry"
    assert run(code, gas=BASE + 4 + 2_301).success


def test_transient_storage_lasts_a_transaction() -> None:
    session = open_session({CONTRACT: asm(op(TLOAD, 1), op(TSTORE, 1, 9), return_top())})
    for _ in range(2):
        outcome = session.call(CallRequest(SENDER, CONTRACT, 0, b"", 100_000))
        assert int.from_bytes(outcome.output) == 0


def recurse() -> bytes:
    """Calls itself with all gas, counting its calls in slot 0."""
    count = asm(op(SLOAD, 0), push(1), ADD, push(0), SSTORE)
    forward = asm(push(0) * 5, push(CONTRACT), GAS, CALL)
    return count + forward


def test_calls_nest_1024_deep() -> None:
    session = open_session({CONTRACT: recurse()})
    outcome = session.call(CallRequest(SENDER, CONTRACT, 0, b"", 10**15))
    assert outcome.success
    assert session.storage(CONTRACT, 0) == 1025


def test_a_call_out_of_gas_below_reverts_only_itself() -> None:
    codes = {
        CONTRACT: asm(op(SSTORE, 0, 1), call_to(OTHER, gas=30_000), return_top()),
        OTHER: asm(op(SSTORE, 0, 2), asm(INVALID)),
    }
    session = open_session(codes)
    outcome = session.call(CallRequest(SENDER, CONTRACT, 0, b"", 200_000))
    assert int.from_bytes(outcome.output) == 0
    assert session.storage(CONTRACT, 0) == 1
    assert session.storage(OTHER, 0) == 0


@pytest.mark.parametrize(
    "body",
    [
        op(SSTORE, 0, 1),
        op(TSTORE, 0, 1),
        op(LOG1, 0, 0, 0),
        op(CREATE, 0, 0, 0),
        op(SELFDESTRUCT, 0),
        call_to(SENDER, value=1),
    ],
)
def test_static_calls_change_nothing(body: bytes) -> None:
    codes = {CONTRACT: asm(op(STATICCALL, 100_000, OTHER, 0, 0, 0, 0), return_top()), OTHER: body}
    outcome = open_session(codes).call(CallRequest(SENDER, CONTRACT, 0, b"", 500_000))
    assert int.from_bytes(outcome.output) == 0
    session = open_session({CONTRACT: body})
    assert session.call(CallRequest(SENDER, CONTRACT, 0, b"", 500_000)).success


def test_delegatecall_runs_in_the_callers_storage() -> None:
    codes = {CONTRACT: op(DELEGATECALL, 100_000, OTHER, 0, 0, 0, 0), OTHER: op(SSTORE, 3, 4)}
    session = open_session(codes)
    session.call(CallRequest(SENDER, CONTRACT, 0, b"", 200_000))
    assert session.storage(CONTRACT, 3) == 4
    assert session.storage(OTHER, 3) == 0


def test_creation_stores_what_initcode_returns() -> None:
    initcode = asm(op(MSTORE, 0, 0x6001600055), op(RETURN, 27, 5))
    session = open_session()
    outcome = session.call(CallRequest(SENDER, None, 0, initcode, 200_000))
    assert outcome.contract_address is not None
    assert session.code(outcome.contract_address) == bytes.fromhex("6001600055")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (b"\xef\x00", "invalid code: must not begin with 0xef"),
        (bytes(24_577), "max code size exceeded"),
    ],
)
def test_code_that_may_not_be_stored(code: bytes, error: str) -> None:
    size = len(code)
    prefix = asm(push(size.to_bytes(3)), push(13), push(0), 0x39, push(size.to_bytes(3)), push(0))
    initcode = asm(prefix, RETURN).ljust(13, b"\0") + code
    initcode = initcode.replace(push(13), push(len(initcode) - size))
    outcome = open_session().call(CallRequest(SENDER, None, 0, initcode, 20_000_000))
    assert outcome.error == error
    assert outcome.gas_used == 20_000_000


def test_creation_without_gas_for_its_code_fails() -> None:
    initcode = op(RETURN, 0, 1000)
    outcome = open_session().call(CallRequest(SENDER, None, 0, initcode, 100_000))
    assert outcome.error == "contract creation code storage out of gas"


def test_a_creation_collides_with_storage() -> None:
    session = open_session()
    target = open_session().call(CallRequest(SENDER, None, 0, b"\x00", 100_000)).contract_address
    assert target is not None
    session.set_storage(target, 1, 1)
    outcome = session.call(CallRequest(SENDER, None, 0, b"\x00", 100_000))
    assert outcome.error == "contract address collision"


def test_selfdestruct_deletes_only_what_was_created_now() -> None:
    session = open_session({CONTRACT: op(SELFDESTRUCT, OTHER)}, balances={CONTRACT: 7})
    session.call(CallRequest(SENDER, CONTRACT, 0, b"", 100_000))
    assert session.code(CONTRACT)
    assert session.account(OTHER).balance == 7  # type: ignore[union-attr]
    session = open_session(
        {CONTRACT: op(SELFDESTRUCT, OTHER)}, balances={CONTRACT: 7}, fork=Fork.SHANGHAI
    )
    session.call(CallRequest(SENDER, CONTRACT, 0, b"", 100_000))
    assert session.account(CONTRACT) is None


def test_cold_accounts_cost_more_than_warm_ones() -> None:
    code = asm(op(BALANCE, OTHER), POP, op(BALANCE, OTHER))
    assert run(code).gas_used == BASE + 3 + 2_600 + 2 + 3 + 100


def test_block_hashes_of_the_last_256() -> None:
    for number, known in ((299, True), (44, True), (43, False), (300, False), (2**256 - 1, False)):
        expected = int.from_bytes(keccak256(number.to_bytes(32))) if known else 0
        assert result(op(0x40, number)) == expected
