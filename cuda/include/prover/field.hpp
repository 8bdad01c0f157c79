// Strikefold prover core: KoalaBear and its degree-5 extension, one element at a time.
#pragma once

#include <cstdint>

#ifdef __CUDACC__
#define STRIKEFOLD_HD __host__ __device__
#else
#define STRIKEFOLD_HD
#endif

namespace strikefold
{
/// Element of KoalaBear, p = 2^31 - 2^24 + 1, in Montgomery form (value * 2^32 mod p).
///
/// Invariant: the representation is below p; only this class sets it.
/// Source: Montgomery 1985; constants as in Plonky3's koala-bear crate (positive inverse of p).
class Fp
{
    uint32_t v_ = 0;

    struct Raw
    {};
    STRIKEFOLD_HD constexpr Fp(uint32_t v, Raw) noexcept : v_{v} {}

    /// x * 2^-32 mod p for x < 2^32 * p.
    STRIKEFOLD_HD static constexpr uint32_t reduce(uint64_t x) noexcept
    {
        const uint64_t t = static_cast<uint64_t>(static_cast<uint32_t>(x) * MU) * P;
        const auto high = static_cast<uint32_t>(x >> 32);
        const auto low = static_cast<uint32_t>(t >> 32);
        return high >= low ? high - low : high - low + P;
    }

public:
    static constexpr uint32_t P = 0x7f000001;
    static constexpr uint32_t MU = 0x81000001;  ///< p^-1 mod 2^32.
    static constexpr uint32_t R2 = 0x17f7efe4;  ///< 2^64 mod p.
    static constexpr uint32_t TWO_ADICITY = 24;
    static constexpr uint32_t GENERATOR = 3;

    STRIKEFOLD_HD constexpr Fp() noexcept = default;

    /// Requires x < P.
    [[nodiscard]] STRIKEFOLD_HD static constexpr Fp from_canonical(uint32_t x) noexcept
    {
        return {reduce(static_cast<uint64_t>(x) * R2), Raw{}};
    }

    /// Requires v < P; v is the Montgomery representation.
    [[nodiscard]] STRIKEFOLD_HD static constexpr Fp from_montgomery(uint32_t v) noexcept
    {
        return {v, Raw{}};
    }

    [[nodiscard]] STRIKEFOLD_HD constexpr uint32_t canonical() const noexcept { return reduce(v_); }
    [[nodiscard]] STRIKEFOLD_HD constexpr uint32_t montgomery() const noexcept { return v_; }

    [[nodiscard]] STRIKEFOLD_HD friend constexpr Fp operator+(Fp x, Fp y) noexcept
    {
        const uint32_t sum = x.v_ + y.v_;
        return {sum >= P ? sum - P : sum, Raw{}};
    }

    [[nodiscard]] STRIKEFOLD_HD friend constexpr Fp operator-(Fp x, Fp y) noexcept
    {
        return {x.v_ >= y.v_ ? x.v_ - y.v_ : x.v_ - y.v_ + P, Raw{}};
    }

    [[nodiscard]] STRIKEFOLD_HD friend constexpr Fp operator*(Fp x, Fp y) noexcept
    {
        return {reduce(static_cast<uint64_t>(x.v_) * y.v_), Raw{}};
    }

    /// sum of x_i y_i, reduced once. Two products stay below 2^32 p, which reduce() asks for, and
    /// four below 2^64: so one conditional subtraction of 2^32 p before the fifth and one after.
    [[nodiscard]] STRIKEFOLD_HD static constexpr Fp dot(
        const Fp (&x)[5], const Fp (&y)[5]) noexcept
    {
        constexpr uint64_t BOUND = uint64_t{P} << 32;
        uint64_t sum = 0;
        for (int i = 0; i < 4; ++i)
            sum += static_cast<uint64_t>(x[i].v_) * y[i].v_;
        sum = sum >= BOUND ? sum - BOUND : sum;
        sum += static_cast<uint64_t>(x[4].v_) * y[4].v_;
        return {reduce(sum >= BOUND ? sum - BOUND : sum), Raw{}};
    }

    /// x / 2.
    [[nodiscard]] STRIKEFOLD_HD constexpr Fp half() const noexcept
    {
        return {(v_ >> 1) + ((v_ & 1) != 0 ? (P + 1) / 2 : 0), Raw{}};
    }

    [[nodiscard]] STRIKEFOLD_HD constexpr Fp operator-() const noexcept { return Fp{} - *this; }
    STRIKEFOLD_HD constexpr Fp& operator+=(Fp y) noexcept { return *this = *this + y; }
    STRIKEFOLD_HD constexpr Fp& operator-=(Fp y) noexcept { return *this = *this - y; }
    STRIKEFOLD_HD constexpr Fp& operator*=(Fp y) noexcept { return *this = *this * y; }
    [[nodiscard]] STRIKEFOLD_HD friend constexpr bool operator==(Fp, Fp) noexcept = default;

    [[nodiscard]] STRIKEFOLD_HD constexpr Fp power(uint64_t exponent) const noexcept
    {
        Fp result = from_canonical(1);
        for (Fp square = *this; exponent != 0; exponent >>= 1, square *= square)
        {
            if ((exponent & 1) != 0)
                result *= square;
        }
        return result;
    }

    /// x^-1, or 0 for x = 0.
    [[nodiscard]] STRIKEFOLD_HD constexpr Fp inverse() const noexcept { return power(P - 2); }

