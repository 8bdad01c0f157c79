"""Opening LevelDB: options, the lock, and errors that say what to do."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import plyvel

from node.errors import CorruptData, StorageError
from node.state.layout import SCHEMA, SCHEMA_VERSION

BLOOM_BITS: Final = 10
"""Bits a key: about 1 % of the reads of absent keys touch the disk."""
WRITE_BUFFER_BYTES: Final = 32 * 2**20
"""Bounds what a restart has to replay; large enough that a block never fills it."""
TABLE_BYTES: Final = 16 * 2**20
"""A hundred gigabytes are some thousands of files, not tens of thousands."""
BLOCK_CACHE_BYTES: Final = 128 * 2**20

_LEVELDB: Final = "leveldb"
_USER: Final = "process"


def open_store(path: Path) -> plyvel.DB:
    """Opens (or makes) the LevelDB under `path`; one process at a time.

    Raises StorageError where it is in use or the disk refuses, CorruptData where it is damaged.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        store = plyvel.DB(
            str(path / _LEVELDB),
            create_if_missing=True,
            paranoid_checks=True,
            write_buffer_size=WRITE_BUFFER_BYTES,
            max_file_size=TABLE_BYTES,
            lru_cache_size=BLOCK_CACHE_BYTES,
            bloom_filter_bits=BLOOM_BITS,
        )
    except (plyvel.Error, OSError) as error:
        raise _refusal(path, error) from error
    try:
        _check_schema(store, path)
        (path / _USER).write_text(f"process {os.getpid()} ({Path(sys.argv[0]).name})")
    except (plyvel.Error, OSError, StorageError) as error:
        store.close()
        raise error if isinstance(error, StorageError) else _refusal(path, error) from error
    return store


def repair_store(path: Path) -> None:
    """Lets LevelDB rebuild its tables and manifest from what is readable."""
    try:
        plyvel.repair_db(str(path / _LEVELDB), paranoid_checks=False)
    except plyvel.Error as error:
        raise _refusal(path, error) from error


@contextmanager
def refused_writes(what: str) -> Iterator[None]:
    """Turns LevelDB's errors into StorageError."""
    try:
        yield
    except plyvel.Error as error:
        raise StorageError(
            f"cannot store {what}: {words(error)}; nothing of it was applied;"
            " free disk space or mend the disk, then restart"
        ) from error


def words(error: Exception) -> str:
    """What an error says; plyvel's carry LevelDB's words as bytes."""
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(error)


def _check_schema(store: plyvel.DB, path: Path) -> None:
    found = store.get(SCHEMA)
    if found is None:
        store.put(SCHEMA, SCHEMA_VERSION, sync=True)
    elif found != SCHEMA_VERSION:
        raise StorageError(
            f"database {path} has schema {found.decode(errors='replace')}, this version reads"
            f" {SCHEMA_VERSION.decode()}; use the version that wrote it, or a new data directory"
        )


def _refusal(path: Path, error: Exception) -> StorageError | CorruptData:
    if isinstance(error, plyvel.CorruptionError):
        return CorruptData(f"database {path}: {words(error)}; run `strikefold db verify --repair`")
    if f"{_LEVELDB}/LOCK" in str(error):
        user = path / _USER
        holder = user.read_text() if user.exists() else "another process"
        return StorageError(
            f"database {path} is in use by {holder}; stop it, or choose another data directory"
        )
    return StorageError(
        f"cannot open database {path}: {words(error)}; check the path, rights and space"
    )
