/* What riscv-arch-test asks of a model. A test leaves a signature. With WRITE_SIGNATURE it is
   written to standard output as on Linux; else it is compared with that of the file `signature.bin`,
   and the exit code is 0 or the number (from 1) of the first word that differs. */
#pragma once

#define RVMODEL_BOOT
#define RVMODEL_DATA_BEGIN  \
    .align 4;               \
    .globl begin_signature; \
    begin_signature:

#ifdef WRITE_SIGNATURE

#define RVMODEL_HALT        \
    li a0, 1;               \
    la a1, begin_signature; \
    la a2, end_signature;   \
    sub a2, a2, a1;         \
    li a7, 64;              \
    ecall;                  \
    li a0, 0;               \
    li a7, 93;              \
    ecall

#define RVMODEL_DATA_END  \
    .globl end_signature; \
    end_signature:

#else

#define RVMODEL_HALT           \
    la a1, begin_signature;    \
    la a2, end_signature;      \
    la a3, expected_signature; \
    li a0, 0;                  \
    900 : addi a0, a0, 1;      \
    lw a4, 0(a1);              \
    lw a5, 0(a3);              \
    bne a4, a5, 901f;          \
    addi a1, a1, 4;            \
    addi a3, a3, 4;            \
    bne a1, a2, 900b;          \
    li a0, 0;                  \
    901 : la a1, no_digest;    \
    li a7, 93;                 \
    ecall

#define RVMODEL_DATA_END       \
    .globl end_signature;      \
    end_signature:             \
    .align 4;                  \
    expected_signature:        \
    .incbin "signature.bin";   \
    .align 4;                  \
    no_digest:                 \
    .fill 8, 4, 0

#endif

#define RVMODEL_IO_INIT
#define RVMODEL_IO_WRITE_STR(_R, _STR)
#define RVMODEL_IO_CHECK()
#define RVMODEL_IO_ASSERT_GPR_EQ(_S, _R, _I)
#define RVMODEL_IO_ASSERT_SFPR_EQ(_F, _R, _I)
#define RVMODEL_IO_ASSERT_DFPR_EQ(_D, _R, _I)
#define RVMODEL_SET_MSW_INT
#define RVMODEL_CLEAR_MSW_INT
#define RVMODEL_CLEAR_MTIMER_INT
#define RVMODEL_CLEAR_MEXT_INT
