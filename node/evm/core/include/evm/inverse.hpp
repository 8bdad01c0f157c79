// Modular inversion by Bernstein and Yang's divsteps ("Fast constant-time gcd computation and
// modular inversion", 2019), as many steps at a time as fit a limb, in variable time: every input
// here is public.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <utility>

#include "evm/limbs.hpp"

namespace strikefold::evm {

namespace divsteps {

// Two bits of a limb stay free for sign and carry: 62 or 30.
inline constexpr int digit_bits = limb_bits - 2;
inline constexpr Limb digit_mask = (Limb{1} << digit_bits) - 1;

// How many hold a number of so many limbs and its sign.
[[nodiscard]] constexpr std::size_t digits_for(std::size_t limbs) noexcept {
    return (limbs * limb_bits + static_cast<std::size_t>(digit_bits)) / digit_bits;
}

// A signed integer; all digits but the last are in [0, 2^digit_bits).
template <std::size_t digits>
using Signed = std::array<SignedLimb, digits>;

[[nodiscard]] constexpr SignedLimb low_digit(SignedWideLimb x) noexcept {
    return static_cast<SignedLimb>(static_cast<Limb>(x) & digit_mask);
}

template <std::size_t count>
[[nodiscard]] constexpr Signed<digits_for(count)> from_limbs(const LimbArray<count>& x) noexcept {
    Signed<digits_for(count)> out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::size_t start = i * static_cast<std::size_t>(digit_bits);
        const std::size_t limb = start / limb_bits, shift = start % limb_bits;
        if (limb >= count) continue;
        const WideLimb above = limb + 1 < count ? x[limb + 1] : 0;
        out[i] = low_digit(static_cast<SignedWideLimb>(
            (above << limb_bits | static_cast<WideLimb>(x[limb])) >> shift));
    }
    return out;
}

// x must not be negative and fit the limbs.
template <std::size_t count>
[[nodiscard]] constexpr LimbArray<count> to_limbs(const Signed<digits_for(count)>& x) noexcept {
    LimbArray<count> out{};
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t start = i * static_cast<std::size_t>(digit_bits);
        const std::size_t limb = start / limb_bits, shift = start % limb_bits;
        const WideLimb bits = static_cast<WideLimb>(static_cast<Limb>(x[i])) << shift;
        if (limb < count) out[limb] |= low(bits);
        if (limb + 1 < count) out[limb + 1] |= high(bits);
    }
    return out;
}

// (f, g) after digit_bits steps is 2^-digit_bits (u v; q r)(f, g). Entries are at most 2^digit_bits
// in magnitude.
struct Matrix {
    SignedLimb u, v, q, r;
};

// Runs the steps on the low limbs of f (odd) and g; eta is minus the paper's delta.
[[nodiscard]] constexpr Matrix run(SignedLimb& eta, Limb f, Limb g) noexcept {
    Limb u = 1, v = 0, q = 0, r = 1;
    int left = digit_bits;
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
        const int bits = static_cast<int>(std::min<SignedLimb>({eta + 1, left, 6}));
        const Limb w = (g * f * (f * f - 2)) & ((Limb{1} << bits) - 1);
        g += f * w;
        q += u * w;
        r += v * w;
    }
    return {static_cast<SignedLimb>(u), static_cast<SignedLimb>(v), static_cast<SignedLimb>(q),
            static_cast<SignedLimb>(r)};
}

[[nodiscard]] constexpr SignedWideLimb product(SignedLimb a, SignedLimb b) noexcept {
    return static_cast<SignedWideLimb>(a) * b;
}

// (f, g) := 2^-digit_bits m (f, g), exactly.
template <std::size_t digits>
constexpr void apply(Signed<digits>& f, Signed<digits>& g, const Matrix& m) noexcept {
    SignedWideLimb cf = product(m.u, f[0]) + product(m.v, g[0]);
    SignedWideLimb cg = product(m.q, f[0]) + product(m.r, g[0]);
    for (std::size_t i = 1; i < digits; ++i) {
        cf = (cf >> digit_bits) + product(m.u, f[i]) + product(m.v, g[i]);
        cg = (cg >> digit_bits) + product(m.q, f[i]) + product(m.r, g[i]);
        f[i - 1] = low_digit(cf);
        g[i - 1] = low_digit(cg);
    }
    f[digits - 1] = static_cast<SignedLimb>(cf >> digit_bits);
    g[digits - 1] = static_cast<SignedLimb>(cg >> digit_bits);
}

