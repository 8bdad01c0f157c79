// The recording run: one segment again, with everything its tables hold.
#pragma once

#include <array>
#include <cstdint>
#include <riscv/checkpoint.hpp>
#include <riscv/interpreter.hpp>
#include <riscv/machine.hpp>
#include <riscv/rows.hpp>
#include <span>
#include <vector>

namespace strikefold::riscv
{
/// index, before (8), after (8), time (8), digest before (8), digest after (8).
using LeafRow = std::array<uint32_t, 41>;
/// level, index, left touched, right touched; of left, right and itself: digests before and after.
using NodeRow = std::array<uint32_t, 52>;

/// Words of a row of each call, beginning with ECALL: time, pc, number, a0, a1, a2, four last
/// times. Of the others: time, a0, a1, a2, and what docs/zkvm.md tells of the call's events.
inline constexpr std::array<size_t, CALLS> CALL_WORDS{10, 20, 28, 104, 52, 36, 100, 68, 36, 36};

struct Recorded
{
    uint32_t first_pc = 0, last_pc = 0;
    uint32_t end_time = 0;     ///< Of the state after the last instruction.
    Digest before{}, after{};  ///< Memory roots.
    bool halted = false;
    uint32_t exit_code = 0;
    Leaf output{};
    std::array<std::vector<Event>, FAMILIES> steps;
    std::array<std::vector<uint32_t>, CALLS> calls;
    std::vector<LeafRow> leaves;
    std::vector<NodeRow> nodes;
};

/// Replays the segment. Throws std::invalid_argument where the checkpoint is none of this program.
[[nodiscard]] Recorded record(
    const Program& program, std::span<const uint8_t> input, const Checkpoint& checkpoint);
}  // namespace strikefold::riscv
