"""The structured parameters: blocks, calls, filters, overrides, trace options.

Each is a frozen record with one parser and one schema. Unknown members are ignored, as geth does.
Sources: go-ethereum `rpc/types.go`, `internal/ethapi/transaction_args.go`, `eth/filters/api.go`,
`internal/ethapi/override`, `eth/tracers/api.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from node.evm.transactions import AccessList, Authorization
from node.rpc import codec
from node.rpc.codec import BadValue, Kind
from node.types import Address, Hash32

TAGS: Final = ("earliest", "latest", "pending", "safe", "finalized")
MAX_TOPICS: Final = 4
MAX_PER_POSITION: Final = 1_000
_INT64_MAX: Final = 2**63 - 1


@dataclass(frozen=True)
class BlockRef:
    """Which block: exactly one of number, tag and hash."""

    number: int | None = None
    tag: str | None = None
    hash: Hash32 | None = None
    require_canonical: bool = False

    @property
    def is_pending(self) -> bool:
        """The block being built."""
        return self.tag == "pending"


LATEST: Final = BlockRef(tag="latest")


def read_fields(value: object, title: str, kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """The members of a JSON object that are present and not null, each parsed by its kind."""
    if not isinstance(value, dict):
        problem = f"json: cannot unmarshal {codec.json_type(value)}"
        raise BadValue(f"{problem} into Go value of type {title}")
    result = {}
    for name, kind in kinds.items():
        if value.get(name) is None:
            continue
        try:
            result[name] = kind.parse(value[name])
        except BadValue as error:
            text = str(error).replace("Go value of type", f"Go struct field {title}.{name} of type")
            raise type(error)(text) from error
    return result


def _schema(kinds: Mapping[str, Kind]) -> dict[str, Any]:
    return {"type": "object", "properties": {name: kind.schema for name, kind in kinds.items()}}


def _list_kind(item: Kind, limit: int | None = None) -> Kind:
    schema = {"type": "array", "items": item.schema}
    return Kind(f"{item.title}List", codec.list_of(item, limit), schema)


def parse_block_number(value: object) -> BlockRef:
    """A block number or tag (geth's rpc.BlockNumber)."""
    text = value if isinstance(value, str) else str(value)
    if text in TAGS:
        return BlockRef(tag=text)
    problem = codec.number_problem(text, 64)
    if problem:
        raise BadValue(problem)
    number = int(text, 16)
    if number > _INT64_MAX:
        raise BadValue("block number larger than int64")
    return BlockRef(number=number)


def parse_block_ref(value: object) -> BlockRef:
    """A block number, tag, hash or EIP-1898 object."""
    if isinstance(value, dict):
        return _block_ref_object(value)
    if isinstance(value, str) and len(value) == 66:
        return BlockRef(hash=codec.parse_hash(value))
    return parse_block_number(value)


def _block_ref_object(value: dict[str, Any]) -> BlockRef:
    number, block_hash = value.get("blockNumber"), value.get("blockHash")
    if number is not None and block_hash is not None:
        raise BadValue("cannot specify both BlockHash and BlockNumber, choose one or the other")
    if number is not None:
        return parse_block_number(number)
    if block_hash is not None:
        canonical = codec.parse_bool(value.get("requireCanonical") or False)
        return BlockRef(hash=codec.parse_hash(block_hash), require_canonical=canonical)
    raise BadValue("invalid block number or hash: neither blockNumber nor blockHash is given")


_TAG_SCHEMA: Final = {"type": "string", "enum": list(TAGS)}
BLOCK_NUMBER: Final = Kind(
    "BlockNumber", parse_block_number, {"oneOf": [codec.UINT64.schema, _TAG_SCHEMA]}
)
BLOCK_REF: Final = Kind(
    "BlockNumberOrTagOrHash",
    parse_block_ref,
    {"oneOf": [codec.UINT64.schema, _TAG_SCHEMA, codec.HASH.schema, {"type": "object"}]},
)
BlockNumberArg = Annotated[BlockRef, BLOCK_NUMBER]
BlockRefArg = Annotated[BlockRef, BLOCK_REF]


_ACCESS_ENTRY_KINDS: Final = {"address": codec.ADDRESS, "storageKeys": _list_kind(codec.HASH)}


def _parse_access_list(value: object) -> AccessList:
    entry = Kind("AccessTuple", _parse_access_entry, {"type": "object"})
    return tuple(codec.list_of(entry)(value))


def _parse_access_entry(value: object) -> tuple[Address, tuple[int, ...]]:
    entry = read_fields(value, "AccessTuple", _ACCESS_ENTRY_KINDS)
    if "address" not in entry:
        raise BadValue("missing required field 'address' for AccessTuple")
    keys = entry.get("storageKeys", [])
    return entry["address"], tuple(int.from_bytes(key, "big") for key in keys)


_AUTHORIZATION_KINDS: Final = {
    "chainId": codec.QUANTITY,
    "address": codec.ADDRESS,
    "nonce": codec.UINT64,
    "yParity": codec.UINT64,
    "r": Kind("r", codec.parse_slot, codec.QUANTITY.schema),
    "s": Kind("s", codec.parse_slot, codec.QUANTITY.schema),
}


def _parse_authorization(value: object) -> Authorization:
    entry = read_fields(value, "SetCodeAuthorization", _AUTHORIZATION_KINDS)
    for name in _AUTHORIZATION_KINDS:
        if name not in entry:
            raise BadValue(f"missing required field '{name}' for SetCodeAuthorization")
    return Authorization(*(entry[name] for name in _AUTHORIZATION_KINDS))


_AUTHORIZATION: Final = Kind(
    "SetCodeAuthorization", _parse_authorization, _schema(_AUTHORIZATION_KINDS)
)
_TRANSACTION_KINDS: Final = {
    "from": codec.ADDRESS,
    "to": codec.ADDRESS,
    "gas": codec.UINT64,
    "gasPrice": codec.QUANTITY,
    "maxFeePerGas": codec.QUANTITY,
    "maxPriorityFeePerGas": codec.QUANTITY,
    "value": codec.QUANTITY,
    "nonce": codec.UINT64,
    "data": codec.DATA,
    "input": codec.DATA,
    "accessList": Kind("AccessList", _parse_access_list, {"type": "array"}),
    "chainId": codec.QUANTITY,
    "maxFeePerBlobGas": codec.QUANTITY,
    "blobVersionedHashes": _list_kind(codec.HASH),
    "authorizationList": _list_kind(_AUTHORIZATION),
}


@dataclass(frozen=True)
class TransactionArgs:
    """An unsigned transaction as calls describe it; None where the caller said nothing."""

    sender: Address | None = None
    to: Address | None = None
    gas: int | None = None
    gas_price: int | None = None
    max_fee_per_gas: int | None = None
    max_priority_fee_per_gas: int | None = None
    value: int | None = None
    nonce: int | None = None
    data: bytes | None = None
    input: bytes | None = None
    access_list: AccessList | None = None
    chain_id: int | None = None
    max_fee_per_blob_gas: int | None = None
    blob_hashes: tuple[Hash32, ...] | None = None
    authorizations: tuple[Authorization, ...] | None = None

    @property
    def payload(self) -> bytes:
        """The call data."""
        return self.input if self.input is not None else self.data or b""


def parse_transaction(value: object) -> TransactionArgs:
    """Geth's TransactionArgs."""
    entry = read_fields(value, "TransactionArgs", _TRANSACTION_KINDS)
    blobs, authorizations = entry.get("blobVersionedHashes"), entry.get("authorizationList")
    return TransactionArgs(
        sender=entry.get("from"),
        to=entry.get("to"),
        gas=entry.get("gas"),
        gas_price=entry.get("gasPrice"),
        max_fee_per_gas=entry.get("maxFeePerGas"),
        max_priority_fee_per_gas=entry.get("maxPriorityFeePerGas"),
        value=entry.get("value"),
        nonce=entry.get("nonce"),
        data=entry.get("data"),
        input=entry.get("input"),
        access_list=entry.get("accessList"),
        chain_id=entry.get("chainId"),
        max_fee_per_blob_gas=entry.get("maxFeePerBlobGas"),
        blob_hashes=None if blobs is None else tuple(blobs),
        authorizations=None if authorizations is None else tuple(authorizations),
    )


TRANSACTION: Final = Kind("TransactionArgs", parse_transaction, _schema(_TRANSACTION_KINDS))
TransactionArg = Annotated[TransactionArgs, TRANSACTION]


@dataclass(frozen=True)
class FilterQuery:
    """What eth_getLogs looks for. A set is of alternatives, and an empty set admits anything."""

    block_hash: Hash32 | None = None
    from_block: BlockRef | None = None
    to_block: BlockRef | None = None
    addresses: frozenset[Address] = frozenset()
    topics: tuple[frozenset[Hash32], ...] = ()


def _parse_addresses(value: object) -> frozenset[Address]:
    if isinstance(value, str):
        return frozenset((codec.parse_address(value),))
    if not isinstance(value, list):
        raise BadValue("invalid addresses in query")
    if len(value) > MAX_PER_POSITION:
        raise codec.PlainBadValue("exceed max addresses or topics per search position")
    return frozenset(map(codec.parse_address, value))


def _parse_topics(value: object) -> tuple[frozenset[Hash32], ...]:
    if not isinstance(value, list):
        raise BadValue(f"json: cannot unmarshal {codec.json_type(value)} into []interface {{}}")
    if len(value) > MAX_TOPICS:
        raise codec.PlainBadValue("exceed max topics")
    return tuple(map(_parse_topic, value))


def _parse_topic(value: object) -> frozenset[Hash32]:
    if value is None:
        return frozenset()
    if isinstance(value, str):
        return frozenset((codec.parse_hash(value),))
    if not isinstance(value, list):
        raise BadValue("invalid topic(s)")
    if len(value) > MAX_PER_POSITION:
        raise codec.PlainBadValue("exceed max addresses or topics per search position")
    if None in value:
        return frozenset()
    return frozenset(map(codec.parse_hash, value))


_FILTER_KINDS: Final = {
    "blockHash": codec.HASH,
    "fromBlock": BLOCK_NUMBER,
    "toBlock": BLOCK_NUMBER,
    "address": Kind(
        "Addresses",
        _parse_addresses,
        {"oneOf": [codec.ADDRESS.schema, {"type": "array", "items": codec.ADDRESS.schema}]},
    ),
    "topics": Kind("Topics", _parse_topics, {"type": "array", "maxItems": MAX_TOPICS}),
}


def parse_filter(value: object) -> FilterQuery:
    """Geth's FilterCriteria."""
    entry = read_fields(value, "FilterCriteria", _FILTER_KINDS)
    if "blockHash" in entry and ("fromBlock" in entry or "toBlock" in entry):
        raise BadValue(
            "cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other"
        )
    return FilterQuery(
        entry.get("blockHash"),
        entry.get("fromBlock"),
        entry.get("toBlock"),
        entry.get("address", frozenset()),
        entry.get("topics", ()),
    )


FILTER: Final = Kind("FilterCriteria", parse_filter, _schema(_FILTER_KINDS))
FilterArg = Annotated[FilterQuery, FILTER]


@dataclass(frozen=True)
class AccountOverride:
    """What a call pretends of one account; None keeps what is. state replaces all storage."""

    nonce: int | None = None
    code: bytes | None = None
    balance: int | None = None
    state: dict[int, int] | None = None
    state_diff: dict[int, int] | None = None
    moves_precompile: bool = False


def _parse_slots(value: object) -> dict[int, int]:
    if not isinstance(value, dict):
        problem = f"json: cannot unmarshal {codec.json_type(value)}"
        raise BadValue(f"{problem} into Go value of type map[common.Hash]common.Hash")
    return {
        int.from_bytes(codec.parse_hash(key), "big"): int.from_bytes(codec.parse_hash(new), "big")
        for key, new in value.items()
    }


_SLOTS: Final = Kind("Storage", _parse_slots, {"type": "object"})
_ACCOUNT_OVERRIDE_KINDS: Final = {
    "nonce": codec.UINT64,
    "code": codec.DATA,
    "balance": codec.QUANTITY,
    "state": _SLOTS,
    "stateDiff": _SLOTS,
    "movePrecompileToAddress": codec.ADDRESS,
}
StateOverrides = dict[Address, AccountOverride]


def parse_state_overrides(value: object) -> StateOverrides:
    """Geth's StateOverride."""
    if not isinstance(value, dict):
        problem = f"json: cannot unmarshal {codec.json_type(value)}"
        raise BadValue(f"{problem} into Go value of type override.StateOverride")
    return {codec.parse_address(key): _parse_override(entry) for key, entry in value.items()}


def _parse_override(value: object) -> AccountOverride:
    entry = read_fields(value, "OverrideAccount", _ACCOUNT_OVERRIDE_KINDS)
    return AccountOverride(
        entry.get("nonce"),
        entry.get("code"),
        entry.get("balance"),
        entry.get("state"),
        entry.get("stateDiff"),
        "movePrecompileToAddress" in entry,
    )


STATE_OVERRIDES: Final = Kind("StateOverride", parse_state_overrides, {"type": "object"})
StateOverridesArg = Annotated[StateOverrides, STATE_OVERRIDES]

_BLOCK_OVERRIDE_KINDS: Final = {
    "number": codec.QUANTITY,
    "difficulty": codec.QUANTITY,
    "time": codec.UINT64,
    "gasLimit": codec.UINT64,
    "feeRecipient": codec.ADDRESS,
    "prevRandao": codec.HASH,
    "baseFeePerGas": codec.QUANTITY,
    "blobBaseFee": codec.QUANTITY,
    "beaconRoot": codec.HASH,
    "withdrawals": Kind("Withdrawals", lambda value: value, {"type": "array"}),
}


def parse_block_overrides(value: object) -> dict[str, Any]:
    """Geth's BlockOverrides: the members given, by their JSON names."""
    return read_fields(value, "BlockOverrides", _BLOCK_OVERRIDE_KINDS)


BLOCK_OVERRIDES: Final = Kind(
    "BlockOverrides", parse_block_overrides, _schema(_BLOCK_OVERRIDE_KINDS)
)
BlockOverridesArg = Annotated[dict[str, Any], BLOCK_OVERRIDES]


@dataclass(frozen=True)
class TraceOptions:
    """How to trace. tracer None: the opcode logger. options: that tracer's, by geth's names."""

    tracer: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    state_overrides: StateOverrides = field(default_factory=dict)
    block_overrides: dict[str, Any] = field(default_factory=dict)


_LIMIT: Final = Kind("Limit", codec.parse_uint64_or_number, {"type": "integer"})
_LOGGER_KINDS: Final = {
    "enableMemory": codec.BOOL,
    "disableStack": codec.BOOL,
    "disableStorage": codec.BOOL,
    "enableReturnData": codec.BOOL,
    "limit": _LIMIT,
}
_TRACE_KINDS: Final = _LOGGER_KINDS | {
    "tracer": codec.STRING,
    "tracerConfig": codec.OBJECT,
    "stateOverrides": STATE_OVERRIDES,
    "blockOverrides": BLOCK_OVERRIDES,
}


def parse_trace_options(value: object) -> TraceOptions:
    """Geth's TraceConfig and TraceCallConfig."""
    entry = read_fields(value, "TraceConfig", _TRACE_KINDS)
    tracer = entry.get("tracer") or None
    logger = {name: value for name, value in entry.items() if name in _LOGGER_KINDS}
    return TraceOptions(
        tracer,
        logger if tracer is None else entry.get("tracerConfig", {}),
        entry.get("stateOverrides", {}),
        entry.get("blockOverrides", {}),
    )


TRACE_OPTIONS: Final = Kind("TraceConfig", parse_trace_options, _schema(_TRACE_KINDS))
TraceOptionsArg = Annotated[TraceOptions, TRACE_OPTIONS]
