"""The block guest: the program whose run proves a block.

It is the C++ core of `node.evm` with the machine's calls in place of what they do faster.
`python -m node.rollup.proving.program` builds it again, which needs the `dev` extra.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import node.evm
from node.recursion.riscv.elf import parse_elf
from node.recursion.riscv.guest.build import Guest, write
from node.recursion.riscv.program import Program

_EVM: Final = Path(node.evm.__file__).parent
_CORE: Final = _EVM / "core"
DIRECTORY: Final = _EVM / "guest"
NAME: Final = "block"


@cache
def block_program() -> Program:
    """The committed program."""
    return parse_elf((DIRECTORY / f"{NAME}.elf").read_bytes())


def block_guest() -> Guest:
    """What it is built from; files of the guest stand in for the core's of their names."""
    own = sorted((DIRECTORY / "src").glob("*.cpp"))
    replaced = {source.name for source in own}
    core = [it for it in sorted((_CORE / "src").glob("*.cpp")) if it.name not in replaced]
    includes = (DIRECTORY / "include", _CORE / "include", _CORE / "src")
    return Guest((*core, *own), includes)


if __name__ == "__main__":
    write({NAME: block_guest()}, DIRECTORY)
