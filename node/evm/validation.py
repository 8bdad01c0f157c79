"""Whether a block's header follows its parent and fits its body, before anything is executed.

The proof-of-work seal (ethash's nonce and mix hash) of blocks before Paris is not checked: a chain
from before the merge is trusted as far as its seals go; everything else about it is verified.
Sources: Yellow Paper 4.3.4, the EIPs named at each rule; messages are geth's.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from node.codec import encode
from node.crypto import EMPTY_OMMERS_HASH, keccak256
from node.errors import InvalidBlock
from node.evm.block import Block, Header
from node.evm.chain_config import GAS_PER_BLOB, ChainConfig
from node.evm.difficulty import next_difficulty
from node.evm.fees import (
    GAS_LIMIT_DIVISOR,
    MAX_GAS_LIMIT,
    MIN_GAS_LIMIT,
    excess_blob_gas,
    next_base_fee,
    parent_gas_limit,
)
from node.evm.forks import Fork
from node.state.trie import ordered_root

MAX_EXTRA_DATA_BYTES: Final = 32
MAX_BLOCK_BYTES: Final = 10 * 2**20 - 2 * 2**20
"""EIP-7934: 10 MiB less 2 MiB for the beacon block around it."""


class BlockRule(StrEnum):
    """The rules a block may break; names of execution-spec-tests' BlockException."""

    BASE_FEE = "INVALID_BASEFEE_PER_GAS"
    BLOB_GAS_ABOVE_LIMIT = "BLOB_GAS_USED_ABOVE_LIMIT"
    BLOB_GAS_USED = "INCORRECT_BLOB_GAS_USED"
    BLOCK_SIZE = "RLP_BLOCK_LIMIT_EXCEEDED"
    BLOOM = "INVALID_LOG_BLOOM"
    DEPOSIT_LAYOUT = "INVALID_DEPOSIT_EVENT_LAYOUT"
    DIFFICULTY = "INVALID_DIFFICULTY"
    EXCESS_BLOB_GAS = "INCORRECT_EXCESS_BLOB_GAS"
    EXTRA_DATA = "EXTRA_DATA_TOO_BIG"
    FORMAT = "INCORRECT_BLOCK_FORMAT"
    GAS_LIMIT = "INVALID_GASLIMIT"
    GAS_LIMIT_TOO_BIG = "GASLIMIT_TOO_BIG"
    GAS_USED = "INVALID_GAS_USED"
    GAS_USED_ABOVE_LIMIT = "INVALID_GAS_USED_ABOVE_LIMIT"
    NONCE = "IMPORT_IMPOSSIBLE_NONCE_OVER_PARIS"
    NUMBER = "INVALID_BLOCK_NUMBER"
    OMMERS_HASH = "INVALID_UNCLES_HASH"
    OMMERS_AFTER_PARIS = "IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS"
    DIFFICULTY_AFTER_PARIS = "IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS"
    RECEIPTS_ROOT = "INVALID_RECEIPTS_ROOT"
    REQUESTS = "INVALID_REQUESTS"
    RLP = "RLP_STRUCTURES_ENCODING"
    STATE_ROOT = "INVALID_STATE_ROOT"
    SYSTEM_CALL = "SYSTEM_CONTRACT_CALL_FAILED"
    SYSTEM_CONTRACT_EMPTY = "SYSTEM_CONTRACT_EMPTY"
    TIMESTAMP = "INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT"
    TRANSACTIONS_ROOT = "INVALID_TRANSACTIONS_ROOT"
    UNCLE_DUPLICATE = "UNCLE_IN_CHAIN"
    UNCLE_IS_ANCESTOR = "UNCLE_IS_ANCESTOR"
    UNCLE_PARENT = "UNCLE_PARENT_INCORRECT"
    UNCLES_TOO_MANY = "TOO_MANY_UNCLES"
    UNKNOWN_PARENT = "UNKNOWN_PARENT"
    WITHDRAWALS_ROOT = "INVALID_WITHDRAWALS_ROOT"


