"""The verifying key: a machine, a preset and a size class, and all that follows from them.

A size class is the shape of the committed matrix, 2^log_rows rows and `width` columns. Within one
class the verifier runs the same steps for every proof, whatever its heights.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Final

from node.errors import ConfigError
from node.recursion.air.graph import serialise
from node.recursion.air.machine import Machine
from node.recursion.layout import Layout, lay_out, preprocessed_area
from node.recursion.poseidon2 import DIGEST
from node.recursion.security import (
    Preset,
    Shape,
    WhirParameters,
    bus_grinding,
    security_bits,
    whir_parameters,
)

PROTOCOL: Final = b"strikefold proof v1"


@dataclass(frozen=True)
class VerifyingKey:
    """All that a verifier needs to know before it sees a proof.

    preprocessed_root: of the tree over the preprocessed columns; zeros where there are none.
    """

    machine: Machine
    preset: Preset
    log_rows: int
    width: int
    preprocessed_root: tuple[int, ...] = (0,) * DIGEST

    def __post_init__(self) -> None:
        total = self.width + self.preprocessed_width
        if not self.width > 0 or total > 1 << self.preset.folds[0]:
            raise ConfigError(
                f"{self.width} committed and {self.preprocessed_width} preprocessed columns do not "
                f"fit into 2^{self.preset.folds[0]}; choose more rows"
            )
        fixed = [c for c in self.machine.circuits if c.is_fixed]
        if any(c.max_log_height > self.log_height for c in fixed):
            raise ConfigError(f"2^{self.log_rows} rows are too few for a chip of fixed height")

    @property
    def variables(self) -> int:
        """Of the stacked polynomial."""
        return self.log_rows + self.preset.folds[0]

    @cached_property
    def preprocessed_width(self) -> int:
        """Matrix columns that the preprocessed cells fill."""
        return -(-preprocessed_area(self.machine) >> self.log_rows)

    @property
    def preprocessed_offset(self) -> int:
        """The address of the first preprocessed cell: they fill the last matrix columns."""
        return ((1 << self.preset.folds[0]) - self.preprocessed_width) << self.log_rows

    @cached_property
    def log_height(self) -> int:
        """Variables of the zerocheck: log2 of the tallest chip of the class."""
        tallest = max(c.max_log_height for c in self.machine.circuits)
        return min(tallest, (self.width << self.log_rows).bit_length() - 1)

    @cached_property
    def log_messages(self) -> int:
        """The log2 of the leaves of the fractional sum: enough for any heights of the class."""
        area = self.width << self.log_rows
        most = max(
            area * len(c.messages) // len(c.of_kind("committed")) for c in self.machine.circuits
        )
        return max((most - 1).bit_length(), self.log_height, 1)

    @cached_property
    def degree(self) -> int:
        """Of the zerocheck's round polynomials."""
        return max(c.degree for c in self.machine.circuits)

    @cached_property
    def openings(self) -> int:
        """Committed and preprocessed columns of all slots."""
        return sum(
            len(s.circuit.of_kind("committed")) + len(s.circuit.of_kind("preprocessed"))
            for s in self.machine.slots
        )

    @cached_property
    def shape(self) -> Shape:
        """What of the key enters the soundness error."""
        messages = [m for c in self.machine.circuits for m in c.messages]
        return Shape(
            variables=self.variables,
            log_messages=self.log_messages,
            log_height=self.log_height,
            arity=max((len(m.fields) for m in messages), default=0) + 1,
            equations=max(len(c.equations) for c in self.machine.circuits),
            slots=len(self.machine.slots),
            openings=self.openings,
            degree=self.degree,
        )

    @cached_property
    def whir(self) -> WhirParameters:
        """The opening's parameters."""
        return whir_parameters(self.preset, self.variables)

    @cached_property
    def bus_grinding(self) -> int:
        """Bits of work before the bus challenges."""
        return bus_grinding(self.preset, self.shape)

    @property
    def security_bits(self) -> float:
        """Of a proof under this key."""
        return security_bits(self.preset, self.shape)

    def layout(self, heights: Sequence[int]) -> Layout:
        """Where everything lies in a segment of these heights."""
        return lay_out(self.machine, heights, self.preprocessed_offset)

    @cached_property
    def digest(self) -> bytes:
        """The sha256 of everything above, in one unambiguous encoding."""
        machine = self.machine
        parts = [
            PROTOCOL,
            repr(self.preset).encode(),
            repr(self.whir).encode(),
            struct.pack("<4I", self.log_rows, self.width, self.bus_grinding, machine.public_values),
            struct.pack(f"<{DIGEST}I", *self.preprocessed_root),
            *(f"{bus.name}/{bus.arity}".encode() for bus in machine.buses),
            *(
                f"{slot.instance},{slot.required},{machine.digests[slot.circuit]}".encode()
                for slot in machine.slots
            ),
            serialise(machine.public_columns, (), machine.boundary, machine.bus_ids),
        ]
        return sha256(b"".join(struct.pack("<I", len(p)) + p for p in parts)).digest()

    @cached_property
    def digest_elements(self) -> tuple[int, ...]:
        """The digest as sixteen 16-bit elements, for the transcript."""
        return struct.unpack("<16H", self.digest)
