"""The prover: tables in, a proof out. The work is done by the compiled core (`native.py`).

key = ProvingKey.generate(machine, STANDARD, heights)
proof = key.prove(tables, public_values)
verify(key.verifying_key, proof, public_values)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace as with_changes
from typing import Any

import numpy as np
import numpy.typing as npt

from node.errors import ConfigError, InvalidInput
from node.recursion.air.check import Table
from node.recursion.air.machine import Machine
from node.recursion.field import P
from node.recursion.key import VerifyingKey
from node.recursion.layout import ABSENT, check_heights, lay_out, preprocessed_area
from node.recursion.native import core
from node.recursion.proof import Proof
from node.recursion.security import Oracle, Preset

Tables = Sequence["Table | None"]
"""One a slot: shape (2^log_height, committed columns), values below p; None where absent."""


def size_class(machine: Machine, preset: Preset, heights: Sequence[int]) -> tuple[int, int]:
    """The smallest (log_rows, width) whose matrix holds a segment of these heights.

    Raises ConfigError if none does.
    """
    area = lay_out(machine, heights, 0).area
    fixed = preprocessed_area(machine)
    columns = 1 << preset.folds[0]
    for log_rows in range(31):
        width = -(-area >> log_rows)
        if width + -(-fixed >> log_rows) <= columns:
            return log_rows, max(1, width)
    raise ConfigError(f"{area} cells fit no matrix of {columns} columns; cut smaller segments")


@dataclass(frozen=True)
class ProvingKey:
    """A verifying key and the core's own form of it."""

    verifying_key: VerifyingKey
    native: Any

    @classmethod
    def create(cls, machine: Machine, preset: Preset, log_rows: int, width: int) -> ProvingKey:
        """The keys of a machine for one size class; commits the preprocessed columns."""
        blank = VerifyingKey(machine, preset, log_rows, width)
        graphs = {c: np.frombuffer(graph, np.uint32) for c, graph in machine.graphs.items()}
        native = core.ProvingKey(
            [
                log_rows, width, blank.preprocessed_width, blank.log_messages,
                blank.log_height, blank.degree, blank.bus_grinding,
            ],
            [_oracle_numbers(oracle) for oracle in blank.whir.oracles],
            [graphs[s.circuit] for s in machine.slots],
            [_fixed_columns(s.circuit.fixed_columns()) for s in machine.slots],
            _preprocessed_stack(blank),
        )  # fmt: skip
        root = tuple(native.preprocessed_root())
        return cls(with_changes(blank, preprocessed_root=root), native)

    @classmethod
    def generate(cls, machine: Machine, preset: Preset, heights: Sequence[int]) -> ProvingKey:
        """The keys of the smallest size class that holds a segment of these heights."""
        return cls.create(machine, preset, *size_class(machine, preset, heights))

    def prove(self, tables: Tables, public_values: Sequence[int]) -> Proof:
        """Proves a segment; the tables are not checked against the machine (see `air.check`).

        Raises InvalidInput for tables or public values of the wrong shape, InvalidProof for heights
        that no verifier would accept.
        """
        return self.prove_timed(tables, public_values)[0]

    def prove_timed(
        self, tables: Tables, public_values: Sequence[int]
    ) -> tuple[Proof, dict[str, float]]:
        """A proof, and the seconds of each of the prover's phases."""
        key = self.verifying_key
        heights = self._heights(tables)
        check_heights(key.machine, heights, key.log_height)
        layout = key.layout(heights)
        if layout.area > key.width << key.log_rows:
            raise InvalidInput(f"{layout.area} cells do not fit the key's {key.width} columns")
        values = list(public_values)
        if len(values) != key.machine.public_values or not all(0 <= v < P for v in values):
            raise InvalidInput(f"expected {key.machine.public_values} public values below p")
        slots = [
            None if table is None or place is None else (
                height,
                np.ascontiguousarray(table.T),
                [b.offset for b in (*place.columns, *place.preprocessed)],
                [b.offset for b in place.messages],
            )
            for table, place, height in zip(tables, layout.slots, heights, strict=True)
        ]  # fmt: skip
        elements, timings = self.native.prove(
            list(key.digest_elements), values, heights, slots, layout.messages
        )
        return Proof(tuple(heights), tuple(elements)), dict(timings)

    def _heights(self, tables: Tables) -> list[int]:
        """The tables' log-heights, after checking their shapes."""
        slots = self.verifying_key.machine.slots
        if len(tables) != len(slots):
            raise InvalidInput(f"{len(tables)} tables for {len(slots)} slots")
        heights = []
        for slot, table in zip(slots, tables, strict=True):
            if table is None:
                heights.append(ABSENT)
                continue
            columns = len(slot.circuit.of_kind("committed"))
            log_height = len(table).bit_length() - 1
            if table.shape != (1 << max(log_height, 0), columns) or table.dtype != np.uint32:
                raise InvalidInput(
                    f"{slot.circuit.name}: {table.dtype} table of shape {table.shape}, expected "
                    f"uint32, a power of two rows and {columns} columns"
                )
            if table.max(initial=0) >= P:
                raise InvalidInput(f"{slot.circuit.name}: a cell is not below p")
            heights.append(log_height)
        return heights


def prove(
    machine: Machine, preset: Preset, tables: Tables, public_values: Sequence[int]
) -> tuple[Proof, VerifyingKey]:
    """A proof and the key it verifies under: `ProvingKey` for more than one."""
    heights = [ABSENT if t is None else len(t).bit_length() - 1 for t in tables]
    key = ProvingKey.generate(machine, preset, heights)
    return key.prove(tables, public_values), key.verifying_key


def _oracle_numbers(oracle: Oracle) -> list[int]:
    return [
        oracle.variables, oracle.log_inv_rate, oracle.fold, oracle.ood_samples,
        oracle.fold_grinding, oracle.queries, oracle.query_grinding,
    ]  # fmt: skip


def _fixed_columns(columns: dict[str, npt.NDArray[np.uint32]]) -> npt.NDArray[np.uint32]:
    """Preprocessed and formula columns as an array of shape (columns, rows)."""
    if not columns:
        return np.zeros((0, 0), np.uint32)
    return np.ascontiguousarray(np.stack(list(columns.values())), np.uint32)


def _preprocessed_stack(key: VerifyingKey) -> npt.NDArray[np.uint32]:
    """The cells of the key's last matrix columns."""
    stack = np.zeros(key.preprocessed_width << key.log_rows, np.uint32)
    fixed = [s.circuit.max_log_height if s.circuit.is_fixed else ABSENT for s in key.machine.slots]
    layout = key.layout(fixed)
    for slot, place in zip(key.machine.slots, layout.slots, strict=True):
        if place is None or not place.preprocessed:
            continue
        columns = slot.circuit.fixed_columns()
        for info, block in zip(
            slot.circuit.of_kind("preprocessed"), place.preprocessed, strict=True
        ):
            start = block.offset - key.preprocessed_offset
            stack[start : start + (1 << block.log_size)] = columns[info.name]
    return stack
