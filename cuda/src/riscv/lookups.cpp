#include <algorithm>
#include <riscv/lookups.hpp>

namespace strikefold::riscv
{
namespace
{
/// Rows that are evaluated at once.
constexpr size_t BLOCK = 128;

/// The values of a graph's roots on a block of rows.
class Evaluator
{
    const GraphProgram& program_;
    const Columns& columns_;
    std::vector<Fp> cells_, scratch_, roots_;

public:
    Evaluator(const Graph& graph, const Columns& columns)
      : program_{graph.message_parts},
        columns_{columns},
        cells_(columns.count * BLOCK),
        scratch_(graph.message_parts.registers * BLOCK),
        roots_(graph.roots * BLOCK)
    {}

    /// Rows begin .. begin + count, count at most BLOCK.
    void run(size_t begin, size_t count)
    {
        for (const uint32_t c : program_.columns)
        {
            const uint32_t* const from = columns_.cells + c * columns_.rows + begin;
            for (size_t i = 0; i < count; ++i)
                cells_[c * BLOCK + i] = Fp::from_canonical(from[i]);
        }
        program_.evaluate<BLOCK, Fp>([&](uint32_t c) { return cells_.data() + c * BLOCK; }, scratch_,
            [&](uint32_t r, const auto& value) {
                for (size_t i = 0; i < BLOCK; ++i)
                    roots_[r * BLOCK + i] = value(i);
            });
    }
    [[nodiscard]] Fp root(uint32_t r, size_t i) const noexcept { return roots_[r * BLOCK + i]; }
};
}  // namespace

bool count_lookups(
    const Graph& graph, const Columns& columns, std::span<const std::span<uint32_t>> tables)
{
    Evaluator evaluator{graph, columns};
    for (size_t begin = 0; begin < columns.rows; begin += BLOCK)
    {
        const size_t count = std::min(BLOCK, columns.rows - begin);
        evaluator.run(begin, count);
        for (const GraphMessage& message : graph.messages)
        {
            const std::span<uint32_t> table = tables[message.bus_id];
            for (size_t i = 0; i < count; ++i)
            {
                const uint32_t times = evaluator.root(message.times, i).canonical();
                if (times == 0)
                    continue;
                const uint32_t row = evaluator.root(message.fields[0], i).canonical();
                if (row >= table.size())
                    return false;
                table[row] += times;
            }
        }
    }
    return true;
}
}  // namespace strikefold::riscv
