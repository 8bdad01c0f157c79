"""Blocks of one kind of transaction on this node's engines, revm, anvil and py-evm, in one run.

Ours and py-evm's: from the transactions' bytes to the roots of state, transactions and receipts.
anvil: evm_mine with the transactions in its pool, so without signatures. revm by pyrevm executes
alone: no signatures, no roots. `pytest tests/benchmark/test_peers.py
--benchmark-enable -s` prints millions of gas a second.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrevm
import pytest

from node.evm.native_engine import native_engine
from node.evm.transactions import DYNAMIC_FEE, Transaction
from tests.benchmark.test_engine import GAS_LIMIT, UPSTREAM_COUNT, ours, upstream, upstream_chain
from tests.benchmark.test_rpc import ANVIL, Anvil
from tests.benchmark.workloads import BASE_FEE, SENDER, WORKLOADS, genesis, signed_transactions
from tests.e2e.processes import GWEI, KEYS

COUNT = {"transfers": 500, "erc20": 500, "black_scholes": 200, "sstore": 60, "keccak": 150}
"""Of a block that anvil takes."""


def hexed(data: bytes) -> str:
    return f"0x{data.hex()}"


def in_revm(workload: str, count: int) -> tuple[float, int]:
    """Seconds, and the gas that the transactions use."""
    evm = pyrevm.EVM(gas_limit=GAS_LIMIT, spec_id="CANCUN")
    alloc = genesis()
    for address, account in alloc.accounts.items():
        assert account is not None
        code = alloc.codes.get(account.code_hash, b"")
        info = pyrevm.AccountInfo(balance=account.balance, nonce=account.nonce, code=code)
        evm.insert_account_info(hexed(address), info)
        for slot, value in alloc.storage.get(address, {}).items():
            evm.insert_account_storage(hexed(address), slot, value)
    evm.set_block_env(pyrevm.BlockEnv(number=1, timestamp=2, basefee=BASE_FEE))
    calls, gas, begun = [WORKLOADS[workload](i) for i in range(count)], 0, time.perf_counter()
    for to, value, data, limit in calls:
        evm.message_call(hexed(SENDER), hexed(to), data, value, limit, 100)
        gas += evm.result.gas_used
    return time.perf_counter() - begun, gas


def in_anvil(log: Path, workload: str, count: int) -> float:
    """Seconds that mining a block takes."""
    anvil, alloc = Anvil(log), genesis()
    try:
        anvil.call("evm_setAutomine", False)
        for address, account in alloc.accounts.items():
            if address != SENDER and account is not None:
                anvil.call("anvil_setCode", hexed(address), hexed(alloc.codes[account.code_hash]))
        raw = []
        for nonce in range(count):
            to, value, data, gas = WORKLOADS[workload](nonce)
            tx = Transaction(DYNAMIC_FEE, 31337, nonce, GWEI, 20 * GWEI, gas, to, value, data)
            raw.append(hexed(tx.signed(KEYS[0]).encoded))
        for encoded in raw:
            anvil.call("eth_sendRawTransaction", encoded)
        begun = time.perf_counter()
        anvil.call("evm_mine")
        seconds = time.perf_counter() - begun
        block = anvil.call("eth_getBlockByNumber", "latest", False)
        assert len(block["transactions"]) == count
        return seconds
    finally:
        anvil.process.terminate()
        anvil.process.wait()


def seconds_of(action: Callable[[], Any], rounds: int = 3) -> float:
    """The least of several runs."""
    seconds = []
    for _ in range(rounds):
        begun = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


@pytest.mark.parametrize("workload", WORKLOADS)
def test_peers(
    benchmark: Any, workload: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECC_BACKEND_CLASS", "eth_keys.backends.CoinCurveECCBackend")
    count = COUNT[workload] if benchmark.enabled else 3
    raw = signed_transactions(workload, count)
    root = benchmark.pedantic(ours, args=(raw, native_engine), rounds=3, warmup_rounds=1)
    assert root == ours(raw)
    in_python = seconds_of(lambda: ours(raw), 1)
    revm, gas = in_revm(workload, count)
    fewer = UPSTREAM_COUNT[workload] if benchmark.enabled else 1
    some, chain = signed_transactions(workload, fewer), upstream_chain()
    in_py_evm = seconds_of(lambda: upstream(chain, some), 1) * count / fewer
    has_anvil = shutil.which("node") is not None and ANVIL.exists()
    mined = in_anvil(tmp_path / "log", workload, count) if has_anvil else None
    if benchmark.enabled:
        native = benchmark.stats.stats.min
        rates = {"python": in_python, "py-evm": in_py_evm, "revm": revm, "anvil": mined}
        found = {name: round(gas / s / 1e6, 1) for name, s in rates.items() if s is not None}
        benchmark.extra_info |= {"native": round(gas / native / 1e6, 1), **found}
        ratio = in_py_evm / native
        print(f"\n{workload}: native {gas / native / 1e6:.1f} Mgas/s, {found}, {ratio:.0f}x py-evm")
