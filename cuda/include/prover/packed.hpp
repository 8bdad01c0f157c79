// Vectors of KoalaBear elements: 16 lanes with AVX-512, 8 with AVX2, 1 without either.
//
// The instruction set is fixed when a module is compiled; the package holds one module for each and
// loads the best that the processor has (node/recursion/native.py).
#pragma once

#include <cstddef>
#include <prover/field.hpp>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace strikefold
{
#if defined(__AVX512F__)
/// Sixteen elements in Montgomery form.
class Packed
{
    __m512i v_;

    explicit Packed(__m512i v) noexcept : v_{v} {}

public:
    static constexpr size_t WIDTH = 16;

    Packed() noexcept : v_{_mm512_setzero_si512()} {}
    explicit Packed(Fp x) noexcept : v_{_mm512_set1_epi32(static_cast<int>(x.montgomery()))} {}

    [[nodiscard]] static Packed load(const Fp* from) noexcept
    {
        return Packed{_mm512_loadu_si512(from)};
    }
    void store(Fp* to) const noexcept { _mm512_storeu_si512(to, v_); }
    /// Of the sequence x, y: every other element, from the first and from the second on.
    static void unzip(Packed& x, Packed& y) noexcept
    {
        const __m512i even = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
        const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
        const __m512i first = _mm512_permutex2var_epi32(x.v_, even, y.v_);
        y.v_ = _mm512_permutex2var_epi32(x.v_, odd, y.v_);
        x.v_ = first;
    }

    friend Packed operator+(Packed x, Packed y) noexcept
    {
        const __m512i sum = _mm512_add_epi32(x.v_, y.v_);
        return Packed{_mm512_min_epu32(sum, _mm512_sub_epi32(sum, prime()))};
    }
    friend Packed operator-(Packed x, Packed y) noexcept
    {
        const __m512i difference = _mm512_sub_epi32(x.v_, y.v_);
        return Packed{_mm512_min_epu32(difference, _mm512_add_epi32(difference, prime()))};
    }
    /// Even and odd lanes apart: 32 x 32 -> 64 bit products, reduced, high halves joined.
    friend Packed operator*(Packed x, Packed y) noexcept
    {
        return reduce(_mm512_mul_epu32(x.v_, y.v_),
            _mm512_mul_epu32(odd_lanes(x.v_), odd_lanes(y.v_)));
    }
    /// sum of x_i y_i: Fp::dot says why nothing overflows.
    static Packed dot(const Packed (&x)[5], const Packed (&y)[5]) noexcept
    {
        __m512i even = _mm512_mul_epu32(x[0].v_, y[0].v_);
        __m512i odd = _mm512_mul_epu32(odd_lanes(x[0].v_), odd_lanes(y[0].v_));
        for (int i = 1; i < 5; ++i)
        {
            if (i == 4)
            {
                even = below_bound(even);
                odd = below_bound(odd);
            }
            even = _mm512_add_epi64(even, _mm512_mul_epu32(x[i].v_, y[i].v_));
            odd = _mm512_add_epi64(odd, _mm512_mul_epu32(odd_lanes(x[i].v_), odd_lanes(y[i].v_)));
        }
        return reduce(below_bound(even), below_bound(odd));
    }
    /// x^3: the square stays between -p and p, and is corrected in the product only.
    [[nodiscard]] Packed cube() const noexcept
    {
        const __m512i odd = odd_lanes(v_);
        const __m512i even_square = odd_lanes(quotient(_mm512_mul_epu32(v_, v_)));
        const __m512i odd_square = odd_lanes(quotient(_mm512_mul_epu32(odd, odd)));
        return join(signed_quotient(_mm512_mul_epi32(even_square, v_)),
            signed_quotient(_mm512_mul_epi32(odd_square, odd)));
    }
    [[nodiscard]] Packed half() const noexcept
    {
        const __m512i is_odd = _mm512_sub_epi32(
            _mm512_setzero_si512(), _mm512_and_si512(v_, _mm512_set1_epi32(1)));
        return Packed{_mm512_add_epi32(_mm512_srli_epi32(v_, 1),
            _mm512_and_si512(is_odd, _mm512_set1_epi32((Fp::P + 1) / 2)))};
    }

private:
    static __m512i prime() noexcept { return _mm512_set1_epi32(static_cast<int>(Fp::P)); }
    /// In the places of the even ones; not by a shift, whose port multiplications need.
    static __m512i odd_lanes(__m512i x) noexcept
    {
        return _mm512_castps_si512(_mm512_movehdup_ps(_mm512_castsi512_ps(x)));
    }
    /// x or x - 2^32 p, whichever is not negative.
    static __m512i below_bound(__m512i x) noexcept
    {
        const __m512i bound = _mm512_set1_epi64(static_cast<int64_t>(uint64_t{Fp::P} << 32));
        return _mm512_min_epu64(x, _mm512_sub_epi64(x, bound));
    }
    static __m512i mu() noexcept { return _mm512_set1_epi32(static_cast<int>(Fp::MU)); }
    /// x / 2^32 mod p in the high halves, between -p and p, for 64-bit lanes below 2^32 p.
    static __m512i quotient(__m512i x) noexcept
    {
        return _mm512_sub_epi64(x, _mm512_mul_epu32(_mm512_mul_epu32(x, mu()), prime()));
    }
    /// The same for signed lanes between -p^2 and p^2.
    static __m512i signed_quotient(__m512i x) noexcept
    {
        return _mm512_sub_epi64(x, _mm512_mul_epi32(_mm512_mul_epi32(x, mu()), prime()));
    }
    /// The high halves of even and odd lanes, between -p and p, as elements.
    static Packed join(__m512i even, __m512i odd) noexcept
    {
        constexpr __mmask16 ODD = 0xaaaa;
        const __m512i joined = _mm512_mask_blend_epi32(ODD, odd_lanes(even), odd);
        return Packed{_mm512_min_epu32(joined, _mm512_add_epi32(joined, prime()))};
    }
    /// Montgomery reduction of 64-bit lanes below 2^32 p.
    static Packed reduce(__m512i even, __m512i odd) noexcept
    {
        return join(quotient(even), quotient(odd));
    }
};
#elif defined(__AVX2__)
/// Eight elements in Montgomery form.
class Packed
{
    __m256i v_;

    explicit Packed(__m256i v) noexcept : v_{v} {}

public:
    static constexpr size_t WIDTH = 8;

    Packed() noexcept : v_{_mm256_setzero_si256()} {}
    explicit Packed(Fp x) noexcept : v_{_mm256_set1_epi32(static_cast<int>(x.montgomery()))} {}

    [[nodiscard]] static Packed load(const Fp* from) noexcept
    {
        return Packed{_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from))};
    }
    void store(Fp* to) const noexcept
    {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), v_);
    }
    /// Of the sequence x, y: every other element, from the first and from the second on.
    static void unzip(Packed& x, Packed& y) noexcept
    {
        const __m256 a = _mm256_castsi256_ps(x.v_);
        const __m256 b = _mm256_castsi256_ps(y.v_);
        constexpr int ORDER = 0xd8;  // 0, 2, 1, 3
        x.v_ = _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(a, b, 0x88)), ORDER);
        y.v_ = _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(a, b, 0xdd)), ORDER);
    }

    friend Packed operator+(Packed x, Packed y) noexcept
    {
        const __m256i sum = _mm256_add_epi32(x.v_, y.v_);
        return Packed{_mm256_min_epu32(sum, _mm256_sub_epi32(sum, prime()))};
    }
    friend Packed operator-(Packed x, Packed y) noexcept
    {
        const __m256i difference = _mm256_sub_epi32(x.v_, y.v_);
        return Packed{_mm256_min_epu32(difference, _mm256_add_epi32(difference, prime()))};
    }
    friend Packed operator*(Packed x, Packed y) noexcept
    {
        const __m256i even = _mm256_mul_epu32(x.v_, y.v_);
        const __m256i odd = _mm256_mul_epu32(odd_lanes(x.v_), odd_lanes(y.v_));
        const __m256i mu = _mm256_set1_epi32(static_cast<int>(Fp::MU));
        const __m256i even_t = _mm256_mul_epu32(_mm256_mul_epu32(even, mu), prime());
        const __m256i odd_t = _mm256_mul_epu32(_mm256_mul_epu32(odd, mu), prime());
        constexpr int ODD = 0xaa;
        const __m256i high = _mm256_blend_epi32(odd_lanes(even), odd, ODD);
        const __m256i high_t = _mm256_blend_epi32(odd_lanes(even_t), odd_t, ODD);
        const __m256i difference = _mm256_sub_epi32(high, high_t);
        return Packed{_mm256_min_epu32(difference, _mm256_add_epi32(difference, prime()))};
    }
    /// sum of x_i y_i; without a 64-bit unsigned minimum, each product is reduced.
    static Packed dot(const Packed (&x)[5], const Packed (&y)[5]) noexcept
    {
        return (x[0] * y[0] + x[1] * y[1]) + (x[2] * y[2] + x[3] * y[3]) + x[4] * y[4];
    }
    [[nodiscard]] Packed half() const noexcept
    {
        const __m256i is_odd = _mm256_sub_epi32(
            _mm256_setzero_si256(), _mm256_and_si256(v_, _mm256_set1_epi32(1)));
        return Packed{_mm256_add_epi32(_mm256_srli_epi32(v_, 1),
            _mm256_and_si256(is_odd, _mm256_set1_epi32((Fp::P + 1) / 2)))};
    }

