"""Proves blocks, and verifies the proofs of blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from node.errors import Disagreement, InvalidProof, ProgramFailed
from node.evm.block import Header
from node.evm.native import VALID, prove_block
from node.evm.proving import statement_of
from node.recursion.riscv.proof import Keys, SegmentProof, verify_run
from node.recursion.riscv.prover import SEGMENT_LOG_CELLS, Run, execute, prove_run
from node.recursion.security import FAST, STANDARD, Preset
from node.rollup.proving.block_proof import BlockInput, BlockProof, decode_block_proof
from node.rollup.proving.program import block_program

CYCLE_LIMIT: Final = 2**36
"""Instructions a block's run may take."""


def verify_block_proof(
    proof: BlockProof | bytes, accepted: Sequence[Preset] = (STANDARD, FAST)
) -> BlockProof:
    """Checks that a block is valid: it follows its parent by the rules of its configuration.

    That the parent and the configuration are the chain's is for the caller to compare. accepted:
    security presets. Raises InvalidProof, on any bytes.
    """
    proof = decode_block_proof(proof) if isinstance(proof, bytes) else proof
    output = verify_run(block_program(), proof.run, accepted)
    if output != proof.statement.output:
        raise InvalidProof(
            f"the proof is of another statement than that block 0x{proof.header.hash.hex()} is "
            "valid"
        )
    return proof


@dataclass(frozen=True)
class BlockJob:
    """A block whose validation was run: what is left is to prove the run's segments."""

    config: bytes
    header: Header
    keys: Keys
    run: Run

    @classmethod
    def start(
        cls, block: BlockInput, preset: Preset = STANDARD, log_cells: int = SEGMENT_LOG_CELLS
    ) -> BlockJob:
        """Runs the block guest. log_cells: see `execute`.

        Raises InvalidEncoding or InvalidTransaction where the input is none, ProgramFailed where
        the block is not valid, or its input cannot show that it is; Disagreement where the guest
        says another thing than the core on this machine.
        """
        config, header = block.parts[0], block.parts[1].header
        status, _ = prove_block(block.given)
        if status != VALID:
            raise ProgramFailed(
                f"block {header.number} (0x{header.hash.hex()}) cannot be proved: "
                f"validating it ends with {status}"
            )
        keys = Keys(block_program(), preset)
        run = execute(keys, block.given, log_cells, CYCLE_LIMIT)
        statement = statement_of(config, header)
        if run.output != statement.output:
            raise Disagreement(
                f"block {header.number}: the guest's statement has digest "
                f"0x{run.output.hex()}, expected 0x{statement.output.hex()}"
            )
        return cls(config, header, keys, run)

    def prove(self, done: Callable[[SegmentProof], Any] = lambda _: None) -> BlockProof:
        """Proves all segments. done: told of each."""
        return BlockProof(self.config, self.header, prove_run(self.keys, self.run, done).encode())
