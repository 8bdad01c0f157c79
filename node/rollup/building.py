"""Filling a block from the pool's candidates: what runs on the builder's thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from node.config import SequencerConfig
from node.errors import ConfigError, InvalidTransaction, StrikefoldError, TxFault
from node.evm.block import Header
from node.evm.builder import BlockAttributes, BlockBuilder, prev_randao_after
from node.evm.transactions import Transaction
from node.evm.zk_gas import NoZkGasLeft, ZkGasExceeded
from node.log import get_logger
from node.rollup.candidates import Candidates
from node.types import ZERO_HASH, Address, Hash32

MAX_EXTRA_DATA_BYTES: Final = 32
_MIN_TX_GAS: Final = 21_000
_NO_ROOM: Final = frozenset({
    TxFault.GAS_ALLOWANCE_EXCEEDED,
    TxFault.BLOB_MAX_GAS_EXCEEDED,
    TxFault.NONCE_TOO_HIGH,
    TxFault.INSUFFICIENT_MAX_FEE,
    TxFault.ZK_GAS_ALLOWANCE_EXCEEDED,
})  # fmt: skip
"""Faults that a later block may cure: the transaction stays in the pool."""

_MAX_MISFITS: Final = 3
"""Transactions found to take more zk gas than is left, until a block counts as full."""

_log = get_logger("builder")


class AnchorSource(Protocol):
    """Where the L1 message anchor of the next block comes from."""

    def anchor(self, parent: Header) -> Hash32:
        """The rolling hash of L1 messages that the block after `parent` commits to."""


class NoAnchor:
    """A chain without an L1: the anchor is zero."""

    def anchor(self, parent: Header) -> Hash32:
        """Zero."""
        return ZERO_HASH


class EngineFailure(StrikefoldError):
    """Executing this transaction hit a defect of ours; the block has to be built without it."""

    def __init__(self, tx_hash: Hash32, cause: Exception) -> None:
        super().__init__(f"internal error in transaction 0x{tx_hash.hex()}: {cause!r}")
        self.tx_hash = tx_hash


@dataclass(frozen=True)
class BlockTemplate:
    """The parts of a block's attributes that do not change from block to block."""

    coinbase: Address
    gas_limit: int
    extra_data: bytes
    zk_gas_limit: int = 0

    @classmethod
    def from_config(cls, config: SequencerConfig) -> BlockTemplate:
        """Raises ConfigError, naming the key."""
        extra = config.extra_data.encode()
        if len(extra) > MAX_EXTRA_DATA_BYTES:
            raise ConfigError(
                f"sequencer.extra_data: {len(extra)} bytes, at most {MAX_EXTRA_DATA_BYTES} fit"
            )
        try:
            coinbase = bytes.fromhex(config.coinbase.removeprefix("0x"))
        except ValueError:
            coinbase = b""
        if len(coinbase) != 20:
            raise ConfigError(f"sequencer.coinbase = {config.coinbase!r}: expected 20 bytes in hex")
        return cls(coinbase, config.gas_limit, extra, config.zk_gas_limit)

    def attributes(self, parent: Header, timestamp: int, anchor: Hash32) -> BlockAttributes:
        """The attributes of the block after `parent`."""
        return BlockAttributes(
            timestamp=timestamp,
            coinbase=self.coinbase,
            prev_randao=prev_randao_after(parent, anchor),
            parent_beacon_block_root=anchor,
            gas_limit=self.gas_limit,
            extra_data=self.extra_data,
            zk_gas_limit=self.zk_gas_limit,
        )


@dataclass
class Filling:
    """What became of the candidates. rejected: hash -> why it can never be included."""

    added: list[Transaction] = field(default_factory=list)
    rejected: dict[Hash32, InvalidTransaction] = field(default_factory=dict)


def fill(
    builder: BlockBuilder,
    candidates: Candidates,
    deadline: float,
    *,
    metered: dict[Hash32, int] | None = None,
    skip: Callable[[Hash32], bool] = lambda _: False,
    stopped: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
) -> Filling:
    """Adds candidates, best first, until the gas, the candidates or the time run out.

    deadline: in `clock` seconds; no transaction is started after it. metered: zk gas of candidates
    that found no room once, so that they are not executed where they find none again; more are
    added. skip: hashes that are in the block already. stopped: whether to end early. Raises
    EngineFailure; the builder is then of no
    further use.
    """
    filling, misfits = Filling(), 0
    metered = {} if metered is None else metered
    while (entry := candidates.peek()) is not None and builder.gas_left >= _MIN_TX_GAS:
        if skip(entry.hash):
            candidates.shift()
            continue
        if stopped() or clock() >= deadline:
            break
        if entry.tx.gas_limit > builder.gas_left or (
            entry.hash in metered and metered[entry.hash] > builder.zk_gas_left
        ):
            candidates.pop()
            continue
        try:
            builder.add(entry.tx)
        except (ZkGasExceeded, NoZkGasLeft) as error:
            metered[entry.hash] = error.zk_gas
            misfits += isinstance(error, NoZkGasLeft)
            _refuse(filling, candidates, error)
            if misfits == _MAX_MISFITS:
                break
        except InvalidTransaction as error:
            _refuse(filling, candidates, error)
        except Exception as error:
            _log.exception("transaction broke the engine", hash=f"0x{entry.hash.hex()}")
            raise EngineFailure(entry.hash, error) from error
        else:
            filling.added.append(entry.tx)
            candidates.shift()
    return filling


def _refuse(filling: Filling, candidates: Candidates, error: InvalidTransaction) -> None:
    """The best candidate does not go into this block, or into none."""
    entry = candidates.peek()
    if entry is not None and error.fault not in _NO_ROOM:
        filling.rejected[entry.hash] = error
    candidates.pop()
