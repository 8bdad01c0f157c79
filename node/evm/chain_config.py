"""The rules of a chain by block: forks, blob schedule, deposit contract.

Read from the `config` object of a geth genesis file. Sources: EIP-2124 and EIP-6122 (fork id),
EIP-7840 and EIP-7892 (blob schedule), geth's params/config.go for the names of the keys.
"""

from __future__ import annotations

from binascii import crc32
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from node.errors import InvalidGenesis
from node.evm.forks import Fork
from node.evm.json_fields import read_address, read_object, read_quantity
from node.types import Address, Hash32

GAS_PER_BLOB: Final = 2**17
MAINNET_DEPOSIT_CONTRACT: Final[Address] = bytes.fromhex("00000000219ab540356cbb839cbe05303d7705fa")

_BLOCK_FORKS: Final = (
    ("homesteadBlock", Fork.HOMESTEAD),
    ("eip150Block", Fork.TANGERINE_WHISTLE),
    ("eip155Block", Fork.SPURIOUS_DRAGON),
    ("eip158Block", Fork.SPURIOUS_DRAGON),
    ("byzantiumBlock", Fork.BYZANTIUM),
    ("constantinopleBlock", Fork.CONSTANTINOPLE),
    ("petersburgBlock", Fork.PETERSBURG),
    ("istanbulBlock", Fork.ISTANBUL),
    ("muirGlacierBlock", Fork.ISTANBUL),
    ("berlinBlock", Fork.BERLIN),
    ("londonBlock", Fork.LONDON),
    ("arrowGlacierBlock", Fork.LONDON),
    ("grayGlacierBlock", Fork.LONDON),
    ("mergeNetsplitBlock", Fork.PARIS),
)
_TIME_FORKS: Final = (
    ("shanghaiTime", Fork.SHANGHAI),
    ("cancunTime", Fork.CANCUN),
    ("pragueTime", Fork.PRAGUE),
    ("osakaTime", Fork.OSAKA),
)
_BLOB_FORKS: Final = ("cancun", "prague", "osaka", "bpo1", "bpo2", "bpo3", "bpo4", "bpo5")
_UNSUPPORTED: Final = ("daoForkBlock", "amsterdamTime", "verkleTime", "clique")
_BOMB_DELAYS: Final = (
    ("grayGlacierBlock", 11_400_000),
    ("arrowGlacierBlock", 10_700_000),
    ("londonBlock", 9_700_000),
    ("muirGlacierBlock", 9_000_000),
    ("constantinopleBlock", 5_000_000),
    ("byzantiumBlock", 3_000_000),
)
"""EIP-5133, 4345, 3554, 2384, 1234 and 649, newest first."""


@dataclass(frozen=True)
class BlobSchedule:
    """Blob parameters from one activation on: blobs a block, EIP-4844 update fraction."""

    target: int
    max: int
    base_fee_update_fraction: int

    @property
    def max_gas(self) -> int:
        """Blob gas a block may use."""
        return self.max * GAS_PER_BLOB


_EIP4844: Final = BlobSchedule(3, 6, 3_338_477)
_EIP7691: Final = BlobSchedule(6, 9, 5_007_716)
_DEFAULT_SCHEDULES: Final = {"cancun": _EIP4844, "prague": _EIP7691, "osaka": _EIP7691}