private:
    static __m256i prime() noexcept { return _mm256_set1_epi32(static_cast<int>(Fp::P)); }
    static __m256i odd_lanes(__m256i x) noexcept { return _mm256_srli_epi64(x, 32); }
};
#else
/// One element: the portable path.
class Packed
{
    Fp v_;

public:
    static constexpr size_t WIDTH = 1;

    Packed() noexcept = default;
    STRIKEFOLD_HD explicit Packed(Fp x) noexcept : v_{x} {}

    [[nodiscard]] static Packed load(const Fp* from) noexcept { return Packed{*from}; }
    void store(Fp* to) const noexcept { *to = v_; }
    static void unzip(Packed&, Packed&) noexcept {}

    friend Packed operator+(Packed x, Packed y) noexcept { return Packed{x.v_ + y.v_}; }
    friend Packed operator-(Packed x, Packed y) noexcept { return Packed{x.v_ - y.v_}; }
    friend Packed operator*(Packed x, Packed y) noexcept { return Packed{x.v_ * y.v_}; }
    static Packed dot(const Packed (&x)[5], const Packed (&y)[5]) noexcept
    {
        const Fp left[5] = {x[0].v_, x[1].v_, x[2].v_, x[3].v_, x[4].v_};
        const Fp right[5] = {y[0].v_, y[1].v_, y[2].v_, y[3].v_, y[4].v_};
        return Packed{Fp::dot(left, right)};
    }
    [[nodiscard]] STRIKEFOLD_HD Packed half() const noexcept { return Packed{v_.half()}; }
};
#endif

