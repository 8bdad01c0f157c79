/* What riscv-tests ask of an environment, for this machine: a test ends by `halt`, with exit code 0
   or the number of the case that failed. */
#pragma once

#define RVTEST_RV32U
#define RVTEST_RV64U
#define TESTNUM gp

#define RVTEST_CODE_BEGIN \
    .text;                \
    .globl _start;        \
    _start:

#define RVTEST_CODE_END

#define HALT_WITH_A0  \
    la a1, no_digest; \
    li a7, 93;        \
    ecall

#define RVTEST_PASS \
    li a0, 0;       \
    HALT_WITH_A0

#define RVTEST_FAIL \
    mv a0, TESTNUM; \
    HALT_WITH_A0

#define RVTEST_DATA_BEGIN

#define RVTEST_DATA_END \
    .align 4;           \
    no_digest:          \
    .fill 8, 4, 0
