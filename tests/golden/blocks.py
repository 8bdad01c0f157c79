"""What blocks cost in the guest, to the instruction: a change of the guest shows here.

`python -m tests.golden.blocks` writes the costs again; `--market` first the blocks of 1, 4 and 16
option trades, from a replay of option markets on a devnet.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from node.cli.serve import read_genesis
from node.evm.builder import BlockAttributes
from node.evm.chain import Chain
from node.evm.genesis import Genesis
from node.evm.native_engine import native_engine
from node.rollup.proving.block_proof import BlockInput
from node.rollup.proving.profile import BlockProfile, profile_block
from node.rollup.proving.prover import BlockJob
from node.state.db import StateDB
from tests.benchmark.workloads import WORKLOADS, block_of
from tests.e2e.processes import COMMAND, running

FOLDER = Path(__file__).parent / "blocks"
COSTS = FOLDER / "costs.txt"
TRADES = (1, 4, 16)
PLAIN = 4
"""Transactions in a block of the other kinds."""
_HEADER = f"{'block of':20}{'gas':>10}{'instructions a tx':>19}{'cells a tx':>13}{'besides':>11}"
FILL = bytes.fromhex("809699ed")
"""Exchange.fill: a maker's signed order taken at the price in its data."""


def plain_block(workload: str) -> BlockInput:
    """A block of transactions of one kind."""
    config, executed = block_of(workload, PLAIN)
    assert all(receipt.status == 1 for receipt in executed.receipts)
    return BlockInput.of(config, executed.block, executed.witness)


def trade_block(count: int) -> BlockInput:
    """The committed block of so many option trades."""
    return BlockInput((FOLDER / f"trades-{count}.input").read_bytes())


def costs_text() -> str:
    """Instructions and cells, without padding, of a transaction of each kind and of its block."""
    lines = [
        f"{'block of':20}{'gas':>10}{'instructions a tx':>19}{'cells a tx':>13}{'besides':>11}"
    ]
    blocks = {f"{PLAIN} {name}": plain_block(name) for name in WORKLOADS}
    blocks |= {f"{count} trades": trade_block(count) for count in TRADES}
    for name, block in blocks.items():
        job = BlockJob.start(block)
        lines.append(_line(name, job.header.gas_used, profile_block(job)))
    return "\n".join(lines) + "\n"


def _line(name: str, gas: int, costs: BlockProfile) -> str:
    count = len(costs.transactions)
    cycles = sum(span.cycles for span in costs.transactions) // count
    cells = sum(span.cells for span in costs.transactions) // count
    return f"{name:20}{gas:10}{cycles:19}{cells:13}{costs.rest.cells:11}"


def replay_market() -> dict[int, bytes]:
    """Inputs of blocks of option trades, from a devnet on which markets were replayed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        datadir = folder / "data"
        arguments = ("devnet", "--on-demand", "--port", "0", "--datadir", str(datadir))
        with running(folder / "stderr", *arguments) as node:
            command = [*COMMAND, "demo", "options", "--quick", "--rpc", node.url]
            subprocess.run(command, check=True, capture_output=True, timeout=600)
            node.stop()
        database = StateDB.open(datadir / "chain", archive=True)
        try:
            genesis = Genesis.from_json(read_genesis(datadir / "genesis.json"))
            return _trade_blocks(Chain(database, genesis, native_engine))
        finally:
            database.close()


def _trade_blocks(chain: Chain) -> dict[int, bytes]:
    """Blocks of the first trades of a block that has enough of them and nothing else."""
    number = next(
        n
        for n in range(1, chain.head.number)
        if len(block := chain.block(n).transactions) >= max(TRADES)
        and all(tx.data[:4] == FILL for tx in block)
    )
    source = chain.block(number)
    header = source.header
    chain.unwind(number - 1)
    found = {}
    for count in TRADES:
        builder = chain.builder(
            BlockAttributes(header.timestamp, header.coinbase, header.prev_randao)
        )
        for tx in source.transactions[:count]:
            assert builder.add(tx).status == 1
        executed = builder.seal()
        found[count] = BlockInput.of(chain.config, executed.block, executed.witness).given
    return found


def main(arguments: list[str]) -> None:
    """Writes the golden files."""
    if "--market" in arguments:
        for count, given in replay_market().items():
            (FOLDER / f"trades-{count}.input").write_bytes(given)
    COSTS.write_text(costs_text())


if __name__ == "__main__":
    main(sys.argv[1:])
