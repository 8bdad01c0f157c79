"""Time travel, mining and snapshots for developers, and the accounts they know."""

from __future__ import annotations

import pytest
from eth_account import Account

from node.errors import InvalidInput
from node.rollup.dev_accounts import MNEMONIC, dev_accounts
from node.rollup.devtools import DevTools
from node.rollup.service import Node
from tests.unit.rollup.ledger import ADDRESSES, RECIPIENT, transfer
from tests.unit.rollup.nodes import START


@pytest.fixture
def tools(node: Node) -> DevTools:
    return DevTools(node)


def test_accounts_are_those_of_every_wallet() -> None:
    Account.enable_unaudited_hdwallet_features()
    for index, account in enumerate(dev_accounts(3)):
        theirs = Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")
        assert (account.secret, account.address.hex()) == (
            bytes(theirs.key),
            theirs.address[2:].lower(),
        )


async def test_mining(tools: DevTools, node: Node) -> None:
    assert (await tools.mine()).number == 1
    assert (await tools.mine(3)).number == 4
    header = await tools.mine(3, interval_s=60, timestamp=START + 1_000)

    assert header.timestamp == START + 1_120
    assert node.chain.head == header


@pytest.mark.parametrize("blocks", [0, -1, 100_001])
async def test_absurd_numbers_of_blocks(tools: DevTools, blocks: int) -> None:
    with pytest.raises(InvalidInput, match=f"cannot mine {blocks} blocks"):
        await tools.mine(blocks)


async def test_time_moves_forward(tools: DevTools) -> None:
    assert tools.increase_time(100) == 100
    assert tools.increase_time(50) == 150
    assert (await tools.mine()).timestamp == START + 160
    with pytest.raises(InvalidInput, match="cannot increase time by -1 seconds"):
        tools.increase_time(-1)


async def test_next_timestamp_carries_on(tools: DevTools) -> None:
    tools.set_next_timestamp(START + 5)
    assert (await tools.mine()).timestamp == START + 5
    tools.increase_time(100)
    assert (await tools.mine()).timestamp == START + 105

    with pytest.raises(InvalidInput, match="Timestamp error"):
        tools.set_next_timestamp(START + 105)


async def test_pending_block_shows_the_time_to_come(tools: DevTools, node: Node) -> None:
    await node.pending()
    tools.set_next_timestamp(START + 700)

    assert (await node.pending()).block.header.timestamp == START + 700


async def test_snapshot_and_revert(tools: DevTools, node: Node) -> None:
    waiting = transfer(0, 0, value=5)
    node.submit_transaction(waiting)
    first = tools.snapshot()
    tools.increase_time(1_000)
    await tools.mine()
    node.submit_transaction(transfer(0, 1))
    second = tools.snapshot()
    await tools.mine()

    assert await tools.revert(first)
    assert node.chain.head.number == 0
    assert node.chain.state().account(RECIPIENT) is None
    assert node.pool.content_from(ADDRESSES[0]) == ([waiting], [])
    assert (await tools.mine()).timestamp == START + 10
    assert not await tools.revert(second)
    assert not await tools.revert(first)


async def test_snapshots_of_abandoned_blocks(tools: DevTools, node: Node) -> None:
    await tools.mine()
    snapshot = tools.snapshot()
    await node.unwind(0)

    with pytest.raises(InvalidInput, match="no longer in the chain"):
        await tools.revert(snapshot)


async def test_automine(tools: DevTools, node: Node) -> None:
    heads = node.heads.subscribe()
    tools.set_automine(enabled=True)
    assert tools.automine
    node.submit_transaction(transfer(0, 0))
    assert (await anext(heads)).header.number == 1
    tools.set_interval(1)
    assert not tools.automine
    assert (await anext(heads)).header.number == 2
    with pytest.raises(InvalidInput, match="interval of -1 seconds"):
        tools.set_interval(-1)


async def test_dropping(tools: DevTools, node: Node) -> None:
    tx_hash = node.submit(transfer(0, 0).encoded)

    assert tools.drop_transaction(tx_hash)
    assert not tools.drop_transaction(tx_hash)
    assert len(node.pool) == 0
