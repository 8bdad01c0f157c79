// Prime fields, in Montgomery form where the machine has nothing better.
#pragma once

#include <optional>
#include <type_traits>

#include "evm/accelerators.hpp"
#include "evm/inverse.hpp"

namespace strikefold::evm {

// Parameters::modulus is the prime, odd, as limbs of which the top one is not zero. Primes that
// leave two bits of it free need no limb for carries.
template <typename Parameters>
class Field {
public:
    static constexpr auto modulus = Parameters::modulus;
    static constexpr std::size_t limb_count = modulus.size();
    static constexpr bool has_spare_bits = modulus[limb_count - 1] >> (limb_bits - 2) == 0;
    static_assert(modulus[0] % 2 == 1 && modulus[limb_count - 1] != 0);
    // Elements are the numbers themselves where the machine multiplies modulo any number.
    static constexpr bool is_plain = has_multiply_add && limb_count == evm::limb_count;
    using Integer = LimbArray<limb_count>;

    constexpr Field() noexcept = default;

    // The element of a small integer.
    explicit constexpr Field(std::uint64_t value) noexcept
        : limbs_(is_plain ? integer(value) : multiply(integer(value), r2)) {}

    [[nodiscard]] static constexpr Field one() noexcept { return Field(1); }

    // Nothing where the integer is not below the modulus.
    [[nodiscard]] static constexpr std::optional<Field> from_word(const Integer& word) noexcept {
        if (!less(word, modulus)) return std::nullopt;
        return Field(is_plain ? word : multiply(word, r2), 0);
    }

    // The integer modulo the modulus.
    [[nodiscard]] static constexpr Field from_word_reduced(const Integer& word) noexcept
        requires(!has_spare_bits)
    {
        return Field(multiply(word, is_plain ? integer(1) : r2), 0);
    }

    [[nodiscard]] constexpr Integer to_word() const noexcept {
        return is_plain ? limbs_ : multiply(limbs_, integer(1));
    }

    [[nodiscard]] constexpr bool is_zero() const noexcept {
        return limbs_[0] == 0 && limbs_ == Integer{};
    }

    // Where elements differ, mostly the first limbs do: that needs no call.
    friend constexpr bool operator==(const Field& a, const Field& b) noexcept {
        return a.limbs_[0] == b.limbs_[0] && a.limbs_ == b.limbs_;
    }

    friend constexpr Field operator+(const Field& a, const Field& b) noexcept {
        Integer sum = a.limbs_;
        if constexpr (has_spare_bits) {
            add_in_place(sum, b.limbs_);
            return Field(reduce(sum, 0), 0);
        } else {
            const Limb carry = add_with_carry(sum, b.limbs_);
            return Field(reduce(sum, carry), 0);
        }
    }

    friend constexpr Field operator-(const Field& a, const Field& b) noexcept {
        Integer difference = a.limbs_;
        add_in_place(difference, modulus_where(sub_in_place(difference, b.limbs_)));
        return Field(difference, 0);
    }

    friend constexpr Field operator-(const Field& a) noexcept { return Field() - a; }

    friend constexpr Field operator*(const Field& a, const Field& b) noexcept {
        return Field(multiply(a.limbs_, b.limbs_), 0);
    }

    [[nodiscard]] constexpr Field square() const noexcept { return *this * *this; }
    [[nodiscard]] constexpr Field twice() const noexcept { return *this + *this; }

    // x/2: the even one of x and x + modulus, shifted.
    [[nodiscard]] constexpr Field half() const noexcept {
        Integer even = limbs_;
        const Limb carry = add_with_carry(even, modulus_where(0 - (limbs_[0] & 1)));
        return Field(halve(even, carry), 0);
    }

    // 1/x; zero for zero.
    [[nodiscard]] constexpr Field inverse() const noexcept {
        if constexpr (is_plain) {
            if (!std::is_constant_evaluated()) {
                return power<inverse_exponent>();
            }
        }
        const Integer inverse = evm::inverse(limbs_, modulus, (0 - negative_inverse));
        return Field(is_plain ? inverse : multiply(inverse, r3), 0);
    }

    // x^exponent: the ones that the exponent begins with, then four bits at a time
    template <Integer exponent>
    [[nodiscard]] constexpr Field power() const noexcept {
        constexpr Ones first = leading_ones(exponent);
        std::array<Field, 16> powers{Field(1)};
        for (std::size_t i = 1; i < 16; ++i) powers[i] = powers[i - 1] * *this;
        Field result = power_of_ones(first.count);
        for (std::size_t i = first.below; i > 0; i -= 4) {
            result = result.squared_times(4);
            const std::size_t place = i - 4;
            const std::size_t digit = exponent[place / limb_bits] >> (place % limb_bits) & 15;
            if (digit != 0) result = result * powers[digit];
        }
        return result;
    }

