// 256-bit words as limbs, least significant first, and the carries between them. A limb is what the
// machine multiplies in one instruction: 64 bits, or 32 where there is no 128-bit product (RV32).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace strikefold::evm {

#if defined(__SIZEOF_INT128__) && !defined(STRIKEFOLD_LIMB32)
using Limb = std::uint64_t;
using SignedLimb = std::int64_t;
__extension__ typedef unsigned __int128 WideLimb;
__extension__ typedef __int128 SignedWideLimb;
#else
using Limb = std::uint32_t;
using SignedLimb = std::int32_t;
using WideLimb = std::uint64_t;
using SignedWideLimb = std::int64_t;
#endif

#if defined(__x86_64__) && !defined(STRIKEFOLD_PORTABLE) && !defined(STRIKEFOLD_LIMB32)
#define STRIKEFOLD_X86_64_ASSEMBLER 1
#endif

inline constexpr int limb_bits = 8 * sizeof(Limb);
inline constexpr std::size_t limb_count = 256 / limb_bits;
inline constexpr std::size_t limbs_per_u64 = 64 / limb_bits;

using Limbs = std::array<Limb, limb_count>;

[[nodiscard]] constexpr Limb low(WideLimb x) noexcept {
    return static_cast<Limb>(x);
}

[[nodiscard]] constexpr Limb high(WideLimb x) noexcept {
    return static_cast<Limb>(x >> limb_bits);
}

// The limbs of four 64-bit words, least significant first.
[[nodiscard]] constexpr Limbs limbs_of(std::uint64_t w0, std::uint64_t w1 = 0, std::uint64_t w2 = 0,
                                       std::uint64_t w3 = 0) noexcept {
    const std::array<std::uint64_t, 4> words{w0, w1, w2, w3};
    Limbs limbs{};
    for (std::size_t i = 0; i < limb_count; ++i)
        limbs[i] = static_cast<Limb>(words[i / limbs_per_u64] >>
                                     (static_cast<int>(i % limbs_per_u64) * limb_bits));
    return limbs;
}

// The i-th 64-bit word, from the least significant.
[[nodiscard]] constexpr std::uint64_t word64(const Limbs& x, std::size_t i) noexcept {
    std::uint64_t word = 0;
    for (std::size_t j = 0; j < limbs_per_u64; ++j)
        word |= static_cast<std::uint64_t>(x[i * limbs_per_u64 + j])
                << (static_cast<int>(j) * limb_bits);
    return word;
}

[[nodiscard]] constexpr bool bit(const Limbs& x, std::size_t i) noexcept {
    return (x[i / limb_bits] >> (i % limb_bits) & 1) != 0;
}

// a + b; carry is 0 or 1, read and written.
[[nodiscard]] constexpr Limb add_carry(Limb a, Limb b, Limb& carry) noexcept {
    const WideLimb sum = static_cast<WideLimb>(a) + b + carry;
    carry = high(sum);
    return low(sum);
}

// a - b; borrow is 0 or 1, read and written.
[[nodiscard]] constexpr Limb sub_borrow(Limb a, Limb b, Limb& borrow) noexcept {
    const WideLimb difference = static_cast<WideLimb>(a) - b - borrow;
    borrow = high(difference) & 1;
    return low(difference);
}

// a += b modulo 2^256; the carry out of it, 0 or 1.
constexpr Limb add_with_carry(Limbs& a, const Limbs& b) noexcept {
    Limb carry = 0;
#pragma GCC unroll 8
    for (std::size_t i = 0; i < limb_count; ++i) a[i] = add_carry(a[i], b[i], carry);
    return carry;
}

// a += b modulo 2^256.
constexpr void add_in_place(Limbs& a, const Limbs& b) noexcept {
#if defined(STRIKEFOLD_X86_64_ASSEMBLER)
    // Compilers spill the carry to a register between limbs, or branch on it: thrice as slow.
    if (!std::is_constant_evaluated()) {
        asm("addq %4, %0\n\tadcq %5, %1\n\tadcq %6, %2\n\tadcq %7, %3"
            : "+&r"(a[0]), "+&r"(a[1]), "+&r"(a[2]), "+&r"(a[3])
            : "rm"(b[0]), "rm"(b[1]), "rm"(b[2]), "rm"(b[3])
            : "cc");
        return;
    }
#endif
    static_cast<void>(add_with_carry(a, b));
}

// a -= b modulo 2^256; all ones where it wrapped, else zero.
[[nodiscard]] constexpr Limb sub_in_place(Limbs& a, const Limbs& b) noexcept {
#if defined(STRIKEFOLD_X86_64_ASSEMBLER)
    if (!std::is_constant_evaluated()) {
        std::uint64_t mask = 0;
        asm("subq %5, %0\n\tsbbq %6, %1\n\tsbbq %7, %2\n\tsbbq %8, %3\n\tsbbq %4, %4"
            : "+&r"(a[0]), "+&r"(a[1]), "+&r"(a[2]), "+&r"(a[3]), "+&r"(mask)
            : "rm"(b[0]), "rm"(b[1]), "rm"(b[2]), "rm"(b[3])
            : "cc");
        return mask;
    }
#endif
    Limb borrow = 0;
#pragma GCC unroll 8
    for (std::size_t i = 0; i < limb_count; ++i) a[i] = sub_borrow(a[i], b[i], borrow);
    return static_cast<Limb>(0 - borrow);
}

[[nodiscard]] constexpr bool less(const Limbs& a, const Limbs& b) noexcept {
    Limbs difference = a;
    return sub_in_place(difference, b) != 0;
}

// x shifted right by one bit, with `top` (0 or 1) moving into its highest.
[[nodiscard]] constexpr Limbs halve(const Limbs& x, Limb top = 0) noexcept {
    Limbs half{};
    for (std::size_t i = 0; i < limb_count; ++i) {
        const Limb above = i + 1 < limb_count ? x[i + 1] : top;
        half[i] = static_cast<Limb>(x[i] >> 1 | above << (limb_bits - 1));
    }
    return half;
}

// The word that 32 big-endian bytes spell.
[[nodiscard]] constexpr Limbs load_be(std::span<const std::uint8_t, 32> bytes) noexcept {
    constexpr std::size_t size = sizeof(Limb);
    Limbs word{};
    for (std::size_t i = 0; i < limb_count; ++i) {
        Limb limb = 0;
        for (std::size_t j = 0; j < size; ++j)
            limb |= static_cast<Limb>(static_cast<Limb>(bytes[32 - size * (i + 1) + j])
                                      << (8 * (size - 1 - j)));
        word[i] = limb;
    }
    return word;
}

constexpr void store_be(const Limbs& word, std::span<std::uint8_t, 32> bytes) noexcept {
    constexpr std::size_t size = sizeof(Limb);
    for (std::size_t i = 0; i < limb_count; ++i)
        for (std::size_t j = 0; j < size; ++j)
            bytes[32 - size * (i + 1) + j] =
                static_cast<std::uint8_t>(word[i] >> (8 * (size - 1 - j)));
}

// Long division (Knuth, volume 2, 4.3.1, algorithm D). numerator: at least as many limbs as
// divisor, overwritten with the remainder; divisor: its top limb is not zero; quotient:
// numerator.size() - divisor.size() + 1 limbs. `scratch`: numerator.size() + divisor.size() + 1
// limbs.
void divide(std::span<Limb> numerator, std::span<const Limb> divisor, std::span<Limb> quotient,
            std::span<Limb> scratch) noexcept;

}  // namespace strikefold::evm
