"""Append-only files of block data: headers, bodies, receipts, witnesses, extras.

A block is five records, one a part, written with one call and flushed to disk before the database
batch that points to them; what lies behind the last block the database knows is cut off on start.
Every record carries a checksum: zlib.crc32, because it comes with Python and runs at memory speed;
crc32c would detect no more random damage and costs a dependency.
"""

from __future__ import annotations

import os
import re
import struct
import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final

from node.errors import CorruptData, StorageError


class Part(IntEnum):
    """The parts of a block, in file order."""

    HEADER = 0
    BODY = 1
    RECEIPTS = 2
    WITNESS = 3
    EXTRA = 4


PART_COUNT: Final = len(Part)
DEFAULT_SEGMENT_BYTES: Final = 256 * 2**20

_RECORD: Final = struct.Struct(">IIQB")
"""crc32 of all that follows, payload length, block number, part."""
_SEGMENT_NAME: Final = re.compile(r"^(\d{8})\.seg$")


@dataclass(frozen=True)
class Location:
    """Where a block's records are. lengths: payload bytes of each part."""

    number: int
    segment: int
    offset: int
    lengths: tuple[int, ...]

    @property
    def end(self) -> int:
        """The offset behind the last record."""
        return self.offset + sum(self.lengths) + PART_COUNT * _RECORD.size

    def offset_of(self, part: Part) -> int:
        """The offset of one record."""
        return self.offset + sum(self.lengths[:part]) + part * _RECORD.size


class History:
    """The segment files in a directory. One writer; any number of threads may read."""

    def __init__(self, path: Path, segment_bytes: int = DEFAULT_SEGMENT_BYTES) -> None:
        self._path = path
        self._segment_bytes = segment_bytes
        self._files: dict[int, int] = {}
        self._dropped: list[int] = []
        self._lock = threading.Lock()
        self._segment = 0
        self._offset = 0
        path.mkdir(exist_ok=True)

    def close(self) -> None:
        """Closes the files."""
        with self._lock:
            for descriptor in (*self._files.values(), *self._dropped):
                os.close(descriptor)
            self._files.clear()
            self._dropped.clear()

    def cut(self, last: Location | None) -> None:
        """Drops everything behind `last` (everything, if None); the next block is written there.

        Raises CorruptData where the files end before it.
        """
        self._segment, self._offset = (0, 0) if last is None else (last.segment, last.end)
        for segment in self.segments():
            if segment > self._segment:
                self._drop(segment)
        path = self.segment_path(self._segment)
        size = path.stat().st_size if path.exists() else 0
        if size < self._offset:
            raise CorruptData(
                f"history file {path} has {size} bytes, its blocks need {self._offset};"
                " run `strikefold db verify --repair` to go back to the last whole block"
            )
        if size > self._offset:
            _truncate(path, self._offset)

    def append(self, number: int, parts: Sequence[bytes]) -> Location:
        """Writes a block's parts and waits until they are on the disk.

        Raises StorageError where the disk refuses; then nothing was appended.
        """
        if self._offset >= self._segment_bytes:
            self._segment, self._offset = self._segment + 1, 0
        place = Location(number, self._segment, self._offset, tuple(map(len, parts)))
        data = b"".join(_record(number, part, payload) for part, payload in enumerate(parts))
        path = self.segment_path(place.segment)
        try:
            descriptor = self._open(place.segment, create=True)
            _write_all(descriptor, data, place.offset)
            os.fdatasync(descriptor)
            if place.offset == 0:
                _sync_directory(self._path)
        except OSError as error:
            raise StorageError(
                f"cannot write block {number} to {path}: {error.strerror};"
                " nothing of it was stored; free disk space, then restart"
            ) from error
        self._offset = place.end
        return place

    def read(self, place: Location, part: Part) -> bytes:
        """One part of a block. Raises CorruptData where it fails its checksum."""
        offset, length = place.offset_of(part), place.lengths[part]
        try:
            descriptor = self._open(place.segment, create=False)
            data = os.pread(descriptor, _RECORD.size + length, offset)
        except OSError as error:
            raise self._damage(place, part, error.strerror or str(error)) from error
        if len(data) != _RECORD.size + length:
            raise self._damage(place, part, "the file ends before it")
        checksum, *found = _RECORD.unpack_from(data)
        if checksum != zlib.crc32(data[4:]):
            raise self._damage(place, part, "its checksum does not match")
        if found != [length, place.number, part]:
            raise self._damage(place, part, "it belongs to something else")
        return data[_RECORD.size :]

    def segments(self) -> list[int]:
        """The numbers of the segment files, ascending."""
        names = (_SEGMENT_NAME.match(entry.name) for entry in self._path.iterdir())
        return sorted(int(name[1]) for name in names if name)

    def segment_path(self, segment: int) -> Path:
        """The file of a segment."""
        return self._path / f"{segment:08}.seg"

    def bytes_on_disk(self) -> int:
        """The size of all segments."""
        return sum(self.segment_path(segment).stat().st_size for segment in self.segments())

    def _open(self, segment: int, *, create: bool) -> int:
        with self._lock:
            descriptor = self._files.get(segment)
            if descriptor is None:
                flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0)
                descriptor = os.open(self.segment_path(segment), flags, 0o644)
                self._files[segment] = descriptor
            return descriptor

    def _drop(self, segment: int) -> None:
        with self._lock:
            descriptor = self._files.pop(segment, None)
            if descriptor is not None:
                self._dropped.append(descriptor)  # a reader may be about to use it
        self.segment_path(segment).unlink()

    def _damage(self, place: Location, part: Part, what: str) -> CorruptData:
        return CorruptData(
            f"{part.name.lower()} of block {place.number}, history file"
            f" {self.segment_path(place.segment)} at offset {place.offset_of(part)}: {what};"
            " run `strikefold db verify --repair` to go back to the last whole block"
        )


def _record(number: int, part: int, payload: bytes) -> bytes:
    tail = _RECORD.pack(0, len(payload), number, part)[4:] + payload
    return zlib.crc32(tail).to_bytes(4, "big") + tail


def _truncate(path: Path, size: int) -> None:
    try:
        os.truncate(path, size)
    except OSError as error:
        raise StorageError(
            f"cannot cut {path} to {size} bytes: {error.strerror}; check rights and disk"
        ) from error


def _write_all(descriptor: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def _sync_directory(path: Path) -> None:
    """Makes the name of a new file as durable as its bytes."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
