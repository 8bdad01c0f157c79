"""The database: current state, tries, blocks, indices, and the way back.

Flat state, trie nodes and indices are in LevelDB, bulky block data in append-only files. A block is
applied by one synced write batch, after its data is safe in the files; so a crash at any
moment leaves the database at the block before or after, never between.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

import plyvel

from node.crypto import EMPTY_TRIE_ROOT
from node.errors import CorruptData, HistoryPruned, InvalidInput, StorageError
from node.state.cache import StateCache
from node.state.history import DEFAULT_SEGMENT_BYTES, History, Location, Part
from node.state.layout import (
    BLOCK,
    BLOCK_HASH,
    METADATA,
    OLDEST,
    SIZES,
    TIP,
    TRANSACTION,
    UNDO,
    BlockEntry,
    Tip,
    Undo,
    after_prefix,
    decode_entry,
    decode_tip,
    decode_undo,
    number_key,
)
from node.state.logindex import SECTION_BLOCKS, bitmap_of, set_bits
from node.state.repair import rebuild_indices, rebuild_state
from node.state.roots import StateUpdate
from node.state.store import open_store, refused_writes
from node.state.verify import Area, Fault, Stored, check
from node.state.view import DbView, unreadable
from node.state.writes import (
    BlockRecord,
    forget_diffs,
    log_key,
    put_codes,
    put_first_state,
    put_indices,
    put_state,
    remove_block,
    state_writes,
)
from node.types import UINT64_MAX, Hash32

DEFAULT_WINDOW: Final = 1024
_PRUNED_PER_BLOCK: Final = 8
"""How many old blocks' diffs a new block may drop: spreads the work after a window shrinks."""


