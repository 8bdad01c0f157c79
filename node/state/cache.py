"""Values of the newest state that were read or written lately, shared by all views of it.

A view may use the cache while the state it was opened on is the newest. `version` is an object that
exists once for each state and None while it changes, so holding on to it tells: a value read from
the cache is good if the version is still the view's own afterwards.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Final

MAX_BYTES: Final = 128 * 2**20
_ENTRY_BYTES: Final = 200
"""What an entry takes besides its value: the key, two objects and a place in a dictionary."""


class StateCache:
    """Key -> value (b"": nothing is stored), in two generations of which the older is dropped."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.version: object | None = object()
        self._half = max_bytes // 2
        self._young: dict[bytes, bytes] = {}
        self._young_bytes = 0
        self._old: dict[bytes, bytes] = {}
        self._lock = threading.Lock()

    def get(self, key: bytes) -> bytes | None:
        """The value, None if it is not here; the caller checks `version` afterwards."""
        value = self._young.get(key)
        return self._old.get(key) if value is None else value

    def add(self, version: object, key: bytes, value: bytes) -> None:
        """Keeps a value read from the state of this version, if that is still the newest."""
        with self._lock:
            if self.version is version:
                self._young[key] = value
                self._grow(len(value) + _ENTRY_BYTES)

    def begin(self) -> None:
        """The state starts to change: until `end`, no view may use the cache."""
        with self._lock:
            self.version = None

    def end(self, writes: Mapping[bytes, bytes] | None) -> None:
        """The state has changed by `writes`; None: in a way the cache does not know."""
        if writes is None:
            self._young, self._old, self._young_bytes = {}, {}, 0
        else:
            self._young.update(writes)
            self._grow(sum(map(len, writes.values())) + _ENTRY_BYTES * len(writes))
        self.version = object()

    def _grow(self, size: int) -> None:
        self._young_bytes += size
        if self._young_bytes > self._half:
            self._young, self._old, self._young_bytes = {}, self._young, 0
