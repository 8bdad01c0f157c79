"""The proof of a whole run: its segments' proofs, chained, as bytes and as a claim that holds.

    "SFRP", version u16, preset u8, the program's digest (32 bytes), segments u32, then for each
    log_rows u8, its public values (u32 each), the proof's length u32, the proof

All integers little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from node.errors import ConfigError, InvalidProof
from node.recursion.air.machine import Machine
from node.recursion.arithmetic import Native
from node.recursion.key import VerifyingKey
from node.recursion.layout import preprocessed_area
from node.recursion.native import core
from node.recursion.prover import ProvingKey
from node.recursion.riscv.machine import PUBLIC_VALUES, Public, riscv_machine
from node.recursion.riscv.program import Program
from node.recursion.security import FAST, STANDARD, TOY, Preset
from node.recursion.verifier import verify

MAGIC: Final = b"SFRP"
VERSION: Final = 1
_HEADER: Final = struct.Struct("<4sHB32sI")
_SEGMENT: Final = struct.Struct(f"<B{PUBLIC_VALUES}II")
_PRESETS: Final = (STANDARD, FAST, TOY)
"""By their number in a proof."""
MAX_LOG_ROWS: Final = 20
"""Of a segment's matrix: a verifier computes keys of no larger class."""


@dataclass(frozen=True)
class SegmentProof:
    """One segment. log_rows: its size class; public: what is claimed of it."""

    log_rows: int
    public: Public
    proof: bytes


@dataclass(frozen=True)
class RunProof:
    """A run from a program's start to its halt."""

    preset: Preset
    program: bytes
    segments: tuple[SegmentProof, ...]

    def encode(self) -> bytes:
        """The canonical bytes."""
        number = _PRESETS.index(self.preset)
        parts = [_HEADER.pack(MAGIC, VERSION, number, self.program, len(self.segments))]
        for segment in self.segments:
            values = segment.public.values()
            parts += [_SEGMENT.pack(segment.log_rows, *values, len(segment.proof)), segment.proof]
        return b"".join(parts)


def decode_run(data: bytes) -> RunProof:
    """Inverse of `RunProof.encode`. Raises InvalidProof."""
    if len(data) < _HEADER.size:
        raise InvalidProof(f"run proof of {len(data)} bytes has no header")
    magic, version, number, program, count = _HEADER.unpack_from(data)
    if magic != MAGIC:
        raise InvalidProof(f"run proof starts with 0x{magic.hex()}, expected 0x{MAGIC.hex()}")
    if version != VERSION:
        raise InvalidProof(f"run proof has version {version}, this verifier reads {VERSION}")
    if number >= len(_PRESETS):
        raise InvalidProof(f"run proof names preset {number}, the last is {len(_PRESETS) - 1}")
    segments, at = [], _HEADER.size
    for _ in range(count):
        if at + _SEGMENT.size > len(data):
            raise InvalidProof(f"run proof of {len(data)} bytes is cut off")
        log_rows, *values, size = _SEGMENT.unpack_from(data, at)
        at += _SEGMENT.size
        if at + size > len(data):
            raise InvalidProof(f"run proof of {len(data)} bytes is cut off")
        segments.append(SegmentProof(log_rows, Public.of(values), data[at : at + size]))
        at += size
    if at != len(data):
        raise InvalidProof(f"{len(data) - at} bytes follow the run proof")
    return RunProof(_PRESETS[number], program, tuple(segments))


class Keys:
    """A program's keys, one a size class, made when they are first asked for."""

    def __init__(self, program: Program, preset: Preset) -> None:
        self.program = program
        self.preset = preset
        self._keys: dict[int, ProvingKey] = {}

    @cached_property
    def machine(self) -> Machine:
        """The program's machine."""
        return riscv_machine(self.program.instructions, self.program.base)

    def width(self, log_rows: int) -> int:
        """Columns of the class with 2^log_rows rows: all that the program's own leave.

        Raises ConfigError where they leave none, or too few for the tables of fixed height.
        """
        width = (1 << self.preset.folds[0]) - (-(-preprocessed_area(self.machine) >> log_rows))
        if width <= 0:
            raise ConfigError(f"the program's code fills 2^{log_rows} rows; make segments larger")
        return VerifyingKey(self.machine, self.preset, log_rows, width).width

    def proving(self, log_rows: int) -> ProvingKey:
        """The key of the class with 2^log_rows rows. Raises ConfigError."""
        if log_rows not in self._keys:
            width = self.width(log_rows)
            self._keys[log_rows] = ProvingKey.create(self.machine, self.preset, log_rows, width)
        return self._keys[log_rows]

    def smallest(self, area: int) -> ProvingKey:
        """The key of the smallest class that holds so many committed cells. Raises ConfigError."""
        for log_rows in range(MAX_LOG_ROWS + 1):
            try:
                width = self.width(log_rows)
            except ConfigError:
                continue  # too few rows for the tables of fixed height
            if area <= width << log_rows:
                return self.proving(log_rows)
        raise ConfigError(
            f"a segment of {area} cells exceeds the largest size class; cut smaller segments"
        )


def verify_run(
    program: Program, run: RunProof | bytes, accepted: Sequence[Preset] = (STANDARD, FAST)
) -> bytes:
    """Checks that the program, from its start, halts with exit code 0; returns its output.

    The output is 32 bytes, what the program's `halt` pointed to. accepted: security presets.
    Raises InvalidProof, on any bytes.
    """
    run = decode_run(run) if isinstance(run, bytes) else run
    if run.preset not in accepted:
        raise InvalidProof(f"preset {run.preset.name} is not accepted here")
    if run.program != program.digest:
        raise InvalidProof(
            f"the proof is of program 0x{run.program.hex()}, expected 0x{program.digest.hex()}"
        )
    _check_chain(program, [segment.public for segment in run.segments])
    keys = Keys(program, run.preset)
    for segment in run.segments:
        _verify_segment(keys, segment)
    return struct.pack("<8I", *run.segments[-1].public.output)


def _verify_segment(keys: Keys, segment: SegmentProof) -> None:
    if segment.log_rows > MAX_LOG_ROWS:
        raise InvalidProof(f"size class 2^{segment.log_rows} exceeds 2^{MAX_LOG_ROWS}")
    try:
        key = keys.proving(segment.log_rows).verifying_key
    except ConfigError as error:
        raise InvalidProof(f"no such size class: {error}") from error
    verify(key, segment.proof, segment.public.values(), Native(core.permute))


def _check_chain(program: Program, segments: Sequence[Public]) -> None:
    """Each segment starts where the one before ended; the last alone halts, and well."""
    if not segments:
        raise InvalidProof("a run has at least one segment")
    for place, segment in enumerate(segments):
        if segment.index != place:
            raise InvalidProof(f"segment {segment.index} stands in place {place}")
    first, last = segments[0], segments[-1]
    if (first.first_pc, first.root_before) != (program.entry, program.root):
        raise InvalidProof("the first segment does not start at the program's start")
    for one, two in pairwise(segments):
        if one.halted:
            raise InvalidProof(f"segment {one.index} halts, but another follows")
        if (one.last_pc, one.root_after) != (two.first_pc, two.root_before):
            raise InvalidProof(f"segment {two.index} does not start where {one.index} ended")
    if not last.halted:
        raise InvalidProof(f"segment {last.index} is the last and does not halt")
    if last.exit_code:
        raise InvalidProof(f"the program ended with exit code {last.exit_code}")
