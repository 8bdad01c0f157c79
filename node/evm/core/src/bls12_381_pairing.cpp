#include "evm/bls12_381/curve.hpp"

namespace strikefold::evm::bls12_381 {

namespace {

using Psi = TwistFrobenius<Curve>;

// A third root of one: (x, y) -> (beta x, y) multiplies points of order r by -x^2.
constexpr Fp beta =
    fp("00000000000000005f19672fdf76ce51ba69c6076a0f77ea"
       "ddb3a93be6f89688de17d813620a00022e01fffffffefffe");

// f^x in the cyclotomic subgroup, x being the curve's (negative) parameter
[[nodiscard]] Fp12 power_x(const Fp12& f) noexcept {
    return cyclotomic_power(f, minus_x).conjugate();
}

// f^(x - 1)
[[nodiscard]] Fp12 power_x_minus_1(const Fp12& f) noexcept {
    return power_x(f) * f.conjugate();
}

// f^(3 (p^12 - 1)/r). Easy part (p^6 - 1)(p^2 + 1); hard part by Hayashida, Hayasaka, Teruya,
// "Efficient final exponentiation via cyclotomic structure for pairings over families of elliptic
// curves" (2020): thrice (p^4 - p^2 + 1)/r is (x - 1)^2 (x + p)(x^2 + p^2 - 1) + 3.
[[nodiscard]] Fp12 final_exponentiation(const Fp12& f) noexcept {
    const Fp12 easy = f.conjugate() * f.inverse();
    const Fp12 g = frobenius(frobenius(easy)) * easy;
    const Fp12 a = power_x_minus_1(power_x_minus_1(g));
    const Fp12 b = power_x(a) * frobenius(a);
    const Fp12 c = power_x(power_x(b)) * frobenius(frobenius(b)) * b.conjugate();
    return c * cyclotomic_square(g) * g;
}

}  // namespace

// Scott, "A note on group membership tests for G1, G2 and GT on BLS pairing-friendly curves"
// (2021), section 4: the endomorphism multiplies by -x^2 exactly on the points of order r.
bool is_in_subgroup(const G1& p) noexcept {
    const auto multiple = multiply(multiply(Jacobian<Fp>::from(p), minus_x), minus_x);
    return (multiple + G1{p.x * beta, p.y}).is_infinity();
}

// The same, section 4: Frobenius on the twist multiplies by x exactly on the points of order r.
bool is_in_subgroup(const G2& q) noexcept {
    return (multiply(Jacobian<Fp2>::from(q), minus_x) + Psi::of(q)).is_infinity();
}

// The loop over minus x gives the pairings' inverses, which are one where the pairings are.
bool pairings_are_one(MillerLoop<Curve>& loop) noexcept {
    for (int bit = 62; bit >= 0; --bit) {
        loop.twice();
        if (minus_x >> bit & 1) loop.add([](const G2& q) { return q; });
    }
    return final_exponentiation(loop.product()) == Fp12::one();
}
static_assert(minus_x >> 63 == 1, "the loop starts at the top bit");

}  // namespace strikefold::evm::bls12_381
