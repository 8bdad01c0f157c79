"""Addresses of the contracts that exist from genesis.

Predeploys of ours share the prefix 0x5346 (ASCII "SF"); Solidity reads the same values from
`contracts/libraries/Predeploys.sol` (a test compares them).
"""

from __future__ import annotations

from typing import Final

from node.types import Address


def _predeploy(index: int) -> Address:
    return bytes.fromhex("5346") + index.to_bytes(18, "big")


INBOX: Final = _predeploy(0x1)
"""Reserved: messages from L1."""
OUTBOX: Final = _predeploy(0x2)
"""Reserved: messages to L1."""

SERIES: Final = _predeploy(0x10)
POOL: Final = _predeploy(0x11)
ORACLE: Final = _predeploy(0x12)
SETTLEMENT: Final = _predeploy(0x13)
EXCHANGE: Final = _predeploy(0x14)

DEVNET_BTC: Final = _predeploy(0x100)
"""Test token, 8 decimals, anyone mints. Devnet genesis only."""
DEVNET_ETH: Final = _predeploy(0x101)
"""Test token, 18 decimals, anyone mints. Devnet genesis only."""
DEVNET_USD: Final = _predeploy(0x102)
"""Test token, 6 decimals, anyone mints. Devnet genesis only."""

PREDEPLOYS: Final[dict[str, Address]] = {
    "Series": SERIES,
    "Pool": POOL,
    "Oracle": ORACLE,
    "Settlement": SETTLEMENT,
    "Exchange": EXCHANGE,
}
"""Contract name to address: the option suite, part of every genesis."""

DEVNET_TOKENS: Final[dict[str, Address]] = {
    "DevnetBTC": DEVNET_BTC,
    "DevnetETH": DEVNET_ETH,
    "DevnetUSD": DEVNET_USD,
}
"""Contract name to address: faucet tokens, part of a devnet's genesis only."""
