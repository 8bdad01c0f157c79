"""Names of opcodes as geth prints them, of all forks."""

from __future__ import annotations

from typing import Final

from node.evm.forks import Fork
from node.evm.interpreter.tables import INSTRUCTIONS

_NAMES: Final = {code: item.name for fork in Fork for code, item in INSTRUCTIONS[fork].items()}


def opcode_name(opcode: int) -> str:
    """The mnemonic; for a byte that no fork defines, what geth writes."""
    if opcode == 0xFE:
        return "INVALID"
    return _NAMES.get(opcode, f"opcode {opcode:#x} not defined")
