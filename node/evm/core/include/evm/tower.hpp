// The fields of a pairing: Fp2 = Fp[i]/(i^2 + 1), Fp6 = Fp2[v]/(v^3 - xi), Fp12 = Fp6[w]/(w^2 - v).
//
// Curve says which: Curve::Fp, the prime field; Curve::xi_real, for xi = xi_real + i; and
// Curve::frobenius_factor, the integers that make up xi^((p - 1)/6), what Frobenius leaves on w.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <tuple>

#include "evm/field.hpp"

namespace strikefold::evm {

// k x, by doubling and adding
template <unsigned k, typename Element>
[[nodiscard]] constexpr Element times(const Element& x) noexcept {
    static_assert(k > 0);
    if constexpr (k == 1) return x;
    if constexpr (k > 1) {
        const Element even = times<k / 2>(x).twice();
        return k % 2 == 1 ? even + x : even;
    }
}

template <typename Curve>
struct Fp2 {
    using Fp = typename Curve::Fp;

    Fp a, b;  // a + b i

    [[nodiscard]] static constexpr Fp2 one() noexcept { return {Fp::one(), Fp()}; }

    friend constexpr bool operator==(const Fp2&, const Fp2&) noexcept = default;

    friend constexpr Fp2 operator+(const Fp2& x, const Fp2& y) noexcept {
        return {x.a + y.a, x.b + y.b};
    }
    friend constexpr Fp2 operator-(const Fp2& x, const Fp2& y) noexcept {
        return {x.a - y.a, x.b - y.b};
    }
    friend constexpr Fp2 operator-(const Fp2& x) noexcept { return {-x.a, -x.b}; }
    friend constexpr Fp2 operator*(const Fp2& x, const Fp2& y) noexcept {
        const Fp aa = x.a * y.a, bb = x.b * y.b;
        return {aa - bb, (x.a + x.b) * (y.a + y.b) - aa - bb};
    }
    friend constexpr Fp2 operator*(const Fp2& x, const Fp& k) noexcept {
        return {x.a * k, x.b * k};
    }

    [[nodiscard]] constexpr bool is_zero() const noexcept { return a.is_zero() && b.is_zero(); }
    [[nodiscard]] constexpr Fp2 twice() const noexcept { return {a.twice(), b.twice()}; }
    [[nodiscard]] constexpr Fp2 half() const noexcept { return {a.half(), b.half()}; }
    [[nodiscard]] constexpr Fp2 conjugate() const noexcept { return {a, -b}; }
    [[nodiscard]] constexpr Fp2 square() const noexcept {
        return {(a + b) * (a - b), (a * b).twice()};
    }
    [[nodiscard]] constexpr Fp2 inverse() const noexcept {
        const Fp norm = (a.square() + b.square()).inverse();
        return {a * norm, -b * norm};
    }
    // A square root; nothing where there is none. With n^2 the norm a^2 + b^2, either of (a + n)/2
    // and (a - n)/2 is the square of the root's real part c, and the imaginary part is b/(2c);
    // their product is -b^2/4, so a root of minus the one is the imaginary part for the other.
    [[nodiscard]] constexpr std::optional<Fp2> root() const noexcept {
        const auto norm_root = (a.square() + b.square()).root();
        if (!norm_root) return std::nullopt;
        const Fp square = b.is_zero() ? a : (a + *norm_root).half();
        const Fp c = square.root_up_to_sign(), d = b * c.twice().inverse();
        return c.square() == square ? Fp2{c, d} : Fp2{d, c};
    }
    // RFC 9380, section 4.1
    [[nodiscard]] constexpr bool sgn0() const noexcept { return a.is_zero() ? b.sgn0() : a.sgn0(); }
    [[nodiscard]] constexpr Fp2 times_xi() const noexcept {
        const Fp2 real = times<Curve::xi_real>(*this);
        return {real.a - b, real.b + a};
    }
};

template <typename Curve>
struct Fp6 {
    using Fp2 = evm::Fp2<Curve>;

