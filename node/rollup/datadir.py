"""The data directory: who may use it, and where things are in it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import BinaryIO, Final

from node.errors import ConfigError, StorageError

PROOFS: Final = "proofs"
"""The directory of a data directory that provers write to while a node runs."""
_LOCK_NAME: Final = "node.lock"


class DataDir:
    """An exclusive hold on a data directory, until `release` or the end of the process."""

    def __init__(self, path: Path) -> None:
        """Creates the directory if need be and locks it.

        Raises ConfigError if another process holds it, StorageError if it cannot be made.
        """
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock: BinaryIO = (path / _LOCK_NAME).open("ab+")
        except OSError as error:
            raise StorageError(f"cannot use the data directory {path}: {error}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.seek(0)
            holder = self._lock.read().decode("ascii", "replace") or "unknown"
            self._lock.close()
            raise ConfigError(
                f"the data directory {path} is in use by process {holder}; "
                "stop that node, or choose another directory"
            ) from error
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()).encode())
        self._lock.flush()

    @property
    def chain(self) -> Path:
        """The state database and the blocks."""
        return self.path / "chain"

    @property
    def journal(self) -> Path:
        """The mempool's journal."""
        return self.path / "mempool.journal"

    @property
    def proofs(self) -> Path:
        """The proofs of blocks."""
        return self.path / PROOFS

    @property
    def disagreement(self) -> Path:
        """The block that two executions disagree on; while it is there, nothing is proved."""
        return self.path / "disagreement.json"

    def release(self) -> None:
        """Lets others have the directory."""
        self._lock.close()
