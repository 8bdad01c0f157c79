"""`strikefold prove`, `verify` and `profile`: proofs of blocks."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from node.cli.proving import LogCells, PresetName, preset_named, print_profile, proving, read, write
from node.cli.serve import read_genesis
from node.config import NodeConfig, load
from node.errors import ConfigError, StorageError, Unavailable
from node.evm.chain import Chain
from node.evm.genesis import Genesis
from node.evm.python_engine import python_engine
from node.recursion.riscv.prover import SEGMENT_LOG_CELLS
from node.recursion.security import STANDARD
from node.rollup.datadir import PROOFS, DataDir
from node.rollup.proving.block_proof import BlockInput, BlockProof
from node.rollup.proving.profile import BlockProfile
from node.rollup.proving.profile import profile_block as block_costs
from node.rollup.proving.prover import BlockJob, verify_block_proof
from node.rollup.proving.store import ProofStore
from node.rollup.recheck import Recheck
from node.rpc.client import Rpc
from node.state.db import StateDB

prove = typer.Typer(name="prove", help="Prove blocks.", no_args_is_help=True)
profile = typer.Typer(name="profile", help="What proving takes.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(min=1, help="The block's number.")]
Directory = Annotated[
    Path | None, typer.Option("--datadir", help="Data directory; default: the configuration's.")
]
Url = Annotated[
    str | None, typer.Option("--rpc", help="JSON-RPC of a running node that has the block.")
]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="TOML file to read.")]


@prove.command("block")
def prove_block(
    number: Number,
    datadir: Directory = None,
    rpc: Url = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="File to write, besides the directory's copy.")
    ] = None,
    preset: PresetName = STANDARD.name,
    log_cells: LogCells = SEGMENT_LOG_CELLS,
    file: ConfigFile = None,
) -> None:
    """Prove that a block is valid, and keep the proof in the data directory.

    The node may be running or not. With --rpc it may be anywhere; then --output says where the
    proof goes.
    """
    if rpc and not (datadir or output):
        raise ConfigError("--rpc: say where the proof goes, with --output or --datadir")
    settings = _settings(datadir, file)
    found = _from_rpc(rpc, number) if rpc else _from_directory(settings, number)
    job = BlockJob.start(found, preset_named(preset), log_cells)
    with proving(job.run) as done:
        proof = job.prove(done)
    verify_block_proof(proof)
    encoded = proof.encode()
    if output:
        write(output, encoded)
        typer.echo(f"{len(encoded) / 1024:,.0f} KiB written to {output}")
    if datadir or not rpc:
        kept = ProofStore(_directory(settings) / PROOFS).put(proof)
        typer.echo(f"{len(encoded) / 1024:,.0f} KiB kept as {kept}")
    _say(proof)


def verify(proof: Annotated[Path, typer.Argument(help="A proof of a block.")]) -> None:
    """Check the proof of a block; no node is needed. Compare what it prints with what you trust."""
    data = read(proof)
    started = time.perf_counter()
    found = verify_block_proof(data)
    typer.echo(f"the proof holds ({time.perf_counter() - started:.1f} s)")
    _say(found)


@profile.command("block")
def profile_block(
    number: Number,
    datadir: Directory = None,
    rpc: Url = None,
    functions: Annotated[int, typer.Option(min=1, help="How many functions to list.")] = 20,
    file: ConfigFile = None,
) -> None:
    """Print what proving a block costs: by function, chip, call and transaction."""
    settings = _settings(datadir, file)
    found = _from_rpc(rpc, number) if rpc else _from_directory(settings, number)
    job = BlockJob.start(found)
    costs = block_costs(job)
    print_profile(costs.whole, job.keys.machine, functions)
    Console().print(_by_transaction(costs, found.zk_gas()))


def _by_transaction(costs: BlockProfile, zk_gas: tuple[int, ...]) -> Table:
    """Cells as measured beside zk gas, which has the share of the block itself in it."""
    table = Table("transaction", "instructions", "cells", "zk gas", box=None)
    for index, (span, cells) in enumerate(zip(costs.transactions, zk_gas, strict=True)):
        table.add_row(str(index), f"{span.cycles:,}", f"{span.cells:,}", f"{cells:,}")
    table.add_row("the block itself", f"{costs.rest.cycles:,}", f"{costs.rest.cells:,}", "")
    table.add_row("together", f"{costs.cycles:,}", f"{costs.cells:,}", f"{sum(zk_gas):,}")
    return table


def _say(proof: BlockProof) -> None:
    """What a proof that holds is about."""
    header, statement = proof.header, proof.statement
    table = Table(box=None, show_header=False)
    for name, value in {
        "block": f"{header.number}",
        "hash": f"0x{statement.block.hex()}",
        "parent": f"0x{statement.parent.hex()}",
        "state root": f"0x{header.state_root.hex()}",
        "gas used": f"{header.gas_used:,}",
        "base fees burned": f"{statement.burned:,} wei",
        "inputs": f"0x{statement.inputs.hex()}",
        "chain rules": f"0x{statement.config.hex()}",
    }.items():
        table.add_row(name, value)
    Console(width=100).print(table)


def _settings(datadir: Path | None, file: Path | None) -> NodeConfig:
    return load(file, {"state.datadir": datadir and str(datadir)})


def _directory(settings: NodeConfig) -> Path:
    return Path(settings.state.datadir).expanduser()


def _from_rpc(url: str, number: int) -> BlockInput:
    """The block as a running node has it."""
    with Rpc(url) as client:
        answer = client.call("rr_getBlockInput", hex(number))
    try:
        return BlockInput(bytes.fromhex(answer.removeprefix("0x")))
    except (ValueError, AttributeError) as error:
        raise Unavailable(f"{url}: rr_getBlockInput was answered with something else") from error


def _from_directory(settings: NodeConfig, number: int) -> BlockInput:
    """The block as the data directory has it; a running node holds that, and is asked."""
    path = _directory(settings)
    if not path.is_dir():
        raise StorageError(f"no data directory {path}; name it with --datadir")
    try:
        directory = DataDir(path)
    except ConfigError:
        return _from_rpc(f"http://{settings.rpc.host}:{settings.rpc.port}", number)
    try:
        file = Path(settings.genesis).expanduser() if settings.genesis else path / "genesis.json"
        genesis = Genesis.from_json(read_genesis(file))
        database = StateDB.open(
            directory.chain, archive=settings.state.archive, window=settings.state.history_blocks
        )
        try:
            chain = Chain(database, genesis, python_engine)
            Recheck(chain.config, directory.disagreement).require_provable(number)
            return BlockInput.of(chain.config, chain.block(number), chain.witness(number))
        finally:
            database.close()
    finally:
        directory.release()
