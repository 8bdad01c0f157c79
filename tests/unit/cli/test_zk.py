"""`strikefold zk`: programs run, proved, verified and profiled from the command line."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from node.cli import app
from node.errors import ConfigError, InvalidInput, InvalidProof, ProgramFailed
from tests.riscv.assembler import assemble
from tests.riscv.elf_file import elf_of

FIBONACCI = Path(__file__).parents[3] / "node/recursion/riscv/guest/examples/fibonacci.elf"
SAFE = """
_start:
    la a0, block
    li a7, 256                   # hint: the input's length and its first bytes
    ecall
    lw a0, 0(a0)
    addi a0, a0, {offset}        # the exit code: 0 for an input of the right length
    la a1, block
    li a7, 93
    ecall
.data
block: .word 0, 0, 0, 0, 0, 0, 0, 0
"""


def run(*arguments):
    return CliRunner().invoke(app, ["zk", *map(str, arguments)])


def refused(error, *arguments):
    result = run(*arguments)
    assert isinstance(result.exception, error), result.output
    return str(result.exception)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A program that wants four bytes of input, and returns them as its output."""
    folder = tmp_path_factory.mktemp("zk")
    (folder / "safe.elf").write_bytes(elf_of(assemble(SAFE.format(offset=-4))).encode())
    (folder / "other.elf").write_bytes(elf_of(assemble(SAFE.format(offset=-5))).encode())
    (folder / "input").write_bytes(b"\x01\x02\x03\x04")
    return folder


@pytest.fixture(scope="module")
def proof(files):
    path = files / "safe.proof"
    arguments = ("--input", files / "input", "--output", path, "--preset", "fast")
    result = run("prove", files / "safe.elf", *arguments)
    assert result.exit_code == 0, result.output
    assert "in 1 segments proved in" in result.output
    return path


OUTPUT = "0x04000000" + "01020304" + "00" * 24


def test_a_run_prints_its_output(files):
    path = files / "output"
    result = run("run", files / "safe.elf", "--input", files / "input", "--output", path)
    assert result.exit_code == 0
    assert f"output {OUTPUT}" in result.output
    assert path.read_bytes().hex() == OUTPUT[2:]


def test_a_proof_is_verified_with_the_program_alone(files, proof):
    result = run("verify", files / "safe.elf", proof)
    assert result.exit_code == 0, result.output
    assert "the proof holds" in result.output
    assert f"output {OUTPUT}" in result.output


def test_a_proof_of_another_program(files, proof):
    assert "the proof is of program" in refused(InvalidProof, "verify", files / "other.elf", proof)


def test_a_proof_that_was_changed(files, proof, tmp_path):
    data = bytearray(proof.read_bytes())
    data[-9] ^= 1
    changed = tmp_path / "changed"
    changed.write_bytes(data)
    refused(InvalidProof, "verify", files / "safe.elf", changed)
    changed.write_bytes(data[:-1])
    assert "cut off" in refused(InvalidProof, "verify", files / "safe.elf", changed)


def test_a_profile_says_where_cells_go(files):
    result = run("profile", files / "safe.elf", "--input", files / "input")
    assert result.exit_code == 0, result.output
    for word in ("Poseidon2", "hint", "halt", "ecall", "cells and", "an instruction"):
        assert word in result.output
    assert re.search(r"hint +1 +58 +47", result.output)


def test_a_program_that_fails_is_not_proved(files, tmp_path):
    target = tmp_path / "proof"
    longer = tmp_path / "longer"
    longer.write_bytes(b"12345")
    elf, given = files / "safe.elf", ("--input", longer)
    assert "exit code 1" in refused(ProgramFailed, "run", elf, *given)
    assert "exit code 1" in refused(ProgramFailed, "prove", elf, "--output", target, *given)
    assert not target.exists()


def test_limits(files):
    elf = files / "safe.elf"
    assert "cycle limit" in refused(ProgramFailed, "run", elf, "--cycles", 3)
    small = ("--output", files / "x", "--input", files / "input", "--log-cells", 9)
    assert "too few for a chip of fixed height" in refused(ConfigError, "prove", elf, *small)
    assert "make segments larger" in refused(ConfigError, "prove", FIBONACCI, *small)


def test_files_that_are_not_there_or_no_programs(files, tmp_path):
    assert "cannot read" in refused(InvalidInput, "run", tmp_path / "nothing.elf")
    assert "not a program" in refused(InvalidInput, "run", files / "input")
    elf, nowhere = files / "safe.elf", tmp_path / "no" / "where"
    given = ("--input", files / "input", "--output", nowhere)
    assert "cannot write" in refused(InvalidInput, "run", elf, *given)
    assert "expected one of standard, fast" in refused(
        ConfigError, "prove", elf, "--output", tmp_path / "x", "--preset", "toy"
    )
