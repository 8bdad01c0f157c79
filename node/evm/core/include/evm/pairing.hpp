// Miller loops over a sextic twist y^2 = x^3 + b' of a curve y^2 = x^3 + b, on any tower of fields.
//
// Beyond what the tower asks, Curve says: Curve::b; and Curve::is_m_twist, b' being b xi on an
// M-twist and b/xi on a D-twist.
#pragma once

#include <span>
#include <vector>

#include "evm/curve.hpp"
#include "evm/tower.hpp"

namespace strikefold::evm {

template <typename Curve>
inline constexpr Fp2<Curve> twist_b = [] {
    const auto xi = Fp2<Curve>::one().times_xi();
    return (Curve::is_m_twist ? xi : xi.inverse()) * typename Curve::Fp(Curve::b);
}();

// Frobenius on the curve, carried over to the twist.
template <typename Curve>
class TwistFrobenius {
public:
    using Fp2 = evm::Fp2<Curve>;

    [[nodiscard]] static constexpr Affine<Fp2> of(const Affine<Fp2>& q) noexcept {
        return {q.x.conjugate() * x_factor, q.y.conjugate() * y_factor};
    }
    [[nodiscard]] static constexpr Jacobian<Fp2> of(const Jacobian<Fp2>& q) noexcept {
        return {q.x.conjugate() * x_factor, q.y.conjugate() * y_factor, q.z.conjugate()};
    }

private:
    [[nodiscard]] static constexpr Fp2 factor(std::size_t k) noexcept {
        const Fp2& untwisted = frobenius_factors<Curve>[k];
        return Curve::is_m_twist ? untwisted.inverse() : untwisted;
    }
    static constexpr Fp2 x_factor = factor(2), y_factor = factor(3);
};

// A line through points of the twist, at (x, y) of G1: y_factor y + x_factor x + constant, up to
// powers of w.
template <typename Curve>
struct Line {
    Fp2<Curve> y_factor, x_factor, constant;

    // f times the line's value at p
    [[nodiscard]] constexpr Fp12<Curve> times(const Fp12<Curve>& f,
                                              const Affine<typename Curve::Fp>& p) const noexcept {
        if constexpr (Curve::is_m_twist)
            return f.times_023(constant, x_factor * p.x, y_factor * p.y);
        return f.times_013(y_factor * p.y, x_factor * p.x, constant);
    }
};

// The point that walks through a Miller loop, in homogeneous coordinates (x/z, y/z).
// Formulas: Costello, Lange, Naehrig, "Faster pairing computations on curves with high-degree
// twists", section 5, and Aranha et al., "Faster explicit formulas", for the lines.
template <typename Curve>
class Walker {
public:
    using Fp2 = evm::Fp2<Curve>;

    explicit constexpr Walker(const Affine<Fp2>& q) noexcept : x_(q.x), y_(q.y), z_(Fp2::one()) {}

    // Doubles the point; the tangent there.
    [[nodiscard]] constexpr Line<Curve> twice() noexcept {
        const Fp2 a = (x_ * y_).half(), b = y_.square(), c = z_.square();
        const Fp2 e = times<3>(c) * twist_b<Curve>, f = times<3>(e);
        const Fp2 g = (b + f).half(), h = (y_ + z_).square() - b - c;
        const Fp2 x2 = x_.square(), e2 = e.square();
        x_ = a * (b - f);
        y_ = g.square() - times<3>(e2);
        z_ = b * h;
        return {-h, times<3>(x2), e - b};
    }

    // Adds q; the chord.
    [[nodiscard]] constexpr Line<Curve> add(const Affine<Fp2>& q) noexcept {
        const Fp2 t = y_ - q.y * z_, l = x_ - q.x * z_;
        const Fp2 l2 = l.square(), l3 = l * l2, g = x_ * l2;
        const Fp2 h = l3 + z_ * t.square() - g.twice();
        x_ = l * h;
        y_ = (g - h) * t - y_ * l3;
        z_ = z_ * l3;
        return {l, -t, q.x * t - l * q.y};
    }

private:
    Fp2 x_, y_, z_;
};

// The product of the Miller functions of several pairs, squared once a step for all of them.
template <typename Curve>
class MillerLoop {
public:
    using G1 = Affine<typename Curve::Fp>;
    using G2 = Affine<Fp2<Curve>>;

    // Pairs with infinity contribute one.
    void include(const G1& p, const G2& q) {
        if (!p.is_infinity() && !q.is_infinity()) pairs_.push_back({p, q, Walker<Curve>(q)});
    }

    // Whether there is nothing to pair: the product is one.
    [[nodiscard]] bool is_empty() const noexcept { return pairs_.empty(); }

    void twice() noexcept {
        product_ = product_.square();
        for (Pair& pair : pairs_) product_ = pair.walker.twice().times(product_, pair.p);
    }

    // Adds an image of every q.
    template <typename Image>
    void add(Image image) noexcept {
        for (Pair& pair : pairs_) product_ = pair.walker.add(image(pair.q)).times(product_, pair.p);
    }

    [[nodiscard]] const Fp12<Curve>& product() const noexcept { return product_; }

private:
    struct Pair {
        G1 p;
        G2 q;
        Walker<Curve> walker;
    };

    std::vector<Pair> pairs_;
    Fp12<Curve> product_ = Fp12<Curve>::one();
};

}  // namespace strikefold::evm
