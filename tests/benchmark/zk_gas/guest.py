"""Cells of blocks, measured: a block is built, and the guest runs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from node.evm.builder import BlockAttributes, BlockBuilder
from node.evm.genesis import Genesis
from node.evm.native_engine import native_engine
from node.evm.transactions import DYNAMIC_FEE, Transaction
from node.recursion.riscv.proof import Keys
from node.recursion.riscv.prover import execute
from node.recursion.security import STANDARD
from node.rollup.proving.block_proof import BlockInput
from node.rollup.proving.profile import BlockProfile, profile_block
from node.rollup.proving.program import block_program
from node.rollup.proving.prover import CYCLE_LIMIT, BlockJob
from node.state.memory import MemoryState
from node.types import Address
from tests.unit.evm.chains import CHAIN_ID, COINBASE, SECRETS, genesis_json

TX_GAS: Final = 2**24
_LOG_CELLS: Final = 26


@dataclass(frozen=True)
class Call:
    """One transaction of a measured block. fields: others of the transaction."""

    to: Address | None
    data: bytes = b""
    fields: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Measured:
    """A block's cells as the guest has them, and what the meter said of each transaction."""

    profile: BlockProfile
    predicted: tuple[int, ...]
    witness_nodes: tuple[bytes, ...]

    @property
    def transactions(self) -> list[int]:
        """Cells from where a transaction begins to where the next one does."""
        return [span.cells for span in self.profile.transactions]


def genesis_of(
    codes: dict[Address, bytes], storage: dict[Address, dict[int, int]] | None = None
) -> Genesis:
    """A rich sender and these contracts."""
    document = genesis_json()
    document["gasLimit"] = hex(2**40)
    for address, code in codes.items():
        slots = (storage or {}).get(address, {})
        document["alloc"][address.hex()] = {
            "balance": hex(10**18),
            "code": "0x" + code.hex(),
            "storage": {f"0x{slot:064x}": hex(value) for slot, value in slots.items()},
        }
    return Genesis.from_json(document)


def measure(genesis: Genesis, calls: Sequence[Call], state: MemoryState | None = None) -> Measured:
    """Builds a block of calls on the genesis and runs the guest on it."""
    builder = BlockBuilder(
        native_engine,
        genesis.config,
        genesis.header,
        state or genesis.state(),
        BlockAttributes(timestamp=3, coinbase=COINBASE),
        header_at=[genesis.header].__getitem__,
    )
    for nonce, call in enumerate(calls):
        builder.add(signed(call, nonce))
    executed = builder.seal()
    given = BlockInput.of(genesis.config, executed.block, executed.witness)
    run = execute(_keys(), given.given, _LOG_CELLS, CYCLE_LIMIT)
    profile = profile_block(BlockJob(given.config, given.header, _keys(), run))
    predicted = tuple(outcome.zk_gas for outcome in builder.outcomes)
    return Measured(profile, predicted, executed.witness.state)


def signed(call: Call, nonce: int) -> Transaction:
    """The transaction that makes a call."""
    values: dict[str, Any] = {
        "type": DYNAMIC_FEE, "chain_id": CHAIN_ID, "nonce": nonce, "to": call.to,
        "data": call.data, "max_priority_fee_per_gas": 1, "max_fee_per_gas": 2 * 10**9,
        "gas_limit": TX_GAS, "value": 0,
    }  # fmt: skip
    return Transaction(**(values | dict(call.fields))).signed(SECRETS[0])


@cache
def _keys() -> Keys:
    return Keys(block_program(), STANDARD)
