"""Real nodes on temporary directories, for tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from genesis import devnet_genesis
from node.config import NodeConfig, PoolConfig, SequencerConfig, StateConfig
from node.evm.engine import Engine
from node.evm.genesis import Genesis, GenesisAccount
from node.evm.native_engine import native_engine
from node.rollup.service import Node
from node.types import Address
from tests.unit.rollup.ledger import ADDRESSES, CHAIN_ID, ETHER, Clock

START = 1_800_000_000
GENESIS = Genesis.from_json(
    devnet_genesis(
        chain_id=CHAIN_ID,
        accounts=dict.fromkeys(ADDRESSES, 1000 * ETHER),
        timestamp=START,
        gas_limit=30_000_000,
    )
)


def genesis_with(accounts: dict[Address, GenesisAccount]) -> Genesis:
    """The common genesis with some accounts of a test's own."""
    return Genesis(GENESIS.config, {**GENESIS.alloc, **accounts}, GENESIS.template)


def open_node(
    path: Path,
    *,
    genesis: Genesis = GENESIS,
    engine: Engine = native_engine,
    clock: Clock | None = None,
    pool: PoolConfig | None = None,
    history_blocks: int = 1_000,
    **sequencer: Any,
) -> Node:
    """A node that makes blocks on demand unless told otherwise; time stands still."""
    settings = NodeConfig(
        state=StateConfig(datadir=str(path), history_blocks=history_blocks),
        sequencer=replace(SequencerConfig(block_time_s=0), **sequencer),
        pool=pool or PoolConfig(),
    )
    return Node(settings, genesis, engine, clock=clock or Clock(START + 10))
