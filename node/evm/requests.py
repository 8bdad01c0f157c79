"""Requests of the execution layer to the consensus layer, and the other system calls of a block.

Sources: EIP-4788 (beacon root), EIP-2935 (block hashes), EIP-7685 (requests hash), EIP-6110
(deposits), EIP-7002 (withdrawals), EIP-7251 (consolidations).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

from node.errors import InvalidBlock
from node.evm.block import Header, Log, Receipt
from node.evm.engine import Session
from node.evm.forks import Fork
from node.evm.validation import BlockRule
from node.types import Address, Hash32

BEACON_ROOTS: Final[Address] = bytes.fromhex("000f3df6d732807ef1319fb7b8bb8522d0beac02")
HISTORY_STORAGE: Final[Address] = bytes.fromhex("0000f90827f1c53a10cb7a02335b175320002935")
WITHDRAWAL_REQUESTS: Final[Address] = bytes.fromhex("00000961ef480eb55e80d19ad83579a64c007002")
CONSOLIDATION_REQUESTS: Final[Address] = bytes.fromhex("0000bbddc7ce488642fb579f8b00f3a590007251")

_DEPOSIT_TYPE: Final = b"\x00"
_WITHDRAWAL_TYPE: Final = b"\x01"
_CONSOLIDATION_TYPE: Final = b"\x02"
_DEPOSIT_TOPIC: Final[Hash32] = bytes.fromhex(
    "649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5"
)
"""keccak256 of DepositEvent(bytes,bytes,bytes,bytes,bytes)."""
_DEPOSIT_BYTES: Final = 576
_DEPOSIT_FIELDS: Final = (
    ("pubkey", 160, 48),
    ("withdrawal credentials", 256, 32),
    ("amount", 320, 8),
    ("signature", 384, 96),
    ("index", 512, 8),
)
"""(name, offset of the length word, length in bytes) in the log's data (EIP-6110)."""


def call_at_start(session: Session, fork: Fork, header: Header) -> None:
    """The system calls before the first transaction; a missing contract is passed over."""
    if fork >= Fork.CANCUN and header.parent_beacon_block_root is not None:
        _call_unchecked(session, BEACON_ROOTS, header.parent_beacon_block_root)
    if fork >= Fork.PRAGUE:
        _call_unchecked(session, HISTORY_STORAGE, header.parent_hash)


def _call_unchecked(session: Session, address: Address, data: bytes) -> None:
    """A system call whose failure does not make the block invalid; it then has no effect."""
    try:
        session.system_call(address, data)
    except InvalidBlock:
        return


def collect_requests(
    session: Session, receipts: Iterable[Receipt], deposit_contract: Address
) -> tuple[bytes, ...]:
    """Type byte and data of each kind of request that is not empty, after the last transaction.

    Raises InvalidBlock on a deposit event of another layout, or a system contract that is
    missing or fails.
    """
    logs = (log for receipt in receipts for log in receipt.logs)
    requests = (
        _DEPOSIT_TYPE + b"".join(_deposits(logs, deposit_contract)),
        _WITHDRAWAL_TYPE + _call_checked(session, WITHDRAWAL_REQUESTS),
        _CONSOLIDATION_TYPE + _call_checked(session, CONSOLIDATION_REQUESTS),
    )
    return tuple(request for request in requests if len(request) > 1)


def requests_hash(requests: Sequence[bytes]) -> Hash32:
    """The header's commitment to the requests (EIP-7685)."""
    return sha256(b"".join(sha256(request).digest() for request in requests)).digest()


def _call_checked(session: Session, address: Address) -> bytes:
    if not session.code(address):
        raise InvalidBlock(
            BlockRule.SYSTEM_CONTRACT_EMPTY,
            f"system contract 0x{address.hex()} has no code; from Prague on it must exist",
        )
    try:
        return session.system_call(address, b"")
    except InvalidBlock as error:
        raise InvalidBlock(
            BlockRule.SYSTEM_CALL, f"system call to 0x{address.hex()} failed: {error}"
        ) from error


def _deposits(logs: Iterable[Log], contract: Address) -> Iterable[bytes]:
    for log in logs:
        if log.address == contract and log.topics[:1] == (_DEPOSIT_TOPIC,):
            yield _deposit(log.data)


def _deposit(data: bytes) -> bytes:
    """The 192 bytes of a deposit request from the event's data."""
    if len(data) != _DEPOSIT_BYTES:
        raise InvalidBlock(
            BlockRule.DEPOSIT_LAYOUT,
            f"deposit event of {len(data)} bytes, expected {_DEPOSIT_BYTES}",
        )
    parts = []
    for i, (name, offset, length) in enumerate(_DEPOSIT_FIELDS):
        pointer = int.from_bytes(data[32 * i : 32 * i + 32], "big")
        found = int.from_bytes(data[offset : offset + 32], "big")
        if (pointer, found) != (offset, length):
            raise InvalidBlock(
                BlockRule.DEPOSIT_LAYOUT,
                f"deposit event: {name} of {found} bytes at {pointer},"
                f" expected {length} bytes at {offset}",
            )
        parts.append(data[offset + 32 : offset + 32 + length])
    return b"".join(parts)
