"""Reads a program from an ELF file: 32-bit, little-endian, RV32IM, statically linked.

Everything that the machine could not run as the file says is refused here, with InvalidInput.
Sources: System V ABI, edition 4.1, chapters 4 and 5 (ELF); RISC-V ELF psABI 1.0 (machine, flags).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from node.errors import InvalidInput
from node.recursion.riscv.isa import CODE_START, DATA_START, MEMORY_END, decode_code
from node.recursion.riscv.program import Function, Program

_HEADER: Final = struct.Struct("<16sHHIIIIIHHHHHH")
_SEGMENT: Final = struct.Struct("<8I")
_SECTION: Final = struct.Struct("<10I")
_SYMBOL: Final = struct.Struct("<IIIBBH")

_IDENT: Final = b"\x7fELF\x01\x01\x01"
"""The magic number, 32 bits, little-endian, version 1."""
_EXECUTABLE_FILE: Final = 2
_RISCV: Final = 243
_FLAGS: Final = {1: "compressed instructions", 6: "a floating-point ABI", 8: "the RV32E ABI"}
_LOAD: Final = 1
_NEEDS_LOADER: Final = {2: "dynamic linking", 3: "an interpreter", 7: "thread-local storage"}
_MAX_HEADERS: Final = 64
"""Program or section headers; linkers make about ten."""
_MAX_NAME: Final = 4096
"""Of a symbol, in bytes."""
_EXECUTE, _WRITE = 1, 2
_SYMBOL_TABLE: Final = 2
_FUNCTION: Final = 2
"""The type of a symbol."""


class _Header(NamedTuple):
    ident: bytes
    kind: int
    machine: int
    version: int
    entry: int
    segments_at: int
    sections_at: int
    flags: int
    size: int
    segment_size: int
    segments: int
    section_size: int
    sections: int
    names: int


class _Segment(NamedTuple):
    kind: int
    offset: int
    address: int
    physical: int
    file_size: int
    size: int
    flags: int
    alignment: int

    @property
    def end(self) -> int:
        return self.address + self.size

    def __str__(self) -> str:
        access = "".join(
            x for x, bit in zip("wx", (_WRITE, _EXECUTE), strict=True) if self.flags & bit
        )
        return f"segment {self.address:#x} to {self.end:#x} (r{access})"


class _Section(NamedTuple):
    name: int
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int
    entry_size: int


def parse_elf(data: bytes) -> Program:
    """The program in an ELF file. Raises InvalidInput on whatever the machine cannot run."""
    header = _read_header(data)
    segments = _read_segments(data, header)
    code = _find_code(segments)
    if not code.address <= header.entry < code.end or header.entry % 4:
        raise _refused(
            f"entry point {header.entry:#x} is no instruction of {code}; name it with ENTRY in the "
            "linker script"
        )
    loaded = ((x.address, _part(data, x.offset, x.file_size, str(x))) for x in segments)
    image = tuple((address, part) for address, part in loaded if part)
    instructions = decode_code(_part(data, code.offset, code.size, str(code)), code.address)
    instructions.setflags(write=False)
    functions = tuple(_read_functions(data, header, code))
    return Program(header.entry, code.address, instructions, image, functions)


def _refused(why: str) -> InvalidInput:
    return InvalidInput(f"not a program for the zkVM: {why}")


def _part(data: bytes, offset: int, size: int, what: str) -> bytes:
    if offset + size > len(data):
        raise _refused(
            f"{what} takes bytes {offset} to {offset + size} of a file of {len(data)}; get the "
            "whole file"
        )
    return data[offset : offset + size]


def _read_header(data: bytes) -> _Header:
    header = _Header(*_HEADER.unpack(_part(data, 0, _HEADER.size, "the ELF header")))
    if not header.ident.startswith(_IDENT):
        raise _refused(
            f"it starts with {header.ident[:7].hex()}, not {_IDENT.hex()}; give a 32-bit "
            "little-endian ELF file"
        )
    if header.kind != _EXECUTABLE_FILE:
        raise _refused(f"ELF type {header.kind} is not 2 (executable); link it statically, no PIE")
    if header.machine != _RISCV:
        raise _refused(f"ELF machine {header.machine} is not 243 (RISC-V); compile for riscv32")
    if header.version != 1:
        raise _refused(f"ELF version {header.version} is not 1; link it again")
    for bits, what in _FLAGS.items():
        if header.flags & bits:
            raise _refused(f"flags {header.flags:#x}: it uses {what}; compile for rv32im, ilp32")
    if header.flags & ~0xF:
        raise _refused(f"flags {header.flags:#x} are unknown; compile for rv32im, ilp32")
    return header


def _read_table(
    data: bytes, entry: struct.Struct, offset: int, size: int, count: int, what: str
) -> list[tuple[int, ...]]:
    """The rows of the table of segments or sections."""
    if size != entry.size or count > _MAX_HEADERS:
        raise _refused(
            f"{count} {what} headers of {size} bytes; the format has {entry.size} bytes, and "
            f"{_MAX_HEADERS} are allowed; link it again"
        )
    return list(entry.iter_unpack(_part(data, offset, count * size, f"the table of {what}s")))


def _read_segments(data: bytes, header: _Header) -> list[_Segment]:
    """What is loaded, by rising address, each segment within the memory map, none overlapping."""
    at, size, count = header.segments_at, header.segment_size, header.segments
    segments = [_Segment(*row) for row in _read_table(data, _SEGMENT, at, size, count, "segment")]
    for segment in segments:
        if segment.kind in _NEEDS_LOADER:
            needs = _NEEDS_LOADER[segment.kind]
            raise _refused(f"segment type {segment.kind}: it needs {needs}; link it statically")
    loaded = sorted((x for x in segments if x.kind == _LOAD and x.size), key=lambda x: x.address)
    for segment in loaded:
        _check_segment(segment)
    for one, two in pairwise(loaded):
        if one.end > two.address:
            raise _refused(f"{one} overlaps {two}; separate them in the linker script")
    return loaded


def _check_segment(segment: _Segment) -> None:
    if segment.file_size > segment.size:
        raise _refused(f"{segment} has {segment.file_size} bytes in the file; link it again")
    if segment.address % 4:
        raise _refused(f"{segment} starts off a multiple of 4; align it in the linker script")
    in_code = segment.address >= CODE_START and segment.end <= DATA_START
    in_data = segment.address >= DATA_START and segment.end <= MEMORY_END
    if not (in_code or in_data):
        raise _refused(
            f"{segment} lies outside both code ({CODE_START:#x} to {DATA_START:#x}) and data "
            f"({DATA_START:#x} to {MEMORY_END:#x}); place it in the linker script"
        )
    if segment.flags & _WRITE and not in_data:
        raise _refused(f"{segment} is writable below {DATA_START:#x}; place data from there on")
    if segment.flags & _EXECUTE and not in_code:
        raise _refused(f"{segment} is executable from {DATA_START:#x} on; place code below")
    if segment.flags & _EXECUTE and (segment.size % 4 or segment.size != segment.file_size):
        raise _refused(
            f"{segment} is {segment.file_size} bytes of code; it must be whole words, all of them "
            "in the file"
        )


def _find_code(segments: Sequence[_Segment]) -> _Segment:
    executable = [x for x in segments if x.flags & _EXECUTE]
    if len(executable) != 1:
        raise _refused(f"{len(executable)} executable segments; put all code in one")
    return executable[0]


def _read_functions(data: bytes, header: _Header, code: _Segment) -> Iterator[Function]:
    """The functions that symbol tables name; of those that overlap, the first."""
    at, size, count = header.sections_at, header.section_size, header.sections
    if count == 0:
        return
    sections = [_Section(*row) for row in _read_table(data, _SECTION, at, size, count, "section")]
    found = [
        function
        for table in sections
        if table.kind == _SYMBOL_TABLE
        for function in _read_symbols(data, table, sections)
        if function.size and code.address <= function.address < code.end
    ]
    end = 0
    for function in sorted(found, key=lambda x: (x.address, -x.size, x.name)):
        if function.address >= end:
            yield function
            end = function.address + function.size


def _read_symbols(data: bytes, table: _Section, sections: Sequence[_Section]) -> Iterator[Function]:
    if table.entry_size != _SYMBOL.size or table.size % _SYMBOL.size:
        raise _refused(
            f"a symbol table of {table.size} bytes, {table.entry_size} each; the format has "
            f"{_SYMBOL.size}; link it again, or strip it"
        )
    if table.link >= len(sections):
        raise _refused(f"symbols named in section {table.link} of {len(sections)}; strip it")
    strings = sections[table.link]
    names = _part(data, strings.offset, strings.size, "the names of symbols")
    symbols = _part(data, table.offset, table.size, "the symbol table")
    for name, value, size, info, _, _ in _SYMBOL.iter_unpack(symbols):
        if info & 15 == _FUNCTION:
            yield Function(_name_at(names, name), value, size)


def _name_at(names: bytes, offset: int) -> str:
    end = names.find(b"\0", offset, offset + _MAX_NAME)
    if end < 0:
        raise _refused(
            f"a symbol's name at {offset} of {len(names)} does not end within {_MAX_NAME} bytes; "
            "strip it"
        )
    try:
        return names[offset:end].decode()
    except UnicodeDecodeError as error:
        raise _refused(f"a symbol's name at {offset} is not UTF-8; strip it") from error
