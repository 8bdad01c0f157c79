"""Gas a second of each kind of instruction, repeated in a loop until 5 M gas are gone.

What is slowest bounds how long a block of the worst contents takes.
`pytest tests/benchmark/test_opcodes.py --benchmark-enable` prints it. A program runs once before it
is measured, so that it is compiled as it would be in a node; only processor time counts.
"""

from __future__ import annotations

import time
from typing import Any, Final

import pytest

from node.evm.engine import CallRequest
from tests.unit.evm.programs import (
    BALANCE,
    CALL,
    CONTRACT,
    CREATE,
    EXP,
    GAS,
    JUMP,
    JUMPDEST,
    KECCAK256,
    MLOAD,
    MSTORE,
    OTHER,
    POP,
    SENDER,
    SLOAD,
    SSTORE,
    STATICCALL,
    STOP,
    TLOAD,
    TSTORE,
    asm,
    op,
    open_session,
    push,
)

TOP: Final = 2**256 - 1
BODIES: Final = {
    "ADD": asm(GAS, GAS, 0x01, POP),
    "MULMOD": asm(op(0x09, TOP, TOP - 1, TOP - 2), POP),
    "SDIV": asm(GAS, push(TOP), 0x05, POP),
    "EXP of 32 bytes": asm(op(EXP, TOP, TOP), POP),
    "MLOAD": asm(op(MLOAD, 0), POP),
    "MSTORE": asm(GAS, push(0), MSTORE),
    "MCOPY": op(0x5E, 0, 0, 32),
    "CODECOPY": op(0x39, 0, 0, 32),
    "KECCAK256 of 32 bytes": asm(op(KECCAK256, 0, 32), POP),
    "KECCAK256 of 1 KiB": asm(op(KECCAK256, 0, 1024), POP),
    "SLOAD, warm": asm(op(SLOAD, 0), POP),
    "SLOAD, cold": asm(GAS, SLOAD, POP),
    "SSTORE, dirty": asm(GAS, push(0), SSTORE),
    "TLOAD": asm(op(TLOAD, 0), POP),
    "TSTORE": asm(GAS, push(0), TSTORE),
    "BALANCE, warm": asm(0x30, BALANCE, POP),
    "LOG0": op(0xA0, 0, 0),
    "CALL of an account": asm(op(CALL, 0, SENDER, 0, 0, 0, 0, 0), POP),
    "STATICCALL of a contract": asm(op(STATICCALL, 100, OTHER, 0, 0, 0, 0), POP),
    "CREATE": asm(op(CREATE, 0, 0, 0), POP),
    "JUMPDEST": asm(JUMPDEST),
}


@pytest.mark.benchmark(timer=time.process_time)
@pytest.mark.parametrize("name", BODIES)
def test_gas_per_second(benchmark: Any, name: str) -> None:
    code = asm(JUMPDEST, BODIES[name] * 20, push(0), JUMP)
    session = open_session({CONTRACT: code, OTHER: asm(STOP)})
    gas = 5_000_000 if benchmark.enabled else 50_000
    request = CallRequest(SENDER, CONTRACT, 0, b"", gas)
    outcome = benchmark.pedantic(session.call, args=(request,), rounds=3, warmup_rounds=1)
    assert outcome.error is not None
    assert outcome.error.startswith("out of gas")
    if benchmark.enabled:
        rate = gas / benchmark.stats.stats.min / 1e6
        benchmark.extra_info["mgas_per_s"] = round(rate, 1)
        print(f"\n{name}: {rate:.0f} Mgas/s")
