// What the sumchecks share: equality tables, binding of the most significant variable, rounds.
#pragma once

#include <prover/arrays.hpp>
#include <prover/transcript.hpp>
#include <span>
#include <vector>

namespace strikefold
{
/// eq(point, b) * scale for every b of the cube, in the order of their numbers.
[[nodiscard]] ExtArray eq_table(std::span<const Fp5> point, const Fp5& scale);

/// eq(point, .) * scale as a product: entry i low.size() + j is high[i] low[j]. The low part stays in
/// the first-level cache.
struct EqTensor
{
    static constexpr size_t LOW_VARIABLES = 9;

    ExtArray high;
    ExtArray low;

    explicit EqTensor(std::span<const Fp5> point, const Fp5& scale = lift(1));
};

/// eq(point, .) summed over the numbers below `count`.
[[nodiscard]] Fp5 eq_below(std::span<const Fp5> point, size_t count);

/// N sums over the numbers j below `size` of eq(j) times what term.template operator()<F>(j) gives: an
/// array of N F or Ext<F>, each for j .. j + LANES<F>.
template <size_t N, class Term>
[[nodiscard]] std::array<Fp5, N> weighted_sums(const EqTensor& eq, size_t size, const Term& term)
{
    const size_t row = eq.low.size();
    std::vector<std::array<Fp5, N>> totals(thread_count());
    parallel_items((size + row - 1) / row, [&](size_t i, size_t part) {
        const size_t first = i * row;
        const auto sums = vector_sums<N>(first, std::min(size, first + row),
            [&]<class F>(size_t j, std::array<Ext<F>, N>& sum) {
                const Ext<F> weight = eq.low.load<F>(j - first);
                const auto terms = term.template operator()<F>(j);
                for (size_t k = 0; k < N; ++k)
                    sum[k] += weight * terms[k];
            });
        for (size_t k = 0; k < N; ++k)
            totals[part][k] += eq.high[i] * sums[k];
    });
    return column_sums<N>(totals);
}

/// The line through `low` at 0 and `high` at 1, at x.
[[nodiscard]] inline Fp5 line(const Fp5& low, const Fp5& high, const Fp5& x)
{
    return low + x * (high - low);
}

/// The same at a small number, of whatever has sums and differences.
template <class F>
[[nodiscard]] F line(const F& low, const F& high, uint32_t x) noexcept
{
    if (x == 0)
        return low;
    F value = high;
    for (uint32_t k = 1; k < x; ++k)
        value = value + (high - low);
    return value;
}

/// From eq(z, .) over k variables to eq(z without its first coordinate, .).
[[nodiscard]] ExtArray sum_halves(const ExtArray& table);

/// Binds the most significant variable: values[j] + x (values[j + half] - values[j]).
void bind_first(ExtArray& values, const Fp5& x);
[[nodiscard]] ExtArray bind_first(std::span<const Fp> values, const Fp5& x);

/// The sum of the equal parts of `values`, each by its weight.
[[nodiscard]] ExtArray sum_parts(std::span<const Fp> values, std::span<const Fp5> weights);

/// The coefficients of the polynomial through (0, values[0]), (1, values[1]), ...
[[nodiscard]] std::vector<Fp5> interpolate(std::span<const Fp5> values);

/// A polynomial's value, constant coefficient first.
[[nodiscard]] Fp5 horner(std::span<const Fp5> coefficients, const Fp5& x);

/// One round in bare form, where (1 - z) h(0) + z h(1) = claim: fills in values[1] from the others,
/// says all coefficients but the constant one, samples the challenge and moves the claim there.
[[nodiscard]] Fp5 bare_round(
    Channel& channel, std::vector<Fp5>& values, const Fp5& z, Fp5& claim);
}  // namespace strikefold
