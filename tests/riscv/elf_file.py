"""Writes ELF files, right ones and wrong ones: the counterpart of the parser."""

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from node.recursion.riscv.isa import CODE_START, DATA_START
from tests.riscv.assembler import Assembled

READ, WRITE, EXECUTE = 4, 2, 1
HEADER_SIZE, SEGMENT_SIZE, SECTION_SIZE = 52, 32, 40
PAGE = 4096


@dataclass
class Segment:
    """A program header and its bytes; None: what fits the bytes."""

    address: int
    data: bytes
    flags: int
    kind: int = 1
    offset: int | None = None
    file_size: int | None = None
    size: int | None = None


class Symbol(NamedTuple):
    name: str
    address: int
    size: int
    kind: int = 2


@dataclass
class ElfFile:
    """Fields of an ELF file, each with the value that is right."""

    segments: list[Segment]
    symbols: list[Symbol] = field(default_factory=list)
    ident: bytes = b"\x7fELF\x01\x01\x01"
    kind: int = 2
    machine: int = 243
    version: int = 1
    entry: int = CODE_START
    flags: int = 0
    segment_size: int = SEGMENT_SIZE
    segment_count: int | None = None
    section_size: int = SECTION_SIZE
    symbol_size: int = 16
    symbol_table_size: int | None = None
    symbol_names: int = 2
    names: bytes | None = None

    def encode(self) -> bytes:
        """Header, segment headers, segments, symbols, names, section headers."""
        at = HEADER_SIZE + SEGMENT_SIZE * len(self.segments)
        headers, body = b"", b""
        for segment in self.segments:
            padding = bytes((segment.address - at - len(body)) % PAGE)  # a file can be mapped so
            body += padding
            headers += segment_header(segment, at + len(body))
            body += segment.data
        at += len(body)
        sections, tail = self.symbol_sections(at) if self.symbols else ([], b"")
        count = len(self.segments) if self.segment_count is None else self.segment_count
        header = self.ident.ljust(16, b"\0") + struct.pack(
            "<HHIIIIIHHHHHH",
            *(self.kind, self.machine, self.version, self.entry, HEADER_SIZE),
            *(at + len(tail), self.flags, HEADER_SIZE, self.segment_size, count),
            *(self.section_size, len(sections), 0),
        )
        return header + headers + body + tail + b"".join(sections)

    def symbol_sections(self, at: int) -> tuple[list[bytes], bytes]:
        """The section headers, and the symbols and names that stand at `at`."""
        names, table = b"\0", b""
        for symbol in self.symbols:
            table += struct.pack(
                "<IIIBBH", len(names), symbol.address, symbol.size, symbol.kind, 0, 1
            )
            names += symbol.name.encode() + b"\0"
        if self.names is not None:
            names = self.names
        size = len(table) if self.symbol_table_size is None else self.symbol_table_size
        return [
            bytes(SECTION_SIZE),
            section_header(2, at, size, self.symbol_names, self.symbol_size),
            section_header(3, at + len(table), len(names), 0, 0),
        ], table + names


def segment_header(segment: Segment, at: int) -> bytes:
    offset = at if segment.offset is None else segment.offset
    file_size = len(segment.data) if segment.file_size is None else segment.file_size
    size = file_size if segment.size is None else segment.size
    fields = (segment.kind, offset, segment.address, 0, file_size, size, segment.flags, 4)
    return struct.pack("<8I", *fields)


def section_header(kind: int, offset: int, size: int, link: int, entry_size: int) -> bytes:
    return struct.pack("<10I", 0, kind, 0, 0, offset, size, link, 0, 4, entry_size)


def elf_of(assembled: Assembled) -> ElfFile:
    """The file of an assembled program."""
    segments = [Segment(CODE_START, assembled.code, READ | EXECUTE)]
    if assembled.data:
        segments.append(Segment(DATA_START, assembled.data, READ | WRITE))
    program = assembled.program()
    symbols = [Symbol(*(x.name, x.address, x.size)) for x in program.functions]
    return ElfFile(segments, symbols, entry=program.entry)
