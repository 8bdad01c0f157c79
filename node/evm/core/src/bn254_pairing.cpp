#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>

#include "evm/bn254/pairing.hpp"

namespace strikefold::evm::bn254 {

namespace {

// The curve's parameter: p and r are polynomials in it (Barreto and Naehrig).
constexpr std::uint64_t parameter = 4965661367192848881;

// xi^(k (p - 1)/6) for k = 0..5: what Frobenius leaves on w^k.
const std::array<Fp2, 6> frobenius_factors = [] {
    // (p - 1)/6, by long division from the top limb.
    Limbs exponent{};
    WideLimb remainder = 0;
    for (std::size_t i = limb_count; i-- > 0;) {
        const WideLimb dividend = remainder << limb_bits | (Fp::modulus[i] - (i == 0 ? 1 : 0));
        exponent[i] = low(dividend / 6);
        remainder = dividend % 6;
    }
    const Fp2 xi{Fp(9), Fp(1)};
    Fp2 power{Fp(1), Fp()};
    for (std::size_t i = 256; i-- > 0;) {
        power = power.square();
        if (bit(exponent, i)) power = power * xi;
    }
    std::array<Fp2, 6> factors{Fp2{Fp(1), Fp()}};
    for (std::size_t k = 1; k < 6; ++k) factors[k] = factors[k - 1] * power;
    return factors;
}();

// x^p
[[nodiscard]] Fp12 frobenius(const Fp12& x) noexcept {
    const auto& k = frobenius_factors;
    return {{x.c0.c0.conjugate(), x.c0.c1.conjugate() * k[2], x.c0.c2.conjugate() * k[4]},
            {x.c1.c0.conjugate() * k[1], x.c1.c1.conjugate() * k[3], x.c1.c2.conjugate() * k[5]}};
}

// Frobenius on the curve, carried over to the twist.
[[nodiscard]] G2 frobenius(const G2& q) noexcept {
    return {q.x.conjugate() * frobenius_factors[2], q.y.conjugate() * frobenius_factors[3]};
}

[[nodiscard]] Jacobian<Fp2> frobenius(const Jacobian<Fp2>& q) noexcept {
    return {q.x.conjugate() * frobenius_factors[2], q.y.conjugate() * frobenius_factors[3],
            q.z.conjugate()};
}

// A line through points of the twist: at (x, y) of G1 it is k0 y + k1 x w + k3 w^3.
struct Line {
    Fp2 k0, k1, k3;
};

// The point that walks through the Miller loop, in homogeneous coordinates (x/z, y/z).
// Formulas: Costello, Lange, Naehrig, "Faster pairing computations on curves with high-degree
// twists", section 5, and Aranha et al., "Faster explicit formulas", for the lines.
class Walker {
public:
    explicit Walker(const G2& q) noexcept : x_(q.x), y_(q.y), z_{Fp(1), Fp()} {}

    // Doubles the point; the tangent there.
    [[nodiscard]] Line twice() noexcept {
        const Fp2 a = (x_ * y_).half(), b = y_.square(), c = z_.square();
        const Fp2 e = (c.twice() + c) * twist_b(), f = e.twice() + e;
        const Fp2 g = (b + f).half(), h = (y_ + z_).square() - b - c;
        const Fp2 x2 = x_.square(), e2 = e.square();
        x_ = a * (b - f);
        y_ = g.square() - e2.twice() - e2;
        z_ = b * h;
        return {-h, x2.twice() + x2, e - b};
    }

    // Adds q; the chord.
    [[nodiscard]] Line add(const G2& q) noexcept {
        const Fp2 t = y_ - q.y * z_, l = x_ - q.x * z_;
        const Fp2 l2 = l.square(), l3 = l * l2, g = x_ * l2;
        const Fp2 h = l3 + z_ * t.square() - g.twice();
        x_ = l * h;
        y_ = (g - h) * t - y_ * l3;
        z_ = z_ * l3;
        return {l, -t, q.x * t - l * q.y};
    }

