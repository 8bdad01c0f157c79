// Arrays of base and extension elements, and loops over them by vectors and threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <prover/packed.hpp>
#include <prover/threads.hpp>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace strikefold
{
/// Where a vector never straddles two cache lines.
inline constexpr std::align_val_t ALIGNMENT{64};

struct Release
{
    void operator()(void* memory) const noexcept { ::operator delete(memory, ALIGNMENT); }
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
      : data_{static_cast<T*>(::operator new(size * sizeof(T), ALIGNMENT))}, size_{size}
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

/// An array of extension elements, one plane for each coefficient.
class ExtArray
{
    Array<Fp> planes_;
    size_t stride_ = 0;
    size_t size_ = 0;

public:
    ExtArray() noexcept = default;
    explicit ExtArray(size_t size) : planes_{size * Fp5::DEGREE}, stride_{size}, size_{size} {}
    ExtArray(size_t size, const Fp5& value) : ExtArray{size}
    {
        for (int k = 0; k < Fp5::DEGREE; ++k)
            std::fill_n(plane(k), size, value.c[k]);
    }

    [[nodiscard]] Fp* plane(int k) noexcept
    {
        return planes_.data() + static_cast<size_t>(k) * stride_;
    }
    [[nodiscard]] const Fp* plane(int k) const noexcept
    {
        return planes_.data() + static_cast<size_t>(k) * stride_;
    }
    [[nodiscard]] size_t size() const noexcept { return size_; }
    void shrink(size_t size) noexcept { size_ = std::min(size, size_); }

    /// Elements i .. i + LANES<F>.
    template <class F>
    [[nodiscard]] Ext<F> load(size_t i) const noexcept
    {
        return {{strikefold::load<F>(plane(0) + i), strikefold::load<F>(plane(1) + i),
            strikefold::load<F>(plane(2) + i), strikefold::load<F>(plane(3) + i),
            strikefold::load<F>(plane(4) + i)}};
    }
    template <class F>
    void store(size_t i, const Ext<F>& x) noexcept
    {
        for (int k = 0; k < Fp5::DEGREE; ++k)
            strikefold::store(plane(k) + i, x.c[k]);
    }
    [[nodiscard]] Fp5 operator[](size_t i) const noexcept { return load<Fp>(i); }
    void set(size_t i, const Fp5& x) noexcept { store<Fp>(i, x); }
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

/// N sums over 0 .. size: step adds to an array of Ext<Packed> and one of Ext<Fp>.
template <size_t N, class Step>
[[nodiscard]] std::array<Fp5, N> parallel_sums(size_t size, const Step& step, size_t grain = 2048)
{
    std::vector<std::array<Fp5, N>> totals(thread_count());
    parallel(size, grain, [&](size_t begin, size_t end, size_t part) {
        std::array<Ext<Packed>, N> wide{};
        std::array<Fp5, N> narrow{};
        size_t i = begin;
        for (; i + LANES<Packed> <= end; i += LANES<Packed>)
            step.template operator()<Packed>(i, wide);
        for (; i < end; ++i)
            step.template operator()<Fp>(i, narrow);
        for (size_t k = 0; k < N; ++k)
            totals[part][k] = narrow[k] + reduce(wide[k]);
    });
    std::array<Fp5, N> result{};
    for (const auto& total : totals)
    {
        for (size_t k = 0; k < N; ++k)
            result[k] += total[k];
    }
    return result;
}
}  // namespace strikefold
