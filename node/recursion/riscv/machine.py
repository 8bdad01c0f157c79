"""The RISC-V machine of one program: its chips, their instances, its public values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from node.errors import InvalidProof
from node.recursion.air.chip import Chip, Message
from node.recursion.air.machine import Machine
from node.recursion.chips.poseidon2 import Poseidon2
from node.recursion.poseidon2 import DIGEST
from node.recursion.riscv.buses import END, NODE, STATE
from node.recursion.riscv.chips.add import Add
from node.recursion.riscv.chips.bitwise import Bitwise
from node.recursion.riscv.chips.branch import BranchEqual, BranchLess
from node.recursion.riscv.chips.compare import Compare
from node.recursion.riscv.chips.divrem import DivRem
from node.recursion.riscv.chips.ecall import BLOCK, Ecall, End, Halt, Hint
from node.recursion.riscv.chips.jump import JumpRegister, Set
from node.recursion.riscv.chips.keccak import ROUNDS as KECCAK_ROUNDS
from node.recursion.riscv.chips.keccak import KeccakCall, KeccakRound, keccak_rounds
from node.recursion.riscv.chips.load import Load, LoadPart
from node.recursion.riscv.chips.memory import DEPTH, Leaf, Node
from node.recursion.riscv.chips.mul import Mul, MulHigh
from node.recursion.riscv.chips.muladdmod import MulAddMod
from node.recursion.riscv.chips.poseidon2 import Poseidon2Call
from node.recursion.riscv.chips.secp256k1 import Secp256k1Add, Secp256k1Double
from node.recursion.riscv.chips.sha256 import Sha256Call, Sha256Step
from node.recursion.riscv.chips.shift import Shift
from node.recursion.riscv.chips.store import Store, StorePart
from node.recursion.riscv.chips.tables import Bytes, Range, program_chip
from node.recursion.riscv.chips.word_alu import WordAlu
from node.recursion.riscv.events import Words
from node.recursion.riscv.gadgets import TICKS
from node.recursion.riscv.isa import Instructions
from node.recursion.riscv.sha256 import STEPS, sha256_steps

FAMILIES: Final[dict[str, type[Chip]]] = {
    "add": Add,
    "bitwise": Bitwise,
    "compare": Compare,
    "shift": Shift,
    "mul": Mul,
    "mulhigh": MulHigh,
    "divrem": DivRem,
    "load": Load,
    "loadsub": LoadPart,
    "store": Store,
    "storesub": StorePart,
    "brancheq": BranchEqual,
    "branchless": BranchLess,
    "set": Set,
    "jalr": JumpRegister,
}
"""By the name the executor records their steps under."""
CALLS: Final[dict[str, type[Chip]]] = {
    "ecall": Ecall,
    "halt": Halt,
    "hint": Hint,
    "keccakf": KeccakCall,
    "sha256": Sha256Call,
    "poseidon2": Poseidon2Call,
    "muladdmod": MulAddMod,
    "secp256k1_add": Secp256k1Add,
    "secp256k1_double": Secp256k1Double,
    "word_alu": WordAlu,
}
"""By the name the executor records their events under: a row an event."""


@dataclass(frozen=True)
class Rounds:
    """A chip that takes several rows for each event of a call. events: from the call's."""

    call: str
    chip: type[Chip]
    rows: int
    events: Callable[[Words], Words]


ROUNDS: Final = (
    Rounds("keccakf", KeccakRound, KECCAK_ROUNDS, keccak_rounds),
    Rounds("sha256", Sha256Step, STEPS, sha256_steps),
)
INSTANCES: Final[dict[type[Chip], int]] = {
    Add: 3,
    Load: 3,
    Store: 3,
    LoadPart: 2,
    StorePart: 2,
    Bitwise: 2,
    Compare: 2,
    Shift: 2,
    Set: 2,
    BranchEqual: 2,
    BranchLess: 2,
    JumpRegister: 2,
    MulAddMod: 2,
    WordAlu: 2,
    Leaf: 2,
    Node: 2,
    Poseidon2: 3,
    KeccakRound: 2,
    Sha256Step: 2,
}
"""Of chips that may have more than one: their rows are split into falling powers of two."""