@dataclass(frozen=True)
class ChainConfig:
    """When which rules hold.

    block_forks, time_forks: activation by the keys of geth's config (homesteadBlock, cancunTime).
    blob_schedules: (activation time, schedule), ascending; a blob-parameter-only fork is one more
    entry. The merge is at mergeNetsplitBlock, or at genesis where terminalTotalDifficulty is 0:
    total difficulty is not followed.
    """

    chain_id: int
    block_forks: Mapping[str, int]
    time_forks: Mapping[str, int]
    blob_schedules: tuple[tuple[int, BlobSchedule], ...]
    deposit_contract: Address = MAINNET_DEPOSIT_CONTRACT
    terminal_total_difficulty: int | None = None

    @classmethod
    def from_json(cls, config: Mapping[str, Any]) -> ChainConfig:
        """From the `config` of a geth genesis file. Raises InvalidGenesis, naming the key."""
        for key in _UNSUPPORTED:
            if config.get(key) is not None:
                raise InvalidGenesis(f"genesis config: {key} is not supported; remove it")
        block_forks = _activations(config, [key for key, _ in _BLOCK_FORKS])
        time_forks = _time_forks(config)
        ttd = config.get("terminalTotalDifficulty")
        difficulty = None if ttd is None else read_quantity(ttd, "terminalTotalDifficulty")
        _place_merge(block_forks, time_forks, difficulty)
        contract = config.get("depositContractAddress")
        return cls(
            chain_id=read_quantity(config.get("chainId"), "chainId"),
            block_forks=block_forks,
            time_forks=time_forks,
            blob_schedules=_schedules(
                time_forks, read_object(config.get("blobSchedule"), "blobSchedule")
            ),
            deposit_contract=MAINNET_DEPOSIT_CONTRACT
            if contract is None
            else read_address(contract, "depositContractAddress"),
            terminal_total_difficulty=difficulty,
        )

    def to_json(self) -> dict[str, Any]:
        """The `config` of a geth genesis file that means this configuration."""
        named = [name for name in _BLOB_FORKS if f"{name}Time" in self.time_forks]
        return {
            "chainId": self.chain_id,
            **self.block_forks,
            **self.time_forks,
            "terminalTotalDifficulty": self.terminal_total_difficulty,
            "depositContractAddress": f"0x{self.deposit_contract.hex()}",
            "blobSchedule": {
                name: {
                    "target": schedule.target,
                    "max": schedule.max,
                    "baseFeeUpdateFraction": schedule.base_fee_update_fraction,
                }
                for name, (_, schedule) in zip(named, self.blob_schedules, strict=True)
            },
        }

    def fork_at(self, number: int, timestamp: int) -> Fork:
        """The execution rules of a block. timestamp: seconds."""
        fork = Fork.FRONTIER
        for key, candidate in _BLOCK_FORKS:
            if candidate > fork and self.block_forks.get(key, number + 1) <= number:
                fork = candidate
        if fork >= Fork.PARIS:
            for key, candidate in _TIME_FORKS:
                if self.time_forks.get(key, timestamp + 1) <= timestamp:
                    fork = candidate
        return fork

    def blob_schedule_at(self, timestamp: int) -> BlobSchedule | None:
        """The blob parameters at a time in seconds, None before Cancun."""
        found = None
        for activation, schedule in self.blob_schedules:
            if activation <= timestamp:
                found = schedule
        return found

    def bomb_delay_at(self, number: int) -> int:
        """Blocks by which the difficulty bomb is delayed at a block before Paris."""
        for key, delay in _BOMB_DELAYS:
            if self.block_forks.get(key, number + 1) <= number:
                return delay
        return 0

    @cached_property
    def fork_times(self) -> tuple[int, ...]:
        """The activation times after genesis, ascending, each once."""
        return tuple(sorted({time for time in self.time_forks.values() if time > 0}))

    @cached_property
    def _fork_blocks(self) -> tuple[int, ...]:
        return tuple(sorted({block for block in self.block_forks.values() if block > 0}))

    def current_activation(self, timestamp: int) -> int:
        """When the rules at `timestamp` came into force, in seconds; 0 for genesis (EIP-7910)."""
        return max((time for time in self.fork_times if time <= timestamp), default=0)

    def next_activation(self, timestamp: int) -> int | None:
        """When the next scheduled fork comes, in seconds; None if none is scheduled (EIP-7910)."""
        return min((time for time in self.fork_times if time > timestamp), default=None)

    def fork_id(
        self, genesis_hash: Hash32, number: int, timestamp: int, *, genesis_time: int = 0
    ) -> bytes:
        """The 4-byte fork hash at a block (EIP-2124, EIP-6122).

        Forks that were active at `genesis_time` do not count.
        """
        checksum = crc32(genesis_hash)
        for block in self._fork_blocks:
            if block <= number:
                checksum = crc32(block.to_bytes(8, "big"), checksum)
        for time in self.fork_times:
            if genesis_time < time <= timestamp:
                checksum = crc32(time.to_bytes(8, "big"), checksum)
        return checksum.to_bytes(4, "big")


