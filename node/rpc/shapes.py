"""Headers, blocks, transactions, receipts and logs as JSON objects.

Key names and presence follow the execution-apis schemas; what they leave open follows geth.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, Final

from node.codec import encode, int_to_bytes
from node.crypto import keccak256
from node.evm.block import Block, Header, Log, Receipt, Withdrawal
from node.evm.transactions import (
    ACCESS_LIST,
    BLOB,
    DYNAMIC_FEE,
    LEGACY,
    SET_CODE,
    AccessList,
    Authorization,
    Transaction,
)
from node.rpc.codec import data, quantity, word
from node.types import Address

_OPTIONAL_HEADER_FIELDS: Final = (
    ("baseFeePerGas", "base_fee_per_gas"),
    ("withdrawalsRoot", "withdrawals_root"),
    ("blobGasUsed", "blob_gas_used"),
    ("excessBlobGas", "excess_blob_gas"),
    ("parentBeaconBlockRoot", "parent_beacon_block_root"),
    ("requestsHash", "requests_hash"),
)


def header_json(header: Header) -> dict[str, Any]:
    """A header; fields its fork lacks are absent."""
    shape: dict[str, Any] = {
        "number": quantity(header.number),
        "hash": data(header.hash),
        "parentHash": data(header.parent_hash),
        "nonce": data(header.nonce),
        "mixHash": data(header.prev_randao),
        "sha3Uncles": data(header.ommers_hash),
        "logsBloom": data(header.bloom),
        "stateRoot": data(header.state_root),
        "miner": data(header.coinbase),
        "difficulty": quantity(header.difficulty),
        "extraData": data(header.extra_data),
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "timestamp": quantity(header.timestamp),
        "transactionsRoot": data(header.transactions_root),
        "receiptsRoot": data(header.receipts_root),
    }
    for key, name in _OPTIONAL_HEADER_FIELDS:
        value = getattr(header, name)
        if value is not None:
            shape[key] = quantity(value) if isinstance(value, int) else data(value)
    return shape


def block_json(block: Block, *, full: bool) -> dict[str, Any]:
    """A block with whole transactions or only their hashes."""
    shape = header_json(block.header)
    shape["size"] = quantity(len(block.encoded))
    shape["transactions"] = (
        [transaction_json(tx, block.header, i) for i, tx in enumerate(block.transactions)]
        if full
        else [data(tx.hash) for tx in block.transactions]
    )
    shape["uncles"] = [data(ommer.hash) for ommer in block.ommers]
    if block.withdrawals is not None:
        shape["withdrawals"] = [withdrawal_json(w) for w in block.withdrawals]
    return shape


def pending_block_json(block: Block, *, full: bool) -> dict[str, Any]:
    """The block being built: what only sealing decides is null."""
    shape = block_json(block, full=full)
    for key in ("hash", "nonce", "miner"):
        shape[key] = None
    if full:
        for entry in shape["transactions"]:
            entry["blockHash"] = None
    return shape


def withdrawal_json(withdrawal: Withdrawal) -> dict[str, str]:
    """EIP-4895."""
    return {
        "index": quantity(withdrawal.index),
        "validatorIndex": quantity(withdrawal.validator_index),
        "address": data(withdrawal.address),
        "amount": quantity(withdrawal.amount),
    }


def transaction_json(
    tx: Transaction, header: Header | None = None, index: int = 0
) -> dict[str, Any]:
    """A transaction in a block, or pending where `header` is None."""
    shape: dict[str, Any] = {
        "blockHash": data(header.hash) if header else None,
        "blockNumber": quantity(header.number) if header else None,
        "blockTimestamp": quantity(header.timestamp) if header else None,
        "transactionIndex": quantity(index) if header else None,
        "from": data(tx.sender),
        "gas": quantity(tx.gas_limit),
        "gasPrice": quantity(_gas_price(tx, header)),
        "hash": data(tx.hash),
        "input": data(tx.data),
        "nonce": quantity(tx.nonce),
        "to": data(tx.to) if tx.to is not None else None,
        "value": quantity(tx.value),
        "type": quantity(tx.type),
        "r": quantity(tx.r),
        "s": quantity(tx.s),
    }
    return shape | _typed_members(tx)


def _typed_members(tx: Transaction) -> dict[str, Any]:
    """What depends on the transaction's type."""
    if tx.type == LEGACY:
        protected = tx.chain_id is not None
        v = tx.y_parity + (35 + 2 * (tx.chain_id or 0) if protected else 27)
        return {"v": quantity(v)} | ({"chainId": quantity(tx.chain_id or 0)} if protected else {})
    members: dict[str, Any] = {
        "chainId": quantity(tx.chain_id or 0),
        "accessList": access_list_json(tx.access_list),
        "v": quantity(tx.y_parity),
        "yParity": quantity(tx.y_parity),
    }
    if tx.type >= DYNAMIC_FEE:
        members["maxFeePerGas"] = quantity(tx.max_fee_per_gas)
        members["maxPriorityFeePerGas"] = quantity(tx.max_priority_fee_per_gas)
    if tx.type == BLOB:
        members["maxFeePerBlobGas"] = quantity(tx.max_fee_per_blob_gas)
        members["blobVersionedHashes"] = [data(h) for h in tx.blob_hashes]
    if tx.type == SET_CODE:
        members["authorizationList"] = [authorization_json(a) for a in tx.authorizations]
    return members