    // x^(2^ones - 1), by doubling their number
    [[nodiscard]] constexpr Field power_of_ones(unsigned ones) const noexcept {
        if (ones == 0) return Field(1);
        Field result = *this;
        for (auto i = static_cast<unsigned>(std::bit_width(ones)) - 1; i-- > 0;) {
            result = result.squared_times(ones >> (i + 1)) * result;
            if ((ones >> i & 1) != 0) result = result.square() * *this;
        }
        return result;
    }

    // x^(2^times)
    [[nodiscard]] constexpr Field squared_times(unsigned times) const noexcept {
        Field result = *this;
        if constexpr (is_plain) {
            if (!std::is_constant_evaluated()) {
                operands.a = limbs_;
                for (; times > 0; --times) {
                    operands.b = operands.a;
                    multiply_add_in_place(operands);
                }
                return Field(operands.a, 0);
            }
        }
        for (; times > 0; --times) result = result.square();
        return result;
    }

    // A square root of x or of -x, whichever has one.
    [[nodiscard]] constexpr Field root_up_to_sign() const noexcept
        requires(modulus[0] % 4 == 3)
    {
        return power<root_exponent>();
    }
    // A square root; nothing where there is none.
    [[nodiscard]] constexpr std::optional<Field> root() const noexcept
        requires(modulus[0] % 4 == 3)
    {
        const Field candidate = root_up_to_sign();
        if (candidate.square() != *this) return std::nullopt;
        return candidate;
    }
    // RFC 9380, section 4.1: the parity of the integer.
    [[nodiscard]] constexpr bool sgn0() const noexcept { return bit(to_word(), 0); }

private:
    constexpr Field(const Integer& limbs, int) noexcept : limbs_(limbs) {}

    // The ones that a number begins with; as many as leave a multiple of four bits below them.
    struct Ones {
        unsigned count;
        std::size_t below;
    };
    [[nodiscard]] static constexpr Ones leading_ones(const Integer& x) noexcept {
        std::size_t top = limb_count * limb_bits;
        while (top > 0 && !bit(x, top - 1)) --top;
        std::size_t below = top;
        while (below > 0 && bit(x, below - 1)) --below;
        below = (below + 3) / 4 * 4;
        if (below > top) return {0, below};
        return {static_cast<unsigned>(top - below), below};
    }

    [[nodiscard]] static constexpr Integer integer(std::uint64_t value) noexcept {
        Integer limbs{};
        for (std::size_t i = 0; i < limbs_per_u64; ++i)
            limbs[i] = static_cast<Limb>(value >> (static_cast<int>(i) * limb_bits));
        return limbs;
    }

    // The modulus where mask is all ones, zero where it is zero.
    [[nodiscard]] static constexpr Integer modulus_where(Limb mask) noexcept {
        Integer masked = modulus;
        for (Limb& limb : masked) limb &= mask;
        return masked;
    }

    // carry 2^bits + x - modulus where that is not negative, for a sum below twice the modulus.
    [[nodiscard]] static constexpr Integer reduce(const Integer& x, Limb carry) noexcept {
        Integer reduced = x;
        const Limb keep = sub_in_place(reduced, modulus) & (carry - 1);
        for (std::size_t i = 0; i < limb_count; ++i) reduced[i] ^= (reduced[i] ^ x[i]) & keep;
        return reduced;
    }

    // a b / 2^bits modulo the modulus, or a b where elements are plain; a may be any integer where
    // b is reduced. None of the products is inline: copies of them in every formula take minutes
    // to compile.
    [[nodiscard]] static constexpr Integer multiply(const Integer& a, const Integer& b) noexcept {
        if constexpr (is_plain) return multiply_plain(a, b);
#if defined(STRIKEFOLD_X86_64_ASSEMBLER)
        if (!std::is_constant_evaluated()) return multiply_by_columns(a, b);
#endif
        if constexpr (has_spare_bits) return multiply_no_carry(a, b);
        return multiply_full(a, b);
    }

    [[nodiscard, gnu::noinline]] static constexpr Integer multiply_plain(
        const Integer& a, const Integer& b) noexcept {
        if (std::is_constant_evaluated()) {
            const auto product = has_spare_bits ? multiply_no_carry(a, b) : multiply_full(a, b);
            return has_spare_bits ? multiply_no_carry(product, r2) : multiply_full(product, r2);
        }
        operands.a = a;
        operands.b = b;
        MultiplyAddResult out;
        multiply_add(operands, out);
        return out.remainder;
    }

#if defined(STRIKEFOLD_X86_64_ASSEMBLER)
    // Montgomery's product, one limb of the result a round (Koc, Acar, Kaliski's FIPS): in half the
    // time of what compilers make of the rounds below, for the carries' sake.
    [[nodiscard, gnu::noinline]] static Integer multiply_by_columns(const Integer& a,
                                                                    const Integer& b) noexcept {
        Integer m, t;
        Accumulator sum;
#pragma GCC unroll 12
        for (std::size_t i = 0; i < limb_count; ++i) {
#pragma GCC unroll 12
            for (std::size_t j = 0; j < i; ++j) {
                sum.add_product(a[j], b[i - j]);
                sum.add_product(modulus[i - j], m[j]);
            }
            sum.add_product(a[i], b[0]);
            m[i] = sum.limb0 * negative_inverse;
            sum.add_product(modulus[0], m[i]);
            static_cast<void>(sum.shift());
        }
#pragma GCC unroll 12
        for (std::size_t i = limb_count; i < 2 * limb_count; ++i) {
#pragma GCC unroll 12
            for (std::size_t j = i - limb_count + 1; j < limb_count; ++j) {
                sum.add_product(a[j], b[i - j]);
                sum.add_product(modulus[i - j], m[j]);
            }
            t[i - limb_count] = sum.shift();
        }
        return reduce(t, sum.limb0);
    }
#endif