PUBLIC_VALUES: Final = 3 + 2 * DIGEST + 1 + 2 + 2 * BLOCK


@dataclass(frozen=True)
class Public:
    """A segment's public values. output: 32 bytes as eight words."""

    index: int
    first_pc: int
    last_pc: int
    root_before: tuple[int, ...]
    root_after: tuple[int, ...]
    halted: int
    exit_code: int
    output: tuple[int, ...]

    def values(self) -> list[int]:
        """As field elements: words as two limbs."""
        words = (self.exit_code, *self.output)
        limbs = [limb for word in words for limb in (word & 0xFFFF, word >> 16)]
        return [
            self.index, self.first_pc, self.last_pc,
            *self.root_before, *self.root_after, self.halted, *limbs,
        ]  # fmt: skip

    @classmethod
    def of(cls, values: Sequence[int]) -> Public:
        """Inverse of `values`. Raises InvalidProof for limbs that no word has."""
        index, first_pc, last_pc, *rest = values
        roots, (halted, *limbs) = rest[: 2 * DIGEST], rest[2 * DIGEST :]
        if max(limbs) >= 2**16:
            raise InvalidProof(f"public value {max(limbs)} is no limb of a word")
        words = [low + (high << 16) for low, high in zip(limbs[::2], limbs[1::2], strict=True)]
        before, after = tuple(roots[:DIGEST]), tuple(roots[DIGEST:])
        return cls(index, first_pc, last_pc, before, after, halted, words[0], tuple(words[1:]))


def boundary(public: Sequence[Any]) -> Iterator[Message]:
    """Where a segment starts and ends. The index is bound by the transcript alone."""
    _, first_pc, last_pc, *rest = public
    roots, (halted, *said) = rest[: 2 * DIGEST], rest[2 * DIGEST :]
    yield STATE.send(TICKS, first_pc, times=1)
    yield END.receive(halted, last_pc, tuple(said), times=1)
    yield NODE.receive(DEPTH, 0, tuple(roots), times=1)


def riscv_machine(instructions: Instructions, base: int) -> Machine:
    """The machine that proves segments of one program. base: the first instruction's address."""
    chips: list[type[Chip]] = [*FAMILIES.values(), *CALLS.values(), *(x.chip for x in ROUNDS)]
    chips += [End, Leaf, Node, Poseidon2, Range, Bytes, program_chip(instructions, base)]
    return Machine(
        "riscv",
        [(chip, INSTANCES.get(chip, 1)) for chip in chips],
        public_values=PUBLIC_VALUES,
        boundary=boundary,
    )


def call_cost(machine: Machine, call: str) -> tuple[int, int]:
    """Cells and messages of the rows that one call takes, beside those of its ecall."""
    rows = {CALLS[call].__name__: 1} | {x.chip.__name__: x.rows for x in ROUNDS if x.call == call}
    circuits = [(c, rows[c.name]) for c in machine.circuits if c.name in rows]
    cells = sum(count * len(c.of_kind("committed")) for c, count in circuits)
    return cells, sum(count * len(c.messages) for c, count in circuits)


def split(rows: int, instances: int) -> list[int]:
    """Log-heights of the instances that hold so many rows, strictly falling; fewer if enough.

    The largest power of two that is full, then the rest; or one table, if the rest is no smaller.
    """
    if not rows:
        return []
    full = rows.bit_length() - 1
    if rows == 1 << full:
        return [full]
    rest = split(rows - (1 << full), instances - 1) if instances > 1 else []
    return [full, *rest] if rest and rest[0] < full else [full + 1]
