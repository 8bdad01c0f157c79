// What a segment's tables count: instructions by family, calls, and places in the tree.
#pragma once

#include <array>
#include <cstdint>
#include <riscv/program.hpp>

namespace strikefold::riscv
{
enum class Family : uint8_t
{
    ADD, BITWISE, COMPARE, SHIFT, MUL, MULHIGH, DIVREM, LOAD, LOADSUB, STORE, STORESUB,
    BRANCHEQ, BRANCHLESS, SET, JALR,
};
inline constexpr size_t FAMILIES = 15;

enum class Call : uint8_t
{
    ECALL,  ///< Counted at every call.
    HALT, HINT, KECCAKF, SHA256, POSEIDON2, MULADDMOD, SECP256K1_ADD, SECP256K1_DOUBLE,
    WORD_ALU,
};
inline constexpr size_t CALLS = 10;

/// Numbers of things, in the order families, calls, touched leaves, touched nodes above them.
using Rows = std::array<uint64_t, FAMILIES + CALLS + 2>;
inline constexpr size_t LEAF_ROWS = FAMILIES + CALLS;
inline constexpr size_t NODE_ROWS = LEAF_ROWS + 1;

inline constexpr std::array<const char*, FAMILIES + CALLS + 2> ROW_NAMES{
    "add", "bitwise", "compare", "shift", "mul", "mulhigh", "divrem", "load", "loadsub", "store",
    "storesub", "brancheq", "branchless", "set", "jalr", "ecall", "halt", "hint", "keccakf",
    "sha256", "poseidon2", "muladdmod", "secp256k1_add", "secp256k1_double", "word_alu",
    "leaves", "nodes"};

/// Requires an operation that has a family.
[[nodiscard]] constexpr Family family(Op op) noexcept
{
    constexpr std::array<Family, OPS> FAMILY{Family{}, Family::ADD, Family::ADD, Family::BITWISE,
        Family::BITWISE, Family::BITWISE, Family::COMPARE, Family::COMPARE, Family::SHIFT,
        Family::SHIFT, Family::SHIFT, Family::MUL, Family::MULHIGH, Family::MULHIGH,
        Family::MULHIGH, Family::DIVREM, Family::DIVREM, Family::DIVREM, Family::DIVREM,
        Family::LOAD, Family::LOADSUB, Family::LOADSUB, Family::LOADSUB, Family::LOADSUB,
        Family::STORE, Family::STORESUB, Family::STORESUB, Family::BRANCHEQ, Family::BRANCHEQ,
        Family::BRANCHLESS, Family::BRANCHLESS, Family::BRANCHLESS, Family::BRANCHLESS,
        Family::SET, Family::JALR};
    return FAMILY[static_cast<size_t>(op)];
}
}  // namespace strikefold::riscv
