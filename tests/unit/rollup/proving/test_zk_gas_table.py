"""Zk gas against the guest: what is predicted of blocks, and whether the table is of this guest."""

from __future__ import annotations

from random import Random

import pytest

from node.evm import _core
from node.evm.builder import BlockBuilder
from node.evm.transactions import decode_transaction
from node.recursion.security import FAST
from node.rollup.proving.block_proof import BlockInput
from node.rollup.proving.profile import profile_block
from node.rollup.proving.prover import BlockJob
from tests.benchmark.workloads import WORKLOADS, chain_of_workloads, signed_transactions
from tests.benchmark.zk_gas.guest import Call, chain_of, measure, measure_block
from tests.benchmark.zk_gas.operations import STOPPER, all_operations, measure_operations
from tests.conformance.random_contracts import ACCOUNTS as CONTRACTS
from tests.unit.evm.busy_block import BUSY, CHAIN
from tests.unit.evm.chains import MemoryChain, transaction
from tests.unit.evm.programs import STOP, asm
from tests.unit.evm.test_random_blocks import random_genesis

LEAST, MOST = 0.9, 6.0
"""What is predicted of a block, as parts of what is measured. In the small states of tests, paths
are shorter than those that are metered. Random contracts have no bound above: they call precompiles
that fail at once, which are metered in full."""
TABLE, PRECOMPILES = _core.zk_gas_tables()


pytestmark = pytest.mark.usefixtures("native_blocks")


def ratio(chain: MemoryChain, builder: BlockBuilder) -> float:
    """Predicted by measured, without what a block without transactions takes."""
    found = measure_block(builder, chain.config)
    own = found.total - measure_block(chain.builder(), chain.config).total
    return sum(found.predicted) / own


@pytest.mark.parametrize("count", [1, 10])
@pytest.mark.parametrize("workload", WORKLOADS)
def test_blocks_of_one_kind(workload: str, count: int) -> None:
    chain = MemoryChain(chain_of_workloads())
    builder = chain.builder(gas_limit=60_000_000)
    for raw in signed_transactions(workload, count):
        builder.add(decode_transaction(raw))
    assert LEAST <= ratio(chain, builder) <= MOST


@pytest.mark.parametrize("seed", range(6))
def test_random_blocks(seed: int) -> None:
    random = Random(seed)
    chain = MemoryChain(random_genesis(random, "osaka"))
    builder = chain.builder()
    for nonce in range(8):
        to, data = random.choice(CONTRACTS), random.randbytes(40)
        builder.add(transaction(0, nonce, to, data, gas_limit=400_000))
    assert ratio(chain, builder) >= LEAST


def test_places_to_jump_to_that_are_hard_to_tell() -> None:
    """Each place is behind bytes that seem to be pushes whose data reach the next one.

    What tells them takes long for each; for all of a code, about as long as going through it once.
    Without that limit it would take twice what is metered here, and go below it.
    """
    count, size = 3_500, 7
    places = [size * index + 2 for index in range(count)]
    jumps = (bytes((0x60, 0x60, 0x5B, 0x61)) + to.to_bytes(2) + b"\x56" for to in places[1:])
    chain = chain_of({STOPPER: b"".join(jumps) + bytes((0x60, 0x60, 0x5B, 0x00))})
    found = measure(chain, [Call(STOPPER)])
    own = found.total - measure(chain, []).total
    assert own > count * TABLE["JUMPDEST"]
    assert 1.25 <= sum(found.predicted) / own <= MOST


_SIMPLE = {"POP", "PUSH0", "PUSH1", "PUSH2", "PUSH20", "PUSH32", "DUP1", "DUP2", "DUP3"}
_AGAIN = {
    "ADD", "DIV", "MULMOD", "SDIV", "KECCAK256", "keccak_block", "EXP", "exp_byte", "MLOAD",
    "CODECOPY", "SLOAD", "STATICCALL",
}  # fmt: skip


def test_the_table_is_of_this_guest() -> None:
    """Measured again, some entries are what the table says: else `python -m tests.benchmark.zk_gas`
    has to make it anew."""
    operations = [it for it in all_operations() if it.name in _SIMPLE | _AGAIN]
    measured = measure_operations(operations)
    assert set(measured) == _SIMPLE | _AGAIN
    for name in sorted(measured):
        assert measured[name] == pytest.approx(TABLE[name], rel=0.25, abs=300), name


def test_a_transaction_is_of_this_guest() -> None:
    chain = chain_of({STOPPER: asm(STOP)})
    one, many = (measure(chain, [Call(STOPPER)] * count).total for count in (1, 17))
    assert (many - one) / 16 == pytest.approx(TABLE["transaction"], rel=0.1)


def test_every_instruction_and_precompile_has_an_entry() -> None:
    named = {operation.name for operation in all_operations()}
    assert {name for name in TABLE if name.isupper()} <= named | {"STOP"} | {
        f"LOG{n}" for n in range(5)
    }
    assert all(TABLE[name] > 0 for name in TABLE if name != "STOP")
    assert sorted(PRECOMPILES) == [*range(1, 0x12), 0x100]
    assert all(base or per_gas for base, per_gas in PRECOMPILES.values())


def test_a_profile_has_every_transaction() -> None:
    found = BlockInput.of(CHAIN.config, BUSY.block, BUSY.witness)
    job = BlockJob.start(found, FAST)
    profile = profile_block(job)
    assert profile.cycles == job.run.cycles
    assert profile.cells < profile.whole.cells.total()
    assert len(profile.transactions) == len(found.zk_gas()) == len(BUSY.block.transactions)
    assert all(span.cells > 1_000_000 for span in profile.transactions)
    assert profile.cells > profile.rest.cells > 0
