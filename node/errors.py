"""The errors of the node: one small tree.

A message says what happened, with which value, and what to do about it. Layers raise these;
`node.rpc` turns them into JSON-RPC errors and `node.cli` into exit codes.
"""

from __future__ import annotations

from enum import StrEnum


class StrikefoldError(Exception):
    """Base of every error the node raises on purpose."""


class ConfigError(StrikefoldError):
    """A configuration value, file or flag is wrong, or does not fit the database."""


class InvalidInput(StrikefoldError):
    """Something from outside (bytes, JSON, a transaction, a block) breaks a rule."""


class InvalidEncoding(InvalidInput):
    """Bytes or text that do not decode: RLP, hex, JSON."""


class InvalidGenesis(InvalidInput):
    """A genesis file that breaks a rule, or is not the one the database was made with."""


class TxFault(StrEnum):
    """Why a transaction is invalid; the names are those of execution-spec-tests."""

    NONCE_TOO_LOW = "NONCE_MISMATCH_TOO_LOW"
    NONCE_TOO_HIGH = "NONCE_MISMATCH_TOO_HIGH"
    NONCE_IS_MAX = "NONCE_IS_MAX"
    INSUFFICIENT_FUNDS = "INSUFFICIENT_ACCOUNT_FUNDS"
    INSUFFICIENT_MAX_FEE = "INSUFFICIENT_MAX_FEE_PER_GAS"
    PRIORITY_ABOVE_MAX_FEE = "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS"
    INTRINSIC_GAS_TOO_LOW = "INTRINSIC_GAS_TOO_LOW"
    FLOOR_GAS_TOO_LOW = "INTRINSIC_GAS_BELOW_FLOOR_GAS_COST"
    GAS_ALLOWANCE_EXCEEDED = "GAS_ALLOWANCE_EXCEEDED"
    GAS_LIMIT_EXCEEDS_MAXIMUM = "GAS_LIMIT_EXCEEDS_MAXIMUM"
    GAS_PRICE_OVERFLOW = "GASPRICE_OVERFLOW"
    SENDER_NOT_EOA = "SENDER_NOT_EOA"
    INITCODE_SIZE_EXCEEDED = "INITCODE_SIZE_EXCEEDED"
    TYPE_NOT_SUPPORTED = "TYPE_NOT_SUPPORTED"
    INVALID_SIGNATURE = "INVALID_SIGNATURE_VRS"
    INVALID_CHAIN_ID = "INVALID_CHAINID"
    BLOB_FEE_TOO_LOW = "INSUFFICIENT_MAX_FEE_PER_BLOB_GAS"
    BLOB_COUNT_EXCEEDED = "TYPE_3_TX_BLOB_COUNT_EXCEEDED"
    BLOB_MAX_GAS_EXCEEDED = "TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED"
    BLOB_ZERO = "TYPE_3_TX_ZERO_BLOBS"
    BLOB_CREATE = "TYPE_3_TX_CONTRACT_CREATION"
    BLOB_HASH_VERSION = "TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH"
    SET_CODE_CREATE = "TYPE_4_TX_CONTRACT_CREATION"
    SET_CODE_EMPTY = "TYPE_4_EMPTY_AUTHORIZATION_LIST"
    SET_CODE_FORMAT = "TYPE_4_INVALID_AUTHORIZATION_FORMAT"
    RLP = "RLP_INVALID"

    # Refusals of a pool or a server, of which consensus knows nothing.
    ALREADY_KNOWN = "ALREADY_KNOWN"
    UNDERPRICED = "UNDERPRICED"
    REPLACEMENT_UNDERPRICED = "REPLACEMENT_UNDERPRICED"
    FUTURE_REPLACES_PENDING = "FUTURE_REPLACES_PENDING"
    POOL_FULL = "POOL_FULL"
    OVERSIZED = "OVERSIZED"
    ACCOUNT_LIMIT = "ACCOUNT_LIMIT"
    DELEGATED_LIMIT = "DELEGATED_LIMIT"
    DELEGATED_GAP = "DELEGATED_GAP"
    AUTHORITY_RESERVED = "AUTHORITY_RESERVED"
    FEE_CAP_EXCEEDED = "FEE_CAP_EXCEEDED"
    NOT_REPLAY_PROTECTED = "NOT_REPLAY_PROTECTED"
    ZK_GAS_EXCEEDED = "ZK_GAS_EXCEEDED"
    ZK_GAS_ALLOWANCE_EXCEEDED = "ZK_GAS_ALLOWANCE_EXCEEDED"


class InvalidTransaction(InvalidInput):
    """A transaction that cannot be included. `fault` is for programs, the text is geth's."""

    def __init__(self, fault: TxFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


class InvalidBlock(InvalidInput):
    """A block that breaks a validity rule. `rule` names it with execution-spec-tests' names."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class InvalidWitness(InvalidInput):
    """A witness lacks a node, code or header that execution needs, or holds a wrong one."""


class InvalidProof(InvalidInput):
    """A proof does not verify."""


class ProgramFailed(InvalidInput):
    """A program of the zkVM did not end with exit code 0: there is nothing to prove."""


class Unavailable(StrikefoldError):
    """Something correct was asked for that this node cannot serve now."""


class HistoryPruned(Unavailable):
    """State of a block outside the retained window."""


class StorageError(StrikefoldError):
    """The disk refused a write (full, read-only, gone); nothing of the block was applied."""


class CorruptData(StrikefoldError):
    """Stored bytes fail their checksum or contradict each other."""


class Disagreement(StrikefoldError):
    """Two computations of the same thing differ; the message says where and how."""
