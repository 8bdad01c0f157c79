"""JSON values to Python and back: Ethereum's hex conventions, with geth's error texts.

Every parser takes one JSON value and returns the Python value, or raises BadValue, whose text the
registry prefixes with the argument's index. Source: go-ethereum `common/hexutil`, EIP-1474.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from node.crypto import keccak256
from node.types import UINT64_MAX, Address, Hash32

_HEX: Final = re.compile(r"[0-9a-fA-F]*")
_DECIMAL: Final = re.compile(r"[0-9]{1,20}")


class BadValue(Exception):
    """A JSON value is not what the argument needs. The text is geth's."""


@dataclass(frozen=True, eq=False)
class Kind:
    """How one parameter or result type is read and described: the one declaration of it."""

    title: str
    parse: Callable[[Any], Any]
    schema: dict[str, Any]


def quantity(value: int) -> str:
    """A number as Ethereum's JSON writes it."""
    return hex(value)


def data(value: bytes) -> str:
    """A byte string as Ethereum's JSON writes it."""
    return "0x" + value.hex()


def word(value: int) -> str:
    """A number as 32 bytes of data."""
    return f"0x{value:064x}"


def checksum_address(address: Address) -> str:
    """An address with the checksum of EIP-55 in the case of its letters."""
    digits = address.hex()
    digest = keccak256(digits.encode()).hex()
    marked = zip(digits, digest, strict=False)
    return "0x" + "".join(c.upper() if int(check, 16) >= 8 else c for c, check in marked)


def _unmarshal(problem: str, go_type: str) -> BadValue:
    return BadValue(f"json: cannot unmarshal {problem} into Go value of type {go_type}")


def _hex_digits(value: object, go_type: str) -> str:
    """The digits of a hex string of data (whole bytes)."""
    if not isinstance(value, str):
        raise _unmarshal("non-string", go_type)
    if value[:2] not in ("0x", "0X"):
        problem = "hex string without 0x prefix" if value else "empty hex string"
        raise _unmarshal(problem, go_type)
    digits = value[2:]
    if not _HEX.fullmatch(digits):
        raise _unmarshal("invalid hex string", go_type)
    if len(digits) % 2:
        raise _unmarshal("hex string of odd length", go_type)
    return digits


def parse_data(value: object) -> bytes:
    """Bytes of any length."""
    return bytes.fromhex(_hex_digits(value, "hexutil.Bytes"))


def _fixed(value: object, length: int, go_type: str) -> bytes:
    digits = _hex_digits(value, go_type)
    if len(digits) != 2 * length:
        raise BadValue(f"hex string has length {len(digits)}, want {2 * length} for {go_type}")
    return bytes.fromhex(digits)


def parse_hash(value: object) -> Hash32:
    """Exactly 32 bytes."""
    return _fixed(value, 32, "common.Hash")


def parse_address(value: object) -> Address:
    """Exactly 20 bytes; the checksum of EIP-55 is not looked at, as in geth."""
    return _fixed(value, 20, "common.Address")


def number_problem(value: str, bits: int) -> str | None:
    """Why a string is not a hex number of at most `bits` bits; None if it is."""
    digits = value[2:]
    if value[:2] not in ("0x", "0X"):
        return "hex string without 0x prefix" if value else "empty hex string"
    if not digits:
        return 'hex string "0x"'
    if len(digits) > 1 and digits[0] == "0":
        return "hex number with leading zero digits"
    if not _HEX.fullmatch(digits):
        return "invalid hex string"
    return f"hex number > {bits} bits" if 4 * len(digits) > bits + 3 else None


def _number(value: object, bits: int, go_type: str) -> int:
    if not isinstance(value, str):
        raise _unmarshal("non-string", go_type)
    problem = number_problem(value, bits)
    if problem:
        raise _unmarshal(problem, go_type)
    return int(value, 16)


def parse_quantity(value: object) -> int:
    """An unsigned number of at most 256 bits."""
    return _number(value, 256, "*hexutil.Big")


def parse_uint64(value: object) -> int:
    """An unsigned number of at most 64 bits."""
    return _number(value, 64, "hexutil.Uint64")


