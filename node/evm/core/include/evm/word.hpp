// The EVM's word: arithmetic modulo 2^256 (Yellow Paper, appendix H.2).
#pragma once

#include <bit>
#include <compare>

#include "evm/accelerators.hpp"
#include "evm/types.hpp"
#include "evm/uint256.hpp"

namespace strikefold::evm {

struct Word {
    Limbs limbs{};

    constexpr Word() noexcept = default;
    constexpr Word(std::uint64_t value) noexcept : limbs(limbs_of(value)) {}
    explicit constexpr Word(const Limbs& value) noexcept : limbs(value) {}
    explicit Word(const Hash& bytes) noexcept : limbs(load_be(bytes)) {}
    explicit Word(const Address& address) noexcept {
        Hash bytes{};
        std::memcpy(bytes.data() + 12, address.data(), address.size());
        limbs = load_be(bytes);
    }

    // Big-endian bytes, at most 32.
    [[nodiscard]] static Word from_bytes(View bytes) noexcept {
        Hash padded{};
        copy(padded.data() + (32 - bytes.size()), bytes);
        return Word(padded);
    }

    [[nodiscard]] Hash to_bytes() const noexcept {
        Hash bytes;
        store_be(limbs, bytes);
        return bytes;
    }
    // Big-endian bytes of somewhere else. Without an instruction that swaps bytes, one by one.
    void load(std::span<const std::uint8_t, 32> bytes) noexcept {
        if constexpr (limb_bits == 64) {
            limbs = load_be(bytes);
        } else {
            auto* to = reinterpret_cast<std::uint8_t*>(limbs.data());
#pragma GCC unroll 32
            for (std::size_t i = 0; i < 32; ++i) to[i] = bytes[31 - i];
        }
    }
    void store(std::uint8_t* bytes) const noexcept {
        store_be(limbs, std::span<std::uint8_t, 32>(bytes, 32));
    }
    [[nodiscard]] Address to_address() const noexcept { return array_at<20>(to_bytes(), 12); }

    [[nodiscard]] constexpr bool is_zero() const noexcept {
        Limb any = 0;
        for (const Limb limb : limbs) any |= limb;
        return any == 0;
    }
    [[nodiscard]] constexpr bool is_negative() const noexcept {
        return limbs[limb_count - 1] >> (limb_bits - 1) != 0;
    }
    [[nodiscard]] constexpr bool fits_u64() const noexcept {
        Limb any = 0;
        for (std::size_t i = limbs_per_u64; i < limb_count; ++i) any |= limbs[i];
        return any == 0;
    }
    // The low 64 bits.
    [[nodiscard]] constexpr std::uint64_t low64() const noexcept { return word64(limbs, 0); }
    // The value where it fits 64 bits, else the largest 64-bit number.
    [[nodiscard]] constexpr std::uint64_t saturated64() const noexcept {
        return fits_u64() ? low64() : ~std::uint64_t{0};
    }
    [[nodiscard]] constexpr unsigned leading_zeros() const noexcept {
        for (std::size_t i = limb_count; i-- > 0;)
            if (limbs[i] != 0)
                return static_cast<unsigned>(limb_count - 1 - i) * limb_bits +
                       static_cast<unsigned>(std::countl_zero(limbs[i]));
        return 256;
    }
    [[nodiscard]] constexpr unsigned bit_length() const noexcept { return 256 - leading_zeros(); }
    [[nodiscard]] constexpr unsigned byte_length() const noexcept { return (bit_length() + 7) / 8; }

    friend constexpr bool operator==(const Word& a, const Word& b) noexcept {
        Limb difference = 0;
        for (std::size_t i = 0; i < limb_count; ++i) difference |= a.limbs[i] ^ b.limbs[i];
        return difference == 0;
    }
    friend constexpr bool operator<(const Word& a, const Word& b) noexcept {
        return less(a.limbs, b.limbs);
    }
    friend constexpr bool operator>(const Word& a, const Word& b) noexcept { return b < a; }
    friend constexpr bool operator<=(const Word& a, const Word& b) noexcept { return !(b < a); }
    friend constexpr bool operator>=(const Word& a, const Word& b) noexcept { return !(a < b); }

