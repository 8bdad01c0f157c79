"""`strikefold devnet`: a chain of one's own on one machine, ready in seconds."""

from __future__ import annotations

import json
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from genesis import DEVNET_CHAIN_ID, devnet_genesis
from node.cli.serve import read_genesis, serve
from node.config import NodeConfig, RpcConfig, load
from node.errors import ConfigError, InvalidGenesis, StorageError
from node.evm.genesis import Genesis
from node.rollup.dev_accounts import MNEMONIC, PATH, DevAccount, dev_accounts
from node.rollup.service import Node
from node.rpc.codec import checksum_address

NAMESPACES: Final = ("eth", "net", "web3", "debug", "txpool", "evm", "anvil", "hardhat", "rr")
"""What a devnet serves unless the configuration names something else."""
_GENESIS_FILE: Final = "genesis.json"
_WEI_PER_ETHER: Final = 10**18
_MAX_ACCOUNTS: Final = 1_000


def devnet(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0: any free one.")] = None,
    block_time: Annotated[
        float | None, typer.Option(help="Seconds between blocks; at least 1.")
    ] = None,
    on_demand: Annotated[
        bool, typer.Option("--on-demand", help="Blocks only by evm_mine.")
    ] = False,
    instamine: Annotated[
        bool, typer.Option("--instamine", help="A block as soon as a transaction arrives.")
    ] = False,
    accounts: Annotated[int, typer.Option(help="Funded accounts.")] = 10,
    balance: Annotated[int, typer.Option(help="Ether of each account.")] = 10_000,
    chain_id: Annotated[int, typer.Option(help="EIP-155 chain id.")] = DEVNET_CHAIN_ID,
    timestamp: Annotated[
        int | None, typer.Option(help="Unix time of the genesis block; block time goes on from it.")
    ] = None,
    datadir: Annotated[
        Path | None, typer.Option(help="Keep the chain here; default: a temporary directory.")
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help="What executes: native (default) or python.")
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", help="TOML file to read.")] = None,
) -> None:
    """Run a local chain with funded accounts and the option contracts."""
    _check_flags(accounts, balance, contradiction=on_demand and instamine)
    flags: dict[str, object] = {
        "engine": engine,
        "rpc.host": host,
        "rpc.port": port,
        "sequencer.block_time_s": 0.0 if on_demand or instamine else block_time,
        "sequencer.instamine": instamine or None,
    }
    if load(config).rpc.namespaces == RpcConfig().namespaces:
        flags["rpc.namespaces"] = NAMESPACES
    with ExitStack() as stack:
        directory = datadir or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="strikefold-devnet-"))
        )
        settings = load(config, {**flags, "state.datadir": str(directory)})
        funded = dev_accounts(accounts)
        genesis = _genesis(settings, directory, funded, balance, chain_id, timestamp)
        serve(
            settings,
            Genesis.from_json(genesis),
            prepare=lambda node: _set_clock(node, timestamp),
            announce=lambda node, url: _announce(node, url, funded, balance),
        )


def _set_clock(node: Node, timestamp: int | None) -> None:
    """Block time starts where the chain does, if a start was chosen."""
    if timestamp is not None:
        node.block_clock.start_at(max(timestamp, node.chain.head.timestamp))


def _check_flags(accounts: int, balance: int, *, contradiction: bool) -> None:
    if not 0 <= accounts <= _MAX_ACCOUNTS:
        raise ConfigError(f"--accounts {accounts}: expected 0 to {_MAX_ACCOUNTS}")
    if balance < 0:
        raise ConfigError(f"--balance {balance}: expected 0 or more")
    if contradiction:
        raise ConfigError("--on-demand and --instamine exclude each other")


def _genesis(
    settings: NodeConfig,
    directory: Path,
    funded: tuple[DevAccount, ...],
    balance: int,
    chain_id: int,
    timestamp: int | None,
) -> dict[str, Any]:
    """The genesis of these flags; a directory that holds a chain keeps that chain's start time."""
    file = directory / _GENESIS_FILE
    kept = read_genesis(file).get("timestamp") if file.exists() else None
    if timestamp is None:
        timestamp = int(time.time()) if kept is None else int(str(kept), 16)
    genesis = devnet_genesis(
        chain_id=chain_id,
        accounts={account.address: balance * _WEI_PER_ETHER for account in funded},
        timestamp=timestamp,
        gas_limit=settings.sequencer.gas_limit,
    )
    if kept is None:
        _write(file, genesis)
    elif genesis != read_genesis(file):
        raise InvalidGenesis(
            f"{directory} holds a devnet started with other flags (see {file}); "
            "use the same flags and gas limit, or another --datadir"
        )
    return genesis


def _write(file: Path, genesis: dict[str, Any]) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(genesis))
    except OSError as error:
        raise StorageError(f"cannot write {file}: {error}") from error


def _announce(node: Node, url: str, funded: tuple[DevAccount, ...], balance: int) -> None:
    """Accounts and keys as anvil prints them, then where to connect."""
    genesis = node.chain.header(node.chain.genesis.header.number)
    sections = {
        "Available Accounts": [
            f"({n}) {checksum_address(account.address)} ({balance}.{0:018d} ETH)"
            for n, account in enumerate(funded)
        ],
        "Private Keys": [f"({n}) 0x{account.secret.hex()}" for n, account in enumerate(funded)],
        "Wallet": [f"Mnemonic:          {MNEMONIC}", f"Derivation path:   {PATH}/"],
        "Chain ID": [str(node.chain.config.chain_id)],
        "Base Fee": [str(genesis.base_fee_per_gas)],
        "Gas Limit": [str(genesis.gas_limit)],
        "Genesis Timestamp": [str(genesis.timestamp)],
        "Genesis Hash": [f"0x{genesis.hash.hex()}"],
    }
    lines = [line for name, body in sections.items() for line in (name, "=" * 18, "", *body, "")]
    typer.echo("\n".join([*lines, f"Listening on {url.removeprefix('http://')}"]))
