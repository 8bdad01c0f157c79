// Sums over a table's rows of what a program gives there, at points where its first variables are bound.
#pragma once

#include <algorithm>
#include <prover/segment.hpp>
#include <prover/sumcheck.hpp>
#include <vector>

namespace strikefold
{
/// Cells of the base field, as the table has them.
struct RowCells
{
    static constexpr size_t BLOCK = 16;  ///< Vectors of rows evaluated together.
    template <class F>
    using Value = F;

    const Slot& slot;

    template <class F>
    [[nodiscard]] F load(uint32_t c, size_t i) const noexcept
    {
        return strikefold::load<F>(slot.columns[c] + i);
    }
};

/// A table's cells where its first variable is x and its second y.
struct GridCells
{
    static constexpr size_t BLOCK = 16;
    template <class F>
    using Value = F;

    const Slot& slot;
    uint32_t x;
    uint32_t y;

    template <class F>
    [[nodiscard]] F load(uint32_t c, size_t i) const noexcept
    {
        const Fp* from = slot.columns[c] + i;
        const size_t quarter = slot.rows() / 4;
        const auto at = [&](size_t part) { return strikefold::load<F>(from + part * quarter); };
        return line(line(at(0), at(2), x), line(at(1), at(3), x), y);
    }
};

/// The cells of columns with bound variables where the first variable left is x.
struct BoundCells
{
    static constexpr size_t BLOCK = 4;
    template <class F>
    using Value = Ext<F>;

    const std::vector<ExtArray>& columns;
    uint32_t x;

    template <class F>
    [[nodiscard]] Ext<F> load(uint32_t c, size_t i) const noexcept
    {
        const ExtArray& column = columns[c];
        return line(column.load<F>(i), column.load<F>(column.size() / 2 + i), x);
    }
};

/// What is summed: a program's roots, each with N coefficients.
template <size_t N>
struct RootSums
{
    const GraphProgram& program;
    uint32_t columns;
    std::array<const std::vector<Fp5>*, N> of_root;

    /// At each point the N sums over rows of their weight times all coefficients times roots.
    template <class Cells>
    [[nodiscard]] std::vector<std::array<Fp5, N>> over(
        size_t rows, const ExtArray& weights, const std::vector<Cells>& points) const
    {
        std::vector<std::array<Fp5, N>> result(points.size());
        if (program.outputs.empty())
            return result;
        // wide chips are low: their rows are worth sharing out long before others' are
        const size_t work = std::max<size_t>(program.instructions.size() * points.size(), 1);
        const size_t grain = std::clamp<size_t>((1 << 17) / work, 64, 512);
        std::vector<std::vector<std::array<Fp5, N>>> totals(thread_count(), result);
        parallel(rows, grain, [&](size_t begin, size_t end, size_t part) {
            const size_t whole = begin + (end - begin) / LANES<Packed> * LANES<Packed>;
            range<Packed>(begin, whole, weights, points, totals[part]);
            range<Fp>(whole, end, weights, points, totals[part]);
        });
        for (const auto& total : totals)
        {
            for (size_t p = 0; p < points.size(); ++p)
            {
                for (size_t k = 0; k < N; ++k)
                    result[p][k] += total[p][k];
            }
        }
        return result;
    }

private:
    template <class F, class Cells>
    void range(size_t begin, size_t end, const ExtArray& weights, const std::vector<Cells>& points,
        std::vector<std::array<Fp5, N>>& totals) const
    {
        using Value = typename Cells::template Value<F>;
        constexpr size_t BLOCK = Cells::BLOCK;
        if (begin == end)
            return;
        std::vector<Value> loaded(columns * BLOCK);
        std::vector<Value> scratch(program.registers * BLOCK);
        std::vector<std::array<Ext<F>, N>> sums(points.size());
        for (size_t row = begin; row < end; row += BLOCK * LANES<F>)
        {
            const size_t count = std::min(BLOCK, (end - row) / LANES<F>);
            for (size_t p = 0; p < points.size(); ++p)
                add_block<F>(row, count, weights, points[p], loaded, scratch, sums[p]);
        }
        for (size_t p = 0; p < points.size(); ++p)
        {
            for (size_t k = 0; k < N; ++k)
                totals[p][k] += reduce(sums[p][k]);
        }
    }

    /// Adds what `count` vectors of rows from `row` on give at one point.
    template <class F, class Cells, class Value>
    void add_block(size_t row, size_t count, const ExtArray& weights, const Cells& cells,
        std::vector<Value>& loaded, std::vector<Value>& scratch, std::array<Ext<F>, N>& totals) const
    {
        constexpr size_t BLOCK = Cells::BLOCK;
        for (const uint32_t c : program.columns)
        {
            for (size_t i = 0; i < count; ++i)
                loaded[c * BLOCK + i] = cells.template load<F>(c, row + i * LANES<F>);
        }
        Ext<F> sums[N][BLOCK]{};
        program.evaluate<BLOCK, Value>([&](uint32_t c) { return loaded.data() + c * BLOCK; },
            std::span<Value>{scratch}, [&](uint32_t root, const auto& value) {
                for (size_t k = 0; k < N; ++k)
                {
                    const Ext<F> coefficient = broadcast<F>((*of_root[k])[root]);
                    for (size_t i = 0; i < count; ++i)
                        sums[k][i] += coefficient * value(i);
                }
            });
        for (size_t i = 0; i < count; ++i)
        {
            const Ext<F> weight = weights.load<F>(row + i * LANES<F>);
            for (size_t k = 0; k < N; ++k)
                totals[k] += sums[k][i] * weight;
        }
    }
};
}  // namespace strikefold
