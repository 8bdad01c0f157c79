// Arrays of base and extension elements, and loops over them by vectors and threads.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <prover/packed.hpp>
#include <prover/threads.hpp>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace strikefold
{
/// Memory for `bytes`, not initialised, in which no vector at a multiple of its size straddles cache
/// lines. release: with the same number.
///
/// Large blocks come from one region whose pages stay with the process: most of what a block costs is
/// the first access to them.
[[nodiscard]] void* allocate(size_t bytes);
void release(void* memory, size_t bytes) noexcept;

struct Release
{
    size_t bytes = 0;

    void operator()(void* memory) const noexcept { release(memory, bytes); }
};

/// A fixed-size array whose elements are not initialised: every producer writes all of them.
template <class T>
class Array
{
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    std::unique_ptr<T[], Release> data_;
    size_t size_ = 0;

public:
    Array() noexcept = default;
    explicit Array(size_t size)
      : data_{static_cast<T*>(allocate(size * sizeof(T))), Release{size * sizeof(T)}}, size_{size}
    {}
    Array(size_t size, T value) : Array{size} { std::fill_n(data_.get(), size, value); }

    [[nodiscard]] T* data() noexcept { return data_.get(); }
    [[nodiscard]] const T* data() const noexcept { return data_.get(); }
    [[nodiscard]] size_t size() const noexcept { return size_; }
    [[nodiscard]] T& operator[](size_t i) noexcept { return data_[i]; }
    [[nodiscard]] const T& operator[](size_t i) const noexcept { return data_[i]; }
    [[nodiscard]] operator std::span<const T>() const noexcept { return {data(), size_}; }

    /// Keeps the first `size` elements; the rest of the memory stays until the array goes.
    void shrink(size_t size) noexcept { size_ = std::min(size, size_); }
};

/// An array of extension elements in blocks of sixteen: five rows of one coefficient each, so that
/// a vector's coefficients lie side by side.
class ExtArray
{
    Array<Fp> cells_;
    size_t size_ = 0;

public:
    static constexpr size_t BLOCK = 16;
    static constexpr size_t BLOCK_CELLS = BLOCK * Fp5::DEGREE;
    static_assert(BLOCK % LANES<Packed> == 0);

    ExtArray() noexcept = default;
    explicit ExtArray(size_t size) : cells_{(size + BLOCK - 1) / BLOCK * BLOCK_CELLS}, size_{size}
    {}

    [[nodiscard]] size_t size() const noexcept { return size_; }
    void shrink(size_t size) noexcept { size_ = std::min(size, size_); }

    /// Where coefficient 0 of element i lies; coefficient k is k BLOCK further.
    [[nodiscard]] const Fp* at(size_t i) const noexcept { return cells_.data() + place<Fp>(i); }

    /// Elements i .. i + LANES<F>; i is a multiple of LANES<F>.
    template <class F>
    [[nodiscard]] Ext<F> load(size_t i) const noexcept
    {
        const Fp* from = cells_.data() + place<F>(i);
        return {{strikefold::load<F>(from), strikefold::load<F>(from + BLOCK),
            strikefold::load<F>(from + 2 * BLOCK), strikefold::load<F>(from + 3 * BLOCK),
            strikefold::load<F>(from + 4 * BLOCK)}};
    }
    template <class F>
    void store(size_t i, const Ext<F>& x) noexcept
    {
        Fp* to = cells_.data() + place<F>(i);
        for (int k = 0; k < Fp5::DEGREE; ++k)
            strikefold::store(to + static_cast<size_t>(k) * BLOCK, x.c[k]);
    }
    [[nodiscard]] Fp5 operator[](size_t i) const noexcept { return load<Fp>(i); }
    void set(size_t i, const Fp5& x) noexcept { store<Fp>(i, x); }

private:
    template <class F>
    [[nodiscard]] static size_t place(size_t i) noexcept
    {
        if constexpr (LANES<F> == BLOCK)
            return i * Fp5::DEGREE;
        else
            return i / BLOCK * BLOCK_CELLS + i % BLOCK;
    }
};

/// Calls step.template operator()<F>(i) with F = Packed on whole vectors, then F = Fp on the rest.
template <class Step>
inline void vectors(size_t begin, size_t end, const Step& step)
{
    size_t i = begin;
    for (; i + LANES<Packed> <= end; i += LANES<Packed>)
        step.template operator()<Packed>(i);
    for (; i < end; ++i)
        step.template operator()<Fp>(i);
}

/// The loops most kernels are: all threads, by vectors. grain: elements that pay for a thread.
template <class Step>
void parallel_vectors(size_t size, const Step& step, size_t grain = 4096)
{
    parallel(size, grain, [&](size_t begin, size_t end, size_t) { vectors(begin, end, step); });
}

/// N sums over begin .. end on this thread: step adds to an array of Ext<Packed> or one of Ext<Fp>.
template <size_t N, class Step>
[[nodiscard]] std::array<Fp5, N> vector_sums(size_t begin, size_t end, const Step& step)
{
    std::array<Ext<Packed>, N> wide{};
    std::array<Fp5, N> narrow{};
    vectors(begin, end, [&]<class F>(size_t i) {
        if constexpr (std::is_same_v<F, Packed>)
            step.template operator()<F>(i, wide);
        else
            step.template operator()<F>(i, narrow);
    });
    for (size_t k = 0; k < N; ++k)
        narrow[k] += reduce(wide[k]);
    return narrow;
}

/// What each thread summed, added up.
template <size_t N>
[[nodiscard]] std::array<Fp5, N> column_sums(const std::vector<std::array<Fp5, N>>& totals)
{
    std::array<Fp5, N> result{};
    for (const auto& total : totals)
    {
        for (size_t k = 0; k < N; ++k)
            result[k] += total[k];
    }
    return result;
}

/// N sums over 0 .. size by all threads, as vector_sums.
template <size_t N, class Step>
[[nodiscard]] std::array<Fp5, N> parallel_sums(size_t size, const Step& step, size_t grain = 2048)
{
    std::vector<std::array<Fp5, N>> totals(thread_count());
    parallel(size, grain, [&](size_t begin, size_t end, size_t part) {
        totals[part] = vector_sums<N>(begin, end, step);
    });
    return column_sums<N>(totals);
}
}  // namespace strikefold