    friend constexpr Word operator+(const Word& a, const Word& b) noexcept {
        Word sum = a;
        add_in_place(sum.limbs, b.limbs);
        return sum;
    }
    friend constexpr Word operator-(const Word& a, const Word& b) noexcept {
        Word difference = a;
        static_cast<void>(sub_in_place(difference.limbs, b.limbs));
        return difference;
    }
    friend constexpr Word operator-(const Word& a) noexcept { return Word() - a; }
    friend constexpr Word operator~(const Word& a) noexcept {
        Word out;
        for (std::size_t i = 0; i < limb_count; ++i) out.limbs[i] = static_cast<Limb>(~a.limbs[i]);
        return out;
    }
    friend constexpr Word operator&(const Word& a, const Word& b) noexcept {
        Word out;
        for (std::size_t i = 0; i < limb_count; ++i) out.limbs[i] = a.limbs[i] & b.limbs[i];
        return out;
    }
    friend constexpr Word operator|(const Word& a, const Word& b) noexcept {
        Word out;
        for (std::size_t i = 0; i < limb_count; ++i) out.limbs[i] = a.limbs[i] | b.limbs[i];
        return out;
    }
    friend constexpr Word operator^(const Word& a, const Word& b) noexcept {
        Word out;
        for (std::size_t i = 0; i < limb_count; ++i) out.limbs[i] = a.limbs[i] ^ b.limbs[i];
        return out;
    }
    // The low half of the product.
    friend constexpr Word operator*(const Word& a, const Word& b) noexcept {
        if constexpr (has_multiply_add) {
            if (!std::is_constant_evaluated()) {
                MultiplyAddResult result;
                multiply_add({a.limbs, b.limbs, {}, {}}, result);
                return Word(result.remainder);
            }
        }
        Word out;
#pragma GCC unroll 8
        for (std::size_t i = 0; i < limb_count; ++i) {
            Limb carry = 0;
#pragma GCC unroll 8
            for (std::size_t j = 0; i + j < limb_count; ++j) {
                const WideLimb product =
                    static_cast<WideLimb>(a.limbs[i]) * b.limbs[j] + out.limbs[i + j] + carry;
                out.limbs[i + j] = low(product);
                carry = high(product);
            }
        }
        return out;
    }
    friend constexpr Word operator<<(const Word& a, unsigned shift) noexcept {
        Word out;
        if (shift >= 256) return out;
        const std::size_t whole = shift / limb_bits;
        const unsigned bits = shift % limb_bits;
        for (std::size_t i = limb_count; i-- > whole;) {
            Limb limb = static_cast<Limb>(a.limbs[i - whole] << bits);
            if (bits != 0 && i > whole)
                limb |= static_cast<Limb>(a.limbs[i - whole - 1] >> (limb_bits - bits));
            out.limbs[i] = limb;
        }
        return out;
    }
    friend constexpr Word operator>>(const Word& a, unsigned shift) noexcept {
        Word out;
        if (shift >= 256) return out;
        const std::size_t whole = shift / limb_bits;
        const unsigned bits = shift % limb_bits;
        for (std::size_t i = 0; i + whole < limb_count; ++i) {
            Limb limb = static_cast<Limb>(a.limbs[i + whole] >> bits);
            if (bits != 0 && i + whole + 1 < limb_count)
                limb |= static_cast<Limb>(a.limbs[i + whole + 1] << (limb_bits - bits));
            out.limbs[i] = limb;
        }
        return out;
    }
};

// a + b, and whether it wrapped.
[[nodiscard]] constexpr bool add_overflows(const Word& a, const Word& b, Word& sum) noexcept {
    sum = a;
    return add_with_carry(sum.limbs, b.limbs) != 0;
}

struct Division {
    Word quotient, remainder;
};

// Zero and zero for a division by zero, as the EVM has it.
[[nodiscard]] Division divide(const Word& a, const Word& b) noexcept;
[[nodiscard]] Division divide_signed(const Word& a, const Word& b) noexcept;
[[nodiscard]] Word add_mod(const Word& a, const Word& b, const Word& modulus) noexcept;
[[nodiscard]] Word multiply_mod(const Word& a, const Word& b, const Word& modulus) noexcept;
[[nodiscard]] Word power(const Word& base, const Word& exponent) noexcept;

// Whether a b does not fit a word; product is its low half.
[[nodiscard]] bool multiply_overflows(const Word& a, const Word& b, Word& product) noexcept;

[[nodiscard]] constexpr bool less_signed(const Word& a, const Word& b) noexcept {
    return a.is_negative() != b.is_negative() ? a.is_negative() : a < b;
}

// x >> shift with the sign moving in from above.
[[nodiscard]] constexpr Word shift_right_signed(const Word& x, unsigned shift) noexcept {
    if (!x.is_negative()) return x >> shift;
    return ~(~x >> shift);
}

// SIGNEXTEND: x as a number of `index` + 1 bytes.
[[nodiscard]] constexpr Word sign_extend(const Word& index, const Word& x) noexcept {
    if (!index.fits_u64() || index.low64() >= 31) return x;
    const unsigned shift = 248 - 8 * static_cast<unsigned>(index.low64());
    return shift_right_signed(x << shift, shift);
}

// BYTE: the index-th byte from the most significant.
[[nodiscard]] constexpr Word byte_of(const Word& index, const Word& x) noexcept {
    if (!index.fits_u64() || index.low64() >= 32) return {};
    return (x >> (248 - 8 * static_cast<unsigned>(index.low64()))) & Word(0xff);
}

}  // namespace strikefold::evm
