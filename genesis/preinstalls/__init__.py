"""Contracts that wallets and tools expect at their usual addresses on every chain."""

from __future__ import annotations

import json
from pathlib import Path

from node.types import Address

_DIRECTORY = Path(__file__).parent


def preinstalls(chain_id: int) -> dict[Address, bytes]:
    """Address to runtime code on the chain of this id. See README.md here for origins."""
    contracts: dict[Address, bytes] = {}
    for path in sorted(_DIRECTORY.glob("*.json")):
        record = json.loads(path.read_text())
        contracts[bytes.fromhex(record["address"][2:])] = bytes.fromhex(record["code"][2:])
    return contracts