    Fp2 c0, c1, c2;  // c0 + c1 v + c2 v^2

    friend constexpr bool operator==(const Fp6&, const Fp6&) noexcept = default;

    friend constexpr Fp6 operator+(const Fp6& x, const Fp6& y) noexcept {
        return {x.c0 + y.c0, x.c1 + y.c1, x.c2 + y.c2};
    }
    friend constexpr Fp6 operator-(const Fp6& x, const Fp6& y) noexcept {
        return {x.c0 - y.c0, x.c1 - y.c1, x.c2 - y.c2};
    }
    friend constexpr Fp6 operator-(const Fp6& x) noexcept { return {-x.c0, -x.c1, -x.c2}; }
    friend constexpr Fp6 operator*(const Fp6& x, const Fp2& k) noexcept {
        return {x.c0 * k, x.c1 * k, x.c2 * k};
    }
    // Karatsuba's six products.
    friend constexpr Fp6 operator*(const Fp6& x, const Fp6& y) noexcept {
        const Fp2 p0 = x.c0 * y.c0, p1 = x.c1 * y.c1, p2 = x.c2 * y.c2;
        return {p0 + ((x.c1 + x.c2) * (y.c1 + y.c2) - p1 - p2).times_xi(),
                (x.c0 + x.c1) * (y.c0 + y.c1) - p0 - p1 + p2.times_xi(),
                (x.c0 + x.c2) * (y.c0 + y.c2) - p0 - p2 + p1};
    }

    [[nodiscard]] constexpr Fp6 times_v() const noexcept { return {c2.times_xi(), c0, c1}; }
    // times k0 + k1 v
    [[nodiscard]] constexpr Fp6 times_sparse(const Fp2& k0, const Fp2& k1) const noexcept {
        const Fp2 p0 = c0 * k0, p1 = c1 * k1;
        return {p0 + ((c1 + c2) * k1 - p1).times_xi(), (c0 + c1) * (k0 + k1) - p0 - p1,
                (c0 + c2) * k0 - p0 + p1};
    }
    [[nodiscard]] constexpr Fp6 inverse() const noexcept {
        const Fp2 t0 = c0.square() - (c1 * c2).times_xi();
        const Fp2 t1 = c2.square().times_xi() - c0 * c1;
        const Fp2 t2 = c1.square() - c0 * c2;
        const Fp2 norm = c0 * t0 + (c2 * t1 + c1 * t2).times_xi();
        return Fp6{t0, t1, t2} * norm.inverse();
    }
};

template <typename Curve>
struct Fp12 {
    using Fp2 = evm::Fp2<Curve>;
    using Fp6 = evm::Fp6<Curve>;

    Fp6 c0, c1;  // c0 + c1 w

    [[nodiscard]] static constexpr Fp12 one() noexcept { return {{Fp2::one(), {}, {}}, {}}; }

    friend constexpr bool operator==(const Fp12&, const Fp12&) noexcept = default;

    friend constexpr Fp12 operator*(const Fp12& x, const Fp12& y) noexcept {
        const Fp6 p0 = x.c0 * y.c0, p1 = x.c1 * y.c1;
        return {p0 + p1.times_v(), (x.c0 + x.c1) * (y.c0 + y.c1) - p0 - p1};
    }

