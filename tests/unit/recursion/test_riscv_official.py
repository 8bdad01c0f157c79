"""The builder of the official tests, on tests of our own in their form: one right, one wrong."""

import shutil

import pytest

from node.recursion.riscv.elf import parse_elf
from tests.riscv.official.build import main
from tests.riscv.simulator import simulate

RISCV_TEST = """
#include "riscv_test.h"
RVTEST_RV64U
RVTEST_CODE_BEGIN
  li TESTNUM, 2
  la t0, place
  lw t1, 0(t0)
  li t2, {expected}
  bne t1, t2, fail
  RVTEST_PASS
fail:
  RVTEST_FAIL
RVTEST_CODE_END
  .data
RVTEST_DATA_BEGIN
place: .word 7
RVTEST_DATA_END
"""
ARCH_TEST = """
#include "model_test.h"
.section .text.init
.globl rvtest_entry_point
rvtest_entry_point:
RVMODEL_BOOT
  la t0, begin_signature
  li t1, 5
  sw t1, 0(t0)
#if {wrong} && !defined(WRITE_SIGNATURE)
  li t1, 6
#endif
  sw t1, 4(t0)
RVMODEL_HALT
  .data
RVMODEL_DATA_BEGIN
  .fill 3, 4, 0xdeadbeef
RVMODEL_DATA_END
"""


def outcome(path):
    program = parse_elf(path.read_bytes())
    code = range(program.base, program.base + 4 * len(program.instructions))
    return simulate(program.image, program.entry, code, b"", 1000).exit_code


def test_riscv_tests_pass_and_fail(tmp_path, capsys):
    folder = tmp_path / "isa" / "rv32ui"
    folder.mkdir(parents=True)
    for name, expected in (("right", 7), ("wrong", 8), ("ma_data", 7)):
        (folder / f"{name}.S").write_text(RISCV_TEST.format(expected=expected))
    main("riscv-tests", tmp_path, tmp_path / "out")
    assert {x.name: outcome(x) for x in (tmp_path / "out").iterdir()} == {
        "rv32ui-right.elf": 0,
        "rv32ui-wrong.elf": 2,
    }
    assert "2 tests of riscv-tests" in capsys.readouterr().out


@pytest.mark.skipif(shutil.which("qemu-riscv32") is None, reason="needs qemu-riscv32")
def test_arch_tests_pass_and_fail(tmp_path):
    folder = tmp_path / "riscv-test-suite" / "rv32i_m" / "I" / "src"
    folder.mkdir(parents=True)
    for name, wrong in (("right", 0), ("wrong", 1)):
        (folder / f"{name}.S").write_text(ARCH_TEST.format(wrong=wrong))
    main("riscv-arch-test", tmp_path, tmp_path / "out")
    assert {x.name: outcome(x) for x in (tmp_path / "out").iterdir()} == {
        "I-right.elf": 0,
        "I-wrong.elf": 2,
    }
