// Why a run stands still.
#pragma once

#include <cstdint>

namespace strikefold::riscv
{
enum class Stop : uint8_t
{
    NONE,  ///< It does not: there was no more to do for now.
    CALL,  ///< At an ecall.
    HALTED,
    ILLEGAL_INSTRUCTION,
    OUTSIDE_CODE,
    MISALIGNED_JUMP,
    MISALIGNED_ACCESS,
    OUTSIDE_MEMORY,
    STORE_TO_CODE,
    UNKNOWN_CALL,
    INPUT_EXHAUSTED,
    NOT_A_FIELD_ELEMENT,
    NOT_A_COORDINATE,
    EQUAL_X,
    ZERO_Y,
    UNKNOWN_OPERATION,
    CYCLE_LIMIT,
    MEMORY_LIMIT,
};

/// What people read.
[[nodiscard]] constexpr const char* name(Stop stop) noexcept
{
    constexpr const char* NAMES[] = {
        "running",
        "at a call",
        "halted",
        "illegal instruction",
        "fetch outside the code",
        "misaligned jump",
        "misaligned access",
        "access outside memory",
        "store to code",
        "unknown call",
        "hint past the input's end",
        "poseidon2 of a word that is not below p",
        "secp256k1 coordinate that is not below the field's prime",
        "secp256k1 sum of points of one x",
        "secp256k1 double of a point of y zero",
        "word_alu of an unknown operation",
        "cycle limit",
        "memory limit",
    };
    return NAMES[static_cast<uint8_t>(stop)];
}
}  // namespace strikefold::riscv
