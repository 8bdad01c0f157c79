"""The replay: a plan sent to a node over JSON-RPC, and every result compared with the model.

Only public methods: a development node for time travel (evm_*), everything else a wallet's.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from genesis import addresses
from node.demo.actions import Account, Action, Block, address
from node.demo.audit import audit, pool_balances
from node.demo.model import Event, Ledger
from node.demo.plan import Plan, operator
from node.demo.receipts import events
from node.demo.signing import MAX_FEE, Signer
from node.errors import Disagreement, Unavailable
from node.evm.transactions import DYNAMIC_FEE, Transaction
from node.rollup.dev_accounts import dev_accounts
from node.rpc.client import Rpc
from node.types import Address

_WEEK: Final = 7 * 24 * 3600
_FUNDING: Final = 5 * 10**18
"""Wei for the gas of one participant."""


@dataclass(frozen=True)
class Done:
    """One executed action: what it caused, on chain and in the model alike, and its gas."""

    action: Action
    events: tuple[Event, ...]
    gas_used: int


@dataclass
class Outcome:
    """What a replay did. seconds: from the first transaction to the last comparison."""

    plan: Plan
    ledger: Ledger
    done: list[Done] = field(default_factory=list)
    gas_paid: Counter[Account] = field(default_factory=Counter)
    """Wei."""
    blocks: int = 0
    seconds: float = 0.0
    compared: int = 0
    """Amounts that were read from the chain at the end and equal the model's."""

    @property
    def gas_used(self) -> int:
        """Gas of all actions."""
        return sum(done.gas_used for done in self.done)


Progress: TypeAlias = Callable[[int, Block], None]
"""Called after every block with the number of actions done so far."""


@dataclass(frozen=True)
class Venue:
    """What a plan must know about the chain it will run on.

    shift: seconds to add to the data's times, so that nothing happens before the head.
    run: how many replays the chain has seen; every run has participants of its own.
    """

    chain_id: int
    shift: int
    run: int


@contextmanager
def blocks_on_demand(rpc: Rpc) -> Iterator[None]:
    """Keeps the node from making blocks by itself; afterwards it goes on as before.

    Raises Unavailable if it is no development node.
    """
    try:
        automine = rpc.call("anvil_getAutomine")
        interval = rpc.call("anvil_getIntervalMining")
        rpc.call("evm_setAutomine", False)
        rpc.call("evm_setIntervalMining", 0)
    except Unavailable as error:
        raise Unavailable(
            f"{error}; a replay needs a devnet, such as `strikefold devnet`"
        ) from error
    try:
        yield
    finally:
        with suppress(Unavailable):  # the node is gone: what happened before matters more
            if automine:
                rpc.call("evm_setAutomine", True)
            elif interval:
                rpc.call("evm_setIntervalMining", interval)


