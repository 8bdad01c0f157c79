"""Execution on the C++ core: a block from its witness alone, and single transactions.

The core holds every rule from Shanghai to Osaka and every precompile. The node's sessions on it are
in `native_engine`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node.evm import _core
from node.evm.chain_config import ChainConfig
from node.evm.engine import BlockEnv
from node.evm.forks import Fork
from node.evm.witness import Witness
from node.state.account import StateChanges
from node.types import Hash32

_FORKS: Final = {Fork.SHANGHAI: 0, Fork.CANCUN: 1, Fork.PRAGUE: 2, Fork.OSAKA: 3}
_BLOCK_HASHES: Final = 256
STATUSES: Final = tuple(_core.status_names())
"""By their numbers, with which the block guest exits."""
VALID: Final = "OK"
"""The status of what breaks no rule."""


@dataclass(frozen=True)
class BlockVerdict:
    """What the core says of a block. status: "OK", a BlockRule, a TxFault, or WITNESS_...

    Where it is not "OK", the rest says nothing.
    """

    status: str
    block_hash: Hash32
    state_root: Hash32
    gas_used: int


@dataclass(frozen=True)
class TransactionVerdict:
    """What the core makes of a transaction. logs: hash of the logs' RLP. status: see BlockVerdict.

    state_root: after it, or that before it where it is invalid.
    """

    status: str
    state_root: Hash32
    logs: Hash32
    gas_used: int
    success: bool


def validate_block(config: ChainConfig, block: bytes, witness: Witness) -> BlockVerdict:
    """Validates and executes a block from its witness alone. block: RLP."""
    return BlockVerdict(
        *_core.validate_block(
            core_config(config),
            block,
            list(witness.state),
            list(witness.codes),
            list(witness.headers),
        )
    )


def prove_block(given: bytes) -> tuple[str, bytes]:
    """What the block guest makes of an input: the status, and its statement where that is "OK"."""
    status, statement = _core.prove_block(given)
    return status, statement


def run_transaction(env: BlockEnv, alloc: StateChanges, encoded: bytes) -> TransactionVerdict:
    """Executes one transaction on the state that holds exactly `alloc`."""
    allocation = [
        (
            address,
            account.nonce,
            account.balance.to_bytes(32),
            alloc.codes.get(account.code_hash, b""),
            [
                (slot.to_bytes(32), value.to_bytes(32))
                for slot, value in alloc.storage.get(address, {}).items()
            ],
        )
        for address, account in alloc.accounts.items()
        if account is not None
    ]
    oldest = max(env.number - _BLOCK_HASHES, 0)
    ancestors = [env.block_hash(number) for number in range(env.number - 1, oldest - 1, -1)]
    return TransactionVerdict(*_core.run_transaction(core_env(env, ancestors), allocation, encoded))


def core_config(config: ChainConfig) -> _core.ChainConfig:
    """The core's form of a chain's configuration."""
    times = config.time_forks
    return _core.ChainConfig(
        chain_id=config.chain_id,
        shanghai_time=times.get("shanghaiTime", 0),
        cancun_time=times.get("cancunTime"),
        prague_time=times.get("pragueTime"),
        osaka_time=times.get("osakaTime"),
        blob_schedules=[
            (time, schedule.target, schedule.max, schedule.base_fee_update_fraction)
            for time, schedule in config.blob_schedules
        ],
        deposit_contract=config.deposit_contract,
    )


def core_env(env: BlockEnv, ancestors: Sequence[Hash32]) -> _core.BlockEnv:
    """The core's form of a block's environment. ancestors: hashes, parent first."""
    return _core.BlockEnv(
        fork=_FORKS[env.fork],
        chain_id=env.chain_id,
        number=env.number,
        timestamp=env.timestamp,
        coinbase=env.coinbase,
        gas_limit=env.gas_limit,
        prev_randao=env.prev_randao,
        base_fee=env.base_fee.to_bytes(32),
        blob_base_fee=env.blob_base_fee.to_bytes(32),
        max_blobs=env.max_blobs,
        ancestors=list(ancestors),
    )
