// What is proved: a key's fixed parts, and one segment's tables and places.
#pragma once

#include <array>
#include <cstdint>
#include <prover/arrays.hpp>
#include <prover/graph.hpp>
#include <string>
#include <utility>
#include <vector>

namespace strikefold
{
/// One oracle of the opening: node/recursion/security.py, class Oracle.
struct OracleParameters
{
    uint32_t variables;
    uint32_t log_inv_rate;
    uint32_t fold;
    uint32_t ood_samples;
    uint32_t fold_grinding;
    uint32_t queries;
    uint32_t query_grinding;

    [[nodiscard]] uint32_t log_rows() const noexcept { return variables - fold; }
    [[nodiscard]] uint32_t log_leaves() const noexcept { return log_rows() + log_inv_rate; }
};

/// The numbers of a verifying key: node/recursion/key.py.
struct KeyParameters
{
    std::array<uint32_t, 16> digest;
    uint32_t log_rows;
    uint32_t width;
    uint32_t preprocessed_width;
    uint32_t log_messages;
    uint32_t log_height;
    uint32_t degree;
    uint32_t bus_grinding;
    std::vector<OracleParameters> oracles;
};

/// A slot of the machine in one segment. Offsets are those of node/recursion/layout.py.
struct Slot
{
    const Graph* graph = nullptr;
    bool present = false;
    uint32_t log_height = 0;
    std::vector<const Fp*> columns;        ///< Every column's values: committed, then fixed ones.
    std::vector<size_t> column_offsets;    ///< Of committed and preprocessed columns in the stack.
    std::vector<size_t> message_offsets;   ///< Among the leaves of the fractional sum.

    [[nodiscard]] size_t rows() const noexcept { return size_t{1} << log_height; }
};

/// Seconds a phase took.
using Timings = std::vector<std::pair<std::string, double>>;
}  // namespace strikefold
