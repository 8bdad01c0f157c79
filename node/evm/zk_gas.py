"""Zk gas: what proving a transaction is expected to cost, in cells that the proof commits to.

The native engine meters it while it executes (`TxOutcome.zk_gas`); here is what needs no execution
by the caller. docs/zk-gas.md says what is metered and how the table is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from node.errors import InvalidTransaction, TxFault
from node.evm import _core
from node.evm.block import Block, Header
from node.evm.chain_config import ChainConfig
from node.evm.execution import BlockExecution
from node.evm.importer import header_of
from node.evm.native_engine import native_engine
from node.evm.transactions import Transaction
from node.evm.witness import Witness, WitnessState, witness_headers
from node.state.roots import StateView
from node.types import Hash32

_ENTRIES: Final = _core.zk_gas_tables()[0]


class ZkGasExceeded(InvalidTransaction):
    """A transaction that alone takes more zk gas than a block may, whatever it does on the way."""

    def __init__(self, zk_gas: int, limit: int) -> None:
        super().__init__(
            TxFault.ZK_GAS_EXCEEDED,
            f"transaction exceeds the provable limit: zkGas {zk_gas} > {limit}",
        )
        self.zk_gas = zk_gas
        self.limit = limit


class NoZkGasLeft(InvalidTransaction):
    """A transaction that takes more zk gas than is left in this block; a later one may take it."""

    def __init__(self, zk_gas: int, left: int) -> None:
        super().__init__(
            TxFault.ZK_GAS_ALLOWANCE_EXCEEDED, f"zk gas limit reached: {zk_gas}, left {left}"
        )
        self.zk_gas = zk_gas


def least_zk_gas(tx: Transaction) -> int:
    """What a transaction takes at least, however little it does: signatures and data."""
    listed = sum(len(slots) for _, slots in tx.access_list)
    return (
        _ENTRIES["transaction"]
        + _ENTRIES["transaction_byte"] * len(tx.data)
        + _ENTRIES["listed_account"] * len(tx.access_list)
        + _ENTRIES["listed_slot"] * listed
        + _ENTRIES["authorization"] * len(tx.authorizations)
    )


def zk_gas_of_block(
    config: ChainConfig, block: Block, view: StateView, block_hash: Callable[[int], Hash32]
) -> Iterator[int]:
    """Zk gas of a valid block's transactions, in order, from executing them again.

    view: the state before the block. block_hash: hashes of ancestors by number.
    """
    execution = BlockExecution(native_engine, config, block.header, view, block_hash)
    for tx in block.transactions:
        yield execution.add(tx)[1].zk_gas


def zk_gas_on_witness(config: ChainConfig, block: Block, witness: Witness) -> tuple[int, ...]:
    """The same from a block's witness. Raises InvalidWitness."""
    headers: dict[int, Header] = witness_headers(witness, block.header.parent_hash)
    parent = header_of(headers, block.header.number - 1)
    state = WitnessState(witness, parent.state_root)
    return tuple(
        zk_gas_of_block(config, block, state, lambda number: header_of(headers, number).hash)
    )