_FIELDS_SINCE: Final = (
    ("base_fee_per_gas", "baseFee", Fork.LONDON),
    ("withdrawals_root", "withdrawalsRoot", Fork.SHANGHAI),
    ("blob_gas_used", "blobGasUsed", Fork.CANCUN),
    ("excess_blob_gas", "excessBlobGas", Fork.CANCUN),
    ("parent_beacon_block_root", "parentBeaconRoot", Fork.CANCUN),
    ("requests_hash", "requestsHash", Fork.PRAGUE),
)


def validate_header(config: ChainConfig, header: Header, parent: Header) -> None:
    """Everything a header must be, given its parent. Raises InvalidBlock."""
    fork = config.fork_at(header.number, header.timestamp)
    _validate_place(header, parent)
    _validate_fields(header, fork)
    _validate_gas(config, header, parent)
    if fork >= Fork.PARIS:
        _validate_merged(header)
    else:
        _validate_difficulty(config, header, parent)
    if fork >= Fork.CANCUN:
        _validate_blob_gas(config, header, parent)


def validate_body(config: ChainConfig, block: Block) -> None:
    """Whether the body is the one the header commits to. Raises InvalidBlock."""
    header = block.header
    fork = config.fork_at(header.number, header.timestamp)
    if fork >= Fork.OSAKA and len(block.encoded) > MAX_BLOCK_BYTES:
        raise InvalidBlock(
            BlockRule.BLOCK_SIZE,
            f"block RLP-encoded size exceeds maximum: {len(block.encoded)} bytes,"
            f" at most {MAX_BLOCK_BYTES} allowed",
        )
    ommers = keccak256(encode([ommer.items() for ommer in block.ommers]))
    _expect_root(BlockRule.OMMERS_HASH, "uncle root hash", header.ommers_hash, ommers)
    transactions = ordered_root([tx.encoded for tx in block.transactions])
    _expect_root(
        BlockRule.TRANSACTIONS_ROOT,
        "transaction root hash",
        header.transactions_root,
        transactions,
    )
    if (block.withdrawals is None) != (header.withdrawals_root is None):
        raise InvalidBlock(
            BlockRule.FORMAT,
            "withdrawals present in block body"
            if header.withdrawals_root is None
            else "missing withdrawals in block body",
        )
    if block.withdrawals is not None and header.withdrawals_root is not None:
        root = ordered_root([encode(w.items()) for w in block.withdrawals])
        _expect_root(
            BlockRule.WITHDRAWALS_ROOT, "withdrawals root hash", header.withdrawals_root, root
        )


def _expect_root(rule: BlockRule, name: str, have: bytes, want: bytes) -> None:
    if have != want:
        raise InvalidBlock(
            rule, f"{name} mismatch (header value 0x{have.hex()}, calculated 0x{want.hex()})"
        )


def _validate_place(header: Header, parent: Header) -> None:
    if header.parent_hash != parent.hash:
        raise InvalidBlock(
            BlockRule.UNKNOWN_PARENT,
            f"unknown ancestor: parent 0x{header.parent_hash.hex()}, head 0x{parent.hash.hex()}",
        )
    if header.number != parent.number + 1:
        raise InvalidBlock(
            BlockRule.NUMBER,
            f"invalid block number: have {header.number}, want {parent.number + 1}",
        )
    if header.timestamp <= parent.timestamp:
        raise InvalidBlock(
            BlockRule.TIMESTAMP,
            f"timestamp older than parent: have {header.timestamp}, parent {parent.timestamp}",
        )
    if len(header.extra_data) > MAX_EXTRA_DATA_BYTES:
        raise InvalidBlock(
            BlockRule.EXTRA_DATA, f"extra-data longer than 32 bytes ({len(header.extra_data)})"
        )


