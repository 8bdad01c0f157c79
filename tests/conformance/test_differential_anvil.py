"""Random transactions on our engines and on anvil, under Osaka: the same, to the last gas.

What `test_differential.py` cannot reach: the newest fork, types of transactions, authorizations and
delegated code, access lists, the calldata floor, creation transactions, BLOCKHASH of a real chain.
Outputs are compared through the contracts' own storage and logs. `STRIKEFOLD_FUZZ_CASES` and
`STRIKEFOLD_FUZZ_SEED` as there.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from node.errors import InvalidTransaction
from node.evm.engine import BlockEnv, Engine, Session, TxOutcome
from node.evm.forks import Fork
from node.evm.interpreter.compiled import CompiledLoop
from node.evm.native_engine import native_engine
from node.evm.python_engine import PythonEngine
from node.state.account import Account
from node.state.memory import MemoryState
from tests.conformance.random_transactions import (
    BALANCE,
    CHAIN_ID,
    COINBASE,
    SENDER,
    SLOTS,
    WEALTH,
    Case,
    make_case,
)
from tests.conformance.random_writer import ACCOUNTS, AUTHORITY
from tests.suites import ROOT

pytestmark = pytest.mark.conformance

ANVIL = ROOT / "tests/e2e/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
CASES = 150
ENGINES: tuple[Engine, ...] = (PythonEngine(CompiledLoop(budget=0)), native_engine)


Mined = tuple[dict[str, Any], dict[str, Any]]
"""Receipt and block."""


class RpcError(Exception):
    """An error answer."""


@dataclass
class Anvil:
    """A running anvil."""

    url: str
    process: subprocess.Popen[bytes]

    def batch(self, *calls: tuple[str, list[Any]]) -> list[Any]:
        """The answers, in order; raises RpcError where one is an error."""
        requests = [
            {"jsonrpc": "2.0", "id": i, "method": method, "params": params}
            for i, (method, params) in enumerate(calls)
        ]
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url, json.dumps(requests).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            answers = sorted(json.load(response), key=lambda answer: answer["id"])
        for answer in answers:
            if "error" in answer:
                raise RpcError(answer["error"]["message"])
        return [answer["result"] for answer in answers]

    def block_hash(self, number: int) -> bytes:
        return unhex(self.batch(("eth_getBlockByNumber", [hex(number), False]))[0]["hash"])


@pytest.fixture(scope="module")
def anvil() -> Iterator[Anvil]:
    if not ANVIL.exists():
        pytest.skip("anvil is absent: run `make tools` (npm ci in tests/e2e)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [ANVIL, "--port", str(port), "--hardfork", "osaka", "--no-mining", "--silent"]
    running = Anvil(f"http://127.0.0.1:{port}", subprocess.Popen(command))
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                running.batch(("anvil_setCoinbase", [hexed(COINBASE)]), ("anvil_mine", ["0x12c"]))
                break
            except urllib.error.URLError:
                assert time.monotonic() < deadline, "anvil did not start"
                time.sleep(0.1)
        yield running
    finally:
        running.process.terminate()
        running.process.wait(10)


def hexed(data: bytes) -> str:
    return "0x" + data.hex()


def word(value: int) -> str:
    return hexed(value.to_bytes(32, "big"))


def unhex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def on_anvil(case: Case, anvil: Anvil) -> Mined | None:
    """Receipt and block; None where the transaction was refused."""
    setup = [
        ("anvil_setBalance", [hexed(SENDER), hex(WEALTH)]),
        ("anvil_setBalance", [hexed(AUTHORITY), hex(BALANCE)]),
    ]
    for address, code in case.codes.items():
        setup += [
            ("anvil_setCode", [hexed(address), hexed(code)]),
            ("anvil_setBalance", [hexed(address), hex(BALANCE)]),
            ("anvil_setNonce", [hexed(address), "0x1"]),
        ]
        for slot, value in case.storage[address].items():
            setup.append(("anvil_setStorageAt", [hexed(address), word(slot), word(value)]))
    anvil.batch(*setup)
    try:
        (tx_hash,) = anvil.batch(("eth_sendRawTransaction", [hexed(case.tx.encoded)]))
    except RpcError:
        return None
    anvil.batch(("evm_mine", []))
    receipt, block = anvil.batch(
        ("eth_getTransactionReceipt", [tx_hash]), ("eth_getBlockByNumber", ["latest", False])
    )
    return (receipt, block) if receipt else None  # dropped when its turn came


def on_ours(
    case: Case, block: dict[str, Any], anvil: Anvil, engine: Engine
) -> tuple[Session, TxOutcome]:
    assert int(block["excessBlobGas"], 16) == 0
    env = BlockEnv(
        fork=Fork.OSAKA,
        chain_id=CHAIN_ID,
        number=int(block["number"], 16),
        timestamp=int(block["timestamp"], 16),
        coinbase=unhex(block["miner"]),
        gas_limit=int(block["gasLimit"], 16),
        prev_randao=unhex(block["mixHash"]),
        base_fee=int(block["baseFeePerGas"], 16),
        blob_base_fee=1,
        block_hash=anvil.block_hash,
    )
    session = engine.open(MemoryState.of(case.alloc()), env)
    return session, session.transact(case.tx)


def compare_state(case: Case, session: Session, anvil: Anvil) -> None:
    """Every account and slot that we changed or that there was, as anvil has it."""
    changes = session.changes()
    slots = {(address, slot) for address in ACCOUNTS for slot in SLOTS}
    slots |= {(address, slot) for address, written in changes.storage.items() for slot in written}
    addresses = sorted({*ACCOUNTS, AUTHORITY, *changes.accounts} - {COINBASE})
    ordered = sorted(slots)
    reads = [("eth_getStorageAt", [hexed(a), word(slot), "latest"]) for a, slot in ordered]
    for method in ("eth_getTransactionCount", "eth_getBalance", "eth_getCode"):
        reads += [(method, [hexed(address), "latest"]) for address in addresses]
    answers = iter(anvil.batch(*reads))
    for address, slot in ordered:
        assert session.storage(address, slot) == int(next(answers), 16), (address.hex(), slot)
    accounts = [session.account(address) or Account() for address in addresses]
    for address, account in zip(addresses, accounts, strict=True):
        assert account.nonce == int(next(answers), 16), address.hex()
    for address, account in zip(addresses, accounts, strict=True):
        assert account.balance == int(next(answers), 16), address.hex()
    for address in addresses:
        assert session.code(address) == unhex(next(answers)), address.hex()


def compare_outcome(case: Case, mined: Mined, anvil: Anvil, engine: Engine) -> bool:
    """Whether the transaction succeeded."""
    receipt, block = mined
    session, outcome = on_ours(case, block, anvil, engine)
    assert outcome.success == (receipt["status"] == "0x1"), outcome.error
    assert outcome.gas_used == int(receipt["gasUsed"], 16), outcome.error
    assert [(log.address, list(log.topics), log.data) for log in outcome.logs] == [
        (unhex(log["address"]), [*map(unhex, log["topics"])], unhex(log["data"]))
        for log in receipt["logs"]
    ]
    compare_state(case, session, anvil)
    return outcome.success


def compare(seed: int, anvil: Anvil) -> bool:
    """Fails where an engine differs from anvil; whether the transaction succeeded."""
    case = make_case(seed)
    (snapshot,) = anvil.batch(("evm_snapshot", []))
    try:
        mined = on_anvil(case, anvil)
        if mined is None:
            (block,) = anvil.batch(("eth_getBlockByNumber", ["latest", False]))
            for engine in ENGINES:
                with pytest.raises(InvalidTransaction):
                    on_ours(case, block, anvil, engine)
            return False
        succeeded = {compare_outcome(case, mined, anvil, engine) for engine in ENGINES}
        return succeeded == {True}
    except AssertionError as error:
        error.add_note(f"seed {seed}")
        raise
    finally:
        anvil.batch(("evm_revert", [snapshot]))


def test_engines_agree(anvil):
    succeeded = sum(compare(seed, anvil) for seed in range(CASES))
    assert succeeded > CASES // 4, "too few cases get anywhere"


@pytest.mark.slow
def test_engines_agree_for_long(anvil):
    first = int(os.environ.get("STRIKEFOLD_FUZZ_SEED", CASES))
    for seed in range(first, first + int(os.environ.get("STRIKEFOLD_FUZZ_CASES", "2000"))):
        compare(seed, anvil)
