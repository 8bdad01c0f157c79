// Points of short Weierstrass curves y^2 = x^3 + ax + b over any field of this library; a is zero
// except where said otherwise.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace strikefold::evm {

// Specialised to true for the field of a curve with a = -3.
template <typename F>
inline constexpr bool a_is_minus_three = false;

// An affine point; infinity has x = y = 0, which is on no curve with b != 0.
template <typename F>
struct Affine {
    F x, y;

    friend constexpr bool operator==(const Affine&, const Affine&) noexcept = default;

    [[nodiscard]] constexpr bool is_infinity() const noexcept { return x.is_zero() && y.is_zero(); }
    [[nodiscard]] constexpr bool is_on_curve(const F& b) const noexcept {
        return is_infinity() || y.square() == x.square() * x + b;
    }
    friend constexpr Affine operator-(const Affine& p) noexcept { return {p.x, -p.y}; }
};

// p + q by the chord or the tangent: one inversion.
template <typename F>
[[nodiscard]] constexpr Affine<F> add(const Affine<F>& p, const Affine<F>& q) noexcept {
    if (p.is_infinity()) return q;
    if (q.is_infinity()) return p;
    if (p.x == q.x && (p.y != q.y || p.y.is_zero())) return {};
    const F slope = p.x == q.x ? (p.x.square().twice() + p.x.square()) * p.y.twice().inverse()
                               : (q.y - p.y) * (q.x - p.x).inverse();
    const F x = slope.square() - p.x - q.x;
    return {x, slope * (p.x - x) - p.y};
}

// A point in Jacobian coordinates: (x/z^2, y/z^3), infinity where z = 0.
template <typename F>
struct Jacobian {
    F x, y, z;

    [[nodiscard]] static constexpr Jacobian from(const Affine<F>& p) noexcept {
        return p.is_infinity() ? Jacobian{} : Jacobian{p.x, p.y, F::one()};
    }
    [[nodiscard]] constexpr bool is_infinity() const noexcept { return z.is_zero(); }
    friend constexpr Jacobian operator-(const Jacobian& p) noexcept { return {p.x, -p.y, p.z}; }

    [[nodiscard]] constexpr Affine<F> to_affine() const noexcept {
        if (is_infinity()) return {};
        const F inverse = z.inverse(), inverse2 = inverse.square();
        return {x * inverse2, y * inverse2 * inverse};
    }

    // "dbl-2009-l" and "dbl-2001-b" of the Explicit-Formulas Database.
    [[nodiscard]] constexpr Jacobian twice() const noexcept {
        if constexpr (a_is_minus_three<F>) {
            const F delta = z.square(), gamma = y.square(), beta = x * gamma;
            const F slope = (x - delta) * (x + delta), alpha = slope.twice() + slope;
            const F beta4 = beta.twice().twice();
            const F x3 = alpha.square() - beta4.twice();
            const F z3 = (y + z).square() - gamma - delta;
            return {x3, alpha * (beta4 - x3) - gamma.square().twice().twice().twice(), z3};
        }
        const F a = x.square(), b = y.square(), c = b.square();
        const F d = ((x + b).square() - a - c).twice();
        const F e = a.twice() + a;
        const F x3 = e.square() - d.twice();
        return {x3, e * (d - x3) - c.twice().twice().twice(), (y * z).twice()};
    }

    // "add-2007-bl", with the cases that it leaves out.
    friend constexpr Jacobian operator+(const Jacobian& p, const Jacobian& q) noexcept {
        if (p.is_infinity()) return q;
        if (q.is_infinity()) return p;
        const F pz2 = p.z.square(), qz2 = q.z.square();
        const F u1 = p.x * qz2, u2 = q.x * pz2;
        const F s1 = p.y * q.z * qz2, s2 = q.y * p.z * pz2;
        if (u1 == u2) return s1 == s2 ? p.twice() : Jacobian{};
        const F h = u2 - u1, i = h.twice().square(), j = h * i;
        const F r = (s2 - s1).twice(), v = u1 * i;
        const F x3 = r.square() - j - v.twice();
        return {x3, r * (v - x3) - (s1 * j).twice(), ((p.z + q.z).square() - pz2 - qz2) * h};
    }

    // "madd-2007-bl", with the cases that it leaves out.
    friend constexpr Jacobian operator+(const Jacobian& p, const Affine<F>& q) noexcept {
        if (p.is_infinity()) return from(q);
        if (q.is_infinity()) return p;
        const F z2 = p.z.square();
        const F u2 = q.x * z2, s2 = q.y * p.z * z2;
        if (p.x == u2) return p.y == s2 ? p.twice() : Jacobian{};
        const F h = u2 - p.x, h2 = h.square(), i = h2.twice().twice(), j = h * i;
        const F r = (s2 - p.y).twice(), v = p.x * i;
        const F x3 = r.square() - j - v.twice();
        return {x3, r * (v - x3) - (p.y * j).twice(), (p.z + h).square() - z2 - h2};
    }
};

// p += p
template <typename F>
constexpr void twice_in_place(Jacobian<F>& p) noexcept {
    p = p.twice();
}

// p += q
template <typename F, typename Point>
constexpr void add_in_place(Jacobian<F>& p, const Point& q) noexcept {
    p = p + q;
}

// k p for k > 0, bit by bit: for constants with few ones.
template <typename F>
[[nodiscard]] constexpr Jacobian<F> multiply(const Jacobian<F>& p, std::uint64_t k) noexcept {
    Jacobian<F> product = p;
    for (int bit = static_cast<int>(std::bit_width(k)) - 2; bit >= 0; --bit) {
        product = product.twice();
        if (k >> bit & 1) product = product + p;
    }
    return product;
}

// The multiples 0 to 15.
template <typename F>
[[nodiscard]] constexpr std::array<Jacobian<F>, 16> multiples_of(const Jacobian<F>& p) noexcept {
    std::array<Jacobian<F>, 16> multiples{};
    for (std::size_t i = 1; i < 16; ++i) multiples[i] = multiples[i - 1] + p;
    return multiples;
}

// k p + l q for big-endian scalars, by Shamir's trick, four bits at a time.
template <typename F>
[[nodiscard]] constexpr Jacobian<F> multiply_two(const Jacobian<F>& p,
                                                 std::span<const std::uint8_t, 32> k,
                                                 const Jacobian<F>& q,
                                                 std::span<const std::uint8_t, 32> l) noexcept {
    const auto ps = multiples_of(p), qs = multiples_of(q);
    Jacobian<F> sum{};
    for (std::size_t i = 0; i < 32; ++i) {
        for (const unsigned shift : {4U, 0U}) {
            if (!sum.is_infinity()) sum = sum.twice().twice().twice().twice();
            const auto digit = [shift](std::size_t byte) { return byte >> shift & 15U; };
            sum = sum + ps[digit(k[i])] + qs[digit(l[i])];
        }
    }
    return sum;
}

// k p for a big-endian scalar of any size, four bits at a time.
template <typename F>
[[nodiscard]] constexpr Jacobian<F> multiply(const Jacobian<F>& p,
                                             std::span<const std::uint8_t> scalar) noexcept {
    const auto multiples = multiples_of(p);
    Jacobian<F> sum{};
    for (const std::uint8_t byte : scalar) {
        for (const unsigned shift : {4U, 0U}) {
            if (!sum.is_infinity()) sum = sum.twice().twice().twice().twice();
            sum = sum + multiples[(byte >> shift) & 15U];
        }
    }
    return sum;
}

}  // namespace strikefold::evm
