"""The pool's journal: accepted transactions on disk, so that a restart keeps them.

An append-only file of records: length (4 bytes, big-endian), CRC-32 of the payload (4 bytes), the
transaction's bytes. Records reach the operating system at once, so a killed process loses none; a
power cut may cost the last few, and the reader stops at the first record that is not whole.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final
from zlib import crc32

from node.errors import StorageError

_HEADER: Final = struct.Struct(">II")
_MAX_RECORD_BYTES: Final = 2**20


class Journal:
    """An open journal. Only one process may hold it (the data directory's lock sees to that)."""

    def __init__(self, path: Path) -> None:
        """Opens or creates. Raises StorageError."""
        self._path = path
        self.records = 0
        self._file = self._open(path, "ab")

    def load(self) -> list[bytes]:
        """Every whole record, oldest first; a damaged tail is left out. Raises StorageError."""
        try:
            return _records(self._path.read_bytes())
        except OSError as error:
            raise StorageError(
                f"cannot read the transaction journal {self._path}: {error}"
            ) from error

    def append(self, payload: bytes) -> None:
        """Adds one record, or none of it. Raises StorageError."""
        start = self._file.tell()
        try:
            _write_all(self._file, _record(payload))
        except OSError as error:
            os.ftruncate(self._file.fileno(), start)
            raise StorageError(
                f"cannot write the transaction journal {self._path}: {error}; "
                "the transaction is pooled but a restart would lose it"
            ) from error
        self.records += 1

    def rewrite(self, payloads: Iterable[bytes]) -> None:
        """Replaces the content in one atomic step. Raises StorageError; the old file then stays."""
        fresh = self._path.with_suffix(".new")
        items = list(payloads)
        try:
            with fresh.open("wb") as file:
                file.write(b"".join(map(_record, items)))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError as error:
            fresh.unlink(missing_ok=True)
            raise StorageError(
                f"cannot rewrite the transaction journal {self._path}: {error}"
            ) from error
        self._file.close()
        self._file = self._open(self._path, "ab")
        self.records = len(items)

    def close(self) -> None:
        """Closes the file; the journal is not used afterwards."""
        self._file.close()

    @staticmethod
    def _open(path: Path, mode: str) -> BinaryIO:
        try:
            file = path.open(mode, buffering=0)
        except OSError as error:
            raise StorageError(f"cannot open the transaction journal {path}: {error}") from error
        file.seek(0, os.SEEK_END)
        return file  # type: ignore[return-value]  # unbuffered binary files are BinaryIO


def _write_all(file: BinaryIO, data: bytes) -> None:
    """A raw file may take only part of the bytes (a full disk does)."""
    while data:
        data = data[file.write(data) :]


def _record(payload: bytes) -> bytes:
    return _HEADER.pack(len(payload), crc32(payload)) + payload


def _records(data: bytes) -> list[bytes]:
    payloads, offset = [], 0
    while offset + _HEADER.size <= len(data):
        length, checksum = _HEADER.unpack_from(data, offset)
        start = offset + _HEADER.size
        payload = data[start : start + length]
        if length > _MAX_RECORD_BYTES or len(payload) < length or crc32(payload) != checksum:
            break
        payloads.append(payload)
        offset = start + length
    return payloads
