"""A program of the RISC-V machine: what is executed, and what its verifying key is made of."""

from __future__ import annotations

from dataclasses import dataclass

from node.recursion.riscv.isa import Instructions


@dataclass(frozen=True)
class Function:
    """A stretch of code with a name, for profiles; nothing of what is proved depends on it."""

    name: str
    address: int
    size: int


@dataclass(frozen=True, eq=False)
class Program:
    """Code and the memory it starts with.

    entry: the first pc. base: the address of instructions[0]. image: (address, bytes) of
    everything that is not zero at the start, the code's bytes among it, by rising address.
    functions: by rising address, none within another.
    """

    entry: int
    base: int
    instructions: Instructions
    image: tuple[tuple[int, bytes], ...]
    functions: tuple[Function, ...] = ()