class StateDB:
    """One directory with the node's state and history. One process, any number of threads.

    Reading methods may be called from any thread; `append` and `unwind` exclude each other. `close`
    comes after the last read.
    """

    def __init__(self, path: Path, store: plyvel.DB, history: History, window: int | None) -> None:
        self.path = path
        self._store = store
        self._history = history
        self._window = window
        self._cache = StateCache()
        self._writing = threading.Lock()
        self._failure: BaseException | None = None
        self._tip = decode_tip(store.get(TIP, b""))
        self._oldest = int.from_bytes(store.get(OLDEST, b""), "big")

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        archive: bool = False,
        window: int = DEFAULT_WINDOW,
        segment_bytes: int = DEFAULT_SEGMENT_BYTES,
        damaged: bool = False,
    ) -> StateDB:
        """Opens the database in a directory, made if absent.

        archive: keep every past state; else that of the last `window` blocks.
        damaged: open it although its newest block is not whole, for `verify` only.
        Raises StorageError (in use, disk) and CorruptData (says how to repair).
        """
        store = open_store(path)
        history = History(path / "history", segment_bytes)
        try:
            db = cls(path, store, history, None if archive else window)
            if not damaged:
                db._recover()
        except BaseException:
            history.close()
            store.close()
            raise
        return db

    def close(self) -> None:
        """Closes the files. Views must not be used any more."""
        with self._writing:
            self._history.close()
            self._store.close()

    def _recover(self) -> None:
        """Cuts off what an interrupted append left, and checks the newest block's data."""
        entry = None if self._tip is None else self._entry(self._tip.number)
        if self._tip is not None and entry is None:
            raise CorruptData(
                f"the entry of the newest block, {self._tip.number}, is missing from {self.path};"
                " run `strikefold db verify --repair`"
            )
        self._history.cut(entry.location if entry else None)
        if entry is not None:
            for part in Part:
                self._history.read(entry.location, part)

    # ------------------------------------------------------------------------------------ state

    @property
    def head(self) -> tuple[int, Hash32] | None:
        """(number, hash) of the newest block; None in an empty database."""
        tip = self._tip
        return None if tip is None else (tip.number, tip.hash)

    @property
    def oldest_state(self) -> int:
        """The oldest block whose state can be read."""
        return self._oldest

    def has_state(self, number: int) -> bool:
        """Whether `view(number)` works."""
        return self._tip is not None and self._oldest <= number <= self._tip.number

    def view(self, number: int | None = None) -> DbView:
        """The state at the end of a block (the newest if None; no state in an empty database).

        Raises HistoryPruned where it is older than the window, InvalidInput above the head.
        """
        version = self._cache.version
        snapshot = self._store.snapshot()
        if self._cache.version is not version:
            version = None  # a block came between: this snapshot may be of either state
        tip = decode_tip(snapshot.get(TIP, b""))
        opened = partial(DbView, snapshot, cache=self._cache, version=version)
        if tip is None and number is None:
            return opened(-1, EMPTY_TRIE_ROOT, past=False)
        if tip is None or (number is not None and number > tip.number):
            raise InvalidInput(f"block {number} is not stored; the newest is {tip and tip.number}")
        if number is None or number == tip.number:
            return opened(tip.number, tip.root, past=False)
        oldest = int.from_bytes(snapshot.get(OLDEST, b""), "big")
        if number < oldest:
            raise HistoryPruned(
                f"the state of block {number} is no longer stored, the oldest is {oldest};"
                " ask an archive node"
            )
        data = snapshot.get(number_key(BLOCK, number), b"")
        return opened(number, decode_entry(number, data).root, past=True)

    # ---------------------------------------------------------------------------------- writing

    def append(self, record: BlockRecord, update: StateUpdate) -> None:
        """Stores a block and applies its state update, both or neither; returns when on disk.

        The first block may have any number; each other one follows the head.
        Raises StorageError where the disk refuses; the head stays, and further writes are refused
        until the database is opened again.
        """
        with self._writing:
            self._check_writable()
            tip = self._tip
            if tip is not None and record.number != tip.number + 1:
                raise InvalidInput(f"block {record.number} cannot follow block {tip.number}")
            self._store_block(record, update)

    def _store_block(self, record: BlockRecord, update: StateUpdate) -> None:
        writes = state_writes(self._store, update)
        batch = self._store.write_batch(sync=True)
        if self._tip is None:
            oldest = record.number
            put_first_state(batch, writes)
        else:
            keys = put_state(self._read_current, batch, record.number, writes)
            undo = Undo(keys, record.tx_hashes, tuple(sorted(set(record.log_keys))))
            batch.put(number_key(UNDO, record.number), undo.encode())
            oldest = self._prune(batch, record.number)
        put_codes(batch, update)
        batch.put(OLDEST, oldest.to_bytes(8, "big"))
        with self._failing_stops_writes():
            parts = (record.header, record.body, record.receipts, record.witness, record.extra)
            place = self._history.append(record.number, parts)
            put_indices(self._store, batch, record, BlockEntry(record.hash, update.root, place))
            tip = Tip(record.number, record.hash, update.root)
            self._commit(batch, f"block {record.number}", tip, writes)
            self._oldest = oldest

    def _commit(
        self, batch: plyvel.WriteBatch, what: str, tip: Tip, writes: dict[bytes, bytes] | None
    ) -> None:
        """Writes the batch that makes `tip` the head; writes: state keys -> values, if known."""
        batch.put(TIP, tip.encode())
        self._cache.begin()
        try:
            with refused_writes(what):
                batch.write()
        except BaseException:
            self._cache.end(None)
            raise
        self._cache.end(writes)
        self._tip = tip

    @contextmanager
    def _failing_stops_writes(self) -> Iterator[None]:
        """After a failure in here only a new opening can tell what is on the disk."""
        try:
            yield
        except BaseException as error:
            self._failure = error
            raise

    def _read_current(self, key: bytes) -> bytes:
        """The value of a state key; for the one thread that may write."""
        cached = self._cache.get(key)
        return self._get(key) if cached is None else cached

    def _prune(self, batch: plyvel.WriteBatch, head: int) -> int:
        """Drops the diffs that leave the window; returns the oldest state that stays."""
        oldest = self._oldest
        if self._window is None:
            return oldest
        stop = min(head - self._window, oldest + _PRUNED_PER_BLOCK)
        while oldest < stop:
            oldest += 1
            undo = self._store.get(number_key(UNDO, oldest))
            if undo is not None:
                forget_diffs(batch, oldest, decode_undo(undo))
        return oldest

    def unwind(self, number: int) -> None:
        """Takes blocks off, newest first, one atomic step each, until `number` is the head.

        Raises HistoryPruned where the way back is no longer stored; then nothing was undone.
        """
        with self._writing:
            self._check_writable()
            tip = self._tip
            if tip is None or number > tip.number:
                raise InvalidInput(f"cannot unwind to block {number}: the head is {self.head}")
            if number < self._oldest:
                raise HistoryPruned(
                    f"cannot unwind to block {number}: the oldest state stored is {self._oldest}"
                )
            while tip.number > number:
                tip = self._unwind_one(tip)
            self._history.cut(self._place_of(tip))

    def _unwind_one(self, tip: Tip) -> Tip:
        number = tip.number
        entry = self._entry(number - 1)
        undo = self._store.get(number_key(UNDO, number))
        if entry is None or undo is None:
            raise CorruptData(f"what unwinds block {number} is missing from {self.path}")
        below = Tip(number - 1, entry.hash, entry.root)
        batch = self._store.write_batch(sync=True)
        remove_block(self._store, batch, number, tip.hash, decode_undo(undo))
        with self._failing_stops_writes():
            self._commit(batch, f"the unwinding of block {number}", below, None)
        return below

    def _check_writable(self) -> None:
        if self._failure is not None:
            raise StorageError(
                f"database {self.path} is read-only since a write failed ({self._failure});"
                " restart the node"
            )

    # ---------------------------------------------------------------------------- maintenance

    def verify(self, *, repair: bool = False) -> list[Fault]:
        """Checks everything stored; returns the faults (those that are left, after a repair).

        repair: takes off the blocks from the first damaged one on, where the way back is stored,
        and rebuilds tries, flat state and indices from each other and from the blocks.
        """
        faults = self._faults()
        if not (repair and faults):
            return faults
        broken = [f.block for f in faults if f.area is Area.BLOCKS and f.block is not None]
        if broken and self._oldest < min(broken):
            self.unwind(min(broken) - 1)
            faults = self._faults()
        with self._writing:
            self._rebuild({fault.area for fault in faults})
        return self._faults()

    def _faults(self) -> list[Fault]:
        tip = self._tip
        if tip is None:
            return []
        return list(check(Stored(self._store, self._history, tip, self._oldest)))

    def _rebuild(self, areas: set[Area]) -> None:
        if areas & {Area.FLAT, Area.TRIE} and self._tip is not None:
            self._cache.begin()
            try:
                rebuild_state(self._store, self._tip.root)
            finally:
                self._cache.end(None)
        if Area.INDEX in areas and Area.BLOCKS not in areas:
            rebuild_indices(self._store, self._history)

    def compact(self) -> None:
        """Lets LevelDB merge its tables, which drops deleted data."""
        with refused_writes("compacted tables"):
            self._store.compact_range()

    def stats(self) -> dict[str, int]:
        """Sizes in bytes, approximately, by what takes them, and the range of blocks."""
        sizes = {
            name: self._store.approximate_size(prefix, after_prefix(prefix))
            for name, prefix in SIZES.items()
        }
        head = -1 if self._tip is None else self._tip.number
        history = self._history.bytes_on_disk()
        return {"head": head, "oldest_state": self._oldest, **sizes, "history_bytes": history}

    # ---------------------------------------------------------------------------------- lookups

    def header(self, number: int) -> bytes | None:
        """A block's header, as it was stored; None if there is no such block."""
        return self._part(number, Part.HEADER)

    def body(self, number: int) -> bytes | None:
        """A block's body; None if there is no such block."""
        return self._part(number, Part.BODY)

    def receipts(self, number: int) -> bytes | None:
        """A block's receipts; None if there is no such block."""
        return self._part(number, Part.RECEIPTS)

    def witness(self, number: int) -> bytes | None:
        """A block's execution witness; None if there is no such block."""
        return self._part(number, Part.WITNESS)

    def extra(self, number: int) -> bytes | None:
        """A block's extra data (the sequencer's signature); None if there is no such block."""
        return self._part(number, Part.EXTRA)

    def hash_of(self, number: int) -> Hash32 | None:
        """The hash of a block; None if there is no such block."""
        entry = self._entry(number)
        return None if entry is None else entry.hash

    def root_of(self, number: int) -> Hash32 | None:
        """The state root of a block; None if there is no such block."""
        entry = self._entry(number)
        return None if entry is None else entry.root

    def number_of(self, block_hash: Hash32) -> int | None:
        """The number of the block with this hash; None if there is no such block."""
        data = self._get(BLOCK_HASH + block_hash)
        return int.from_bytes(data, "big") if data else None

    def transaction(self, tx_hash: Hash32) -> tuple[int, int] | None:
        """(block number, index) of a transaction; None if it is in no block."""
        data = self._get(TRANSACTION + tx_hash)
        return (int.from_bytes(data[:8], "big"), int.from_bytes(data[8:], "big")) if data else None

    def log_blocks(self, groups: Sequence[Sequence[bytes]], first: int, last: int) -> Iterator[int]:
        """The blocks in [first, last] that have, for every group, a log key of that group.

        Keys are addresses and topics. A candidate only: they may be in different logs of the block.
        """
        last = min(last, -1 if self._tip is None else self._tip.number)
        for section in range(first // SECTION_BLOCKS, last // SECTION_BLOCKS + 1):
            start = section * SECTION_BLOCKS
            blocks = (1 << SECTION_BLOCKS) - 1
            for group in groups:
                found = 0
                for key in group:
                    found |= bitmap_of(self._get(log_key(key, section)))
                blocks &= found
            for offset in set_bits(blocks):
                if first <= start + offset <= last:
                    yield start + offset

    def metadata(self, name: bytes) -> bytes | None:
        """A value stored by `put_metadata`."""
        return self._get(METADATA + name) or None

    def put_metadata(self, name: bytes, value: bytes) -> None:
        """Stores a value under a name; returns when it is on disk."""
        with self._writing:
            self._check_writable()
            with self._failing_stops_writes(), refused_writes(f"metadata {name!r}"):
                self._store.put(METADATA + name, value, sync=True)

    def _part(self, number: int, part: Part) -> bytes | None:
        for _ in range(2):
            with suppress(CorruptData):  # another block may just have taken this one's place
                return self._stored_part(number, part)
        return self._stored_part(number, part)

    def _stored_part(self, number: int, part: Part) -> bytes | None:
        entry = self._entry(number)
        return None if entry is None else self._history.read(entry.location, part)

    def _entry(self, number: int) -> BlockEntry | None:
        if not 0 <= number <= UINT64_MAX:
            return None
        data = self._get(number_key(BLOCK, number))
        return decode_entry(number, data) if data else None

    def _place_of(self, tip: Tip | None) -> Location | None:
        entry = None if tip is None else self._entry(tip.number)
        return None if entry is None else entry.location

    def _get(self, key: bytes) -> bytes:
        try:
            return self._store.get(key, b"", verify_checksums=True)
        except plyvel.Error as error:
            raise unreadable(error) from error
