// Maps from the fields to the groups (RFC 9380): simplified SWU onto an isogenous curve, the
// isogeny, and a multiple that clears the cofactor.
#include "bls12_381_isogenies.hpp"

namespace strikefold::evm::bls12_381 {

namespace {

template <typename F, std::size_t size>
[[nodiscard]] F evaluate(const std::array<F, size>& coefficients, const F& x) noexcept {
    F sum = coefficients.back();
    for (std::size_t i = size - 1; i-- > 0;) sum = sum * x + coefficients[i];
    return sum;
}

// RFC 9380, section 6.6.2.
template <typename F, std::size_t degree>
[[nodiscard]] Affine<F> map_to_isogenous(const Isogeny<F, degree>& curve, const F& u) noexcept {
    const auto square_of_y = [&](const F& x) { return (x.square() + curve.a) * x + curve.b; };
    const F zu2 = curve.z * u.square(), sum = zu2.square() + zu2;
    const F x1 = sum.is_zero() ? curve.b * (curve.z * curve.a).inverse()
                               : -curve.b * (sum + F::one()) * (curve.a * sum).inverse();
    const auto y1 = square_of_y(x1).root();
    const F x = y1 ? x1 : zu2 * x1;
    const F y = y1 ? *y1 : *square_of_y(x).root();  // one of the two has a root
    return {x, y.sgn0() == u.sgn0() ? y : -y};
}

// Infinity where a denominator is zero.
template <typename F, std::size_t degree>
[[nodiscard]] Affine<F> apply(const Isogeny<F, degree>& map, const Affine<F>& p) noexcept {
    const F xd = evaluate(map.x_denominator, p.x), yd = evaluate(map.y_denominator, p.x);
    const F inverse = (xd * yd).inverse();
    return {evaluate(map.x_numerator, p.x) * yd * inverse,
            p.y * evaluate(map.y_numerator, p.x) * xd * inverse};
}

// [1 - x]p, RFC 9380, section 8.8.1.
[[nodiscard]] Jacobian<Fp> clear_cofactor(const Jacobian<Fp>& p) noexcept {
    return multiply(p, minus_x) + p;
}

// [x^2 - x - 1]p + [x - 1]psi(p) + psi^2([2]p), RFC 9380, appendix G.3.
[[nodiscard]] Jacobian<Fp2> clear_cofactor(const Jacobian<Fp2>& p) noexcept {
    const auto psi = [](const Jacobian<Fp2>& q) { return TwistFrobenius<Curve>::of(q); };
    const auto multiple = multiply(p, minus_x), sum = multiple + p;
    return multiply(sum, minus_x) + -p + -psi(sum) + psi(psi(p.twice()));
}

template <typename F, std::size_t degree>
[[nodiscard]] Affine<F> map(const Isogeny<F, degree>& isogeny, const F& u) noexcept {
    const Affine<F> p = apply(isogeny, map_to_isogenous(isogeny, u));
    return clear_cofactor(Jacobian<F>::from(p)).to_affine();
}

}  // namespace

G1 map_to_g1(const Fp& u) noexcept {
    return map(g1_isogeny, u);
}

G2 map_to_g2(const Fp2& u) noexcept {
    return map(g2_isogeny, u);
}

}  // namespace strikefold::evm::bls12_381
