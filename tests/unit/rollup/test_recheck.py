"""Sealed blocks executed a second time: wrong engines, wrong witnesses, restarts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from node.cli import app
from node.errors import InvalidInput, StorageError, Unavailable
from node.evm.engine import BlockEnv, Session, TxOutcome
from node.evm.forks import Fork
from node.evm.native_engine import NativeEngine
from node.evm.tracing.hooks import Tracer
from node.evm.transactions import Transaction
from node.rollup.recheck import DisputedBlock, Recheck, read_reproduction
from node.state.account import StateReader
from tests.unit.rollup.ledger import RECIPIENT, transfer
from tests.unit.rollup.nodes import GENESIS, open_node

Defect = Callable[[Session, TxOutcome], TxOutcome]


class WrongSession:
    """A session that is wrong about transactions that move 13 wei."""

    def __init__(self, session: Session, defect: Defect) -> None:
        self._session, self._defect = session, defect

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def transact(self, tx: Transaction, tracer: Tracer | None = None) -> TxOutcome:
        outcome = self._session.transact(tx, tracer)
        return self._defect(self._session, outcome) if tx.value == 13 else outcome


class WrongEngine(NativeEngine):
    """An engine whose sessions have a defect."""

    def __init__(self, defect: Defect) -> None:
        self._defect = defect

    def open(self, state: StateReader, env: BlockEnv) -> Any:
        return WrongSession(super().open(state, env), self._defect)


def pays_too_much(session: Session, outcome: TxOutcome) -> TxOutcome:
    session.add_balance(RECIPIENT, 1)
    return outcome


def counts_too_much(_: Session, outcome: TxOutcome) -> TxOutcome:
    return replace(outcome, gas_used=outcome.gas_used + 1)


def calls_it_failed(_: Session, outcome: TxOutcome) -> TxOutcome:
    return replace(outcome, success=False)


@pytest.mark.parametrize(
    ("defect", "status"),
    [
        (pays_too_much, "INVALID_STATE_ROOT"),
        (counts_too_much, "INVALID_GAS_USED"),
        (calls_it_failed, "INVALID_RECEIPTS_ROOT"),
    ],
)
async def test_a_wrong_engine_stops_proving_not_the_chain(
    tmp_path: Path, defect: Defect, status: str
) -> None:
    node = open_node(tmp_path, engine=WrongEngine(defect))
    node.submit_transaction(transfer(0, 0))
    await node.sequencer.seal()
    assert node.health().disagreement is None
    node.submit_transaction(transfer(0, 1, value=13))
    wrong = await node.sequencer.seal()
    node.submit_transaction(transfer(0, 2))
    assert (await node.sequencer.seal()).number == 3
    health = node.health()
    await node.stop()

    assert health.ok
    assert health.disagreement == DisputedBlock(
        2, wrong.hash, f"the core says {status}", tmp_path / "disagreement.json"
    )
    reproduction = read_reproduction(tmp_path / "disagreement.json")
    assert reproduction.config == GENESIS.config
    assert reproduction.verdict().status == status


async def test_it_stays_stopped_after_a_restart(tmp_path: Path) -> None:
    node = open_node(tmp_path, engine=WrongEngine(pays_too_much))
    node.submit_transaction(transfer(value=13))
    await node.sequencer.seal()
    await node.stop()
    found = node.recheck.disagreement
    assert found is not None

    again = open_node(tmp_path)
    assert again.health().disagreement == found
    await again.stop()
    found.file.write_text("{")
    unreadable = open_node(tmp_path)
    stopped = unreadable.health().disagreement
    assert stopped is not None
    assert "cannot be read" in stopped.reason
    await unreadable.stop()


async def test_the_head_is_checked_where_the_node_ended_before_it_was(tmp_path: Path) -> None:
    node = open_node(tmp_path, engine=WrongEngine(pays_too_much))
    node.submit_transaction(transfer(value=13))
    await node.sequencer.seal()
    await node.stop()
    (tmp_path / "disagreement.json").unlink()

    again = open_node(tmp_path)
    found = again.health().disagreement
    assert found is not None
    assert (found.number, found.reason) == (1, "the core says INVALID_STATE_ROOT")
    await again.stop()


@pytest.fixture
async def sealed(tmp_path: Path) -> Any:
    """A block that is right."""
    node = open_node(tmp_path / "node")
    node.submit_transaction(transfer())
    builder = node.chain.builder(
        node.sequencer.template.attributes(
            node.chain.head, node.chain.head.timestamp + 2, bytes(32)
        )
    )
    builder.add(transfer())
    executed = builder.seal()
    await node.stop()
    return executed


async def test_a_witness_without_a_node(sealed: Any, tmp_path: Path) -> None:
    recheck = Recheck(GENESIS.config, tmp_path / "found.json")
    recheck.check(sealed.block, sealed.witness)
    assert recheck.disagreement is None
    recheck.check(sealed.block, replace(sealed.witness, state=sealed.witness.state[1:]))
    assert recheck.disagreement is not None
    assert recheck.disagreement.reason.startswith("the core says WITNESS_NODE_MISSING")
    number = sealed.block.header.number
    recheck.require_provable(number - 1)
    with pytest.raises(Unavailable, match=f"block {number} may not be proved"):
        recheck.require_provable(number)


async def test_a_defect_of_the_check_itself(sealed: Any, tmp_path: Path) -> None:
    recheck = Recheck(GENESIS.config, tmp_path / "found.json")
    recheck.check(sealed.block, replace(sealed.witness, headers=(1,)))
    assert recheck.disagreement is not None
    assert recheck.disagreement.reason.startswith("executing it again failed: TypeError")


async def test_a_disk_that_refuses_the_file(sealed: Any, tmp_path: Path) -> None:
    recheck = Recheck(GENESIS.config, tmp_path / "absent" / "found.json")
    recheck.check(sealed.block, replace(sealed.witness, headers=()))
    assert recheck.disagreement is not None


async def test_the_command_executes_it_again(sealed: Any, tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    recheck = Recheck(GENESIS.config, file)
    recheck.check(sealed.block, replace(sealed.witness, codes=()))
    assert file.exists()
    result = CliRunner().invoke(app, ["recheck", str(file)])
    assert isinstance(result.exception, InvalidInput)
    assert "core:   the core says WITNESS_CODE_MISSING" in result.output
    assert "python: witness has no code with hash" in result.output


def test_files_that_hold_no_block(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot read"):
        read_reproduction(tmp_path / "absent.json")
    for text in ("[]", "{", '{"config": {}, "block": "0x"}'):
        (tmp_path / "wrong.json").write_text(text)
        with pytest.raises(InvalidInput):
            read_reproduction(tmp_path / "wrong.json")


def test_forks_before_the_core_are_not_checked(tmp_path: Path, sealed: Any) -> None:
    config = replace(GENESIS.config, time_forks={}, blob_schedules=())
    assert config.fork_at(1, 2**40) < Fork.SHANGHAI
    recheck = Recheck(config, tmp_path / "found.json")
    recheck.check(sealed.block, replace(sealed.witness, headers=()))
    assert recheck.disagreement is None
