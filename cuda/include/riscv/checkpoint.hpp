// Where a segment starts, and as much of memory as it touches: enough to replay it alone.
#pragma once

#include <cstdint>
#include <riscv/tree.hpp>
#include <span>
#include <vector>

namespace strikefold::riscv
{
/// Instructions of a segment: times stay below 2^24, for chips show differences below that.
inline constexpr uint32_t MAX_CYCLES = (1U << 22) - 1;

struct Checkpoint
{
    uint32_t pc = 0;
    uint32_t cycles = 0;  ///< How many instructions the segment has.
    uint64_t hints = 0;   ///< Blocks of input that were read before.
    std::vector<uint32_t>
        indices;  ///< Of the leaves it touches, ascending; those of registers too.
    std::vector<Leaf> leaves;
    std::vector<Digest> siblings;  ///< Of untouched nodes beside touched ones, in ascend's order.
    Digest root{};                 ///< Of memory, where the segment starts.

    [[nodiscard]] std::vector<uint8_t> encode() const;
    /// Throws std::invalid_argument for bytes that encode() does not make.
    [[nodiscard]] static Checkpoint decode(std::span<const uint8_t> bytes);
};
}  // namespace strikefold::riscv
