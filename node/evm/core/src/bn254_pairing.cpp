#include <array>
#include <cstddef>
#include <cstdint>

#include "evm/bn254/pairing.hpp"

namespace strikefold::evm::bn254 {

namespace {

// The curve's parameter: p and r are polynomials in it (Barreto and Naehrig).
constexpr std::uint64_t parameter = 4965661367192848881;

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

[[nodiscard]] Fp12 power(const Fp12& x) noexcept {
    return cyclotomic_power(x, parameter);
}

}  // namespace

// El Housni, Guillevic, Piellard, "Co-factor clearing and subgroup membership testing on
// pairing-friendly curves" (2022), section 4: with u the parameter and psi Frobenius on the twist,
// [u + 1]q + psi([u]q) + psi^2([u]q) = psi^3([2u]q) exactly for the points of order r.
bool is_in_subgroup(const G2& q) noexcept {
    const auto psi = [](const Jacobian<Fp2>& p) { return TwistFrobenius<Curve>::of(p); };
    const auto point = Jacobian<Fp2>::from(q), multiple = multiply(point, parameter);
    const auto psi1 = psi(multiple), psi2 = psi(psi1), psi3 = psi(psi2).twice();
    return (multiple + point + psi1 + psi2 + -psi3).is_infinity();
}

// Vercauteren's optimal pairing: 6u + 2 steps, then two chords through Frobenius images.
void run(MillerLoop<Curve>& loop) noexcept {
    for (std::size_t i = 65; i-- > 0;) {
        loop.twice();
        if (loop_digits[i] == 1) loop.add([](const G2& q) { return q; });
        if (loop_digits[i] == -1) loop.add([](const G2& q) { return -q; });
    }
    const auto psi = [](const G2& q) { return TwistFrobenius<Curve>::of(q); };
    loop.add(psi);
    loop.add([psi](const G2& q) { return -psi(psi(q)); });
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
