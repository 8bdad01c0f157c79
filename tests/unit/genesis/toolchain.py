"""Where the contracts' tools are: Node.js and what `npm ci` put into genesis/contracts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from genesis.build import CONTRACTS


def require_compiler() -> None:
    """Skips the test, saying why, where Node.js or the compiler's package is absent."""
    if shutil.which("node") is None:
        pytest.skip("Node.js is absent: install it to compile the contracts")
    if not (CONTRACTS / "node_modules" / "solc").is_dir():
        pytest.skip("the compiler is absent: run npm ci in genesis/contracts")


def forge() -> Path:
    """Foundry's forge; skips the test, saying why, where it is absent."""
    require_compiler()
    binaries = sorted(CONTRACTS.glob("node_modules/@foundry-rs/forge-*/bin/forge*"))
    if not binaries:
        pytest.skip("forge is absent: run npm ci in genesis/contracts")
    return binaries[0]
