// Modular inversion by Bernstein and Yang's divsteps ("Fast constant-time gcd computation and
// modular inversion", 2019), 62 steps at a time, in variable time: every input here is public.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <utility>

#include "evm/uint256.hpp"

namespace strikefold::evm {

namespace divsteps {

// A signed integer in five 62-bit limbs; all but the last are in [0, 2^62).
using Signed = std::array<std::int64_t, 5>;

inline constexpr std::uint64_t mask62 = (std::uint64_t{1} << 62) - 1;

[[nodiscard]] constexpr std::int64_t low62(i128 x) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(x) & mask62);
}

[[nodiscard]] constexpr Signed from_limbs(const Limbs& x) noexcept {
    const auto limb = [](std::uint64_t bits) { return static_cast<std::int64_t>(bits & mask62); };
    return {limb(x[0]), limb(x[0] >> 62 | x[1] << 2), limb(x[1] >> 60 | x[2] << 4),
            limb(x[2] >> 58 | x[3] << 6), static_cast<std::int64_t>(x[3] >> 56)};
}

// x must be in [0, 2^256).
[[nodiscard]] constexpr Limbs to_limbs(const Signed& x) noexcept {
    const auto bits = [&x](std::size_t i) { return static_cast<std::uint64_t>(x[i]); };
    return {bits(0) | bits(1) << 62, bits(1) >> 2 | bits(2) << 60, bits(2) >> 4 | bits(3) << 58,
            bits(3) >> 6 | bits(4) << 56};
}

// (f, g) after 62 steps is 2^-62 (u v; q r)(f, g). Entries are at most 2^62 in magnitude.
struct Matrix {
    std::int64_t u, v, q, r;
};

// Runs 62 steps on the low words of f (odd) and g; eta is minus the paper's delta.
[[nodiscard]] constexpr Matrix run(std::int64_t& eta, std::uint64_t f, std::uint64_t g) noexcept {
    std::uint64_t u = 1, v = 0, q = 0, r = 1;
    int left = 62;
    while (true) {
        const int zeros = std::min(std::countr_zero(g), left);
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        eta -= zeros;
        left -= zeros;
        if (left == 0) break;
        if (eta < 0) {
            eta = -eta;
            std::swap(f, g);
            std::swap(u, q);
            std::swap(v, r);
            g = 0 - g;
            q = 0 - q;
            r = 0 - r;
        }
        // f * (f^2 - 2) is -1/f modulo 2^6: one multiple of f clears up to six low bits of g,
        // as many as the steps before the next swap allow.
        const int bits = static_cast<int>(std::min<std::int64_t>({eta + 1, left, 6}));
        const std::uint64_t w = (g * f * (f * f - 2)) & ((std::uint64_t{1} << bits) - 1);
        g += f * w;
        q += u * w;
        r += v * w;
    }
    return {static_cast<std::int64_t>(u), static_cast<std::int64_t>(v),
            static_cast<std::int64_t>(q), static_cast<std::int64_t>(r)};
}

// (f, g) := 2^-62 m (f, g), exactly.
constexpr void apply(Signed& f, Signed& g, const Matrix& m) noexcept {
    i128 cf = static_cast<i128>(m.u) * f[0] + static_cast<i128>(m.v) * g[0];
    i128 cg = static_cast<i128>(m.q) * f[0] + static_cast<i128>(m.r) * g[0];
    for (std::size_t i = 1; i < 5; ++i) {
        cf = (cf >> 62) + static_cast<i128>(m.u) * f[i] + static_cast<i128>(m.v) * g[i];
        cg = (cg >> 62) + static_cast<i128>(m.q) * f[i] + static_cast<i128>(m.r) * g[i];
        f[i - 1] = low62(cf);
        g[i - 1] = low62(cg);
    }
    f[4] = static_cast<std::int64_t>(cf >> 62);
    g[4] = static_cast<std::int64_t>(cg >> 62);
}

// (d, e) := 2^-62 m (d, e) modulo p, each kept in (-2p, p). inverse62: 1/p modulo 2^62.
constexpr void apply_mod(Signed& d, Signed& e, const Matrix& m, const Signed& p,
                         std::uint64_t inverse62) noexcept {
    const std::int64_t d_sign = d[4] >> 63, e_sign = e[4] >> 63;
    // Multiples of p: first those that lift negative inputs, then those that clear 62 low bits.
    std::int64_t md = (m.u & d_sign) + (m.v & e_sign);
    std::int64_t me = (m.q & d_sign) + (m.r & e_sign);
    i128 cd = static_cast<i128>(m.u) * d[0] + static_cast<i128>(m.v) * e[0];
    i128 ce = static_cast<i128>(m.q) * d[0] + static_cast<i128>(m.r) * e[0];
    const auto clear = [inverse62](i128 carry, std::int64_t multiple) {
        const std::uint64_t sum =
            inverse62 * static_cast<std::uint64_t>(carry) + static_cast<std::uint64_t>(multiple);
        return multiple - static_cast<std::int64_t>(sum & mask62);
    };
    md = clear(cd, md);
    me = clear(ce, me);
    cd += static_cast<i128>(p[0]) * md;
    ce += static_cast<i128>(p[0]) * me;
    for (std::size_t i = 1; i < 5; ++i) {
        cd = (cd >> 62) + static_cast<i128>(m.u) * d[i] + static_cast<i128>(m.v) * e[i] +
             static_cast<i128>(p[i]) * md;
        ce = (ce >> 62) + static_cast<i128>(m.q) * d[i] + static_cast<i128>(m.r) * e[i] +
             static_cast<i128>(p[i]) * me;
        d[i - 1] = low62(cd);
        e[i - 1] = low62(ce);
    }
    d[4] = static_cast<std::int64_t>(cd >> 62);
    e[4] = static_cast<std::int64_t>(ce >> 62);
}

// x + (p where add) and then its negative where negate; limbs carried.
[[nodiscard]] constexpr Signed adjust(const Signed& x, const Signed& p, bool add,
                                      bool negate) noexcept {
    Signed out{};
    std::int64_t carry = 0;
    for (std::size_t i = 0; i < 5; ++i) {
        const std::int64_t limb = x[i] + (add ? p[i] : 0);
        const std::int64_t sum = (negate ? -limb : limb) + carry;
        out[i] = i < 4 ? low62(sum) : sum;
        carry = sum >> 62;
    }
    return out;
}

}  // namespace divsteps

// 1/x modulo the odd prime p, for x in [0, p); zero for zero. inverse62: 1/p modulo 2^62.
[[nodiscard]] constexpr Limbs inverse(const Limbs& x, const Limbs& prime,
                                      std::uint64_t inverse62) noexcept {
    using namespace divsteps;
    const Signed p = from_limbs(prime);
    Signed f = p, g = from_limbs(x), d{}, e{1};
    std::int64_t eta = -1;
    while (g != Signed{}) {  // 12 rounds at most for 256 bits (the paper's theorem 11.2)
        const Matrix m =
            run(eta, static_cast<std::uint64_t>(f[0]), static_cast<std::uint64_t>(g[0]));
        apply_mod(d, e, m, p, inverse62);
        apply(f, g, m);
    }
    d = adjust(d, p, d[4] < 0, f[4] < 0);
    return to_limbs(adjust(d, p, d[4] < 0, false));
}

}  // namespace strikefold::evm
