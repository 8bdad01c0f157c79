"""Where columns and messages of a segment lie, from its heights.

Blocks of 2^h entries are placed by falling h, ties in the order of slots, so every offset is a
multiple of its block's size and a block is the set of addresses with one prefix. Bits of offsets
and of heights are handed to the verifier as numbers: there, nothing branches on a height.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from node.errors import InvalidProof
from node.recursion.air.machine import Machine
from node.recursion.field import P

ABSENT = 255
"""How an absent slot's height is written."""


@dataclass(frozen=True)
class Block:
    """Addresses offset .. offset + 2^log_size of an address space."""

    offset: int
    log_size: int

    def prefix_bits(self, variables: int) -> list[int]:
        """The bits of the offset, most significant first."""
        return [(self.offset >> i) & 1 for i in range(variables - 1, -1, -1)]

    def inner(self, variables: int) -> list[int]:
        """By variable, most significant first: 1 where it addresses within the block."""
        return [int(i < self.log_size) for i in range(variables - 1, -1, -1)]


@dataclass(frozen=True)
class SlotLayout:
    """Where one present slot's committed columns, preprocessed columns and messages lie."""

    columns: tuple[Block, ...]
    preprocessed: tuple[Block, ...]
    messages: tuple[Block, ...]


@dataclass(frozen=True)
class Layout:
    """The whole segment. slots: None where absent."""

    slots: tuple[SlotLayout | None, ...]
    area: int
    """Committed cells."""
    messages: int
    """Leaves of the fractional sum."""


def preprocessed_area(machine: Machine) -> int:
    """Preprocessed cells of a machine."""
    return sum(
        len(s.circuit.of_kind("preprocessed")) << s.circuit.max_log_height
        for s in machine.slots
        if s.circuit.of_kind("preprocessed")
    )


def lay_out(machine: Machine, heights: Sequence[int], preprocessed_offset: int) -> Layout:
    """The layout of a segment whose slots have these log-heights (ABSENT for none)."""
    slots = machine.slots
    present = [i for i, h in enumerate(heights) if h != ABSENT]
    order = sorted(present, key=lambda i: -heights[i])
    committed_counts = [len(s.circuit.of_kind("committed")) for s in slots]
    preprocessed_counts = [len(s.circuit.of_kind("preprocessed")) for s in slots]
    committed = dict(_place(order, heights, committed_counts, 0))
    preprocessed = dict(_place(order, heights, preprocessed_counts, preprocessed_offset))
    message_counts = [len(s.circuit.messages) for s in slots]
    messages = dict(_place(order, heights, message_counts, 0))
    return Layout(
        tuple(
            SlotLayout(committed[i], preprocessed[i], messages[i]) if i in committed else None
            for i in range(len(slots))
        ),
        area=sum(committed_counts[i] << heights[i] for i in present),
        messages=sum(message_counts[i] << heights[i] for i in present),
    )


def _place(
    order: Sequence[int], heights: Sequence[int], counts: Sequence[int], offset: int
) -> Iterator[tuple[int, tuple[Block, ...]]]:
    for i in order:
        size = 1 << heights[i]
        yield i, tuple(Block(offset + k * size, heights[i]) for k in range(counts[i]))
        offset += counts[i] * size


def check_heights(machine: Machine, heights: Sequence[int], tallest: int) -> None:
    """Rejects heights that the machine does not allow, or whose multiplicities could wrap.

    tallest: the largest log-height of the size class.

    Heights are integers here, before any of them is used as an exponent. Raises InvalidProof.
    """
    if len(heights) != len(machine.slots):
        raise InvalidProof(f"{len(heights)} heights for {len(machine.slots)} slots")
    previous = ABSENT
    for slot, height in zip(machine.slots, heights, strict=True):
        circuit, name = slot.circuit, f"{slot.circuit.name}#{slot.instance}"
        if height == ABSENT:
            if slot.required:
                raise InvalidProof(f"{name} is absent, but the machine requires it")
        elif not circuit.min_log_height <= height <= min(circuit.max_log_height, tallest):
            raise InvalidProof(f"{name} has height 2^{height}, outside its limits")
        elif slot.instance and not height < previous:
            raise InvalidProof(f"{name} is not smaller than the instance before it")
        previous = height
        if height == ABSENT:
            previous = -1
    _check_multiplicities(machine, heights)


def _check_multiplicities(machine: Machine, heights: Sequence[int]) -> None:
    """For each bus, rows times the largest multiplicity, all summed, stays below p."""
    totals = dict.fromkeys(machine.buses, 0)
    for message in machine.boundary:
        times = int(message.times.value)
        totals[message.bus] += min(times, P - times)
    for slot, height in zip(machine.slots, heights, strict=True):
        if height != ABSENT:
            for bus, bound in machine.multiplicities[slot.circuit].items():
                totals[bus] += bound << height
    for bus, total in totals.items():
        if total >= P:
            raise InvalidProof(f"bus {bus.name} could carry {total} tuples, at most p - 1 allowed")
