"""The books at the end: every amount on chain against the one that follows from the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from genesis import addresses
from node.demo import contracts
from node.demo.actions import Account, Asset, address
from node.demo.model import Ledger
from node.demo.plan import Plan
from node.errors import Disagreement
from node.rpc.client import Rpc
from node.types import Address

_SHOWN = 5


@dataclass(frozen=True)
class Amount:
    """One number to compare: what it is, how to ask the chain for it, and what it should be."""

    what: str
    method: str
    params: list[Any]
    expected: int


def audit(
    rpc: Rpc,
    plan: Plan,
    ledger: Ledger,
    *,
    pool_before: Mapping[Asset, int],
    coins: Mapping[Account, int],
) -> int:
    """Compares everything at the head; returns how many amounts there were.

    pool_before: what the Pool held before the replay. coins: wei each account should have left
    after gas. Raises Disagreement, which names the first few differences.
    """
    amounts = [*_accounts(plan, ledger, coins), *_series(plan, ledger), *_pool(ledger, pool_before)]
    answers = rpc.batch([(amount.method, amount.params) for amount in amounts])
    wrong = [
        f"{amount.what}: on chain {int(answer, 16)}, off chain {amount.expected}"
        for amount, answer in zip(amounts, answers, strict=True)
        if int(answer, 16) != amount.expected
    ]
    if wrong:
        raise Disagreement(f"{len(wrong)} of {len(amounts)} amounts: {'; '.join(wrong[:_SHOWN])}")
    return len(amounts)


def pool_balances(rpc: Rpc) -> dict[Asset, int]:
    """What the Pool holds of every asset now."""
    questions = [_balance(asset, addresses.POOL, 0) for asset in Asset]
    answers = rpc.batch([(question.method, question.params) for question in questions])
    return {asset: int(answer, 16) for asset, answer in zip(Asset, answers, strict=True)}


def _accounts(plan: Plan, ledger: Ledger, coins: Mapping[Account, int]) -> Iterator[Amount]:
    for account in plan.accounts:
        holder = address(account)
        yield Amount(
            f"wei of {account}", "eth_getBalance", [_hex(holder), "latest"], coins[account]
        )
        for asset in Asset:
            yield _balance(asset, holder, ledger.tokens[asset, account], f"{asset} of {account}")


def _series(plan: Plan, ledger: Ledger) -> Iterator[Amount]:
    for series, listing in plan.listings.items():
        name = listing.instrument.name
        yield _call(
            f"collateral left in {name}",
            addresses.POOL,
            contracts.call(contracts.LOCKED, series),
            ledger.locked[series],
        )
        yield _call(
            f"contracts left in {name}",
            addresses.SERIES,
            contracts.call(contracts.TOTAL_SUPPLY, series),
            ledger.supply(series),
        )
        yield _call(
            f"settlement price of {name}",
            addresses.SETTLEMENT,
            contracts.call(contracts.PRICE_OF, series),
            ledger.settlement_price(series),
        )


def _pool(ledger: Ledger, before: Mapping[Asset, int]) -> Iterator[Amount]:
    for asset in Asset:
        expected = before[asset] + ledger.in_pool(asset)
        yield _balance(asset, addresses.POOL, expected, f"{asset} in the Pool")


def _balance(asset: Asset, holder: Address, expected: int, what: str = "") -> Amount:
    return _call(what, asset.address, contracts.call(contracts.BALANCE_OF, holder), expected)


def _call(what: str, to: Address, data: bytes, expected: int) -> Amount:
    return Amount(what, "eth_call", [{"to": _hex(to), "data": _hex(data)}, "latest"], expected)


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"
