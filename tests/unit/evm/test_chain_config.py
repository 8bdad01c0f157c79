from __future__ import annotations

from typing import Any

import pytest

from node.errors import InvalidGenesis
from node.evm.chain_config import BlobSchedule, ChainConfig
from node.evm.forks import Fork
from tests.unit.evm.chains import genesis_json

PRAGUE = BlobSchedule(6, 9, 5_007_716)


def config(**overrides: Any) -> ChainConfig:
    return ChainConfig.from_json(genesis_json(**overrides)["config"])


def proof_of_work(**overrides: Any) -> ChainConfig:
    times = dict.fromkeys(("shanghaiTime", "cancunTime", "pragueTime", "osakaTime"))
    return config(**({"terminalTotalDifficulty": None} | times | overrides))


def test_every_fork_is_active_from_genesis_on() -> None:
    assert config().fork_at(0, 0) == Fork.OSAKA


def test_forks_activate_at_their_block_and_time() -> None:
    chain = config(cancunTime=10, pragueTime=20, osakaTime=30)
    found = [chain.fork_at(1, time) for time in (9, 10, 19, 20, 29, 30)]
    assert found == [
        Fork.SHANGHAI, Fork.CANCUN, Fork.CANCUN, Fork.PRAGUE, Fork.PRAGUE, Fork.OSAKA
    ]  # fmt: skip
    blocks = {
        "homesteadBlock": 3, "eip150Block": 4, "eip155Block": 5, "eip158Block": 5,
        "byzantiumBlock": 6, "constantinopleBlock": 7, "petersburgBlock": 7, "istanbulBlock": 8,
        "berlinBlock": 9, "londonBlock": 10, "mergeNetsplitBlock": 11,
    }  # fmt: skip
    old = proof_of_work(**blocks)
    assert [old.fork_at(number, 0) for number in range(2, 12)] == [
        Fork.FRONTIER, Fork.HOMESTEAD, Fork.TANGERINE_WHISTLE, Fork.SPURIOUS_DRAGON,
        Fork.BYZANTIUM, Fork.PETERSBURG, Fork.ISTANBUL, Fork.BERLIN, Fork.LONDON, Fork.PARIS,
    ]  # fmt: skip


def test_a_time_fork_waits_for_the_merge() -> None:
    chain = proof_of_work(mergeNetsplitBlock=5, shanghaiTime=0)
    assert chain.fork_at(4, 100) == Fork.LONDON
    assert chain.fork_at(5, 100) == Fork.SHANGHAI


def test_glaciers_only_delay_the_bomb() -> None:
    chain = proof_of_work(muirGlacierBlock=4, berlinBlock=6, londonBlock=6, arrowGlacierBlock=8)
    assert chain.fork_at(4, 0) == Fork.ISTANBUL
    delays = [chain.bomb_delay_at(number) for number in (3, 4, 6, 8)]
    assert delays == [5_000_000, 9_000_000, 9_700_000, 10_700_000]


def test_blob_schedules_follow_eip_7892() -> None:
    schedule = {"bpo1": {"target": 10, "max": 15, "baseFeeUpdateFraction": 8_346_193}}
    chain = config(cancunTime=10, pragueTime=20, osakaTime=30, bpo1Time=40, blobSchedule=schedule)
    assert chain.blob_schedule_at(9) is None
    assert chain.blob_schedule_at(10) == BlobSchedule(3, 6, 3_338_477)
    assert chain.blob_schedule_at(20) == chain.blob_schedule_at(39) == PRAGUE
    assert chain.blob_schedule_at(40) == BlobSchedule(10, 15, 8_346_193)
    assert chain.fork_at(1, 40) == Fork.OSAKA


def test_activations_are_those_of_eip_7910() -> None:
    chain = config(cancunTime=0, pragueTime=20, osakaTime=30)
    assert chain.fork_times == (20, 30)
    assert [chain.current_activation(time) for time in (0, 20, 31)] == [0, 20, 30]
    assert [chain.next_activation(time) for time in (0, 20, 30)] == [20, 30, None]


def test_the_fork_id_changes_with_each_fork_and_not_between() -> None:
    chain = proof_of_work(byzantiumBlock=5, constantinopleBlock=7, petersburgBlock=7,
                          istanbulBlock=7, berlinBlock=7, londonBlock=7)  # fmt: skip
    ids = [chain.fork_id(bytes(32), number, 0) for number in range(9)]
    assert len(set(ids)) == 3
    assert ids[0] == ids[4] != ids[5] == ids[6] != ids[7] == ids[8]


def test_forks_before_the_genesis_are_not_in_the_fork_id() -> None:
    late = config(osakaTime=100)
    before, after = (late.fork_id(bytes(32), 1, time) for time in (99, 100))
    assert before != after
    assert late.fork_id(bytes(32), 1, 100, genesis_time=100) == before


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"chainId": None}, "chainId: expected a number, got None"),
        ({"chainId": "eleven"}, "chainId: expected a number, got 'eleven'"),
        ({"chainId": -1}, "chainId: -1 does not fit 256 unsigned bits"),
        ({"chainId": True}, "chainId: expected a number, got True"),
        ({"osakaTime": 5, "pragueTime": 6}, "osakaTime is 5, before pragueTime at 6"),
        ({"berlinBlock": 9, "londonBlock": 8}, "londonBlock is 8, before berlinBlock at 9"),
        ({"londonBlock": 8}, "londonBlock is 8, but the chain is merged from genesis on"),
        ({"terminalTotalDifficulty": 7}, "the merge has no block"),
        ({"terminalTotalDifficulty": None}, "the merge has no block"),
        ({"daoForkBlock": 1}, "daoForkBlock is not supported"),
        ({"pragueTime": None}, "pragueTime is not set, but a later fork is"),
        ({"osakaTime": None, "bpo1Time": 9}, "osakaTime is not set, but a later fork is"),
        ({"bpo1Time": 9}, "blobSchedule has no entry for bpo1"),
        ({"depositContractAddress": "0x00"}, "depositContractAddress: expected 20 bytes, got 1"),
        (
            {"blobSchedule": {"osaka": {"target": 3, "max": 2, "baseFeeUpdateFraction": 1}}},
            "target must not exceed max",
        ),
        (
            {"blobSchedule": {"osaka": {"target": 3, "max": 3, "baseFeeUpdateFraction": 0}}},
            "the fraction must be positive",
        ),
        ({"blobSchedule": {"osaka": {}}}, "blobSchedule.osaka.target: expected a number"),
        ({"blobSchedule": {"osaka": 7}}, "blobSchedule.osaka: expected an object, got 7"),
        ({"blobSchedule": [7]}, "blobSchedule: expected an object"),
    ],
)
def test_a_bad_configuration_names_the_key(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidGenesis) as refusal:
        config(**overrides)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    "chain",
    [
        config(),
        config(cancunTime=10, pragueTime=20, osakaTime=None),
        proof_of_work(londonBlock=3),
        config(bpo1Time=40, blobSchedule={"bpo1": {"target": 1, "max": 2,
               "baseFeeUpdateFraction": 3}}),
        config(depositContractAddress="0x" + "12" * 20),
    ],
)  # fmt: skip
def test_a_configuration_as_json_and_back(chain: ChainConfig) -> None:
    assert ChainConfig.from_json(chain.to_json()) == chain
