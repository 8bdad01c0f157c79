"""The executor of the RISC-V machine; sources in cuda/. node/recursion/riscv/native.py wraps it."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint32]

row_names: tuple[str, ...]
"""What `Execution.rows` counts: families, calls, leaves, nodes."""

def use_compressor(compressor: object) -> None:
    """Hashes trees with what a build of the prover core exports, instead of element by element."""

class Program:
    """A program, checked. Raises ValueError for what isa.py never yields."""

    def __init__(
        self,
        entry: int,
        base: int,
        instructions: Words,
        image: Sequence[tuple[int, bytes]],
    ) -> None: ...
    def root(self) -> list[int]:
        """The root of the initial memory."""

class Execution:
    """How a run went."""

    @property
    def status(self) -> str: ...
    @property
    def pc(self) -> int: ...
    @property
    def exit_code(self) -> int: ...
    @property
    def cycles(self) -> int: ...
    @property
    def output(self) -> bytes: ...
    @property
    def rows(self) -> dict[str, int]: ...
    @property
    def checkpoints(self) -> list[bytes]: ...

class Recorded:
    """A segment, replayed."""

    @property
    def public(self) -> list[int]: ...
    @property
    def end_time(self) -> int: ...
    @property
    def steps(self) -> dict[str, Words]: ...
    @property
    def calls(self) -> dict[str, Words]: ...
    @property
    def leaves(self) -> Words: ...
    @property
    def nodes(self) -> Words: ...

def execute(
    program: Program,
    input: bytes,
    cycle_limit: int,
    page_limit: int,
    areas: tuple[int, int, Sequence[tuple[int, int, Sequence[tuple[int, int]]]]] | None,
) -> Execution:
    """The plain run."""

def record(program: Program, input: bytes, checkpoint: bytes) -> Recorded:
    """The recording run of one segment. Raises ValueError for a checkpoint that is none."""

def rows(program: Program, recorded: Recorded, chip: str) -> int:
    """How many rows a chip has."""

def fill(
    program: Program, recorded: Recorded, chip: str, begin: int, end: int, log_height: int
) -> Words:
    """Rows begin to end of a chip's table and padding, shape (columns, 2^log_height)."""

def count(graph: Words, columns: Words, tables: Sequence[Words]) -> None:
    """Adds, for each message of a graph and row, its times at the row of a table it names."""