def _time_forks(config: Mapping[str, Any]) -> dict[str, int]:
    """The activation times that are set; no fork may be left out before one that is."""
    required = [key for key, _ in _TIME_FORKS]
    found = _activations(config, required + [f"{name}Time" for name in _BLOB_FORKS[3:]])
    last = max((required.index(key) for key in found if key in required), default=-1)
    if any(key not in required for key in found):
        last = len(required) - 1
    for key in required[: last + 1]:
        if key not in found:
            raise InvalidGenesis(f"genesis config: {key} is not set, but a later fork is")
    return found


def _activations(config: Mapping[str, Any], keys: list[str]) -> dict[str, int]:
    """Those of `keys` that are set. Forks have to be in order, as geth demands."""
    found = {key: read_quantity(config[key], key) for key in keys if config.get(key) is not None}
    last_key, last = "genesis", 0
    for key, value in found.items():
        if value < last:
            raise InvalidGenesis(
                f"genesis config: {key} is {value}, before {last_key} at {last};"
                " forks must be enabled in order"
            )
        last_key, last = key, value
    return found


def _place_merge(block_forks: dict[str, int], times: dict[str, int], ttd: int | None) -> None:
    if ttd == 0:
        block_forks["mergeNetsplitBlock"] = 0
        for key, _ in _BLOCK_FORKS:
            if block_forks.get(key, 0) > 0:
                raise InvalidGenesis(
                    f"genesis config: {key} is {block_forks[key]}, but the chain is merged from"
                    " genesis on (terminalTotalDifficulty 0)"
                )
    elif (times or ttd is not None) and "mergeNetsplitBlock" not in block_forks:
        raise InvalidGenesis(
            "genesis config: the merge has no block: set terminalTotalDifficulty to 0,"
            " or mergeNetsplitBlock to the first proof-of-stake block"
        )


def _schedules(
    time_forks: Mapping[str, int], table: Mapping[str, Any]
) -> tuple[tuple[int, BlobSchedule], ...]:
    """The schedules of the forks that are scheduled, by activation time (EIP-7840)."""
    found: list[tuple[int, BlobSchedule]] = []
    entries = {name.lower(): entry for name, entry in table.items()}
    for name in _BLOB_FORKS:
        activation = time_forks.get(f"{name}Time")
        if activation is None:
            continue
        if name in entries:
            schedule = _read_schedule(name, entries[name])
        elif name in _DEFAULT_SCHEDULES:
            schedule = _DEFAULT_SCHEDULES[name]
        else:
            raise InvalidGenesis(f"genesis config: blobSchedule has no entry for {name}")
        found.append((activation, schedule))
    return tuple(found)


def _read_schedule(name: str, entry: object) -> BlobSchedule:
    fields = read_object(entry, f"blobSchedule.{name}")
    target, maximum, fraction = (
        read_quantity(fields.get(key), f"blobSchedule.{name}.{key}")
        for key in ("target", "max", "baseFeeUpdateFraction")
    )
    if fraction == 0 or target > maximum:
        raise InvalidGenesis(
            f"genesis config: blobSchedule.{name} has target {target}, max {maximum} and fraction"
            f" {fraction}: target must not exceed max, the fraction must be positive"
        )
    return BlobSchedule(target, maximum, fraction)
