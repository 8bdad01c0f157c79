"""ELF files: what is read of them, and everything that is refused."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.errors import InvalidInput
from node.recursion.riscv.elf import parse_elf
from node.recursion.riscv.isa import CODE_START, DATA_START, MEMORY_END
from node.recursion.riscv.program import Function
from tests.riscv.assembler import assemble
from tests.riscv.elf_file import EXECUTE, READ, WRITE, Segment, Symbol, elf_of

SOURCE = """
_start: li a0, 1
loop: j loop
.data
.word 5, 6
"""
PARTS = assemble(SOURCE)
RIGHT = elf_of(PARTS)
CODE, DATA = RIGHT.segments


def test_what_is_read():
    program = parse_elf(RIGHT.encode())
    expected = PARTS.program()
    assert (program.entry, program.base) == (CODE_START, CODE_START)
    assert program.image == expected.image == ((CODE_START, PARTS.code), (DATA_START, PARTS.data))
    assert program.instructions.tolist() == expected.instructions.tolist()
    assert not program.instructions.flags.writeable
    names = [("_start", CODE_START, 4), ("loop", CODE_START + 4, 4)]
    assert program.functions == tuple(Function(*x) for x in names)


def with_segments(*segments, **fields):
    return replace(RIGHT, segments=list(segments), **fields)


def test_zeros_and_empty_segments_are_no_image():
    zeros = Segment(DATA_START, b"", READ | WRITE, size=MEMORY_END - DATA_START)
    stack = Segment(0, b"", READ | WRITE, kind=0x6474E551)
    empty = Segment(0, b"", READ)
    program = parse_elf(with_segments(stack, empty, zeros, CODE).encode())
    assert program.image == ((CODE_START, PARTS.code),)


def test_constants_may_stand_beside_code():
    constants = Segment(CODE_START + 0x1000, b"abc", READ)
    program = parse_elf(with_segments(CODE, constants, DATA).encode())
    assert program.image[1] == (CODE_START + 0x1000, b"abc")


def test_entry_in_the_middle():
    assert parse_elf(replace(RIGHT, entry=CODE_START + 4).encode()).entry == CODE_START + 4


def test_without_symbols():
    assert parse_elf(replace(RIGHT, symbols=[]).encode()).functions == ()


def test_functions_are_those_of_the_code_and_apart():
    symbols = [
        Symbol("data", DATA_START, 4),
        Symbol("no_function", CODE_START, 4, kind=0),
        Symbol("empty", CODE_START, 0),
        Symbol("inner", CODE_START + 4, 4),
        Symbol("alias", CODE_START, 8),
        Symbol("zalias", CODE_START, 8),
    ]
    program = parse_elf(replace(RIGHT, symbols=symbols).encode())
    assert program.functions == (Function("alias", CODE_START, 8),)


def moved(segment, **fields):
    return replace(segment, **fields)


REFUSED = {
    "ident": (replace(RIGHT, ident=b"\x7fELF\x02\x01\x01"), "starts with 7f454c46020101"),
    "big endian": (replace(RIGHT, ident=b"\x7fELF\x01\x02\x01"), "32-bit little-endian"),
    "magic": (replace(RIGHT, ident=b"\x7fELG\x01\x01\x01"), "give a 32-bit"),
    "shared": (replace(RIGHT, kind=3), "type 3 is not 2"),
    "machine": (replace(RIGHT, machine=62), "machine 62 is not 243"),
    "version": (replace(RIGHT, version=2), "version 2 is not 1"),
    "compressed": (replace(RIGHT, flags=1), "compressed instructions"),
    "float": (replace(RIGHT, flags=2), "a floating-point ABI"),
    "double": (replace(RIGHT, flags=4), "a floating-point ABI"),
    "rv32e": (replace(RIGHT, flags=8), "RV32E"),
    "ordering": (replace(RIGHT, flags=16), "flags 0x10 are unknown"),
    "header size": (replace(RIGHT, segment_size=56), "segment headers of 56 bytes"),
    "many headers": (replace(RIGHT, segment_count=65), "65 segment headers"),
    "headers beyond": (replace(RIGHT, segments=[], segment_count=64), "table of segments takes"),
    "dynamic": (with_segments(CODE, moved(DATA, kind=2)), "dynamic linking"),
    "interpreter": (with_segments(CODE, moved(DATA, kind=3)), "an interpreter"),
    "thread-local": (with_segments(CODE, moved(DATA, kind=7)), "thread-local"),
    "file size": (with_segments(CODE, moved(DATA, size=4)), "has 8 bytes in the file"),
    "alignment": (with_segments(CODE, moved(DATA, address=DATA_START + 2)), "multiple of 4"),
    "below": (with_segments(moved(CODE, address=CODE_START - 4), DATA), "outside both"),
    "straddling": (
        with_segments(CODE, Segment(DATA_START - 4, bytes(8), READ)),
        "0xfffffc to 0x1000004 .r. lies outside both",
    ),
    "above": (with_segments(CODE, moved(DATA, address=MEMORY_END - 4)), "outside both"),
    "wrapping": (with_segments(CODE, moved(DATA, size=2**32 - 1)), "outside both"),
    "writable code": (
        with_segments(moved(CODE, flags=READ | WRITE | EXECUTE), DATA),
        "writable below 0x1000000",
    ),
    "writable constants": (
        with_segments(CODE, Segment(CODE_START + 64, bytes(4), READ | WRITE)),
        "writable below 0x1000000",
    ),
    "executable data": (
        with_segments(CODE, moved(DATA, flags=READ | EXECUTE)),
        "executable from 0x1000000 on",
    ),
    "half a word": (with_segments(moved(CODE, data=PARTS.code[:-2]), DATA), "whole words"),
    "zeros as code": (with_segments(moved(CODE, size=64), DATA), "all of them in the file"),
    "overlap": (with_segments(CODE, Segment(CODE_START + 4, bytes(4), READ)), "overlaps"),
    "no code": (with_segments(DATA), "0 executable segments"),
    "two codes": (with_segments(CODE, moved(CODE, address=CODE_START + 64)), "2 executable"),
    "entry before": (replace(RIGHT, entry=CODE_START - 4), "entry point 0xfffc"),
    "entry after": (replace(RIGHT, entry=CODE_START + 8), "entry point 0x10008"),
    "entry within": (replace(RIGHT, entry=CODE_START + 2), "entry point 0x10002"),
    "offset": (with_segments(CODE, moved(DATA, offset=2**32 - 4)), "get the whole file"),
    "section size": (replace(RIGHT, section_size=44), "section headers of 44 bytes"),
    "symbol size": (replace(RIGHT, symbol_size=24), "24 each"),
    "half a symbol": (replace(RIGHT, symbol_table_size=20), "symbol table of 20 bytes"),
    "symbols beyond": (replace(RIGHT, symbol_table_size=16 << 20), "the symbol table takes"),
    "names' section": (replace(RIGHT, symbol_names=3), "section 3 of 3"),
    "endless name": (replace(RIGHT, names=b"\0abc"), "does not end"),
    "long name": (replace(RIGHT, symbols=[Symbol("a" * 4096, CODE_START, 4)]), "within 4096"),
    "no name": (replace(RIGHT, names=b""), "a symbol's name at 1 of 0"),
    "name's bytes": (replace(RIGHT, names=b"\0\xff\0" + bytes(9)), "not UTF-8"),
}


@pytest.mark.parametrize(("file", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(file, message):
    with pytest.raises(InvalidInput, match=f"^not a program for the zkVM: .*{message}"):
        parse_elf(file.encode())


def test_names_of_the_longest_length_are_read():
    longest = Symbol("a" * 4095, CODE_START, 4)
    assert parse_elf(replace(RIGHT, symbols=[longest]).encode()).functions[0].name == longest.name


def test_every_truncation_is_refused():
    whole = RIGHT.encode()
    for end in range(len(whole)):
        with pytest.raises(InvalidInput):
            parse_elf(whole[:end])


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_or_read(data):
    refused_or_read(data)
    refused_or_read(RIGHT.ident + data)


SMALL = bytearray(RIGHT.encode())
PLACES = [i for i, x in enumerate(SMALL) if i < 200 or x or i > len(SMALL) - 200]


@given(st.lists(st.tuples(st.sampled_from(PLACES), st.integers(0, 255)), min_size=1, max_size=6))
def test_mutations_are_refused_or_read(changes):
    data = bytearray(SMALL)
    for place, byte in changes:
        data[place] = byte
    refused_or_read(bytes(data))


def refused_or_read(data):
    """Only InvalidInput; and what is read keeps to the memory map."""
    try:
        program = parse_elf(data)
    except InvalidInput:
        return
    end = program.base + 4 * len(program.instructions)
    assert CODE_START <= program.base <= program.entry < end <= DATA_START
    last = CODE_START
    for address, part in program.image:
        assert last <= address
        assert address % 4 == 0
        last = address + len(part)
    assert last <= MEMORY_END
