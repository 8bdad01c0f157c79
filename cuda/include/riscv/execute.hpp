// The plain run: fast, counting what the tables of segments would hold, and cutting them.
#pragma once

#include <cstdint>
#include <optional>
#include <riscv/machine.hpp>
#include <riscv/rows.hpp>
#include <riscv/stop.hpp>
#include <utility>
#include <vector>

namespace strikefold::riscv
{
/// A chip's share of a segment's area.
struct ChipArea
{
    uint64_t cells;  ///< Of a row.
    uint32_t instances;
    std::vector<std::pair<size_t, uint64_t>> rows;  ///< (which of Rows, rows for each of it)
};

/// How large a segment may be.
struct Areas
{
    uint64_t limit;
    uint64_t fixed;  ///< Cells that every segment has.
    std::vector<ChipArea> chips;

    /// Cells of a segment.
    [[nodiscard]] uint64_t area(const Rows& rows) const noexcept;
};

struct Limits
{
    uint64_t cycles;
    uint64_t pages;  ///< Of 4 KiB, touched.
};

struct Execution
{
    Stop stop = Stop::NONE;
    uint32_t pc = 0;
    uint32_t exit_code = 0;
    uint64_t cycles = 0;
    Leaf output{};
    Rows rows{};  ///< Of the whole run.
    std::vector<std::vector<uint8_t>> checkpoints;
};

/// Runs a program from its start. Without areas, nothing is cut and there are no checkpoints.
///
/// Throws std::invalid_argument where no instruction fits into a segment, or the input is too long.
[[nodiscard]] Execution execute(const Program& program, std::span<const uint8_t> input,
    const Limits& limits, const std::optional<Areas>& areas);
}  // namespace strikefold::riscv
