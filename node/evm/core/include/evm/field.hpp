// A prime field of at most 254 bits in Montgomery form.
#pragma once

#include <optional>

#include "evm/inverse.hpp"
#include "evm/uint256.hpp"

namespace strikefold::evm {

// Parameters::modulus is the prime, odd and below 2^254 so that sums of two elements fit.
template <typename Parameters>
class Field {
public:
    static constexpr Limbs modulus = Parameters::modulus;
    static_assert(modulus[0] % 2 == 1 && modulus[3] >> 62 == 0);

    constexpr Field() noexcept = default;

    // The element of a small integer.
    explicit constexpr Field(std::uint64_t value) noexcept
        : limbs_(multiply({value, 0, 0, 0}, r2)) {}

    // Nothing where the word is not below the modulus.
    [[nodiscard]] static constexpr std::optional<Field> from_word(const Limbs& word) noexcept {
        if (!less(word, modulus)) return std::nullopt;
        return Field(multiply(word, r2), 0);
    }

    [[nodiscard]] constexpr Limbs to_word() const noexcept {
        return multiply(limbs_, {1, 0, 0, 0});
    }

    [[nodiscard]] constexpr bool is_zero() const noexcept { return limbs_ == Limbs{}; }

    friend constexpr bool operator==(const Field&, const Field&) noexcept = default;

    friend constexpr Field operator+(const Field& a, const Field& b) noexcept {
        Limbs sum = a.limbs_;
        add_in_place(sum, b.limbs_);
        return Field(reduce(sum), 0);
    }

    friend constexpr Field operator-(const Field& a, const Field& b) noexcept {
        Limbs difference = a.limbs_;
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
        Limbs even = limbs_;
        add_in_place(even, modulus_where(0 - (limbs_[0] & 1)));
        return Field({even[0] >> 1 | even[1] << 63, even[1] >> 1 | even[2] << 63,
                      even[2] >> 1 | even[3] << 63, even[3] >> 1},
                     0);
    }

    // 1/x; zero for zero.
    [[nodiscard]] constexpr Field inverse() const noexcept {
        return Field(multiply(evm::inverse(limbs_, modulus, (0 - negative_inverse)), r3), 0);
    }

private:
    constexpr Field(const Limbs& limbs, int) noexcept : limbs_(limbs) {}

    // The modulus where mask is all ones, zero where it is zero.
    [[nodiscard]] static constexpr Limbs modulus_where(std::uint64_t mask) noexcept {
        return {modulus[0] & mask, modulus[1] & mask, modulus[2] & mask, modulus[3] & mask};
    }

    // x - modulus where that is not negative, for x below twice the modulus.
    [[nodiscard]] static constexpr Limbs reduce(const Limbs& x) noexcept {
        Limbs reduced = x;
        const std::uint64_t keep = sub_in_place(reduced, modulus);
        for (std::size_t i = 0; i < 4; ++i) reduced[i] ^= (reduced[i] ^ x[i]) & keep;
        return reduced;
    }

    // a b / 2^256. Montgomery's product, one operand limb a round; the modulus leaves two bits
    // free, so the two carries of a round fit in one limb (Acar's no-carry CIOS).
    [[nodiscard]] static constexpr Limbs multiply(const Limbs& a, const Limbs& b) noexcept {
        Limbs t{};
#pragma GCC unroll 4
        for (std::size_t i = 0; i < 4; ++i) {
            const u128 first = static_cast<u128>(a[0]) * b[i] + t[0];
            const std::uint64_t m = low(first) * negative_inverse;
            std::uint64_t product_carry = high(first);
            std::uint64_t reduction_carry = high(static_cast<u128>(m) * modulus[0] + low(first));
#pragma GCC unroll 4
            for (std::size_t j = 1; j < 4; ++j) {
                const u128 product = static_cast<u128>(a[j]) * b[i] + t[j] + product_carry;
                const u128 reduced =
                    static_cast<u128>(m) * modulus[j] + low(product) + reduction_carry;
                product_carry = high(product);
                reduction_carry = high(reduced);
                t[j - 1] = low(reduced);
            }
            t[3] = product_carry + reduction_carry;
        }
        return reduce(t);
    }

    // -1/modulus modulo 2^64, by Newton's iteration.
    static constexpr std::uint64_t negative_inverse = [] {
        std::uint64_t x = 1;
        for (int i = 0; i < 6; ++i) x *= 2 - modulus[0] * x;
        return 0 - x;
    }();

    // 2^bits modulo the modulus, by doubling.
    [[nodiscard]] static constexpr Limbs power_of_two(int bits) noexcept {
        Limbs x{1, 0, 0, 0};
        for (int i = 0; i < bits; ++i) {
            Limbs doubled = x;
            add_in_place(doubled, x);
            x = reduce(doubled);
        }
        return x;
    }

    static constexpr Limbs r2 = power_of_two(512);
    static constexpr Limbs r3 = power_of_two(768);

    Limbs limbs_{};
};

}  // namespace strikefold::evm