def _gas_price(tx: Transaction, header: Header | None) -> int:
    """Paid per gas if in a block, the most that would be paid if not."""
    if header is None or tx.type <= ACCESS_LIST:
        return tx.max_fee_per_gas
    return tx.effective_gas_price(header.base_fee_per_gas or 0)


def access_list_json(access_list: AccessList) -> list[dict[str, Any]]:
    """EIP-2930."""
    return [
        {"address": data(address), "storageKeys": [word(slot) for slot in slots]}
        for address, slots in access_list
    ]


def authorization_json(authorization: Authorization) -> dict[str, str]:
    """EIP-7702."""
    return {
        "chainId": quantity(authorization.chain_id),
        "address": data(authorization.address),
        "nonce": quantity(authorization.nonce),
        "yParity": quantity(authorization.y_parity),
        "r": quantity(authorization.r),
        "s": quantity(authorization.s),
    }


def contract_address(tx: Transaction) -> Address | None:
    """Where a creation transaction puts its contract; None for a call."""
    if tx.to is not None:
        return None
    return keccak256(encode([tx.sender, int_to_bytes(tx.nonce)]))[12:]


def receipts_json(
    block: Block, receipts: Sequence[Receipt], blob_base_fee: int, only: int | None = None
) -> list[dict[str, Any]]:
    """The receipts of a block, or of its transaction `only`. blob_base_fee: wei per blob gas."""
    first_logs = [0, *accumulate(len(receipt.logs) for receipt in receipts)]
    wanted = range(len(receipts)) if only is None else (only,)
    shapes = []
    for i in wanted:
        before = receipts[i - 1].cumulative_gas_used if i else 0
        gas_used = receipts[i].cumulative_gas_used - before
        shape = _receipt_json(block, i, receipts[i], gas_used, first_logs[i])
        if block.transactions[i].type == BLOB:
            shape["blobGasUsed"] = quantity(block.transactions[i].blob_gas)
            shape["blobGasPrice"] = quantity(blob_base_fee)
        shapes.append(shape)
    return shapes


def _receipt_json(
    block: Block, index: int, receipt: Receipt, gas_used: int, first_log: int
) -> dict[str, Any]:
    header, tx = block.header, block.transactions[index]
    created = contract_address(tx)
    shape: dict[str, Any] = {
        "blockHash": data(header.hash),
        "blockNumber": quantity(header.number),
        "transactionHash": data(tx.hash),
        "transactionIndex": quantity(index),
        "from": data(tx.sender),
        "to": data(tx.to) if tx.to is not None else None,
        "contractAddress": data(created) if created is not None else None,
        "cumulativeGasUsed": quantity(receipt.cumulative_gas_used),
        "gasUsed": quantity(gas_used),
        "effectiveGasPrice": quantity(_gas_price(tx, header)),
        "logs": logs_json(header, tx, index, receipt.logs, first_log),
        "logsBloom": data(receipt.bloom),
        "type": quantity(tx.type),
    }
    if isinstance(receipt.status, int):
        shape["status"] = quantity(receipt.status)
    else:
        shape["root"] = data(receipt.status)
    return shape


def logs_json(
    header: Header, tx: Transaction, tx_index: int, logs: Iterable[Log], first_log: int
) -> list[dict[str, Any]]:
    """The logs of one transaction; `first_log` is the block-wide index of the first."""
    return [log_json(header, tx, tx_index, log, index) for index, log in enumerate(logs, first_log)]


def log_json(
    header: Header, tx: Transaction, tx_index: int, log: Log, index: int
) -> dict[str, Any]:
    """One log in a block."""
    return {
        "address": data(log.address),
        "topics": [data(topic) for topic in log.topics],
        "data": data(log.data),
        "blockNumber": quantity(header.number),
        "transactionHash": data(tx.hash),
        "transactionIndex": quantity(tx_index),
        "blockHash": data(header.hash),
        "blockTimestamp": quantity(header.timestamp),
        "logIndex": quantity(index),
        "removed": False,
    }
