// The fields of BN254 (EIP-196, EIP-197): Fp, Fp2 = Fp[i]/(i^2 + 1), Fp6 = Fp2[v]/(v^3 - xi) and
// Fp12 = Fp6[w]/(w^2 - v), with xi = 9 + i.
#pragma once

#include "evm/field.hpp"
#include "evm/uint256.hpp"

namespace strikefold::evm::bn254 {

struct FpParameters {
    static constexpr Limbs modulus =
        limbs_of(0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d, 0x30644e72e131a029);
};

using Fp = Field<FpParameters>;

struct Fp2 {
    Fp a, b;  // a + b i

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
    // times xi = 9 + i
    [[nodiscard]] constexpr Fp2 times_xi() const noexcept {
        const Fp2 nine = twice().twice().twice() + *this;
        return {nine.a - b, nine.b + a};
    }
};

struct Fp6 {
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

    // times v
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

struct Fp12 {
    Fp6 c0, c1;  // c0 + c1 w

    friend constexpr bool operator==(const Fp12&, const Fp12&) noexcept = default;

    friend constexpr Fp12 operator*(const Fp12& x, const Fp12& y) noexcept {
        const Fp6 p0 = x.c0 * y.c0, p1 = x.c1 * y.c1;
        return {p0 + p1.times_v(), (x.c0 + x.c1) * (y.c0 + y.c1) - p0 - p1};
    }

    [[nodiscard]] static constexpr Fp12 one() noexcept {
        Fp12 x;
        x.c0.c0.a = Fp(1);
        return x;
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
    // times k0 + k1 w + k3 w^3, the shape of a line
    [[nodiscard]] constexpr Fp12 times_line(const Fp2& k0, const Fp2& k1,
                                            const Fp2& k3) const noexcept {
        const Fp6 p0 = c0 * k0, p1 = c1.times_sparse(k1, k3);
        return {p0 + p1.times_v(), (c0 + c1).times_sparse(k0 + k1, k3) - p0 - p1};
    }
};

}  // namespace strikefold::evm::bn254
