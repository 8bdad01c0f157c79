"""eth_*: accounts, storage and proofs."""

from __future__ import annotations

from typing import Annotated, Any, Final

from node.crypto import EMPTY_CODE_HASH, keccak256
from node.rpc import blocks, codec
from node.rpc.backend import PENDING, ReadContext
from node.rpc.codec import (
    AddressArg,
    BadValue,
    DataJson,
    Kind,
    PlainBadValue,
    QuantityJson,
    SlotArg,
    data,
    quantity,
    word,
)
from node.rpc.context import Context
from node.rpc.errors import CLIENT_LIMIT, RpcError, invalid_params
from node.rpc.params import LATEST, BlockRefArg
from node.rpc.registry import method
from node.state.account import Account, StateReader
from node.state.roots import ACCOUNT_TRIE, StateView, slot_key
from node.state.trie import prove
from node.types import Address

_MAX_SLOTS: Final = 1_024
_NO_ACCOUNT: Final = Account()
_OBJECT: Final = Kind("Object", codec.parse_object, {"type": "object"})
AnyObject = Annotated[dict[str, Any], _OBJECT]


def _account(state: StateReader, address: Address) -> Account:
    return state.account(address) or _NO_ACCOUNT


def _code(state: StateReader, address: Address) -> bytes:
    code_hash = _account(state, address).code_hash
    return b"" if code_hash == EMPTY_CODE_HASH else state.code(code_hash)


@method("eth_getBalance")
async def get_balance(
    context: Context, address: AddressArg, block: BlockRefArg = LATEST
) -> QuantityJson:
    """The balance of an account in wei."""
    return quantity(_account(await context.state_at(block), address).balance)


@method("eth_getCode")
async def get_code(context: Context, address: AddressArg, block: BlockRefArg = LATEST) -> DataJson:
    """The code of an account; a delegation (EIP-7702) as it stands."""
    return data(_code(await context.state_at(block), address))


@method("eth_getStorageAt")
async def get_storage_at(
    context: Context, address: AddressArg, slot: SlotArg, block: BlockRefArg = LATEST
) -> DataJson:
    """The value in a storage slot, as 32 bytes."""
    return word((await context.state_at(block)).storage(address, slot))


@method("eth_getTransactionCount")
async def get_transaction_count(
    context: Context, address: AddressArg, block: BlockRefArg = LATEST
) -> QuantityJson:
    """The nonce of an account; with "pending", the next one to use."""
    if block.is_pending:
        return quantity(context.pool.nonce_of(address))
    return quantity(_account(await context.state_at(block), address).nonce)


@method("eth_getAccount")
async def get_account(
    context: Context, address: AddressArg, block: BlockRefArg = LATEST
) -> AnyObject:
    """The four fields of an account, as the state trie holds them."""
    account = _account(await context.state_at(block), address)
    return {
        "nonce": quantity(account.nonce),
        "balance": quantity(account.balance),
        "storageRoot": data(account.storage_root),
        "codeHash": data(account.code_hash),
    }


@method("eth_getAccountInfo")
async def get_account_info(
    context: Context, address: AddressArg, block: BlockRefArg = LATEST
) -> AnyObject:
    """Balance, nonce and code of an account in one call."""
    state = await context.state_at(block)
    account = _account(state, address)
    return {
        "balance": quantity(account.balance),
        "nonce": quantity(account.nonce),
        "code": data(_code(state, address)),
    }


def _parse_storage_request(value: object) -> dict[Address, list[int]]:
    if not isinstance(value, dict):
        problem = f"json: cannot unmarshal {codec.json_type(value)}"
        raise BadValue(f"{problem} into Go value of type map[common.Address][]common.Hash")
    slots = codec.list_of(codec.HASH)
    return {
        codec.parse_address(address): [int.from_bytes(key, "big") for key in slots(keys)]
        for address, keys in value.items()
    }


_STORAGE_REQUEST: Final = Kind("StorageRequest", _parse_storage_request, {"type": "object"})


@method("eth_getStorageValues", heavy=True)
def get_storage_values(
    context: ReadContext,
    requests: Annotated[dict[Address, list[int]], _STORAGE_REQUEST],
    block: BlockRefArg = LATEST,
) -> AnyObject:
    """The values of many slots of many accounts."""
    count = sum(map(len, requests.values()))
    if count > _MAX_SLOTS:
        raise RpcError(CLIENT_LIMIT, f"too many slots (max {_MAX_SLOTS})")
    if count == 0:
        raise invalid_params("empty request")
    state = blocks.state_at(context.chain, block)
    return {
        data(address): [word(state.storage(address, slot)) for slot in slots]
        for address, slots in requests.items()
    }


def _parse_proof_keys(value: object) -> list[tuple[int, bool]]:
    """(slot, whether it was written as 32 bytes) for every key asked for."""
    if not isinstance(value, list):
        problem = f"json: cannot unmarshal {codec.json_type(value)}"
        raise BadValue(f"{problem} into Go value of type []string")
    if len(value) > _MAX_SLOTS:
        raise PlainBadValue(f"too many storage keys requested (max {_MAX_SLOTS}, got {len(value)})")
    return [(codec.parse_slot(key), len(key.removeprefix("0x")) == 64) for key in value]


_PROOF_KEYS: Final = Kind(
    "StorageKeys", _parse_proof_keys, {"type": "array", "items": codec.SLOT.schema}
)


@method("eth_getProof", heavy=True)
def get_proof(
    context: ReadContext,
    address: AddressArg,
    keys: Annotated[list[tuple[int, bool]], _PROOF_KEYS],
    block: BlockRefArg = LATEST,
) -> AnyObject:
    """An account and some of its slots with their Merkle proofs (EIP-1186).

    The block being built has no tries yet: "pending" proves the newest block.
    """
    number = blocks.require(context.chain, block)
    view = context.chain.state(context.chain.heads.latest.number if number == PENDING else number)
    account = _account(view, address)
    return {
        "address": data(address),
        "accountProof": _hex_list(prove(view, ACCOUNT_TRIE, view.root, keccak256(address))),
        "balance": quantity(account.balance),
        "codeHash": data(account.code_hash),
        "nonce": quantity(account.nonce),
        "storageHash": data(account.storage_root),
        "storageProof": [_slot_proof(view, address, account, slot, full) for slot, full in keys],
    }


def _slot_proof(
    view: StateView, address: Address, account: Account, slot: int, full_key: bool
) -> dict[str, Any]:
    proof = prove(view, keccak256(address), account.storage_root, slot_key(slot))
    return {
        "key": word(slot) if full_key else quantity(slot),
        "value": quantity(view.storage(address, slot)),
        "proof": _hex_list(proof),
    }


def _hex_list(nodes: list[bytes]) -> list[str]:
    return [data(node) for node in nodes]
