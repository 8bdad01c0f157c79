"""What a segment's tables take, for the executor to cut segments by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.recursion.air.chip import Circuit
from node.recursion.air.machine import Machine
from node.recursion.riscv.machine import CALLS, FAMILIES, ROUNDS
from node.recursion.riscv.native import Areas, ChipArea

ROWS_OF: Final[Mapping[str, Mapping[str, int]]] = {
    **{chip.__name__: {name: 1} for name, chip in (*FAMILIES.items(), *CALLS.items())},
    **{x.chip.__name__: {x.call: x.rows} for x in ROUNDS},
    "Leaf": {"leaves": 1},
    "Node": {"nodes": 1},
    "Poseidon2": {"leaves": 2, "nodes": 2},
}
"""By chip, its rows for one of what the executor counts. Other chips are always there, once."""


def segment_areas(machine: Machine, limit: int) -> Areas:
    """The areas of a machine's chips. limit: committed cells of a segment."""
    instances: dict[Circuit, int] = {}
    for slot in machine.slots:
        instances[slot.circuit] = instances.get(slot.circuit, 0) + 1
    chips = [
        ChipArea(_cells(circuit), ROWS_OF[circuit.name], count)
        for circuit, count in instances.items()
        if circuit.name in ROWS_OF
    ]
    fixed = sum(
        _cells(circuit) << circuit.min_log_height
        for circuit in instances
        if circuit.name not in ROWS_OF
    )
    return Areas(limit, chips, fixed)


def _cells(circuit: Circuit) -> int:
    return len(circuit.of_kind("committed"))
