"""`strikefold demo options`: as a user runs it, and the replay where things go wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from genesis import DEVNET_CHAIN_ID, devnet_genesis
from node.demo import contracts, dataset
from node.demo.actions import Approve, Asset, Block, address
from node.demo.plan import QUICK, Plan, Scale, build, start
from node.demo.replay import blocks_on_demand, replay, survey
from node.errors import Disagreement, Unavailable
from node.evm.transactions import DYNAMIC_FEE, Transaction
from node.rollup.dev_accounts import dev_accounts
from node.rpc.client import Rpc
from tests.e2e.processes import COMMAND, GWEI, KEYS, NodeProcess, running

pytestmark = pytest.mark.e2e
TINY: Final = Scale(days=2, daily=2, friday=3, makers=2, takers=3)
GENESIS_TIME: Final = 1_779_900_000
VERDICT: Final = "settled on chain = computed off chain: equal to the last wei"
ANVIL: Final = Path(__file__).parent / "node_modules" / ".bin" / "anvil"


def demo(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "demo", "options", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | environment,
    )


@pytest.fixture
def node(tmp_path: Path) -> Iterator[NodeProcess]:
    arguments = ("--port", "0", "--on-demand", "--timestamp", str(GENESIS_TIME))
    with running(tmp_path / "stderr", "devnet", *arguments) as node:
        yield node


def planned(rpc: Rpc, scale: Scale) -> Plan:
    data = dataset.load()
    venue = survey(rpc, start(data))
    return build(data, scale, venue.shift, venue.run)


def ignore(_done: int, _block: Block) -> None:
    pass


def test_one_command_and_nothing_else() -> None:
    done = demo("--quick")

    assert done.returncode == 0, done.stderr
    assert VERDICT in done.stdout.replace("\n", " ")
    plan = build(dataset.load(), QUICK)
    assert f"{len(plan.listings)} series, {plan.trades} trades" in done.stdout
    assert "Fri 05 Jun BTC" in done.stdout


@pytest.mark.slow
def test_twice_on_a_running_chain_that_then_goes_on(tmp_path: Path) -> None:
    with (
        running(tmp_path / "stderr", "devnet", "--port", "0") as node,
        Rpc(node.url) as rpc,
    ):
        for run in range(2):
            with blocks_on_demand(rpc):
                plan = planned(rpc, TINY)
                assert f"operator {run}" in plan.accounts
                outcome = replay(rpc, plan, DEVNET_CHAIN_ID, ignore)
            assert outcome.compared > 0
        assert node.call("anvil_getIntervalMining") == 2
        height = int(node.call("eth_blockNumber"), 16)
        deadline = time.monotonic() + 20
        while int(node.call("eth_blockNumber"), 16) == height:
            assert time.monotonic() < deadline, "blocks stopped"
            time.sleep(0.1)


def test_one_wrong_unit_is_found(node: NodeProcess) -> None:
    """Somebody gives the vault one satoshi more than the model knows of."""
    with Rpc(node.url) as rpc, blocks_on_demand(rpc):
        plan = planned(rpc, TINY)
        sent = 0

        def meddle(_done: int, _block: Block) -> None:
            nonlocal sent
            if not sent:
                data = contracts.call(contracts.MINT, address(plan.vault), 1)
                gift = Transaction(
                    DYNAMIC_FEE, DEVNET_CHAIN_ID, 0, GWEI, 9 * GWEI, 100_000,
                    Asset.BTC.address, 0, data,
                ).signed(KEYS[1])  # fmt: skip
                rpc.call("eth_sendRawTransaction", f"0x{gift.encoded.hex()}")
                rpc.call("evm_mine")
                sent += 1

        with pytest.raises(Disagreement, match=r"1 of \d+ amounts: BTC of vault 0: on chain") as e:
            replay(rpc, plan, DEVNET_CHAIN_ID, meddle)
    on_chain, off_chain = (int(word) for word in str(e.value).replace(",", "").split() if
                           word.isdigit() and len(word) > 3)  # fmt: skip
    assert on_chain == off_chain + 1


def test_a_failing_transaction_is_named(node: NodeProcess) -> None:
    """Where nobody approves anything, the first writer's collateral can't be taken."""
    with Rpc(node.url) as rpc, blocks_on_demand(rpc):
        plan = planned(rpc, TINY)
        setup, *rest = plan.blocks
        unapproved = tuple(a for a in setup.actions if not isinstance(a, Approve))
        blocks = (replace(setup, actions=unapproved), *rest)

        with pytest.raises(
            Disagreement, match=r"Write of maker .* failed on chain \(.*execution reverted"
        ):
            replay(rpc, replace(plan, blocks=blocks), DEVNET_CHAIN_ID, ignore)


def test_a_node_that_dies_is_named(node: NodeProcess) -> None:
    with Rpc(node.url) as rpc, blocks_on_demand(rpc):

        def kill(done: int, _block: Block) -> None:
            if done > 50:
                node.kill()

        with pytest.raises(Unavailable, match=rf"{node.url} does not answer .*is the node running"):
            replay(rpc, planned(rpc, TINY), DEVNET_CHAIN_ID, kill)


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_no_devnet_outlives_the_demo(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [*COMMAND, "demo", "options"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    head = next(process.stdout) + next(process.stdout)
    url = "http" + head.replace("\n", "").partition(" at http")[2]
    with Rpc(url) as rpc:
        assert int(rpc.call("eth_chainId"), 16) == DEVNET_CHAIN_ID
        process.send_signal(number)
        output, _ = process.communicate(timeout=30)
        assert process.returncode not in (0, None)
        assert "Traceback" not in output
        with pytest.raises(Unavailable, match="does not answer"):
            rpc.call("eth_chainId")


def test_nobody_at_the_address(unused_tcp_port: int) -> None:
    done = demo("--quick", "--rpc", f"http://127.0.0.1:{unused_tcp_port}")
    assert done.returncode == 1
    assert "does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_devnet_that_cannot_start_says_why() -> None:
    done = demo("--quick", STRIKEFOLD_RPC_HOST="203.0.113.1")  # an address nobody has (RFC 5737)
    assert done.returncode == 1
    assert "the devnet did not start (exit code" in done.stderr
    assert "203.0.113.1" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_node_without_development_methods(tmp_path: Path) -> None:
    genesis = _write_genesis(tmp_path)
    arguments = ("--port", "0", "--datadir", str(tmp_path / "data"), "--genesis", str(genesis))
    with running(tmp_path / "stderr", "run", *arguments) as node:
        done = demo("--quick", "--rpc", node.url)
    assert done.returncode == 1
    assert "does not exist/is not available" in done.stderr
    assert "a replay needs a devnet, such as `strikefold devnet`" in done.stderr


@pytest.mark.slow
def test_a_chain_without_the_contracts(tmp_path: Path, unused_tcp_port: int) -> None:
    with anvil(tmp_path, unused_tcp_port, contracts=False) as url:
        done = demo("--quick", "--rpc", url)
        with Rpc(url) as rpc:
            assert rpc.call("anvil_getAutomine") is True, "left as it was"
    assert done.returncode == 1
    assert "no Series contract at 0x5346" in done.stderr


@contextmanager
def anvil(folder: Path, port: int, *, contracts: bool = True) -> Iterator[str]:
    """An Ethereum node of others, with our genesis or its own."""
    if not ANVIL.exists():
        pytest.skip("anvil is absent: `make tools` installs it with npm")
    command = [str(ANVIL), "--port", str(port), "--hardfork", "osaka", "--silent"]
    command += ["--chain-id", str(DEVNET_CHAIN_ID)]
    command += ["--init", str(_write_genesis(folder))] if contracts else []
    command += ["--timestamp", str(GENESIS_TIME), "--gas-limit", "30000000"]
    process = subprocess.Popen(command)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _write_genesis(folder: Path) -> Path:
    accounts = {account.address: 10**22 for account in dev_accounts(10)}
    file = folder / "genesis.json"
    file.write_text(json.dumps(devnet_genesis(accounts=accounts, timestamp=GENESIS_TIME)))
    return file


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            with Rpc(url) as rpc:
                rpc.call("eth_chainId")
            return
        except Unavailable:
            assert time.monotonic() < deadline, "anvil did not start"
            time.sleep(0.1)


@pytest.mark.slow
def test_same_events_and_gas_on_another_node(
    node: NodeProcess, tmp_path: Path, unused_tcp_port: int
) -> None:
    """Every event, balance and unit of gas, transaction by transaction, as on anvil."""
    outcomes = []
    with anvil(tmp_path, unused_tcp_port) as other:
        for url in (node.url, other):
            with Rpc(url) as rpc, blocks_on_demand(rpc):
                outcomes.append(replay(rpc, planned(rpc, QUICK), DEVNET_CHAIN_ID, ignore))
    ours, theirs = outcomes
    assert ours.done == theirs.done
    assert ours.compared == theirs.compared > 0
