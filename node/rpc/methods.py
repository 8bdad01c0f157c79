"""Every method of the node: importing this module declares them all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.rpc import (
    debug,
    debug_traces,
    dev,
    eth_blocks,
    eth_calls,
    eth_chain,
    eth_fees,
    eth_logs,
    eth_pool,
    eth_state,
    rr,
    rr_zk_gas,
)
from node.rpc.registry import METHODS, Method

MODULES: Final = (
    debug,
    debug_traces,
    dev,
    eth_blocks,
    eth_calls,
    eth_chain,
    eth_fees,
    eth_logs,
    eth_pool,
    eth_state,
    rr,
    rr_zk_gas,
)
ALL: Final[Mapping[str, Method]] = METHODS


def served(namespaces: tuple[str, ...]) -> dict[str, Method]:
    """The methods of some namespaces and `rpc`, by name."""
    allowed = {*namespaces, "rpc", "rpc.discover"} - {"internal"}
    return {name: entry for name, entry in ALL.items() if entry.namespace in allowed}
