"""Gas in the guest, which counts it by portions of 2^16 where instructions are simple."""

from __future__ import annotations

import pytest

from node.evm import native
from tests.benchmark.zk_gas.guest import chain_of
from tests.conformance.guest_case import judge
from tests.unit.evm.chains import transaction
from tests.unit.evm.programs import (
    GAS,
    JUMPDEST,
    JUMPI,
    SSTORE,
    STOP,
    SUB,
    asm,
    push,
)

SWAP1, DUP1 = 0x90, 0x80
TRANSACTION_GAS = 21_000
PORTION = 2**16
ROUND = 26
"""Gas of a round of `countdown`."""


pytestmark = pytest.mark.usefixtures("native_blocks")


def countdown(gas: int, then: bytes) -> bytes:
    """Code that has spent so much gas when it comes to `then`, by instructions that are simple."""
    rounds, rest = divmod(gas - 3, ROUND)
    head = asm(bytes((JUMPDEST,)) * rest, push(rounds.to_bytes(2)))
    loop = asm(JUMPDEST, push(1), SWAP1, SUB, DUP1, push(len(head).to_bytes(1)), JUMPI)
    return asm(head, loop, then)


def test_what_is_left_after_some_portions() -> None:
    """A portion ends at each instruction of the loop in one contract or another."""
    then = asm(GAS, push(0), SSTORE)
    spent = [portions * PORTION + extra for portions in (1, 3) for extra in range(ROUND)]
    codes = {bytes((0xD0, i, *bytes(18))): countdown(gas, then) for i, gas in enumerate(spent)}
    chain = chain_of(codes)
    limit = 400_000
    calls = [transaction(0, i, to, gas_limit=limit) for i, to in enumerate(codes)]
    executed = chain.grow(*calls)
    left = [chain.state.storage(to, 0) for to in codes]
    assert left == [limit - TRANSACTION_GAS - gas - 2 for gas in spent]
    assert judge(chain.config, executed.block.encoded, executed.witness) == native.VALID


def test_gas_that_is_just_enough_and_one_less() -> None:
    spent = [PORTION + extra for extra in range(-2, ROUND)] + [2 * PORTION, 2 * PORTION + 1]
    codes = {bytes((0xD0, i, *bytes(18))): countdown(gas, asm(STOP)) for i, gas in enumerate(spent)}
    chain = chain_of(codes)
    limits = [
        (to, TRANSACTION_GAS + gas - missing)
        for (to, gas) in zip(codes, spent, strict=True)
        for missing in (0, 1)
    ]
    executed = chain.grow(
        *(transaction(0, i, to, gas_limit=limit) for i, (to, limit) in enumerate(limits))
    )
    assert [receipt.status for receipt in executed.receipts] == [1, 0] * len(spent)
    assert judge(chain.config, executed.block.encoded, executed.witness) == native.VALID
