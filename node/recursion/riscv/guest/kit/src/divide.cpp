// 64-bit division, which RV32IM lacks and compilers call by these names.
// Source: Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D.

#include <bit>
#include <cstdint>
#include <initializer_list>

namespace {

using Half = std::uint32_t;
using Full = std::uint64_t;

struct Division {
    Full quotient, remainder;
};

/// (high, low) / divisor, for high < divisor and divisor >= 2^31.
Division divide_normalised(Half high, Half low, Half divisor) {
    const Half top = divisor >> 16;
    Half quotient = 0, rest = high;
    for (const Half digit : {low >> 16, low & 0xFFFF}) {
        // An estimate by the top half is at most two too large.
        Half estimate = rest / top;
        const Full shifted = Full{rest} << 16 | digit;
        while (Full{estimate} * divisor > shifted) --estimate;
        rest = static_cast<Half>(shifted - Full{estimate} * divisor);
        quotient = quotient << 16 | estimate;
    }
    return {quotient, rest};
}

/// n / d, for d below 2^32.
Division divide_by_half(Full n, Half d) {
    const auto high = static_cast<Half>(n >> 32), low = static_cast<Half>(n);
    if (high == 0) return {low / d, low % d};
    const int shift = std::countl_zero(d);
    const Half first = high / d;
    const Full rest = (Full{high % d} << 32 | low) << shift;
    const auto [quotient, remainder] =
        divide_normalised(static_cast<Half>(rest >> 32), static_cast<Half>(rest), d << shift);
    return {Full{first} << 32 | quotient, remainder >> shift};
}

Division divide(Full n, Full d) {
    if (d >> 32 == 0) return divide_by_half(n, static_cast<Half>(d));
    if (n < d) return {0, n};
    const int shift = std::countl_zero(d);
    // The divisor's top 32 bits give a quotient at most one too large, after halving n to make
    // room.
    const Full halved = n >> 1;
    const auto top = static_cast<Half>(d << shift >> 32);
    const auto estimate =
        divide_normalised(static_cast<Half>(halved >> 32), static_cast<Half>(halved), top);
    Full quotient = estimate.quotient >> (31 - shift);
    if (quotient != 0) --quotient;
    Full remainder = n - quotient * d;
    if (remainder >= d) {
        remainder -= d;
        ++quotient;
    }
    return {quotient, remainder};
}

Full magnitude(std::int64_t value) {
    return value < 0 ? -static_cast<Full>(value) : static_cast<Full>(value);
}

std::int64_t with_sign(Full value, bool negative) {
    return static_cast<std::int64_t>(negative ? -value : value);
}

}  // namespace

extern "C" {

std::uint64_t __udivdi3(std::uint64_t n, std::uint64_t d) {
    return divide(n, d).quotient;
}
std::uint64_t __umoddi3(std::uint64_t n, std::uint64_t d) {
    return divide(n, d).remainder;
}

std::uint64_t __udivmoddi4(std::uint64_t n, std::uint64_t d, std::uint64_t* remainder) {
    const Division result = divide(n, d);
    if (remainder != nullptr) *remainder = result.remainder;
    return result.quotient;
}

std::int64_t __divdi3(std::int64_t n, std::int64_t d) {
    return with_sign(divide(magnitude(n), magnitude(d)).quotient, (n < 0) != (d < 0));
}

std::int64_t __moddi3(std::int64_t n, std::int64_t d) {
    return with_sign(divide(magnitude(n), magnitude(d)).remainder, n < 0);
}

}  // extern "C"
