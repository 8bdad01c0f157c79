// 256-bit division, secp256k1, and the arithmetic of EVM words.
#include <algorithm>
#include <bit>
#include <riscv/accelerators.hpp>
#include <riscv/coordinate.hpp>

namespace strikefold::riscv
{
namespace
{
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

using Point = std::span<uint32_t, 16>;
using ConstPoint = std::span<const uint32_t, 16>;

[[nodiscard]] bool is_point(ConstPoint p) noexcept
{
    return Coordinate::is_coordinate(p.first<8>()) && Coordinate::is_coordinate(p.last<8>());
}

void put_sum(const PointSum& sum, Point p) noexcept
{
    sum.x.store(p.first<8>());
    sum.y.store(p.last<8>());
}
}  // namespace

Division muladdmod(std::span<const uint32_t, 32> in) noexcept
{
    const Uint512 product = multiply_add(
        load256(in.subspan<0, 8>()), load256(in.subspan<8, 8>()), load256(in.subspan<16, 8>()));
    std::array<uint32_t, 16> dividend;
    for (size_t i = 0; i < dividend.size(); ++i)
        dividend[i] = static_cast<uint32_t>(product[i / 2] >> (i % 2 * 32));
    const auto modulus = in.subspan<24, 8>();
    if (std::ranges::any_of(modulus, [](uint32_t word) { return word != 0; }))
        return divide(dividend, modulus);
    Division out;
    std::copy_n(dividend.begin(), 8, out.remainder.begin());
    std::copy_n(dividend.begin() + 8, 8, out.quotient.begin());
    return out;
}

Stop secp256k1_add(Point p, ConstPoint q) noexcept
{
    if (!is_point(p) || !is_point(q))
        return Stop::NOT_A_COORDINATE;
    const Coordinate x1 = Coordinate::load(p.first<8>());
    const Coordinate x2 = Coordinate::load(q.first<8>());
    if ((x2 - x1).is_zero())
        return Stop::EQUAL_X;
    put_sum(chord(x1, Coordinate::load(p.last<8>()), x2, Coordinate::load(q.last<8>())), p);
    return Stop::NONE;
}

Stop secp256k1_double(Point p) noexcept
{
    if (!is_point(p))
        return Stop::NOT_A_COORDINATE;
    const Coordinate y = Coordinate::load(p.last<8>());
    if (y.is_zero())
        return Stop::ZERO_Y;
    put_sum(tangent(Coordinate::load(p.first<8>()), y), p);
    return Stop::NONE;
}

Stop word_alu(
    std::span<uint32_t, 8> p, std::span<const uint32_t, 8> q, uint32_t operation) noexcept
{
    constexpr uint64_t SIGN = uint64_t{1} << 63;
    const auto bit = [](bool x) { return Uint256{x}; };
    const auto signs_flipped = [](Uint256 x) {
        x[3] ^= SIGN;
        return x;
    };
    const Uint256 a = load256(q);
    const Uint256 b = load256(p);
    Uint256 result = a;
    switch (static_cast<WordOp>(operation))
    {
    case WordOp::ADD: static_cast<void>(add_to(result, b)); break;
    case WordOp::SUB: static_cast<void>(subtract_from(result, b)); break;
    case WordOp::LT: result = bit(less(a, b)); break;
    case WordOp::GT: result = bit(less(b, a)); break;
    case WordOp::SLT: result = bit(less(signs_flipped(a), signs_flipped(b))); break;
    case WordOp::SGT: result = bit(less(signs_flipped(b), signs_flipped(a))); break;
    case WordOp::EQ: result = bit(a == b); break;
    case WordOp::COPY: break;
    default: return Stop::UNKNOWN_OPERATION;
    }
    store256(result, p);
    return Stop::NONE;
}
}  // namespace strikefold::riscv
