#include "evm/word.hpp"

#include "evm/accelerators.hpp"

namespace strikefold::evm {

namespace {

// The quotient of (high, low) by divisor, with high < divisor; the remainder is written.
[[nodiscard]] Limb divide_wide(Limb high_limb, Limb low_limb, Limb divisor,
                               Limb& remainder) noexcept {
#if defined(STRIKEFOLD_X86_64_ASSEMBLER)
    Limb quotient = 0;
    asm("divq %4"
        : "=a"(quotient), "=d"(remainder)
        : "0"(low_limb), "1"(high_limb), "r"(divisor)
        : "cc");
    return quotient;
#else
    const WideLimb dividend = static_cast<WideLimb>(high_limb) << limb_bits | low_limb;
    remainder = static_cast<Limb>(dividend % divisor);
    return static_cast<Limb>(dividend / divisor);
#endif
}

// Division by one limb, in place; the remainder.
Limb divide_by_limb(std::span<Limb> numerator, Limb divisor, std::span<Limb> quotient) noexcept {
    Limb remainder = 0;
    for (std::size_t i = numerator.size(); i-- > 0;)
        quotient[i] = divide_wide(remainder, numerator[i], divisor, remainder);
    return remainder;
}

// out = x << shift, shift below limb_bits; the limb shifted out.
Limb shift_left(std::span<const Limb> x, int shift, std::span<Limb> out) noexcept {
    Limb carry = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const WideLimb wide = static_cast<WideLimb>(x[i]) << shift | carry;
        out[i] = low(wide);
        carry = high(wide);
    }
    return carry;
}

// u[0..n] -= q v[0..n-1]; the borrow.
Limb multiply_subtract(std::span<Limb> u, std::span<const Limb> v, Limb q) noexcept {
    Limb carry = 0, borrow = 0;
    for (std::size_t i = 0; i < v.size(); ++i) {
        const WideLimb product = static_cast<WideLimb>(q) * v[i] + carry;
        carry = high(product);
        u[i] = sub_borrow(u[i], low(product), borrow);
    }
    u[v.size()] = sub_borrow(u[v.size()], carry, borrow);
    return borrow;
}

// u[0..n] += v[0..n-1]; the carry.
Limb add_back(std::span<Limb> u, std::span<const Limb> v) noexcept {
    Limb carry = 0;
    for (std::size_t i = 0; i < v.size(); ++i) u[i] = add_carry(u[i], v[i], carry);
    u[v.size()] = add_carry(u[v.size()], 0, carry);
    return carry;
}

// Step D3: the quotient digit of the top limbs (u2 u1 u0) by (v1 v0), at most two too large.
[[nodiscard]] Limb estimate(Limb u2, Limb u1, Limb u0, Limb v1, Limb v0) noexcept {
    if (u2 >= v1) return static_cast<Limb>(~Limb{0});
    Limb remainder = 0;
    Limb q = divide_wide(u2, u1, v1, remainder);
    while (static_cast<WideLimb>(q) * v0 > (static_cast<WideLimb>(remainder) << limb_bits | u0)) {
        --q;
        const Limb before = remainder;
        remainder = static_cast<Limb>(remainder + v1);
        if (remainder < before) break;
    }
    return q;
}

template <std::size_t N>
[[nodiscard]] std::size_t significant(const std::array<Limb, N>& x) noexcept {
    std::size_t size = N;
    while (size > 0 && x[size - 1] == 0) --size;
    return size;
}

// numerator modulo modulus, which is not zero.
[[nodiscard]] Word remainder_of(std::array<Limb, 2 * limb_count>& numerator,
                                const Word& modulus) noexcept {
    const std::size_t n = significant(modulus.limbs), m = significant(numerator);
    Word out;
    if (m >= n) {
        std::array<Limb, 2 * limb_count + 1> quotient;
        std::array<Limb, 3 * limb_count + 1> scratch;
        divide(std::span(numerator).first(m), std::span(modulus.limbs).first(n), quotient, scratch);
    }
    for (std::size_t i = 0; i < limb_count; ++i) out.limbs[i] = numerator[i];
    return out;
}

[[nodiscard]] Word remainder_of(const MultiplyAdd& in) noexcept {
    MultiplyAddResult out;
    multiply_add(in, out);
    return Word(out.remainder);
}

[[nodiscard]] std::array<Limb, 2 * limb_count> multiply_full(const Word& a,
                                                             const Word& b) noexcept {
    std::array<Limb, 2 * limb_count> out{};
    for (std::size_t i = 0; i < limb_count; ++i) {
        Limb carry = 0;
        for (std::size_t j = 0; j < limb_count; ++j) {
            const WideLimb product =
                static_cast<WideLimb>(a.limbs[i]) * b.limbs[j] + out[i + j] + carry;
            out[i + j] = low(product);
            carry = high(product);
        }
        out[i + limb_count] = carry;
    }
    return out;
}

}  // namespace