    // b/xi of the twist y^2 = x^3 + 3/xi
    [[nodiscard]] static const Fp2& twist_b() noexcept {
        static const Fp2 b = Fp2{Fp(9), Fp(1)}.inverse() * Fp(3);
        return b;
    }

private:
    Fp2 x_, y_, z_;
};

[[nodiscard]] Fp12 times_line(const Fp12& f, const Line& line, const G1& p) noexcept {
    return f.times_line(line.k0 * p.y, line.k1 * p.x, line.k3);
}

// The digits of 6 parameter + 2 in non-adjacent form, least significant first.
constexpr auto loop_digits = [] {
    std::array<std::int8_t, 66> digits{};
    Limbs n = limbs_of(2);
    for (int i = 0; i < 6; ++i) add_in_place(n, limbs_of(parameter));
    for (std::int8_t& digit : digits) {
        if (bit(n, 0)) {
            digit = bit(n, 1) ? -1 : 1;
            if (digit == 1) n[0] -= 1;
            if (digit == -1) add_in_place(n, limbs_of(1));
        }
        n = halve(n);
    }
    return digits;
}();
static_assert(loop_digits[65] == 1, "the loop starts at the top digit");

// Granger and Scott's squaring in the cyclotomic subgroup ("Faster squaring in the cyclotomic
// subgroup of sixth degree extensions", section 3.2): three squarings in Fp4.
[[nodiscard]] Fp12 cyclotomic_square(const Fp12& x) noexcept {
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

// x^parameter in the cyclotomic subgroup
[[nodiscard]] Fp12 power(const Fp12& x) noexcept {
    Fp12 result = x;
    for (int bit = 61; bit >= 0; --bit) {
        result = cyclotomic_square(result);
        if (parameter >> bit & 1) result = result * x;
    }
    return result;
}
static_assert(parameter >> 62 == 1, "power starts at the top bit");

}  // namespace

// El Housni, Guillevic, Piellard, "Co-factor clearing and subgroup membership testing on
// pairing-friendly curves" (2022), section 4: with u the parameter and psi Frobenius on the twist,
// [u + 1]q + psi([u]q) + psi^2([u]q) = psi^3([2u]q) exactly for the points of order r.
bool is_in_subgroup(const G2& q) noexcept {
    const auto point = Jacobian<Fp2>::from(q, Fp2{Fp(1), Fp()});
    Jacobian<Fp2> multiple = point;
    for (int bit = 61; bit >= 0; --bit) {
        multiple = multiple.twice();
        if (parameter >> bit & 1) multiple = multiple + point;
    }
    const auto psi = frobenius(multiple);
    const auto psi2 = frobenius(psi);
    const auto psi3 = frobenius(psi2).twice();
    return (multiple + point + psi + psi2 + -psi3).is_infinity();
}

// Vercauteren's optimal pairing: 6u + 2 steps, then two chords through Frobenius images.
Fp12 miller_loop(const G1& p, const G2& q) noexcept {
    if (p.is_infinity() || q.is_infinity()) return Fp12::one();
    Fp12 f = Fp12::one();
    Walker walker(q);
    for (std::size_t i = 65; i-- > 0;) {
        f = times_line(f.square(), walker.twice(), p);
        if (loop_digits[i] != 0) f = times_line(f, walker.add(loop_digits[i] == 1 ? q : -q), p);
    }
    const G2 q1 = frobenius(q), q2 = frobenius(q1);
    f = times_line(f, walker.add(q1), p);
    return times_line(f, walker.add(-q2), p);
}

// Easy part (p^6 - 1)(p^2 + 1); hard part by Scott et al., "On the final exponentiation for
// calculating pairings on ordinary elliptic curves", section 5, with their addition chain.
Fp12 final_exponentiation(const Fp12& f) noexcept {
    const Fp12 g = f.conjugate() * f.inverse();
    const Fp12 x = frobenius(frobenius(g)) * g;

    const Fp12 xu = power(x), xu2 = power(xu), xu3 = power(xu2);
    const Fp12 xp = frobenius(x), xp2 = frobenius(xp), xp3 = frobenius(xp2);
    const Fp12 xu2p = frobenius(xu2);

    const Fp12 y0 = xp * xp2 * xp3, y1 = x.conjugate(), y2 = frobenius(xu2p);
    const Fp12 y3 = frobenius(xu).conjugate(), y4 = (xu * xu2p).conjugate();
    const Fp12 y5 = xu2.conjugate(), y6 = (xu3 * frobenius(xu3)).conjugate();

    // y0 y1^2 y2^6 y3^12 y4^18 y5^30 y6^36
    const Fp12 a = cyclotomic_square(y6) * y4 * y5;
    const Fp12 b = cyclotomic_square(y3 * y5 * a) * (a * y2);
    const Fp12 c = cyclotomic_square(b);
    return cyclotomic_square(c * y1) * (c * y0);
}

}  // namespace strikefold::evm::bn254