def parse_uint64_or_number(value: object) -> int:
    """A number of at most 64 bits, written as hex or as a JSON integer (geth's HexOrDecimal64)."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= UINT64_MAX:
        return value
    if isinstance(value, str) and _DECIMAL.fullmatch(value) and int(value) <= UINT64_MAX:
        return int(value)
    return parse_uint64(value)


def parse_bool(value: object) -> bool:
    """A JSON boolean."""
    if not isinstance(value, bool):
        raise _unmarshal(json_type(value), "bool")
    return value


def parse_string(value: object) -> str:
    """A JSON string."""
    if not isinstance(value, str):
        raise _unmarshal(json_type(value), "string")
    return value


def parse_object(value: object) -> dict[str, Any]:
    """A JSON object, its members still to be read."""
    if not isinstance(value, dict):
        raise _unmarshal(json_type(value), "object")
    return value


def parse_slot(value: object) -> int:
    """A storage key: hex of up to 32 bytes, odd length allowed (geth's decodeHash)."""
    if not isinstance(value, str):
        raise _unmarshal(json_type(value), "string")
    digits = value[2:] if value[:2] in ("0x", "0X") else value
    if not _HEX.fullmatch(digits):
        raise PlainBadValue(f'invalid hex in storage key: "{value}"')
    if len(digits) > 64:
        raise PlainBadValue(f'storage key too long (want at most 32 bytes): "{value}"')
    return int(digits or "0", 16)


class PlainBadValue(BadValue):
    """A bad value that geth reports without the argument's index."""


def json_type(value: object) -> str:
    """What Go's decoder calls a JSON value."""
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def list_of(item: Kind, limit: int | None = None) -> Callable[[Any], list[Any]]:
    """A parser of arrays."""

    def parse(value: object) -> list[Any]:
        if not isinstance(value, list):
            raise _unmarshal(json_type(value), f"[]{item.title}")
        if limit is not None and len(value) > limit:
            raise PlainBadValue(f"too many items ({len(value)}, at most {limit} allowed)")
        return [item.parse(entry) for entry in value]

    return parse


def _string_schema(title: str, pattern: str) -> dict[str, Any]:
    return {"title": title, "type": "string", "pattern": pattern}


QUANTITY: Final = Kind(
    "Quantity", parse_quantity, _string_schema("hex number", "^0x(0|[1-9a-f][0-9a-f]{0,63})$")
)
UINT64: Final = Kind(
    "Uint64",
    parse_uint64,
    _string_schema("hex number of 64 bits", "^0x(0|[1-9a-f][0-9a-f]{0,15})$"),
)
UINT64_OR_NUMBER: Final = Kind(
    "Uint64OrNumber",
    parse_uint64_or_number,
    {"oneOf": [UINT64.schema, {"type": "integer", "minimum": 0}]},
)
DATA: Final = Kind("Data", parse_data, _string_schema("hex bytes", "^0x([0-9a-f]{2})*$"))
HASH: Final = Kind("Hash", parse_hash, _string_schema("32 hex bytes", "^0x[0-9a-f]{64}$"))
ADDRESS: Final = Kind("Address", parse_address, _string_schema("address", "^0x[0-9a-fA-F]{40}$"))
SLOT: Final = Kind("StorageKey", parse_slot, _string_schema("storage key", "^(0x)?[0-9a-f]{0,64}$"))
BOOL: Final = Kind("Bool", parse_bool, {"type": "boolean"})
STRING: Final = Kind("String", parse_string, {"type": "string"})
OBJECT: Final = Kind("Object", parse_object, {"type": "object"})

# Parameter types, as method signatures name them.
QuantityArg = Annotated[int, QUANTITY]
Uint64Arg = Annotated[int, UINT64]
CountArg = Annotated[int, UINT64_OR_NUMBER]
DataArg = Annotated[bytes, DATA]
HashArg = Annotated[Hash32, HASH]
AddressArg = Annotated[Address, ADDRESS]
SlotArg = Annotated[int, SLOT]
BoolArg = Annotated[bool, BOOL]
StringArg = Annotated[str, STRING]
ObjectArg = Annotated[dict[str, Any], OBJECT]

# Result types: what a method returns is already JSON.
QuantityJson = Annotated[str, QUANTITY]
DataJson = Annotated[str, DATA]
HashJson = Annotated[str, HASH]