    // Montgomery's product, one operand limb a round; the modulus leaves two bits free, so the two
    // carries of a round fit in one limb (Acar's no-carry CIOS).
    [[nodiscard, gnu::noinline]] static constexpr Integer multiply_no_carry(
        const Integer& a, const Integer& b) noexcept {
        Integer t{};
#pragma GCC unroll 12
        for (std::size_t i = 0; i < limb_count; ++i) {
            const WideLimb first = static_cast<WideLimb>(a[0]) * b[i] + t[0];
            const Limb m = low(first) * negative_inverse;
            Limb product_carry = high(first);
            Limb reduction_carry = high(static_cast<WideLimb>(m) * modulus[0] + low(first));
#pragma GCC unroll 12
            for (std::size_t j = 1; j < limb_count; ++j) {
                const WideLimb product = static_cast<WideLimb>(a[j]) * b[i] + t[j] + product_carry;
                const WideLimb reduced =
                    static_cast<WideLimb>(m) * modulus[j] + low(product) + reduction_carry;
                product_carry = high(product);
                reduction_carry = high(reduced);
                t[j - 1] = low(reduced);
            }
            t[limb_count - 1] = product_carry + reduction_carry;
        }
        return reduce(t, 0);
    }

    // The same with a limb for the carries.
    [[nodiscard, gnu::noinline]] static constexpr Integer multiply_full(const Integer& a,
                                                                        const Integer& b) noexcept {
        Integer t{};
        Limb top = 0;
#pragma GCC unroll 12
        for (std::size_t i = 0; i < limb_count; ++i) {
            const WideLimb first = static_cast<WideLimb>(a[0]) * b[i] + t[0];
            const Limb m = low(first) * negative_inverse;
            Limb product_carry = high(first);
            Limb reduction_carry = high(static_cast<WideLimb>(m) * modulus[0] + low(first));
#pragma GCC unroll 12
            for (std::size_t j = 1; j < limb_count; ++j) {
                const WideLimb product = static_cast<WideLimb>(a[j]) * b[i] + t[j] + product_carry;
                const WideLimb reduced =
                    static_cast<WideLimb>(m) * modulus[j] + low(product) + reduction_carry;
                product_carry = high(product);
                reduction_carry = high(reduced);
                t[j - 1] = low(reduced);
            }
            const WideLimb sum = static_cast<WideLimb>(product_carry) + reduction_carry + top;
            t[limb_count - 1] = low(sum);
            top = high(sum);
        }
        return reduce(t, top);
    }

    // -1/modulus modulo a limb, by Newton's iteration.
    static constexpr Limb negative_inverse = [] {
        Limb x = 1;
        for (int i = 0; i < 6; ++i) x *= 2 - modulus[0] * x;
        return static_cast<Limb>(0 - x);
    }();

    // 2^bits modulo the modulus, by doubling.
    [[nodiscard]] static constexpr Integer power_of_two(int exponent) noexcept {
        Integer x = integer(1);
        for (int i = 0; i < exponent; ++i) {
            Integer doubled = x;
            const Limb carry = add_with_carry(doubled, x);
            x = reduce(doubled, carry);
        }
        return x;
    }

    static constexpr Integer inverse_exponent = [] {
        Integer x = modulus;
        static_cast<void>(sub_in_place(x, integer(2)));
        return x;
    }();

    // (modulus + 1)/4, for moduli that are 3 modulo 4
    static constexpr Integer root_exponent = [] {
        Integer x = modulus;
        add_in_place(x, integer(1));
        return halve(halve(x));
    }();

    static constexpr int bits = static_cast<int>(limb_count) * limb_bits;
    static constexpr Integer r2 = power_of_two(2 * bits);
    static constexpr Integer r3 = power_of_two(3 * bits);

    // In one place: half of it never changes.
    static inline constinit MultiplyAdd operands{{}, {}, {}, modulus};

    Integer limbs_{};
};

}  // namespace strikefold::evm
