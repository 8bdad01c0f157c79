"""What a block's proof is about: the input that the proved program reads, and its statement.

The C++ core decodes the one and makes the other (node/evm/core, `proving.hpp`); docs/blocks.md
describes both byte by byte.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node.codec import as_bytes, as_int, as_list, decode, encode, int_to_bytes
from node.crypto import keccak256
from node.errors import InvalidEncoding
from node.evm.block import Header
from node.evm.chain_config import BlobSchedule, ChainConfig
from node.evm.witness import Witness
from node.types import Hash32

INPUT_VERSION: Final = 1
_WORD: Final = 4
_FORKS: Final = ("shanghaiTime", "cancunTime", "pragueTime", "osakaTime")


@dataclass(frozen=True)
class Statement:
    """Under this configuration, `block` follows `parent`.

    config: hash of `encode_config`. inputs: see `inputs_hash`. burned: base fees, wei.
    """

    config: Hash32
    parent: Hash32
    block: Hash32
    inputs: Hash32
    burned: int

    def encode(self) -> bytes:
        """Five words of 32 bytes."""
        hashes = (self.config, self.parent, self.block, self.inputs)
        return b"".join(hashes) + self.burned.to_bytes(32)

    @property
    def output(self) -> Hash32:
        """What a run that makes this statement outputs."""
        return keccak256(self.encode())


def statement_of(config: bytes, header: Header) -> Statement:
    """What is proved of a block with this header. config: of `encode_config`."""
    return Statement(
        keccak256(config),
        header.parent_hash,
        header.hash,
        inputs_hash(header),
        (header.base_fee_per_gas or 0) * header.gas_used,
    )


def inputs_hash(header: Header) -> Hash32:
    """Of what a block's builder chooses, and all else follows from.

    Keccak of the RLP of timestamp, gas limit, coinbase, prev_randao, parent beacon block root (the
    anchor), extra data, transactions root and withdrawals root; what a fork lacks is empty.
    """
    return keccak256(
        encode(
            [
                int_to_bytes(header.timestamp),
                int_to_bytes(header.gas_limit),
                header.coinbase,
                header.prev_randao,
                header.parent_beacon_block_root or b"",
                header.extra_data,
                header.transactions_root,
                header.withdrawals_root or b"",
            ]
        )
    )


def encode_config(config: ChainConfig) -> bytes:
    """RLP: [chain id, deposit contract, [activation time, ...], [blob schedule, ...]].

    Activation times are those of the forks from Shanghai on, up to the last one scheduled; a blob
    schedule is [activation time, target, max, update fraction].
    """
    return encode(
        [
            int_to_bytes(config.chain_id),
            config.deposit_contract,
            [int_to_bytes(time) for time in _fork_times(config)],
            [
                [int_to_bytes(n) for n in (time, it.target, it.max, it.base_fee_update_fraction)]
                for time, it in config.blob_schedules
            ],
        ]
    )


def decode_config(encoded: bytes) -> ChainConfig:
    """Inverse of `encode_config`; the merge is at genesis. Raises InvalidEncoding."""
    chain_id, contract, times, schedules = as_list(decode(encoded), "configuration", 4)
    activations = (as_int(time, "activation time", 8) for time in as_list(times, "forks"))
    blobs = ([as_int(n, "blob schedule", 8) for n in as_list(it, "blob schedule", 4)]
             for it in as_list(schedules, "blob schedules"))  # fmt: skip
    return ChainConfig(
        chain_id=as_int(chain_id, "chain id", 8),
        block_forks={"mergeNetsplitBlock": 0},
        time_forks=dict(zip(_FORKS, activations, strict=False)),
        blob_schedules=tuple((time, BlobSchedule(*rest)) for time, *rest in blobs),
        deposit_contract=as_bytes(contract, "deposit contract", 20),
    )


def _fork_times(config: ChainConfig) -> list[int]:
    """A fork without a time of its own comes with the next that has one."""
    times: list[int] = []
    for key in reversed(_FORKS):
        time = config.time_forks.get(key, times[-1] if times else None)
        if time is not None:
            times.append(time)
    return times[::-1] or [0]


def encode_input(config: ChainConfig, block: bytes, witness: Witness) -> bytes:
    """The input that proves a block. block: RLP.

    Little-endian words of 32 bits: the version; configuration and block, as byte strings; trie
    nodes, codes and headers, as lists: their length, their items. A byte string is its length, its
    bytes, and zeros to a whole word.
    """
    parts = [struct.pack("<I", INPUT_VERSION), _byte_string(encode_config(config))]
    parts.append(_byte_string(block))
    parts += [_list(items) for items in (witness.state, witness.codes, witness.headers)]
    return b"".join(parts)


def decode_input(given: bytes) -> tuple[bytes, bytes, Witness]:
    """Inverse of `encode_input`: configuration and block, as RLP, and the witness without its keys.

    Raises InvalidEncoding.
    """
    reader = _InputReader(given)
    version = reader.word()
    if version != INPUT_VERSION:
        raise InvalidEncoding(f"proof input has version {version}, expected {INPUT_VERSION}")
    config, block = reader.byte_string(), reader.byte_string()
    nodes, codes, headers = reader.list(), reader.list(), reader.list()
    if reader.at != len(given):
        raise InvalidEncoding(f"{len(given) - reader.at} bytes follow the proof input")
    return config, block, Witness(nodes, codes, (), headers)


class _InputReader:
    """Takes the items of an input, one after the other."""

    def __init__(self, given: bytes) -> None:
        self._given = given
        self.at = 0

    def word(self) -> int:
        return int.from_bytes(self._take(_WORD), "little")

    def byte_string(self) -> bytes:
        data = self._take(self.word())
        if any(self._take(-len(data) % _WORD)):
            raise InvalidEncoding(f"proof input: padding before byte {self.at} is not zero")
        return data

    def list(self) -> tuple[bytes, ...]:
        return tuple(self.byte_string() for _ in range(self.word()))

    def _take(self, size: int) -> bytes:
        if self.at + size > len(self._given):
            raise InvalidEncoding(f"proof input of {len(self._given)} bytes is cut off")
        self.at += size
        return self._given[self.at - size : self.at]


def _byte_string(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data + bytes(-len(data) % _WORD)


def _list(items: Sequence[bytes]) -> bytes:
    return struct.pack("<I", len(items)) + b"".join(map(_byte_string, items))
