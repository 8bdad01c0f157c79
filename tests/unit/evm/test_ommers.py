"""Blocks before Paris: difficulty, ommers, rewards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from node.codec import encode
from node.crypto import keccak256
from node.errors import InvalidBlock
from node.evm.block import Block, Header
from node.evm.chain_config import ChainConfig
from node.evm.difficulty import next_difficulty
from node.evm.execution import ExecutedBlock
from node.evm.forks import Fork
from node.evm.genesis import Genesis
from node.evm.importer import execute_block
from node.evm.ommers import block_reward, rewards
from tests.unit.evm.chains import COINBASE, ETHER, MemoryChain, genesis_json
from tests.unit.evm.programs import ENGINE

pytestmark = pytest.mark.usefixtures("each_engine")

POST_MERGE = ("terminalTotalDifficulty", "shanghaiTime", "cancunTime", "pragueTime", "osakaTime")
OMMER_COINBASE = b"\x99" * 20


def pow_chain(blocks: int = 0, **config: Any) -> MemoryChain:
    genesis = genesis_json(**(dict.fromkeys(POST_MERGE) | config)) | {"difficulty": hex(2**17)}
    chain = MemoryChain(Genesis.from_json(genesis))
    for _ in range(blocks):
        chain.grow()
    return chain


def ommer_of(chain: MemoryChain, number: int) -> Header:
    """A valid header beside the chain's own of this number."""
    parent, timestamp = chain.headers[number - 1], chain.headers[number - 1].timestamp + 5
    return replace(
        chain.headers[number],
        timestamp=timestamp,
        coinbase=OMMER_COINBASE,
        difficulty=next_difficulty(chain.config, parent, timestamp),
    )


def with_ommers(chain: MemoryChain, *ommers: Header) -> ExecutedBlock:
    """Executes the empty next block with ommers; its state root is put right first."""
    block = chain.builder().seal().block
    ommers_hash = keccak256(encode([ommer.items() for ommer in ommers]))
    balances = dict(rewards(chain.config.fork_at(1, 1), block.header, ommers))
    assert balances
    block = replace(
        block, header=replace(block.header, ommers_hash=ommers_hash), ommers=tuple(ommers)
    )
    try:
        return run(chain, block)
    except InvalidBlock as error:
        if error.rule != "INVALID_STATE_ROOT":
            raise
        local = bytes.fromhex(str(error).rpartition("0x")[2].rstrip(")"))
        return run(chain, replace(block, header=replace(block.header, state_root=local)))


def run(chain: MemoryChain, block: Block) -> ExecutedBlock:
    return execute_block(
        ENGINE.get(), chain.config, block, chain.head, chain.state,
        header_at=chain.header_at, ancestors=chain.blocks[:-8:-1],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fork", "reward"),
    [(Fork.FRONTIER, 5), (Fork.BYZANTIUM, 3), (Fork.CONSTANTINOPLE, 2), (Fork.PARIS, 0)],
)
def test_the_reward_of_each_age(fork: Fork, reward: int) -> None:
    assert block_reward(fork) == reward * ETHER


def test_miners_are_paid_every_block() -> None:
    chain = pow_chain(3)
    account = chain.state.account(COINBASE)
    assert account is not None
    assert account.balance == 6 * ETHER


def test_ommers_pay_their_miner_and_the_one_who_includes_them() -> None:
    chain = pow_chain(3)
    executed = with_ommers(chain, ommer_of(chain, 3), ommer_of(chain, 2))
    chain.append(executed)
    ommers, miner = chain.state.account(OMMER_COINBASE), chain.state.account(COINBASE)
    assert ommers is not None
    assert miner is not None
    assert ommers.balance == (7 + 6) * 2 * ETHER // 8
    assert miner.balance == 8 * ETHER + 2 * (2 * ETHER // 32)


def test_ommers_that_may_not_be_included_are_refused() -> None:
    chain = pow_chain(9)
    ommer = ommer_of(chain, 9)
    sibling = replace(chain.builder().seal().block.header, coinbase=OMMER_COINBASE)
    wrong = {
        "TOO_MANY_UNCLES": [ommer, ommer_of(chain, 8), ommer_of(chain, 7)],
        "UNCLE_IN_CHAIN": [ommer, ommer],
        "UNCLE_IS_ANCESTOR": [chain.headers[8]],
        "UNCLE_PARENT_INCORRECT": [sibling],
        "INVALID_DIFFICULTY": [replace(ommer, difficulty=1)],
    }
    for rule, ommers in wrong.items():
        with pytest.raises(InvalidBlock) as refusal:
            with_ommers(chain, *ommers)
        assert refusal.value.rule == rule
    with pytest.raises(InvalidBlock) as refusal:
        with_ommers(chain, ommer_of(chain, 2))
    assert refusal.value.rule == "UNCLE_PARENT_INCORRECT"
    chain.append(with_ommers(chain, ommer))
    with pytest.raises(InvalidBlock, match="duplicate uncle") as refusal:
        with_ommers(chain, ommer)
    assert refusal.value.rule == "UNCLE_IN_CHAIN"


def test_a_wrong_difficulty_is_refused() -> None:
    chain = pow_chain()
    block = chain.builder().seal().block
    wrong = replace(block, header=replace(block.header, difficulty=block.header.difficulty + 1))
    with pytest.raises(InvalidBlock, match="invalid difficulty: have ") as refusal:
        run(chain, wrong)
    assert refusal.value.rule == "INVALID_DIFFICULTY"


@pytest.mark.parametrize(
    ("forks", "seconds", "expected"),
    [
        ({}, 12, 2**20 + 512),
        ({}, 13, 2**20 - 512),
        ({"homesteadBlock": 0}, 9, 2**20 + 512),
        ({"homesteadBlock": 0}, 10, 2**20),
        ({"homesteadBlock": 0}, 5_000, 2**20 - 99 * 512),
        ({"byzantiumBlock": 0}, 8, 2**20 + 512),
        ({"byzantiumBlock": 0}, 9, 2**20),
    ],
)
def test_the_difficulty_follows_the_time_between_blocks(
    forks: dict[str, int], seconds: int, expected: int
) -> None:
    config = ChainConfig.from_json({"chainId": 1, **forks})
    parent = Header(bytes(32), difficulty=2**20, timestamp=100)
    assert next_difficulty(config, parent, 100 + seconds) == expected


def test_the_bomb_ticks_and_is_delayed() -> None:
    parent = Header(bytes(32), difficulty=2**20, timestamp=100, number=3_499_999)
    steps = {"homesteadBlock": 2**33, "byzantiumBlock": 2**3}
    for key, bomb in steps.items():
        config = ChainConfig.from_json({"chainId": 1, key: 0})
        seconds = 10 if key == "homesteadBlock" else 9
        assert next_difficulty(config, parent, 100 + seconds) == 2**20 + bomb
