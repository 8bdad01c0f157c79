"""The node's configuration: one frozen tree of dataclasses, from file, environment and flags.

Later sources win: defaults < TOML file < environment (`STRIKEFOLD_RPC_PORT`) < flags (`rpc.port`).
An unknown key, or a value of the wrong type, is a ConfigError that names the source.
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar, get_type_hints

from node.errors import ConfigError

_PREFIX: Final = "STRIKEFOLD_"
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})

T = TypeVar("T")


@dataclass(frozen=True)
class StateConfig:
    """Where and how state is kept."""

    datadir: str = "~/.strikefold"
    archive: bool = False
    """Keep the state of every block, not only of the window."""
    history_blocks: int = 90_000
    """Blocks whose state stays readable (two days of blocks at two seconds)."""


@dataclass(frozen=True)
class SequencerConfig:
    """How blocks are made."""

    enabled: bool = True
    block_time_s: float = 2.0
    """0: only on demand."""
    instamine: bool = False
    """Seal a block as soon as a transaction arrives (development)."""
    gas_limit: int = 30_000_000
    zk_gas_limit: int = 16_000_000_000
    """Cells that proving a block's transactions may take, as metered (docs/zk-gas.md); 0: any
    number. The Python engine meters nothing."""
    coinbase: str = "0x4200000000000000000000000000000000000011"
    extra_data: str = "strikefold"
    key_file: str = ""
    """Hex file with the sealing key; empty: the development key."""


@dataclass(frozen=True)
class PoolConfig:
    """Limits of the mempool; the defaults are geth's (core/txpool/legacypool)."""

    price_limit_wei: int = 1
    price_bump_percent: int = 10
    account_slots: int = 16
    global_slots: int = 5_120
    account_queue: int = 64
    global_queue: int = 1_024
    lifetime_s: int = 3 * 3600
    journal: bool = True


@dataclass(frozen=True)
class RpcConfig:
    """The JSON-RPC server; the defaults are geth's where it has them."""

    host: str = "127.0.0.1"
    port: int = 8545
    """0: any free port."""
    namespaces: tuple[str, ...] = ("eth", "net", "web3")
    vhosts: tuple[str, ...] = ("localhost", "127.0.0.1")
    cors: tuple[str, ...] = ()
    workers: int = 1
    """Processes for heavy read calls; 0 runs them on threads of the node's process."""
    max_body_bytes: int = 5 * 2**20
    max_response_bytes: int = 25_000_000
    max_batch_items: int = 1_000
    gas_cap: int = 30_000_000
    evm_timeout_s: float = 5.0
    tx_fee_cap_ether: float = 1.0
    """0: no cap."""
    max_logs: int = 10_000


@dataclass(frozen=True)
class NodeConfig:
    """Everything a node is started with."""

    state: StateConfig = field(default_factory=StateConfig)
    sequencer: SequencerConfig = field(default_factory=SequencerConfig)
    pool: PoolConfig = field(default_factory=PoolConfig)
    rpc: RpcConfig = field(default_factory=RpcConfig)
    engine: str = "native"
    """What executes: `native` (the C++ core) or `python`; both compute the same."""
    genesis: str = ""
    """Path of a geth-format genesis.json; empty: the development genesis."""
    log_level: str = "info"
    log_json: bool = False


def load(
    file: Path | None = None,
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
) -> NodeConfig:
    """The configuration from all sources.

    flags: dotted key -> value, None where the flag was not given. environment: os.environ if None.
    Raises ConfigError.
    """
    values: dict[str, object] = {}
    if file is not None:
        values |= _flatten(_read_toml(file), f"file {file}")
    values |= _from_environment(os.environ if environment is None else environment)
    values |= {key: value for key, value in (flags or {}).items() if value is not None}
    return _build(NodeConfig, values)


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot read configuration file {file}: {error}") from error


def _flatten(tree: Mapping[str, Any], source: str, prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in tree.items():
        name = prefix + key
        if isinstance(value, dict):
            flat |= _flatten(value, source, name + ".")
        elif name not in KEYS:
            raise ConfigError(f"{source}: unknown key {name!r}; known: {', '.join(sorted(KEYS))}")
        else:
            flat[name] = value
    return flat


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    """Variables named after a key; others with our prefix belong to tests and tools."""
    names = {_PREFIX + key.upper().replace(".", "_"): key for key in KEYS}
    return {names[name]: value for name, value in environment.items() if name in names}


def _is_group(hint: type) -> bool:
    return dataclasses.is_dataclass(hint)


def _keys(kind: type, prefix: str = "") -> dict[str, type]:
    keys: dict[str, type] = {}
    for name, hint in get_type_hints(kind).items():
        group = _is_group(hint)
        keys |= _keys(hint, f"{prefix}{name}.") if group else {prefix + name: hint}
    return keys


KEYS: Final = _keys(NodeConfig)
"""Every dotted key and its type."""


def _build(kind: type[T], values: Mapping[str, object], prefix: str = "") -> T:
    arguments: dict[str, object] = {}
    for name, hint in get_type_hints(kind).items():
        key = prefix + name
        if _is_group(hint):
            arguments[name] = _build(hint, values, key + ".")
        elif key in values:
            arguments[name] = _convert(key, values[key], hint)
    return kind(**arguments)


def _convert(key: str, value: object, hint: type) -> object:
    """`value` as the type the key wants. Raises ConfigError."""
    wanted = getattr(hint, "__name__", str(hint))
    if hint is bool and isinstance(value, str) and value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    if hint in (int, float) and isinstance(value, str):
        try:
            return hint(value)
        except ValueError as error:
            raise ConfigError(f"{key} = {value!r}: expected {wanted}") from error
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint not in (bool, int, float, str):
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
            return tuple(value)
    elif type(value) is hint:
        return value
    raise ConfigError(f"{key} = {value!r}: expected {wanted}")
