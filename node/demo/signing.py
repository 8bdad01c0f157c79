"""Actions become signed transactions, with the signatures that their call data carry."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from genesis import addresses
from node.demo import contracts
from node.demo.actions import (
    Account,
    Action,
    Approve,
    Block,
    Close,
    CreateFeed,
    CreateSeries,
    Fill,
    Mint,
    Post,
    SetOperator,
    Settle,
    Write,
    address,
    secret_of,
)
from node.demo.blocks import gas_limit
from node.evm.transactions import DYNAMIC_FEE, Transaction
from node.types import UINT256_MAX, Address

MAX_FEE: Final = 20 * 10**9
"""Wei per gas; blocks stay half empty, so the base fee stays far below."""


class Signer:
    """Signs for every participant on one chain, and counts their nonces.

    Transactions of a block get falling tips, so that a block built by price, as all are, keeps
    the order of its actions.
    """

    def __init__(self, chain_id: int) -> None:
        self._chain_id = chain_id
        self._nonces: dict[Account, int] = defaultdict(int)
        self._oracle = contracts.domain_separator("Strikefold Oracle", chain_id, addresses.ORACLE)
        self._exchange = contracts.domain_separator(
            "Strikefold Exchange", chain_id, addresses.EXCHANGE
        )

    def transactions(self, block: Block) -> list[Transaction]:
        """One signed transaction an action."""
        count = len(block.actions)
        return [self._sign(action, count - n) for n, action in enumerate(block.actions)]

    def _sign(self, action: Action, tip: int) -> Transaction:
        to, data = self.target(action)
        nonce = self._nonces[action.sender]
        self._nonces[action.sender] += 1
        transaction = Transaction(
            DYNAMIC_FEE, self._chain_id, nonce, tip, MAX_FEE + tip, gas_limit(action), to, 0, data
        )
        return transaction.signed(secret_of(action.sender))

    def target(self, action: Action) -> tuple[Address, bytes]:
        """The contract an action calls, and the call data."""
        match action:
            case Post():
                return addresses.ORACLE, self._post(action)
            case Fill():
                return addresses.EXCHANGE, self._fill(action)
            case _:
                return _plain_call(action)

    def _post(self, action: Post) -> bytes:
        reports = []
        for seen in action.observations:
            digest = contracts.price_digest(self._oracle, action.feed, seen.price, seen.timestamp)
            signature = contracts.sign_digest(secret_of(seen.signer), digest)
            reports.append((seen.source, seen.price, seen.timestamp, signature))
        return contracts.call(contracts.POST, action.feed, reports)

    def _fill(self, action: Fill) -> bytes:
        digest = action.order.digest(self._exchange)
        signature = contracts.sign_digest(secret_of(action.maker), digest)
        return contracts.call(contracts.FILL, action.order.values, signature, action.quantity, True)


def _plain_call(
    action: Mint | Approve | SetOperator | CreateFeed | CreateSeries | Write | Close | Settle,
) -> tuple[Address, bytes]:
    """Target and call data of the actions that carry no signature of their own."""
    to: Address
    match action:
        case Mint(sender, asset, amount):
            to, data = asset.address, contracts.call(contracts.MINT, address(sender), amount)
        case Approve(_, asset, spender):
            to, data = asset.address, contracts.call(contracts.APPROVE, spender, UINT256_MAX)
        case SetOperator(_, to):
            data = contracts.call(contracts.SET_OPERATOR, addresses.EXCHANGE, True)
        case CreateFeed(_, feed):
            to, data = addresses.ORACLE, contracts.call(contracts.CREATE_FEED, feed.values)
        case CreateSeries(_, terms):
            to, data = addresses.SERIES, contracts.call(contracts.CREATE_SERIES, terms.values)
        case Write(sender, series, quantity):
            writer = address(sender)
            to = addresses.POOL
            data = contracts.call(contracts.WRITE, series, quantity, writer, writer)
        case Close(_, series, quantity):
            to, data = addresses.POOL, contracts.call(contracts.CLOSE, series, quantity)
        case _:
            pairs = [(series, address(account)) for series, account in action.positions]
            to, data = addresses.SETTLEMENT, contracts.call(contracts.SETTLE_POSITIONS, pairs)
    return to, data
