"""Chain configurations by the names that fixtures give networks."""

from __future__ import annotations

import re
from typing import Any, Final

from node.evm.chain_config import ChainConfig

_BLOCKS: Final = (
    ("Frontier", ()),
    ("Homestead", ("homesteadBlock",)),
    ("EIP150", ("eip150Block",)),
    ("EIP158", ("eip155Block", "eip158Block")),
    ("Byzantium", ("byzantiumBlock",)),
    ("Constantinople", ("constantinopleBlock",)),
    ("ConstantinopleFix", ("petersburgBlock",)),
    ("Istanbul", ("istanbulBlock", "muirGlacierBlock")),
    ("Berlin", ("berlinBlock",)),
    ("London", ("londonBlock", "arrowGlacierBlock", "grayGlacierBlock")),
)
BLOCK_FORKS: Final = {
    name: [key for _, keys in _BLOCKS[: i + 1] for key in keys]
    for i, (name, _) in enumerate(_BLOCKS)
} | {
    "ArrowGlacier": [key for _, keys in _BLOCKS for key in keys if key != "grayGlacierBlock"],
    "GrayGlacier": [key for _, keys in _BLOCKS for key in keys],
}
"""The keys of a geth config that are set where this fork is active, by its name."""
_TIMES: Final = ("Shanghai", "Cancun", "Prague", "Osaka", "BPO1", "BPO2", "BPO3", "BPO4", "BPO5")
_TRANSITION: Final = re.compile(r"(\w+)To(\w+)AtTime15k")


def chain_config(network: str, config: dict[str, Any]) -> ChainConfig:
    """The configuration of a fixture's network. config: the fixture's own `config` object."""
    transition = _TRANSITION.fullmatch(network)
    before, after = transition.groups() if transition else (network, None)
    genesis = _active_from_genesis(before)
    if after is not None:
        genesis[f"{after.lower()}Time"] = 15_000
    genesis["chainId"] = config.get("chainid", "0x1")
    genesis["blobSchedule"] = config.get("blobSchedule", {})
    return ChainConfig.from_json(genesis)


def _active_from_genesis(network: str) -> dict[str, Any]:
    genesis: dict[str, Any] = {}
    for name, keys in _BLOCKS:
        genesis |= dict.fromkeys(keys, 0)
        if name == network:
            return genesis
    genesis["terminalTotalDifficulty"] = 0
    if network == "Paris":
        return genesis
    for name in _TIMES[: _TIMES.index(network) + 1]:
        genesis[f"{name.lower()}Time"] = 0
    return genesis