    /// The generator of the subgroup of order 2^log_order <= 2^24.
    [[nodiscard]] STRIKEFOLD_HD static constexpr Fp root_of_unity(uint32_t log_order) noexcept
    {
        return from_canonical(GENERATOR).power((P - 1) >> log_order);
    }
};
static_assert(sizeof(Fp) == 4);
static_assert(Fp::from_canonical(5).canonical() == 5);
static_assert((Fp::from_canonical(2).inverse() * Fp::from_canonical(2)).canonical() == 1);
static_assert(Fp::root_of_unity(24).canonical() == 0x6ac49f88);

/// Element of F[X] / (X^5 + X^2 - 1), constant coefficient first.
///
/// F is Fp, or a vector of them: then this is a vector of extension elements.
template <class F>
struct Ext
{
    static constexpr int DEGREE = 5;
    F c[DEGREE]{};

    [[nodiscard]] STRIKEFOLD_HD friend constexpr Ext operator+(const Ext& x, const Ext& y) noexcept
    {
        return {{x.c[0] + y.c[0], x.c[1] + y.c[1], x.c[2] + y.c[2], x.c[3] + y.c[3],
            x.c[4] + y.c[4]}};
    }

    [[nodiscard]] STRIKEFOLD_HD friend constexpr Ext operator-(const Ext& x, const Ext& y) noexcept
    {
        return {{x.c[0] - y.c[0], x.c[1] - y.c[1], x.c[2] - y.c[2], x.c[3] - y.c[3],
            x.c[4] - y.c[4]}};
    }

    [[nodiscard]] STRIKEFOLD_HD friend constexpr Ext operator+(const Ext& x, F y) noexcept
    {
        return {{x.c[0] + y, x.c[1], x.c[2], x.c[3], x.c[4]}};
    }

    [[nodiscard]] STRIKEFOLD_HD friend constexpr Ext operator-(const Ext& x, F y) noexcept
    {
        return {{x.c[0] - y, x.c[1], x.c[2], x.c[3], x.c[4]}};
    }

    [[nodiscard]] STRIKEFOLD_HD friend constexpr Ext operator*(const Ext& x, F y) noexcept
    {
        return {{x.c[0] * y, x.c[1] * y, x.c[2] * y, x.c[3] * y, x.c[4] * y}};
    }

    /// Reduction by X^5 = 1 - X^2, X^6 = X - X^3, X^7 = X^2 - X^4, X^8 = X^3 + X^2 - 1: each
    /// coefficient is a sum of five products, x's coefficients times combinations of y's.
    [[nodiscard]] STRIKEFOLD_HD friend constexpr Ext operator*(const Ext& x, const Ext& y) noexcept
    {
        const auto& [b0, b1, b2, b3, b4] = y.c;
        const F b1_4 = b1 - b4;
        const F b0_3 = b0 - b3;
        const F b4_2 = b4 - b2;
        const F rows[DEGREE][DEGREE] = {
            {b0, b4, b3, b2, b1_4},
            {b1, b0, b4, b3, b2},
            {b2, b1_4, b0_3, b4_2, b3 - b1_4},
            {b3, b2, b1_4, b0_3, b4_2},
            {b4, b3, b2, b1_4, b0_3},
        };
        return {{F::dot(x.c, rows[0]), F::dot(x.c, rows[1]), F::dot(x.c, rows[2]),
            F::dot(x.c, rows[3]), F::dot(x.c, rows[4])}};
    }

    STRIKEFOLD_HD constexpr Ext& operator+=(const Ext& y) noexcept { return *this = *this + y; }
    STRIKEFOLD_HD constexpr Ext& operator-=(const Ext& y) noexcept { return *this = *this - y; }
    STRIKEFOLD_HD constexpr Ext& operator*=(const Ext& y) noexcept { return *this = *this * y; }
};

using Fp5 = Ext<Fp>;
static_assert(sizeof(Fp5) == 20);

[[nodiscard]] STRIKEFOLD_HD constexpr Fp5 lift(Fp x) noexcept
{
    return {{x, {}, {}, {}, {}}};
}

[[nodiscard]] STRIKEFOLD_HD constexpr Fp5 lift(uint32_t canonical) noexcept
{
    return lift(Fp::from_canonical(canonical));
}

[[nodiscard]] STRIKEFOLD_HD constexpr bool operator==(const Fp5& x, const Fp5& y) noexcept
{
    for (int i = 0; i < Fp5::DEGREE; ++i)
    {
        if (x.c[i] != y.c[i])
            return false;
    }
    return true;
}

/// x^(p^5 - 2) = x^-1, or 0 for x = 0.
[[nodiscard]] STRIKEFOLD_HD constexpr Fp5 inverse(const Fp5& x) noexcept
{
    // x^(p^k) by repeated powers of p is slow, but inverses are few: one a sumcheck round
    Fp5 conjugates = lift(1);
    Fp5 image = x;
    for (int k = 1; k < Fp5::DEGREE; ++k)
    {
        Fp5 power = lift(1);
        Fp5 square = image;
        for (uint32_t e = Fp::P; e != 0; e >>= 1, square *= square)
        {
            if ((e & 1) != 0)
                power *= square;
        }
        image = power;
        conjugates *= image;
    }
    const Fp norm = (x * conjugates).c[0];
    return conjugates * norm.inverse();
}
}  // namespace strikefold
