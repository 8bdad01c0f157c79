"""Cells of blocks, measured: a block is built, and the guest runs it.

Cells are those of rows, without padding, tables and memory trees (`Spans`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from node.evm.builder import BlockAttributes, BlockBuilder
from node.evm.chain_config import ChainConfig
from node.evm.genesis import Genesis
from node.evm.native_engine import native_engine
from node.evm.transactions import DYNAMIC_FEE, Transaction
from node.recursion.riscv.profile import Spans
from node.recursion.riscv.proof import Keys
from node.recursion.riscv.prover import execute
from node.recursion.security import STANDARD
from node.rollup.proving.block_proof import BlockInput
from node.rollup.proving.profile import AFTER, TRANSACT, entry_of
from node.rollup.proving.program import block_program
from node.rollup.proving.prover import CYCLE_LIMIT
from node.types import Address
from tests.unit.evm.chains import CHAIN_ID, COINBASE, SECRETS, MemoryChain, genesis_json

TX_GAS: Final = 2**24
_LOG_CELLS: Final = 26
_SIGNER_KNOWN: Final = (
    "evm8transactERNS0_7MachineERKNS0_11TransactionERKNSt3__15arrayIhLj20EEE"
    "RNS0_17TransactionResultE"
)
"""The core's function that executes a transaction whose signer is known, as symbols name it."""


@dataclass(frozen=True)
class Call:
    """One transaction of a measured block. fields: others of the transaction."""

    to: Address | None
    data: bytes = b""
    fields: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Measured:
    """A block in the guest. transactions: cells of each, without recovering its signer.

    total: of the whole run. predicted: what the meter said of each transaction. witness_bytes: of
    trie nodes.
    """

    transactions: tuple[int, ...]
    total: int
    predicted: tuple[int, ...]
    witness_bytes: int


def chain_of(
    codes: dict[Address, bytes], storage: dict[Address, dict[int, int]] | None = None
) -> MemoryChain:
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
    return MemoryChain(Genesis.from_json(document))


def measure(chain: MemoryChain, calls: Sequence[Call]) -> Measured:
    """Builds a block of calls on a chain, which stays as it is, and runs the guest on it."""
    builder = BlockBuilder(
        native_engine,
        chain.config,
        chain.head,
        chain.state,
        BlockAttributes(timestamp=chain.head.timestamp + 2, coinbase=COINBASE),
        header_at=chain.header_at,
    )
    for nonce, call in enumerate(calls):
        builder.add(signed(call, nonce))
    return measure_block(builder, chain.config)


def measure_block(builder: BlockBuilder, config: ChainConfig) -> Measured:
    """Runs the guest on what a builder has so far."""
    executed = builder.seal()
    given = BlockInput.of(config, executed.block, executed.witness)
    transactions, total = _cells(given.given)
    return Measured(
        transactions,
        total,
        tuple(outcome.zk_gas for outcome in builder.outcomes),
        sum(map(len, executed.witness.state)),
    )


def _cells(given: bytes) -> tuple[tuple[int, ...], int]:
    """(cells of each transaction, of the run) on an input of the guest.

    A transaction begins where its signer is known, and ends where the next one's is recovered.
    """
    keys = _keys()
    run = execute(keys, given, _LOG_CELLS, CYCLE_LIMIT)
    marks = [entry_of(keys.program, symbol) for symbol in (_SIGNER_KNOWN, TRANSACT, AFTER)]
    spans = Spans(keys.machine, marks)
    for index in range(len(run.checkpoints)):
        spans.add(run.record(index))
    cells = tuple(span.cells for span in spans.spans if span.mark == marks[0])
    return cells, sum(span.cells for span in spans.spans)


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
