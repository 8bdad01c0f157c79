"""The Python engine against upstream py-evm on the same blocks, in one run.

Both decode and recover each transaction, execute it, and compute the state root, the transaction
root and the receipt root. `pytest tests/benchmark/test_engine.py --benchmark-enable` prints
transactions a second of ours; the ratio is in the extra columns of its JSON and in the log.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from eth.chains.base import MiningChain
from eth.consensus.noproof import NoProofConsensus
from eth.db.atomic import AtomicDB
from eth.vm.forks.prague import PragueVM

from node.evm.block import Receipt
from node.evm.engine import BlockEnv, Engine
from node.evm.forks import Fork
from node.evm.python_engine import python_engine
from node.evm.transactions import decode_transaction
from node.state.account import Account
from node.state.memory import MemoryState
from node.state.roots import compute_update
from node.state.trie import ordered_root
from node.types import ZERO_HASH, Hash32
from tests.benchmark.workloads import BASE_FEE, CHAIN_ID, WORKLOADS, genesis, signed_transactions

COINBASE = b"\x33" * 20
GAS_LIMIT = 10**9
UPSTREAM_COUNT = {"transfers": 100, "erc20": 100, "black_scholes": 20, "sstore": 20, "keccak": 20}
OUR_COUNT = {"transfers": 500, "erc20": 500, "black_scholes": 200, "sstore": 100, "keccak": 200}


def ours(raw: list[bytes], engine: Engine = python_engine) -> Hash32:
    """Executes a block; returns the state root."""
    state = MemoryState.of(genesis())
    env = BlockEnv(
        Fork.PRAGUE,
        CHAIN_ID,
        1,
        2,
        COINBASE,
        GAS_LIMIT,
        ZERO_HASH,
        BASE_FEE,
        1,
        lambda _: ZERO_HASH,
    )
    session, used, receipts = engine.open(state, env), 0, []
    for encoded in raw:
        outcome = session.transact(decode_transaction(encoded))
        assert outcome.success
        used += outcome.gas_used
        receipts.append(Receipt(2, 1, used, outcome.logs).encoded)
    ordered_root(raw)
    ordered_root(receipts)
    return compute_update(state, session.changes()).root


def upstream_chain() -> Any:
    """py-evm's chain over the same genesis."""
    vm = PragueVM.configure(consensus_class=NoProofConsensus)
    chain = MiningChain.configure(vm_configuration=((0, vm),), chain_id=CHAIN_ID)
    alloc, empty = genesis(), Account()
    state = {
        address: {
            "balance": account.balance,
            "nonce": account.nonce,
            "code": alloc.codes.get(account.code_hash, b""),
            "storage": alloc.storage.get(address, {}),
        }
        for address, account in alloc.accounts.items()
        if account is not None and account != empty
    }
    header = {
        "difficulty": 0,
        "gas_limit": GAS_LIMIT,
        "timestamp": 1,
        "coinbase": COINBASE,
        "base_fee_per_gas": BASE_FEE,
        "excess_blob_gas": 0,
        "parent_beacon_block_root": ZERO_HASH,
    }
    return chain.from_genesis(AtomicDB(), header, state)


def upstream(chain: Any, raw: list[bytes]) -> None:
    """Builds and imports a block."""
    builder = chain.get_vm().get_transaction_builder()
    transactions = [builder.decode(encoded) for encoded in raw]
    _imported, _receipts, computations = chain.mine_all(transactions, coinbase=COINBASE)
    assert not any(computation.is_error for computation in computations)


@pytest.mark.parametrize("workload", WORKLOADS)
def test_ratio_to_upstream(benchmark: Any, workload: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECC_BACKEND_CLASS", "eth_keys.backends.CoinCurveECCBackend")
    count = UPSTREAM_COUNT[workload] if benchmark.enabled else 3
    raw, chain = signed_transactions(workload, count), upstream_chain()
    start = time.perf_counter()
    upstream(chain, raw)
    upstream_rate = count / (time.perf_counter() - start)

    count = OUR_COUNT[workload] if benchmark.enabled else 3
    raw = signed_transactions(workload, count)
    root = benchmark.pedantic(ours, args=(raw,), rounds=3, warmup_rounds=1)
    assert root == ours(raw), "execution is deterministic"
    if benchmark.enabled:
        rate = count / benchmark.stats.stats.min
        benchmark.extra_info |= {
            "transactions_per_s": round(rate),
            "upstream_transactions_per_s": round(upstream_rate),
            "ratio": round(rate / upstream_rate, 2),
        }
        ratio = rate / upstream_rate
        print(f"\n{workload}: {rate:.0f}/s, upstream {upstream_rate:.0f}/s, {ratio:.1f}x")
