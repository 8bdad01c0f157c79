// 256-bit division, and secp256k1.
#include <algorithm>
#include <bit>
#include <riscv/accelerators.hpp>
#include <riscv/uint256.hpp>

namespace strikefold::riscv
{
namespace
{
struct Division
{
    std::array<uint32_t, 16> quotient{};
    std::array<uint32_t, 8> remainder{};
};

/// Takes factor times divisor from u[0 .. size], and one divisor back where that was too much.
/// Returns the digit of the quotient.
[[nodiscard]] uint32_t subtract_multiple(
    uint32_t* u, const uint32_t* divisor, size_t size, uint64_t factor) noexcept
{
    uint64_t carry = 0;
    uint64_t borrow = 0;
    for (size_t i = 0; i <= size; ++i)
    {
        carry += i < size ? factor * divisor[i] : 0;
        const uint64_t difference = uint64_t{u[i]} - static_cast<uint32_t>(carry) - borrow;
        u[i] = static_cast<uint32_t>(difference);
        borrow = difference >> 63;
        carry >>= 32;
    }
    if (borrow == 0)
        return static_cast<uint32_t>(factor);
    carry = 0;
    for (size_t i = 0; i <= size; ++i)
    {
        carry += uint64_t{u[i]} + (i < size ? divisor[i] : 0);
        u[i] = static_cast<uint32_t>(carry);
        carry >>= 32;
    }
    return static_cast<uint32_t>(factor - 1);
}

/// The estimate of a digit: exact or one too large.
[[nodiscard]] uint64_t estimate_digit(
    const uint32_t* u, const uint32_t* divisor, size_t size) noexcept
{
    const uint64_t top = uint64_t{u[size]} << 32 | u[size - 1];
    const uint64_t first = divisor[size - 1];
    uint64_t digit = top / first;
    uint64_t rest = top % first;
    const uint64_t second = size > 1 ? divisor[size - 2] : 0;
    const uint64_t third = size > 1 ? u[size - 2] : 0;
    while (digit >> 32 != 0 || digit * second > (rest << 32 | third))
    {
        --digit;
        rest += first;
        if (rest >> 32 != 0)
            break;
    }
    return digit;
}

/// Long division in digits of 32 bits. divisor: not zero.
/// Source: Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D.
[[nodiscard]] Division divide(
    std::span<const uint32_t, 16> dividend, std::span<const uint32_t, 8> divisor) noexcept
{
    size_t size = 8;
    while (divisor[size - 1] == 0)
        --size;
    const int shift = std::countl_zero(divisor[size - 1]);
    std::array<uint32_t, 8> v{};
    for (size_t i = 0; i < size; ++i)
    {
        const uint64_t lower = i == 0 ? 0 : divisor[i - 1];
        v[i] = static_cast<uint32_t>((uint64_t{divisor[i]} << 32 | lower) >> (32 - shift));
    }
    std::array<uint32_t, 17> u{};
    for (size_t i = 0; i < 17; ++i)
    {
        const uint64_t lower = i == 0 ? 0 : dividend[i - 1];
        const uint64_t upper = i == 16 ? 0 : dividend[i];
        u[i] = static_cast<uint32_t>((upper << 32 | lower) >> (32 - shift));
    }
    Division out;
    for (size_t at = 17 - size; at-- > 0;)
        out.quotient[at] =
            subtract_multiple(&u[at], v.data(), size, estimate_digit(&u[at], v.data(), size));
    for (size_t i = 0; i < size; ++i)
        out.remainder[i] = static_cast<uint32_t>((uint64_t{u[i + 1]} << 32 | u[i]) >> shift);
    return out;
}

/// A residue modulo secp256k1's prime, 2^256 - FOLD. Source: SEC 2, section 2.4.1.
class Coordinate
{
    static constexpr uint64_t FOLD = 0x1'0000'03d1;
    static constexpr Uint256 PRIME{0 - FOLD, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}};

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

using Point = std::span<uint32_t, 16>;
using ConstPoint = std::span<const uint32_t, 16>;

[[nodiscard]] bool is_point(ConstPoint p) noexcept
{
    return Coordinate::is_coordinate(p.first<8>()) && Coordinate::is_coordinate(p.last<8>());
}

/// Replaces p by the third point, negated, of the line through p of that slope and through x2.
void third_point(Point p, const Coordinate& slope, const Coordinate& x2) noexcept
{
    const Coordinate x1 = Coordinate::load(p.first<8>());
    const Coordinate y1 = Coordinate::load(p.last<8>());
    const Coordinate x3 = slope * slope - x1 - x2;
    (slope * (x1 - x3) - y1).store(p.last<8>());
    x3.store(p.first<8>());
}
}  // namespace

void muladdmod(std::span<const uint32_t, 32> in, std::span<uint32_t, 16> out) noexcept
{
    const Uint512 product = multiply_add(
        load256(in.subspan<0, 8>()), load256(in.subspan<8, 8>()), load256(in.subspan<16, 8>()));
    std::array<uint32_t, 16> dividend;
    for (size_t i = 0; i < dividend.size(); ++i)
        dividend[i] = static_cast<uint32_t>(product[i / 2] >> (i % 2 * 32));
    const auto modulus = in.subspan<24, 8>();
    if (std::ranges::all_of(modulus, [](uint32_t word) { return word == 0; }))
    {
        std::ranges::copy(dividend, out.begin());
        return;
    }
    const Division division = divide(dividend, modulus);
    std::ranges::copy(division.remainder, out.begin());
    std::copy_n(division.quotient.begin(), 8, out.begin() + 8);
}

Stop secp256k1_add(Point p, ConstPoint q) noexcept
{
    if (!is_point(p) || !is_point(q))
        return Stop::NOT_A_COORDINATE;
    const Coordinate x2 = Coordinate::load(q.first<8>());
    const Coordinate run = x2 - Coordinate::load(p.first<8>());
    if (run.is_zero())
        return Stop::EQUAL_X;
    const Coordinate rise = Coordinate::load(q.last<8>()) - Coordinate::load(p.last<8>());
    third_point(p, rise * run.inverse(), x2);
    return Stop::NONE;
}

Stop secp256k1_double(Point p) noexcept
{
    if (!is_point(p))
        return Stop::NOT_A_COORDINATE;
    const Coordinate x = Coordinate::load(p.first<8>());
    const Coordinate y = Coordinate::load(p.last<8>());
    if (y.is_zero())
        return Stop::ZERO_Y;
    const Coordinate square = x * x;
    third_point(p, (square + square + square) * (y + y).inverse(), x);
    return Stop::NONE;
}
}  // namespace strikefold::riscv