def _validate_fields(header: Header, fork: Fork) -> None:
    """The fields present are those of the fork."""
    for field, name, since in _FIELDS_SINCE:
        value = getattr(header, field)
        if fork >= since and value is None:
            raise InvalidBlock(BlockRule.FORMAT, f"header is missing {name}")
        if fork < since and value is not None:
            shown = f"0x{value.hex()}" if isinstance(value, bytes) else value
            raise InvalidBlock(BlockRule.FORMAT, f"invalid {name}: have {shown}, expected nil")


def _validate_gas(config: ChainConfig, header: Header, parent: Header) -> None:
    if header.gas_limit > MAX_GAS_LIMIT:
        raise InvalidBlock(
            BlockRule.GAS_LIMIT_TOO_BIG,
            f"invalid gasLimit: have {header.gas_limit}, max {MAX_GAS_LIMIT}",
        )
    if header.gas_used > header.gas_limit:
        raise InvalidBlock(
            BlockRule.GAS_USED_ABOVE_LIMIT,
            f"invalid gasUsed: have {header.gas_used}, gasLimit {header.gas_limit}",
        )
    bound = parent_gas_limit(config, parent, header.timestamp)
    step = bound // GAS_LIMIT_DIVISOR
    if abs(header.gas_limit - bound) >= step:
        raise InvalidBlock(
            BlockRule.GAS_LIMIT,
            f"invalid gas limit: have {header.gas_limit}, want {bound} +-= {step - 1}",
        )
    if header.gas_limit < MIN_GAS_LIMIT:
        raise InvalidBlock(
            BlockRule.GAS_LIMIT,
            f"invalid gas limit below {MIN_GAS_LIMIT}: have {header.gas_limit}",
        )
    base_fee = next_base_fee(config, parent, header.timestamp)
    if header.base_fee_per_gas != base_fee:
        raise InvalidBlock(
            BlockRule.BASE_FEE,
            f"invalid baseFee: have {header.base_fee_per_gas}, want {base_fee},"
            f" parentBaseFee {parent.base_fee_per_gas}, parentGasUsed {parent.gas_used}",
        )


def _validate_merged(header: Header) -> None:
    """EIP-3675: what proof of work left behind is constant."""
    if header.difficulty != 0:
        raise InvalidBlock(
            BlockRule.DIFFICULTY_AFTER_PARIS,
            f"invalid difficulty: have {header.difficulty}, want 0",
        )
    if header.nonce != bytes(8):
        raise InvalidBlock(BlockRule.NONCE, f"invalid nonce: have 0x{header.nonce.hex()}, want 0")
    if header.ommers_hash != EMPTY_OMMERS_HASH:
        raise InvalidBlock(
            BlockRule.OMMERS_AFTER_PARIS,
            f"invalid uncle hash: have 0x{header.ommers_hash.hex()}, want that of no uncles",
        )


def _validate_difficulty(config: ChainConfig, header: Header, parent: Header) -> None:
    difficulty = next_difficulty(config, parent, header.timestamp)
    if header.difficulty != difficulty:
        raise InvalidBlock(
            BlockRule.DIFFICULTY,
            f"invalid difficulty: have {header.difficulty}, want {difficulty}",
        )


def _validate_blob_gas(config: ChainConfig, header: Header, parent: Header) -> None:
    schedule = config.blob_schedule_at(header.timestamp)
    used = header.blob_gas_used
    assert schedule is not None
    assert used is not None
    if used > schedule.max_gas:
        raise InvalidBlock(
            BlockRule.BLOB_GAS_ABOVE_LIMIT,
            f"blob gas used {used} exceeds maximum allowance {schedule.max_gas}",
        )
    if used % GAS_PER_BLOB:
        raise InvalidBlock(
            BlockRule.BLOB_GAS_USED,
            f"blob gas used {used} not a multiple of blob gas per blob {GAS_PER_BLOB}",
        )
    expected = excess_blob_gas(config, parent, header.timestamp)
    if header.excess_blob_gas != expected:
        raise InvalidBlock(
            BlockRule.EXCESS_BLOB_GAS,
            f"invalid excessBlobGas: have {header.excess_blob_gas}, want {expected}",
        )
