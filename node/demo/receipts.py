"""Receipts, read back as the events that the model predicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from eth_abi.abi import decode

from genesis import addresses
from node.crypto import keccak256
from node.demo.actions import Account
from node.demo.model import Checkpoint, Closed, Discharged, Event, Filled, Fixed, Written
from node.types import Address

Names: TypeAlias = Mapping[Address, Account]
_Reader: TypeAlias = Callable[[list[bytes], list[int], Names], Event]


def events(receipt: Mapping[str, Any], names: Names) -> tuple[Event, ...]:
    """The option contracts' events of a receipt, in order; others (transfers) are left out."""
    found = (_event(log, names) for log in receipt["logs"])
    return tuple(event for event in found if event is not None)


def _event(log: Mapping[str, Any], names: Names) -> Event | None:
    topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
    reader = _READERS.get((bytes.fromhex(log["address"][2:]), topics[0]))
    if reader is None:
        return None
    data = bytes.fromhex(log["data"][2:])
    words = list(decode(["uint256"] * (len(data) // 32), data))
    return reader(topics, words, names)


def _filled(_topics: list[bytes], words: list[int], _names: Names) -> Filled:
    quantity, premium, fee = words
    return Filled(quantity, premium, fee)


def _written(topics: list[bytes], words: list[int], names: Names) -> Written:
    quantity, collateral = words
    return Written(_number(topics[1]), _name(topics[2], names), quantity, collateral)


def _closed(topics: list[bytes], words: list[int], names: Names) -> Closed:
    quantity, collateral = words
    return Closed(_number(topics[1]), _name(topics[2], names), quantity, collateral)


def _checkpoint(topics: list[bytes], words: list[int], _names: Names) -> Checkpoint:
    price, timestamp = words
    return Checkpoint(topics[1], price, timestamp)


def _fixed(topics: list[bytes], words: list[int], _names: Names) -> Fixed:
    price, _fallback = words
    return Fixed(topics[1], _number(topics[2]), price)


def _discharged(topics: list[bytes], words: list[int], names: Names) -> Discharged:
    long, short, paid = words
    return Discharged(_number(topics[1]), _name(topics[2], names), long, short, paid)


def _number(topic: bytes) -> int:
    return int.from_bytes(topic, "big")


def _name(topic: bytes, names: Names) -> Account:
    return names.get(topic[12:], f"0x{topic[12:].hex()}")


def _topic(signature: str) -> bytes:
    return keccak256(signature.encode())


_READERS: Final[Mapping[tuple[Address, bytes], _Reader]] = {
    (
        addresses.EXCHANGE,
        _topic("Filled(bytes32,address,address,uint256,uint256,uint256)"),
    ): _filled,
    (addresses.POOL, _topic("Written(uint256,address,address,uint256,uint256)")): _written,
    (addresses.POOL, _topic("Closed(uint256,address,uint256,uint256)")): _closed,
    (addresses.ORACLE, _topic("CheckpointAdded(bytes32,uint128,uint64)")): _checkpoint,
    (addresses.ORACLE, _topic("SettlementFixed(bytes32,uint64,uint128,bool)")): _fixed,
    (addresses.POOL, _topic("Discharged(uint256,address,uint256,uint256,uint256)")): _discharged,
}