    // x^(p^6)
    [[nodiscard]] constexpr Fp12 conjugate() const noexcept { return {c0, -c1}; }
    [[nodiscard]] constexpr Fp12 square() const noexcept {
        const Fp6 product = c0 * c1;
        return {(c0 + c1) * (c0 + c1.times_v()) - product - product.times_v(), product + product};
    }
    [[nodiscard]] constexpr Fp12 inverse() const noexcept {
        const Fp6 norm = (c0 * c0 - (c1 * c1).times_v()).inverse();
        return {c0 * norm, -(c1 * norm)};
    }
    // times k0 + k1 w + k3 w^3, the shape of a line through points of a D-twist
    [[nodiscard]] constexpr Fp12 times_013(const Fp2& k0, const Fp2& k1,
                                           const Fp2& k3) const noexcept {
        const Fp6 p0 = c0 * k0, p1 = c1.times_sparse(k1, k3);
        return {p0 + p1.times_v(), (c0 + c1).times_sparse(k0 + k1, k3) - p0 - p1};
    }
    // times k0 + k2 w^2 + k3 w^3, the shape of a line through points of an M-twist
    [[nodiscard]] constexpr Fp12 times_023(const Fp2& k0, const Fp2& k2,
                                           const Fp2& k3) const noexcept {
        const Fp6 p0 = c0.times_sparse(k0, k2), p1 = (c1 * k3).times_v();
        return {p0 + p1.times_v(), (c0 + c1).times_sparse(k0, k2 + k3) - p0 - p1};
    }
};

// xi^(k (p - 1)/6) for k = 0..5: what Frobenius leaves on w^k.
template <typename Curve>
inline constexpr std::array<Fp2<Curve>, 6> frobenius_factors = [] {
    const auto& [real, imaginary] = Curve::frobenius_factor;
    const Fp2<Curve> factor{*Curve::Fp::from_word(real), *Curve::Fp::from_word(imaginary)};
    std::array<Fp2<Curve>, 6> factors{Fp2<Curve>::one()};
    for (std::size_t k = 1; k < 6; ++k) factors[k] = factors[k - 1] * factor;
    return factors;
}();

// x^p
template <typename Curve>
[[nodiscard]] constexpr Fp12<Curve> frobenius(const Fp12<Curve>& x) noexcept {
    const auto& k = frobenius_factors<Curve>;
    return {{x.c0.c0.conjugate(), x.c0.c1.conjugate() * k[2], x.c0.c2.conjugate() * k[4]},
            {x.c1.c0.conjugate() * k[1], x.c1.c1.conjugate() * k[3], x.c1.c2.conjugate() * k[5]}};
}

// Granger and Scott's squaring in the cyclotomic subgroup ("Faster squaring in the cyclotomic
// subgroup of sixth degree extensions", section 3.2): three squarings in Fp4.
template <typename Curve>
[[nodiscard]] constexpr Fp12<Curve> cyclotomic_square(const Fp12<Curve>& x) noexcept {
    using Fp2 = evm::Fp2<Curve>;
    // (a + b s)^2 in Fp4 = Fp2[s]/(s^2 - xi)
    const auto square = [](const Fp2& a, const Fp2& b) {
        const Fp2 a2 = a.square(), b2 = b.square();
        return std::tuple{b2.times_xi() + a2, (a + b).square() - a2 - b2};
    };
    const auto [t0, t1] = square(x.c0.c0, x.c1.c1);
    const auto [t2, t3] = square(x.c1.c0, x.c0.c2);
    const auto [t4, t5] = square(x.c0.c1, x.c1.c2);
    const auto minus = [](const Fp2& t, const Fp2& y) { return (t - y).twice() + t; };
    const auto plus = [](const Fp2& t, const Fp2& y) { return (t + y).twice() + t; };
    return {{minus(t0, x.c0.c0), minus(t2, x.c0.c1), minus(t4, x.c0.c2)},
            {plus(t5.times_xi(), x.c1.c0), plus(t1, x.c1.c1), plus(t3, x.c1.c2)}};
}

// x^exponent in the cyclotomic subgroup; exponent > 0
template <typename Curve>
[[nodiscard]] constexpr Fp12<Curve> cyclotomic_power(const Fp12<Curve>& x,
                                                     std::uint64_t exponent) noexcept {
    Fp12<Curve> result = x;
    for (int bit = static_cast<int>(std::bit_width(exponent)) - 2; bit >= 0; --bit) {
        result = cyclotomic_square(result);
        if (exponent >> bit & 1) result = result * x;
    }
    return result;
}

}  // namespace strikefold::evm
