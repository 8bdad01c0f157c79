"""A machine: chips, how many instances of each, and the messages its public values stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from node.recursion.air.bounds import multiplicity_bounds
from node.recursion.air.check import evaluate, modulo
from node.recursion.air.chip import Bus, Chip, Circuit, ColumnInfo, Message, trace_chip
from node.recursion.air.expr import column, lift
from node.recursion.air.graph import digest, serialise_circuit

Boundary = Callable[[Sequence[Any]], Iterable[Message]]


@dataclass(frozen=True)
class Slot:
    """A place for one instance of a chip. Instances of one chip have strictly falling heights.

    required: the instance may not be absent. Chips of fixed height are always required.
    """

    circuit: Circuit
    instance: int
    required: bool


class Machine:
    """Chips and buses that are proved together.

    chips: each with its number of instances; mandatory: chips that must appear. boundary: what the
    public values send and receive, as a function of them, so that they take part in the buses.
    Raises TypeError for a machine that breaks a rule no proof could repair.
    """

    def __init__(
        self,
        name: str,
        chips: Sequence[type[Chip] | tuple[type[Chip], int]],
        *,
        public_values: int = 0,
        boundary: Boundary = lambda _: (),
        mandatory: Sequence[type[Chip]] = (),
    ) -> None:
        self.name = name
        self.public_values = public_values
        counted = [c if isinstance(c, tuple) else (c, 1) for c in chips]
        self.slots = tuple(
            Slot(circuit, i, required=i == 0 and (chip in mandatory or circuit.is_fixed))
            for chip, count in counted
            for circuit in (trace_chip(chip),)  # type: ignore[arg-type]  # classes are hashable
            for i in range(count)
        )
        self.public_columns = tuple(
            ColumnInfo(f"public[{i}]", "committed") for i in range(public_values)
        )
        symbols = [column(c.name) for c in self.public_columns]
        self.boundary = tuple(
            Message(m.bus, tuple(map(lift, m.fields)), lift(m.times)) for m in boundary(symbols)
        )
        self._check()

    @cached_property
    def circuits(self) -> tuple[Circuit, ...]:
        """The distinct chips, in order."""
        return tuple(s.circuit for s in self.slots if s.instance == 0)

    @cached_property
    def buses(self) -> tuple[Bus, ...]:
        """Every bus, by first use; a bus's id is its place here plus one."""
        messages = [m for c in self.circuits for m in c.messages] + list(self.boundary)
        return tuple(dict.fromkeys(m.bus for m in messages))

    @cached_property
    def bus_ids(self) -> dict[Bus, int]:
        """The id of every bus: never zero."""
        return {bus: number for number, bus in enumerate(self.buses, 1)}

    @cached_property
    def graphs(self) -> dict[Circuit, bytes]:
        """Every chip's constraint graph (`serialise_circuit`)."""
        return {c: serialise_circuit(c, self.bus_ids) for c in self.circuits}

    @cached_property
    def digests(self) -> dict[Circuit, str]:
        """Of every chip (`graph.digest`)."""
        return {c: digest(c, graph) for c, graph in self.graphs.items()}

    @cached_property
    def multiplicities(self) -> dict[Circuit, dict[Bus, int]]:
        """By chip and bus, the bound of a row's |times|."""
        return {c: multiplicity_bounds(c) for c in self.circuits}

    def _check(self) -> None:
        if len({c.name for c in self.circuits}) != len(self.circuits):
            raise TypeError(f"{self.name}: a chip is listed twice; give a number of instances")
        if len({b.name for b in self.buses}) != len(self.buses):
            raise TypeError(f"{self.name}: two buses have one name")
        for slot in self.slots:
            if slot.instance and slot.circuit.is_fixed:
                raise TypeError(f"{slot.circuit.name}: a chip of fixed height has one instance")
        for message in self.boundary:
            if message.times.op != "const":
                raise TypeError(
                    f"{self.name}: public values send a message a fixed number of times"
                )
        for circuit in self.circuits:
            if not circuit.of_kind("committed"):
                raise TypeError(f"{circuit.name}: a chip needs a committed column")
            _check_padding(circuit)
        _ = self.multiplicities


def _check_padding(circuit: Circuit) -> None:
    """The all-zero row is valid and silent, unless the chip has no padding rows at all."""
    if circuit.is_fixed:
        return
    silent = [
        (e.polynomial, f"{e.source} does not hold on the all-zero row") for e in circuit.equations
    ]
    silent += [(m.times, f"the all-zero row sends on bus {m.bus.name}") for m in circuit.messages]
    zero = {c.name: 0 for c in circuit.columns}
    values = evaluate([x for x, _ in silent], zero, modulo)
    for value, (_, problem) in zip(values, silent, strict=True):
        if value:
            raise TypeError(f"{circuit.name}: {problem}")
