// Unsigned integers of a fixed number of limbs, least significant first, and the carries between
// them. A limb is what the machine multiplies in one instruction: 64 bits, or 32 where there is no
// 128-bit product (RV32).
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
inline constexpr std::size_t limbs_per_u64 = 64 / limb_bits;

template <std::size_t count>
using LimbArray = std::array<Limb, count>;

[[nodiscard]] constexpr Limb low(WideLimb x) noexcept {
    return static_cast<Limb>(x);
}

[[nodiscard]] constexpr Limb high(WideLimb x) noexcept {
    return static_cast<Limb>(x >> limb_bits);
}

// The limbs of 64-bit words, least significant first.
template <std::size_t words>
[[nodiscard]] constexpr LimbArray<words * limbs_per_u64> limbs_from(
    const std::array<std::uint64_t, words>& from) noexcept {
    LimbArray<words * limbs_per_u64> limbs{};
    for (std::size_t i = 0; i < limbs.size(); ++i)
        limbs[i] = static_cast<Limb>(from[i / limbs_per_u64] >>
                                     (static_cast<int>(i % limbs_per_u64) * limb_bits));
    return limbs;
}

template <std::size_t count>
[[nodiscard]] constexpr bool bit(const LimbArray<count>& x, std::size_t i) noexcept {
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

#if defined(STRIKEFOLD_X86_64_ASSEMBLER)
// Three limbs that collect products of a column.
struct Accumulator {
    Limb limb0 = 0, limb1 = 0, limb2 = 0;

    void add_product(Limb a, Limb b) noexcept {
        Limb top;
        asm("mulq %[b]\n\taddq %[a], %[limb0]\n\tadcq %[top], %[limb1]\n\tadcq $0, %[limb2]"
            : [limb0] "+&r"(limb0), [limb1] "+&r"(limb1), [limb2] "+&r"(limb2), [a] "+&a"(a),
              [top] "=&d"(top)
            : [b] "rm"(b)
            : "cc");
    }

    // The lowest limb, which is then dropped.
    [[nodiscard]] Limb shift() noexcept {
        const Limb lowest = limb0;
        limb0 = limb1;
        limb1 = limb2;
        limb2 = 0;
        return lowest;
    }
};
#endif

// a += b modulo the capacity; the carry out of it, 0 or 1.
template <std::size_t count>
constexpr Limb add_with_carry(LimbArray<count>& a, const LimbArray<count>& b) noexcept {
    Limb carry = 0;
#pragma GCC unroll 12
    for (std::size_t i = 0; i < count; ++i) a[i] = add_carry(a[i], b[i], carry);
    return carry;
}

// a += b modulo the capacity.
template <std::size_t count>
constexpr void add_in_place(LimbArray<count>& a, const LimbArray<count>& b) noexcept {
#if defined(STRIKEFOLD_X86_64_ASSEMBLER)
    // Compilers spill the carry to a register between limbs, or branch on it: thrice as slow.
    if (!std::is_constant_evaluated()) {
        if constexpr (count == 4) {
            asm("addq %4, %0\n\tadcq %5, %1\n\tadcq %6, %2\n\tadcq %7, %3"
                : "+&r"(a[0]), "+&r"(a[1]), "+&r"(a[2]), "+&r"(a[3])
                : "rm"(b[0]), "rm"(b[1]), "rm"(b[2]), "rm"(b[3])
                : "cc");
            return;
        }
        if constexpr (count == 6) {
            asm("addq %6, %0\n\tadcq %7, %1\n\tadcq %8, %2\n\tadcq %9, %3\n\tadcq %10, %4\n\t"
                "adcq %11, %5"
                : "+&r"(a[0]), "+&r"(a[1]), "+&r"(a[2]), "+&r"(a[3]), "+&r"(a[4]), "+&r"(a[5])
                : "rm"(b[0]), "rm"(b[1]), "rm"(b[2]), "rm"(b[3]), "rm"(b[4]), "rm"(b[5])
                : "cc");
            return;
        }
    }
#endif
    static_cast<void>(add_with_carry(a, b));
}

// a -= b modulo the capacity; all ones where it wrapped, else zero.
template <std::size_t count>
[[nodiscard]] constexpr Limb sub_in_place(LimbArray<count>& a, const LimbArray<count>& b) noexcept {
#if defined(STRIKEFOLD_X86_64_ASSEMBLER)
    if (!std::is_constant_evaluated()) {
        [[maybe_unused]] std::uint64_t mask = 0;
        if constexpr (count == 4) {
            asm("subq %5, %0\n\tsbbq %6, %1\n\tsbbq %7, %2\n\tsbbq %8, %3\n\tsbbq %4, %4"
                : "+&r"(a[0]), "+&r"(a[1]), "+&r"(a[2]), "+&r"(a[3]), "+&r"(mask)
                : "rm"(b[0]), "rm"(b[1]), "rm"(b[2]), "rm"(b[3])
                : "cc");
            return mask;
        }
        if constexpr (count == 6) {
            asm("subq %7, %0\n\tsbbq %8, %1\n\tsbbq %9, %2\n\tsbbq %10, %3\n\tsbbq %11, %4\n\t"
                "sbbq %12, %5\n\tsbbq %6, %6"
                : "+&r"(a[0]), "+&r"(a[1]), "+&r"(a[2]), "+&r"(a[3]), "+&r"(a[4]), "+&r"(a[5]),
                  "+&r"(mask)
                : "rm"(b[0]), "rm"(b[1]), "rm"(b[2]), "rm"(b[3]), "rm"(b[4]), "rm"(b[5])
                : "cc");
            return mask;
        }
    }
#endif
    Limb borrow = 0;
#pragma GCC unroll 12
    for (std::size_t i = 0; i < count; ++i) a[i] = sub_borrow(a[i], b[i], borrow);
    return static_cast<Limb>(0 - borrow);
}

template <std::size_t count>
[[nodiscard]] constexpr bool less(const LimbArray<count>& a, const LimbArray<count>& b) noexcept {
    LimbArray<count> difference = a;
    return sub_in_place(difference, b) != 0;
}

// x shifted right by one bit, with `top` (0 or 1) moving into its highest.
template <std::size_t count>
[[nodiscard]] constexpr LimbArray<count> halve(const LimbArray<count>& x, Limb top = 0) noexcept {
    LimbArray<count> half{};
    for (std::size_t i = 0; i < count; ++i) {
        const Limb above = i + 1 < count ? x[i + 1] : top;
        half[i] = static_cast<Limb>(x[i] >> 1 | above << (limb_bits - 1));
    }
    return half;
}

// The number that big-endian bytes spell, a word's 32 unless told.
template <std::size_t count = 256 / limb_bits>
[[nodiscard]] constexpr LimbArray<count> load_be(
    std::span<const std::uint8_t, count * sizeof(Limb)> bytes) noexcept {
    constexpr std::size_t size = sizeof(Limb);
    LimbArray<count> number{};
    for (std::size_t i = 0; i < count; ++i) {
        Limb limb = 0;
        for (std::size_t j = 0; j < size; ++j)
            limb |= static_cast<Limb>(static_cast<Limb>(bytes[size * (count - 1 - i) + j])
                                      << (8 * (size - 1 - j)));
        number[i] = limb;
    }
    return number;
}

template <std::size_t count>
constexpr void store_be(
    const LimbArray<count>& number,
    std::type_identity_t<std::span<std::uint8_t, count * sizeof(Limb)>> bytes) noexcept {
    constexpr std::size_t size = sizeof(Limb);
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t j = 0; j < size; ++j)
            bytes[size * (count - 1 - i) + j] =
                static_cast<std::uint8_t>(number[i] >> (8 * (size - 1 - j)));
}

}  // namespace strikefold::evm
