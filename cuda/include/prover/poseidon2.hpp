// Poseidon2 of width 16: permutation, compression and leaf hash, on elements or vectors of them.
//
// Source: eprint 2023/323; parameters as in Plonky3's koala-bear crate.
#pragma once

#include <array>
#include <cstddef>
#include <prover/packed.hpp>
#include <prover/poseidon2_constants.hpp>
#include <span>

namespace strikefold::poseidon2
{
inline constexpr size_t WIDTH = 16;
inline constexpr size_t RATE = 8;
inline constexpr size_t DIGEST = 8;
inline constexpr size_t HALF_FULL_ROUNDS = 4;
inline constexpr size_t PARTIAL_ROUNDS = 20;
inline constexpr uint32_t LEAF_TAG = 0x4c454146;

using Digest = std::array<Fp, DIGEST>;

/// The constants in Montgomery form.
struct Constants
{
    Fp full[2 * HALF_FULL_ROUNDS][WIDTH];
    Fp partial[PARTIAL_ROUNDS];
    Fp diagonal[WIDTH];
};

[[nodiscard]] constexpr Constants montgomery_constants() noexcept
{
    Constants out{};
    for (size_t r = 0; r < 2 * HALF_FULL_ROUNDS; ++r)
    {
        for (size_t i = 0; i < WIDTH; ++i)
            out.full[r][i] = Fp::from_canonical(FULL_CONSTANTS[r][i]);
    }
    for (size_t r = 0; r < PARTIAL_ROUNDS; ++r)
        out.partial[r] = Fp::from_canonical(PARTIAL_CONSTANTS[r]);
    for (size_t i = 0; i < WIDTH; ++i)
        out.diagonal[i] = Fp::from_canonical(DIAGONAL[i]);
    return out;
}
inline constexpr Constants CONSTANTS = montgomery_constants();

#ifdef __CUDACC__
static __constant__ Constants DEVICE_CONSTANTS = montgomery_constants();
#endif

/// The constants where the code runs.
[[nodiscard]] STRIKEFOLD_HD inline const Constants& constants() noexcept
{
#ifdef __CUDA_ARCH__
    return DEVICE_CONSTANTS;
#else
    return CONSTANTS;
#endif
}

/// circ(2, 3, 1, 1) on each four, then circ(2 I, I, I, I) across them.
template <class F>
STRIKEFOLD_HD inline void external_layer(F (&s)[WIDTH]) noexcept
{
    for (size_t i = 0; i < WIDTH; i += 4)
    {
        const F ab = s[i] + s[i + 1];
        const F cd = s[i + 2] + s[i + 3];
        const F total = ab + cd;
        const F a = s[i];
        const F b = total + s[i + 1];
        const F d = total + s[i + 3];
        s[i] = b + ab;                             // 2a + 3b + c + d
        s[i + 1] = b + s[i + 2] + s[i + 2];        // a + 2b + 3c + d
        s[i + 2] = d + cd;                         // a + b + 2c + 3d
        s[i + 3] = d + a + a;                      // 3a + b + c + 2d
    }
    for (size_t i = 0; i < 4; ++i)
    {
        const F sum = (s[i] + s[i + 4]) + (s[i + 8] + s[i + 12]);
        s[i] = s[i] + sum;
        s[i + 4] = s[i + 4] + sum;
        s[i + 8] = s[i + 8] + sum;
        s[i + 12] = s[i + 12] + sum;
    }
}

template <class F>
STRIKEFOLD_HD inline void full_round(F (&s)[WIDTH], const Fp (&added)[WIDTH]) noexcept
{
    for (size_t i = 0; i < WIDTH; ++i)
        s[i] = cube(s[i] + broadcast<F>(added[i]));
    external_layer(s);
}

template <class F>
[[nodiscard]] STRIKEFOLD_HD inline F twice(F x) noexcept
{
    return x + x;
}

/// s[i] times DIAGONAL[i] = (-2, 1, 2, 1/2, 3, 4, -1/2, -3, -4, 2^-8, 2^-3, 2^-24, -2^-8, -2^-3,
/// -2^-4, -2^-24), plus sum; small multiples by additions.
template <class F>
STRIKEFOLD_HD inline void add_diagonal(F (&s)[WIDTH], F sum) noexcept
{
    s[0] = sum - twice(s[0]);
    s[1] = sum + s[1];
    s[2] = sum + twice(s[2]);
    s[3] = sum + s[3].half();
    s[4] = sum + (twice(s[4]) + s[4]);
    s[5] = sum + twice(twice(s[5]));
    s[6] = sum - s[6].half();
    s[7] = sum - (twice(s[7]) + s[7]);
    s[8] = sum - twice(twice(s[8]));
    for (size_t i = 9; i < WIDTH; ++i)
        s[i] = sum + s[i] * broadcast<F>(constants().diagonal[i]);
}

/// x_0 is cubed; then every element becomes the sum of all plus its diagonal multiple.
template <class F>
STRIKEFOLD_HD inline void partial_round(F (&s)[WIDTH], Fp constant) noexcept
{
    s[0] = cube(s[0] + broadcast<F>(constant));
    // as a tree, the first element last: it comes late, the others can be added before
    F sum = ((s[2] + s[3]) + (s[4] + s[5])) + ((s[6] + s[7]) + (s[8] + s[9]));
    sum = sum + (((s[10] + s[11]) + (s[12] + s[13])) + ((s[14] + s[15]) + s[1]));
    add_diagonal(s, sum + s[0]);
}

template <class F>
STRIKEFOLD_HD inline void permute(F (&s)[WIDTH]) noexcept
{
    external_layer(s);
    for (size_t r = 0; r < HALF_FULL_ROUNDS; ++r)
        full_round(s, constants().full[r]);
    for (size_t r = 0; r < PARTIAL_ROUNDS; ++r)
        partial_round(s, constants().partial[r]);
    for (size_t r = HALF_FULL_ROUNDS; r < 2 * HALF_FULL_ROUNDS; ++r)
        full_round(s, constants().full[r]);
}

/// P(left, right)[:8] + left: in s, the two digests; out, one in its first half.
template <class F>
STRIKEFOLD_HD inline void compress(F (&s)[WIDTH]) noexcept
{
    F left[DIGEST];
    for (size_t i = 0; i < DIGEST; ++i)
        left[i] = s[i];
    permute(s);
    for (size_t i = 0; i < DIGEST; ++i)
        s[i] = s[i] + left[i];
}

/// A leaf's digest, in the first half of s: a sponge of fixed length. element(k): the leaf's k-th.
/// s: zeros.
template <class F, class Element>
STRIKEFOLD_HD inline void hash_leaf(F (&s)[WIDTH], size_t width, const Element& element) noexcept
{
    s[RATE] = broadcast<F>(Fp::from_canonical(LEAF_TAG));
    s[RATE + 1] = broadcast<F>(Fp::from_canonical(static_cast<uint32_t>(width)));
    for (size_t start = 0; start < width; start += RATE)
    {
        const size_t count = width - start < RATE ? width - start : RATE;
        for (size_t k = 0; k < count; ++k)
            s[k] = s[k] + element(start + k);
        permute(s);
    }
}
}  // namespace strikefold::poseidon2
