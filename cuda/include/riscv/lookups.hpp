// How often rows of lookup tables are asked for.
#pragma once

#include <prover/graph.hpp>
#include <span>
#include <vector>

namespace strikefold::riscv
{
/// A chip's filled columns, canonical values.
struct Columns
{
    const uint32_t* cells;
    size_t count, rows;
};

/// Adds up what a chip's messages ask for: each adds its times at the row of a table that its one
/// field names; its bus id says which table. Whether all rows were there.
[[nodiscard]] bool count_lookups(
    const Graph& graph, const Columns& columns, std::span<const std::span<uint32_t>> tables);
}  // namespace strikefold::riscv
