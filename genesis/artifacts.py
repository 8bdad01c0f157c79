"""Compiled contracts, as `python -m genesis.build` writes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from node.errors import InvalidInput

DIRECTORY: Final = Path(__file__).parent / "artifacts"


@dataclass(frozen=True)
class Artifact:
    """One compiled contract.

    Attributes:
        name: Contract name.
        source: Source path relative to `genesis/contracts`.
        compiler: Compiler version and settings.
        abi: The contract's ABI (JSON).
        bytecode: Creation code.
        deployed_bytecode: Runtime code; has no immutables, so it is what genesis carries.
        storage_layout: Label, slot, offset and type of each state variable.
    """

    name: str
    source: str
    compiler: dict[str, Any]
    abi: list[dict[str, Any]]
    bytecode: bytes
    deployed_bytecode: bytes
    storage_layout: list[dict[str, Any]]


def names() -> tuple[str, ...]:
    """Names of all artifacts, in order."""
    return tuple(sorted(path.stem for path in DIRECTORY.glob("*.json")))


@cache
def artifact(name: str) -> Artifact:
    """The artifact of a contract.

    Raises:
        InvalidInput: There is none of that name.
    """
    if name not in names():
        raise InvalidInput(f"no contract {name!r}; there are {', '.join(names())}")
    record = json.loads((DIRECTORY / f"{name}.json").read_text())
    return Artifact(
        name=record["contractName"],
        source=record["sourceName"],
        compiler=record["compiler"],
        abi=record["abi"],
        bytecode=bytes.fromhex(record["bytecode"][2:]),
        deployed_bytecode=bytes.fromhex(record["deployedBytecode"][2:]),
        storage_layout=record["storageLayout"],
    )