// (d, e) := 2^-digit_bits m (d, e) modulo p, each kept in (-2p, p). inverse: 1/p modulo
// 2^digit_bits.
template <std::size_t digits>
constexpr void apply_mod(Signed<digits>& d, Signed<digits>& e, const Matrix& m,
                         const Signed<digits>& p, Limb inverse) noexcept {
    const SignedLimb d_sign = d[digits - 1] >> (limb_bits - 1);
    const SignedLimb e_sign = e[digits - 1] >> (limb_bits - 1);
    // Multiples of p: first those that lift negative inputs, then those that clear the low digit.
    SignedLimb md = (m.u & d_sign) + (m.v & e_sign);
    SignedLimb me = (m.q & d_sign) + (m.r & e_sign);
    SignedWideLimb cd = product(m.u, d[0]) + product(m.v, e[0]);
    SignedWideLimb ce = product(m.q, d[0]) + product(m.r, e[0]);
    const auto clear = [inverse](SignedWideLimb carry, SignedLimb multiple) {
        const Limb sum = inverse * static_cast<Limb>(carry) + static_cast<Limb>(multiple);
        return multiple - static_cast<SignedLimb>(sum & digit_mask);
    };
    md = clear(cd, md);
    me = clear(ce, me);
    cd += product(p[0], md);
    ce += product(p[0], me);
    for (std::size_t i = 1; i < digits; ++i) {
        cd = (cd >> digit_bits) + product(m.u, d[i]) + product(m.v, e[i]) + product(p[i], md);
        ce = (ce >> digit_bits) + product(m.q, d[i]) + product(m.r, e[i]) + product(p[i], me);
        d[i - 1] = low_digit(cd);
        e[i - 1] = low_digit(ce);
    }
    d[digits - 1] = static_cast<SignedLimb>(cd >> digit_bits);
    e[digits - 1] = static_cast<SignedLimb>(ce >> digit_bits);
}

// x + (p where add) and then its negative where negate; digits carried.
template <std::size_t digits>
[[nodiscard]] constexpr Signed<digits> adjust(const Signed<digits>& x, const Signed<digits>& p,
                                              bool add, bool negate) noexcept {
    Signed<digits> out{};
    SignedLimb carry = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const SignedLimb digit = x[i] + (add ? p[i] : 0);
        const SignedLimb sum = (negate ? -digit : digit) + carry;
        out[i] = i + 1 < digits ? low_digit(sum) : sum;
        carry = sum >> digit_bits;
    }
    return out;
}

}  // namespace divsteps

// 1/x modulo the odd prime p, for x in [0, p); zero for zero. prime_inverse: 1/p modulo a limb.
template <std::size_t count>
[[nodiscard]] constexpr LimbArray<count> inverse(const LimbArray<count>& x,
                                                 const LimbArray<count>& prime,
                                                 Limb prime_inverse) noexcept {
    using namespace divsteps;
    using Number = Signed<digits_for(count)>;
    const Number p = from_limbs(prime);
    Number f = p, g = from_limbs(x), d{}, e{1};
    SignedLimb eta = -1;
    while (g != Number{}) {  // at most 735 steps for 256 bits, 1101 for 384 (theorem 11.2)
        const Matrix m = run(eta, static_cast<Limb>(f[0]), static_cast<Limb>(g[0]));
        apply_mod(d, e, m, p, prime_inverse);
        apply(f, g, m);
    }
    d = adjust(d, p, d.back() < 0, f.back() < 0);
    return to_limbs<count>(adjust(d, p, d.back() < 0, false));
}

}  // namespace strikefold::evm
