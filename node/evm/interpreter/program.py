"""Code prepared for execution, cached by code hash."""

from __future__ import annotations

from collections import OrderedDict
from functools import cached_property
from threading import Lock
from typing import Any, Final

from node.evm.forks import Fork
from node.types import Address, Hash32

JUMPDEST: Final = 0x5B
_PUSH1: Final = 0x60
_PUSH32: Final = 0x7F
_PADDING: Final = bytes(33)
"""A STOP after the end, and zeros a PUSH32 there may read."""
_CACHE_SIZE: Final = 2048


DELEGATION_PREFIX: Final = b"\xef\x01\x00"
"""EIP-7702: followed by the 20 bytes of the address whose code runs instead."""


def delegate_of(code: bytes) -> Address | None:
    """Where code points (EIP-7702), or None if it is ordinary code."""
    return code[3:] if len(code) == 23 and code.startswith(DELEGATION_PREFIX) else None


class Program:
    """Code, padded so that no instruction runs off its end, and its valid jump destinations.

    size: bytes of the code itself. compiled: what a faster loop keeps about the code, by fork.
    delegate: see `delegate_of`.
    """

    __slots__ = ("__dict__", "code", "compiled", "delegate", "size")

    def __init__(self, code: bytes) -> None:
        self.code = code + _PADDING
        self.size = len(code)
        self.delegate = delegate_of(code)
        self.compiled: dict[Fork, Any] = {}

    @cached_property
    def jump_destinations(self) -> frozenset[int]:
        """Positions of JUMPDESTs that are no PUSH data (Yellow Paper 9.4.3)."""
        code, size = self.code, self.size
        found = []
        position = code.find(JUMPDEST, 0, size)
        if position < 0:
            return frozenset()
        position = 0
        while position < size:
            opcode = code[position]
            if _PUSH1 <= opcode <= _PUSH32:
                position += opcode - _PUSH1 + 1
            elif opcode == JUMPDEST:
                found.append(position)
            position += 1
        return frozenset(found)


EMPTY_PROGRAM: Final = Program(b"")


class ProgramCache:
    """The most recently used programs by code hash, shared by every session of every thread."""

    def __init__(self, size: int = _CACHE_SIZE) -> None:
        self._size = size
        self._lock = Lock()
        self._programs: OrderedDict[Hash32, Program] = OrderedDict()

    def get(self, code_hash: Hash32, code: bytes) -> Program:
        """The program of this code, which hashes to `code_hash`."""
        with self._lock:
            program = self._programs.get(code_hash)
            if program is None:
                program = self._programs[code_hash] = Program(code)
                if len(self._programs) > self._size:
                    self._programs.popitem(last=False)
            else:
                self._programs.move_to_end(code_hash)
            return program


programs: Final = ProgramCache()
