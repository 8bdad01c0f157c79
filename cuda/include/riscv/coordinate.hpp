// The field of secp256k1, and the lines that add its points.
#pragma once

#include <riscv/uint256.hpp>

namespace strikefold::riscv
{
/// A residue modulo secp256k1's prime, 2^256 - FOLD. Source: SEC 2, section 2.4.1.
class Coordinate
{
    static constexpr uint64_t FOLD = 0x1'0000'03d1;

public:
    static constexpr Uint256 PRIME{0 - FOLD, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}};

private:
    Uint256 limbs_{};

    explicit Coordinate(const Uint256& limbs) noexcept : limbs_{limbs} {}

    /// x of less than 2^256 + 2^97, whose part above 2^256 is `over`.
    [[nodiscard]] static Coordinate reduce(Uint256 x, uint64_t over) noexcept
    {
        while (over != 0)
            over = add_to(x, {over * FOLD, 0, 0, 0});
        if (!less(x, PRIME))
            static_cast<void>(subtract_from(x, PRIME));
        return Coordinate{x};
    }

public:
    /// Requires a word that is a coordinate.
    [[nodiscard]] static Coordinate load(std::span<const uint32_t, 8> words) noexcept
    {
        return Coordinate{load256(words)};
    }
    [[nodiscard]] static bool is_coordinate(std::span<const uint32_t, 8> words) noexcept
    {
        return less(load256(words), PRIME);
    }
    void store(std::span<uint32_t, 8> words) const noexcept { store256(limbs_, words); }
    [[nodiscard]] const Uint256& limbs() const noexcept { return limbs_; }
    [[nodiscard]] bool is_zero() const noexcept { return limbs_ == Uint256{}; }

    friend Coordinate operator+(Coordinate a, const Coordinate& b) noexcept
    {
        const uint64_t over = add_to(a.limbs_, b.limbs_);
        return reduce(a.limbs_, over);
    }
    friend Coordinate operator-(Coordinate a, const Coordinate& b) noexcept
    {
        if (subtract_from(a.limbs_, b.limbs_) != 0)
            static_cast<void>(add_to(a.limbs_, PRIME));
        return a;
    }
    /// The upper half of the product comes down as FOLD times itself, twice.
    friend Coordinate operator*(const Coordinate& a, const Coordinate& b) noexcept
    {
        const Uint512 product = multiply_add(a.limbs_, b.limbs_, {});
        Uint256 low;
        uint128 sum = 0;
        for (size_t i = 0; i < 4; ++i)
        {
            sum = (sum >> 64) + uint128{product[i + 4]} * FOLD + product[i];
            low[i] = static_cast<uint64_t>(sum);
        }
        const uint128 top = (sum >> 64) * FOLD;
        const Uint256 folded{static_cast<uint64_t>(top), static_cast<uint64_t>(top >> 64), 0, 0};
        const uint64_t over = add_to(low, folded);
        return reduce(low, over);
    }

    /// x^(p - 2): 1/x, or 0 for 0. Four bits of the exponent at a time.
    [[nodiscard]] Coordinate inverse() const noexcept
    {
        constexpr Uint256 EXPONENT{PRIME[0] - 2, PRIME[1], PRIME[2], PRIME[3]};
        std::array<Coordinate, 16> powers{Coordinate{{1, 0, 0, 0}}};
        for (size_t i = 1; i < powers.size(); ++i)
            powers[i] = powers[i - 1] * *this;
        Coordinate out = powers[0];
        for (size_t at = 64; at-- > 0;)
        {
            for (int i = 0; i < 4; ++i)
                out = out * out;
            out = out * powers[EXPONENT[at / 16] >> (at % 16 * 4) & 15];
        }
        return out;
    }

    Coordinate() noexcept = default;
};

/// Where the line of this slope through two points meets the curve once more, reflected.
struct PointSum
{
    Coordinate slope, x, y;

    /// Through x1, y1 and a point at x2.
    PointSum(const Coordinate& s, const Coordinate& x1, const Coordinate& y1,
        const Coordinate& x2) noexcept
      : slope{s},
        x{s * s - x1 - x2},
        y{s * (x1 - x) - y1}
    {}
};

/// The sum of points with distinct x.
[[nodiscard]] inline PointSum chord(
    const Coordinate& x1, const Coordinate& y1, const Coordinate& x2, const Coordinate& y2) noexcept
{
    return {(y2 - y1) * (x2 - x1).inverse(), x1, y1, x2};
}

/// Twice a point whose y is not 0.
[[nodiscard]] inline PointSum tangent(const Coordinate& x, const Coordinate& y) noexcept
{
    const Coordinate square = x * x;
    return {(square + square + square) * (y + y).inverse(), x, y, x};
}
}  // namespace strikefold::riscv