def survey(rpc: Rpc, start: int) -> Venue:
    """Looks where a replay can begin.

    start: Unix time of the first thing that a plan does. Raises Unavailable if the option
    contracts are not there.
    """
    for name, contract in (addresses.PREDEPLOYS | addresses.DEVNET_TOKENS).items():
        if rpc.call("eth_getCode", _hex(contract), "latest") == "0x":
            raise Unavailable(
                f"{rpc.url}: no {name} contract at {_hex(contract)}: not a Strikefold devnet;"
                " leave --rpc out to start one"
            )
    head = int(rpc.call("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    weeks = max(0, -(-(head + 1 - start) // _WEEK))
    run = 0
    while int(rpc.call("eth_getTransactionCount", _hex(address(operator(run))), "latest"), 16):
        run += 1
    return Venue(int(rpc.call("eth_chainId"), 16), weeks * _WEEK, run)


def replay(rpc: Rpc, plan: Plan, chain_id: int, progress: Progress) -> Outcome:
    """Executes a plan.

    Raises Disagreement where chain and model differ, Unavailable if the node fails.
    """
    started = time.monotonic()
    outcome = Outcome(plan, Ledger(plan.vault))
    names = {address(account): account for account in plan.accounts}
    pool_before = pool_balances(rpc)
    _fund(rpc, chain_id, plan)
    signer = Signer(chain_id)
    with ThreadPoolExecutor(1) as ahead:  # signs the next blocks while the node builds this one
        signed = [ahead.submit(signer.transactions, block) for block in plan.blocks]
        for block, transactions in zip(plan.blocks, signed, strict=True):
            _execute(rpc, outcome, block, transactions.result(), names)
            progress(len(outcome.done), block)
    coins = {account: _FUNDING - outcome.gas_paid[account] for account in plan.accounts}
    outcome.compared = audit(rpc, plan, outcome.ledger, pool_before=pool_before, coins=coins)
    outcome.seconds = time.monotonic() - started
    return outcome


def _fund(rpc: Rpc, chain_id: int, plan: Plan) -> None:
    """Gives every participant coins for gas, in a block before the plan's first."""
    (funder,) = dev_accounts(1)  # rich on every development chain, with a public key
    nonce = int(rpc.call("eth_getTransactionCount", _hex(funder.address), "latest"), 16)
    transfers = [
        Transaction(
            DYNAMIC_FEE, chain_id, nonce + n, 1, MAX_FEE, 21_000, address(account), _FUNDING, b""
        ).signed(funder.secret)
        for n, account in enumerate(plan.accounts)
    ]
    for receipt in _mine(rpc, transfers, plan.blocks[0].time - 1):
        if receipt["status"] != "0x1":
            raise Unavailable(
                f"{rpc.url}: the funding transaction {receipt['transactionHash']} failed"
            )


def _mine(rpc: Rpc, transactions: Sequence[Transaction], timestamp: int) -> list[dict[str, Any]]:
    """Puts exactly these transactions, in this order, into a block; their receipts."""
    rpc.batch([("eth_sendRawTransaction", [_hex(tx.encoded)]) for tx in transactions])
    rpc.call("evm_setNextBlockTimestamp", timestamp)
    rpc.call("evm_mine")
    receipts: list[dict[str, Any]] = rpc.call("eth_getBlockReceipts", "latest")
    mined = [receipt["transactionHash"] for receipt in receipts]
    wanted = [_hex(tx.hash) for tx in transactions]
    if mined != wanted:
        raise Disagreement(
            f"a block of {rpc.url} should hold {len(wanted)} transactions in the order sent,"
            f" and holds {len(mined)}, {sum(map(str.__eq__, mined, wanted))} of them in place"
        )
    return receipts


def _execute(
    rpc: Rpc,
    outcome: Outcome,
    block: Block,
    transactions: Sequence[Transaction],
    names: Mapping[Address, Account],
) -> None:
    """One block, on chain and in the model."""
    receipts = _mine(rpc, transactions, block.time)
    expected = outcome.ledger.execute(block)
    for action, tx, receipt, wanted in zip(
        block.actions, transactions, receipts, expected, strict=True
    ):
        where = f"{type(action).__name__} of {action.sender} ({receipt['transactionHash']})"
        if receipt["status"] != "0x1":
            reason = _why(rpc, tx, receipt)
            raise Disagreement(f"{where} failed on chain ({reason}); off chain it does {wanted}")
        found = events(receipt, names)
        if found != wanted:
            raise Disagreement(f"{where}: on chain {found}, off chain {wanted}")
        gas = int(receipt["gasUsed"], 16)
        outcome.gas_paid[action.sender] += gas * int(receipt["effectiveGasPrice"], 16)
        outcome.done.append(Done(action, wanted, gas))
    outcome.blocks += 1


def _why(rpc: Rpc, transaction: Transaction, receipt: Mapping[str, Any]) -> str:
    """Why a transaction failed, as the node says when it is called again on the same block."""
    call = {
        "from": receipt["from"],
        "to": receipt["to"],
        "data": _hex(transaction.data),
        "gas": hex(transaction.gas_limit),
    }
    try:
        rpc.call("eth_call", call, receipt["blockNumber"])
    except Unavailable as error:
        return str(error)
    return "for a reason that the block's end has undone"


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"
