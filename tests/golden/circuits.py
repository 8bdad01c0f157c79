"""The circuits' golden files: `python -m tests.golden.circuits` writes them, a test compares.

The text is what a reviewer reads; circuits.lock holds a digest of each chip's meaning, so that a
change that should change no circuit shows that it did not.
"""

from __future__ import annotations

from pathlib import Path

from node.recursion.air.machine import Machine
from node.recursion.air.text import show_machine
from node.recursion.riscv.isa import CODE_START, decode_code
from node.recursion.riscv.machine import riscv_machine
from tests.soundness.machines import fibonacci, merkle, sorting

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).parent / "circuits"
LOCK = ROOT / "circuits.lock"

ECALL = (0x73).to_bytes(4, "little")
"""The smallest program: only the program chip of the RISC-V machine depends on what it runs."""

MACHINES = (
    fibonacci.machine(),
    sorting.machine(),
    merkle.machine(),
    riscv_machine(decode_code(ECALL, CODE_START), CODE_START),
)


def lock_text(machines: tuple[Machine, ...] = MACHINES) -> str:
    """One line a chip: machine, chip, digest."""
    lines = [
        f"{machine.name} {circuit.name} {machine.digests[circuit]}"
        for machine in machines
        for circuit in machine.circuits
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Writes all golden files."""
    FOLDER.mkdir(exist_ok=True)
    for machine in MACHINES:
        (FOLDER / f"{machine.name}.txt").write_text(show_machine(machine))
    LOCK.write_text(lock_text())


if __name__ == "__main__":
    main()