template <class F>
[[nodiscard]] STRIKEFOLD_HD inline F cube(F x) noexcept
{
    if constexpr (requires { x.cube(); })
        return x.cube();
    else
        return x * x * x;
}

/// Lanes of a type: how many consecutive elements a load takes.
template <class F>
inline constexpr size_t LANES = F::WIDTH;
template <>
inline constexpr size_t LANES<Fp> = 1;

template <class F>
[[nodiscard]] STRIKEFOLD_HD inline F broadcast(Fp x) noexcept
{
    return F{x};
}

template <class F>
[[nodiscard]] inline Ext<F> broadcast(const Fp5& x) noexcept
{
    return {{F{x.c[0]}, F{x.c[1]}, F{x.c[2]}, F{x.c[3]}, F{x.c[4]}}};
}

template <class F>
[[nodiscard]] inline F load(const Fp* from) noexcept
{
    if constexpr (LANES<F> == 1)
        return F{*from};
    else
        return F::load(from);
}

/// Lane k from from[k * stride].
template <class F>
[[nodiscard]] inline F load_strided(const Fp* from, size_t stride) noexcept
{
    Fp lanes[LANES<F>];
    for (size_t k = 0; k < LANES<F>; ++k)
        lanes[k] = from[k * stride];
    return load<F>(lanes);
}

inline void store(Fp* to, Fp x) noexcept
{
    *to = x;
}
inline void store(Fp* to, Packed x) noexcept
{
    x.store(to);
}

/// Of the sequence x, y: x becomes the elements at even places, y those at odd ones.
template <class F>
inline void unzip(Ext<F>& x, Ext<F>& y) noexcept
{
    if constexpr (LANES<F> != 1)
    {
        for (int k = 0; k < Fp5::DEGREE; ++k)
            F::unzip(x.c[k], y.c[k]);
    }
}

/// The sum of all lanes.
[[nodiscard]] inline Fp reduce(Fp x) noexcept
{
    return x;
}
[[nodiscard]] inline Fp reduce(Packed x) noexcept
{
    Fp lanes[Packed::WIDTH];
    x.store(lanes);
    Fp total;
    for (const Fp lane : lanes)
        total += lane;
    return total;
}
template <class F>
[[nodiscard]] inline Fp5 reduce(const Ext<F>& x) noexcept
{
    return {{reduce(x.c[0]), reduce(x.c[1]), reduce(x.c[2]), reduce(x.c[3]), reduce(x.c[4])}};
}
}  // namespace strikefold