void divide(std::span<Limb> numerator, std::span<const Limb> divisor, std::span<Limb> quotient,
            std::span<Limb> scratch) noexcept {
    const std::size_t n = divisor.size(), m = numerator.size();
    if (n == 1) {
        const Limb remainder = divide_by_limb(numerator, divisor[0], quotient);
        std::ranges::fill(numerator, Limb{0});
        numerator[0] = remainder;
        return;
    }
    const int shift = std::countl_zero(divisor[n - 1]);
    const auto u = scratch.first(m + 1), v = scratch.subspan(m + 1, n);
    static_cast<void>(shift_left(divisor, shift, v));
    u[m] = shift_left(numerator, shift, u);
    for (std::size_t j = m - n + 1; j-- > 0;) {
        Limb q = estimate(u[j + n], u[j + n - 1], u[j + n - 2], v[n - 1], v[n - 2]);
        Limb borrow = q == 0 ? 0 : multiply_subtract(u.subspan(j, n + 1), v, q);
        for (; borrow != 0; --q) borrow -= add_back(u.subspan(j, n + 1), v);
        quotient[j] = q;
    }
    for (std::size_t i = 0; i < n; ++i)
        numerator[i] = low((static_cast<WideLimb>(u[i + 1]) << limb_bits | u[i]) >> shift);
    for (std::size_t i = n; i < m; ++i) numerator[i] = 0;
}

Division divide(const Word& a, const Word& b) noexcept {
    if (b.is_zero()) return {};
    if constexpr (has_multiply_add) {
        MultiplyAddResult out;
        multiply_add({a.limbs, limbs_of(1), {}, b.limbs}, out);
        return {Word(out.quotient), Word(out.remainder)};
    }
    if (a < b) return {Word(), a};
    if (a.fits_u64()) return {Word(a.low64() / b.low64()), Word(a.low64() % b.low64())};
    Division out{Word(), a};
    std::array<Limb, 2 * limb_count + 1> scratch;
    const std::size_t m = significant(a.limbs), n = significant(b.limbs);
    divide(std::span(out.remainder.limbs).first(m), std::span(b.limbs).first(n), out.quotient.limbs,
           scratch);
    return out;
}

Division divide_signed(const Word& a, const Word& b) noexcept {
    const bool negative_a = a.is_negative(), negative_b = b.is_negative();
    Division out = divide(negative_a ? -a : a, negative_b ? -b : b);
    if (negative_a != negative_b) out.quotient = -out.quotient;
    if (negative_a) out.remainder = -out.remainder;
    return out;
}

Word add_mod(const Word& a, const Word& b, const Word& modulus) noexcept {
    if (modulus.is_zero()) return {};
    if constexpr (has_multiply_add)
        return remainder_of({a.limbs, limbs_of(1), b.limbs, modulus.limbs});
    Word sum;
    const bool carry = add_overflows(a, b, sum);
    if (!carry) return divide(sum, modulus).remainder;
    std::array<Limb, 2 * limb_count> wide{};
    for (std::size_t i = 0; i < limb_count; ++i) wide[i] = sum.limbs[i];
    wide[limb_count] = 1;
    return remainder_of(wide, modulus);
}

Word multiply_mod(const Word& a, const Word& b, const Word& modulus) noexcept {
    if (modulus.is_zero()) return {};
    if constexpr (has_multiply_add) return remainder_of({a.limbs, b.limbs, {}, modulus.limbs});
    auto product = multiply_full(a, b);
    return remainder_of(product, modulus);
}

Word power(const Word& base, const Word& exponent) noexcept {
    Word result(1);
    for (unsigned i = exponent.bit_length(); i-- > 0;) {
        result = result * result;
        if (bit(exponent.limbs, i)) result = result * base;
    }
    return result;
}

bool multiply_overflows(const Word& a, const Word& b, Word& product) noexcept {
    if constexpr (has_multiply_add) {
        MultiplyAddResult out;
        multiply_add({a.limbs, b.limbs, {}, {}}, out);
        product = Word(out.remainder);
        return !Word(out.quotient).is_zero();
    }
    const auto wide = multiply_full(a, b);
    Limb above = 0;
    for (std::size_t i = 0; i < limb_count; ++i) {
        product.limbs[i] = wide[i];
        above |= wide[i + limb_count];
    }
    return above != 0;
}

}  // namespace strikefold::evm
