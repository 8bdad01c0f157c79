"""Proofs of blocks on disk: a file a block, named by its hash.

A file is there whole or not at all, so provers of other processes may write while a node reads.
Whoever writes has verified what it writes; whoever reads can verify again.
"""

from __future__ import annotations

from pathlib import Path

from node.errors import StorageError
from node.rollup.files import write_whole
from node.rollup.proving.block_proof import BlockProof
from node.types import Hash32


class ProofStore:
    """The proofs under one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path(self, block_hash: Hash32) -> Path:
        """Where the proof of a block is, if there is one."""
        return self.directory / f"{block_hash.hex()}.proof"

    def get(self, block_hash: Hash32) -> bytes | None:
        """The proof of a block, or None. Raises StorageError."""
        try:
            return self.path(block_hash).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(f"cannot read {self.path(block_hash)}: {error}") from error

    def put(self, proof: BlockProof) -> Path:
        """Keeps a proof that verifies, in place of one that may be there. Raises StorageError."""
        path = self.path(proof.header.hash)
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            write_whole(path, proof.encode())
        except OSError as error:
            raise StorageError(f"cannot write {path}: {error}") from error
        return path
