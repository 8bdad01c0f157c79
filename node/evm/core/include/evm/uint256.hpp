// 256-bit words as four 64-bit limbs, least significant first, and the carries between them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace strikefold::evm {

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 i128;

using Limbs = std::array<std::uint64_t, 4>;

[[nodiscard]] constexpr std::uint64_t low(u128 x) noexcept {
    return static_cast<std::uint64_t>(x);
}

[[nodiscard]] constexpr std::uint64_t high(u128 x) noexcept {
    return static_cast<std::uint64_t>(x >> 64);
}

// a + b; carry is 0 or 1, read and written.
[[nodiscard]] constexpr std::uint64_t add_carry(std::uint64_t a, std::uint64_t b,
                                                std::uint64_t& carry) noexcept {
    const u128 sum = static_cast<u128>(a) + b + carry;
    carry = high(sum);
    return low(sum);
}

// a - b; borrow is 0 or 1, read and written.
[[nodiscard]] constexpr std::uint64_t sub_borrow(std::uint64_t a, std::uint64_t b,
                                                 std::uint64_t& borrow) noexcept {
    const u128 difference = static_cast<u128>(a) - b - borrow;
    borrow = high(difference) & 1;
    return low(difference);
}

// a += b modulo 2^256.
constexpr void add_in_place(Limbs& a, const Limbs& b) noexcept {
#if defined(__x86_64__) && !defined(STRIKEFOLD_PORTABLE)
    // Compilers spill the carry to a register between limbs, or branch on it: thrice as slow.
    if (!std::is_constant_evaluated()) {
        asm("addq %4, %0\n\tadcq %5, %1\n\tadcq %6, %2\n\tadcq %7, %3"
            : "+&r"(a[0]), "+&r"(a[1]), "+&r"(a[2]), "+&r"(a[3])
            : "rm"(b[0]), "rm"(b[1]), "rm"(b[2]), "rm"(b[3])
            : "cc");
        return;
    }
#endif
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < 4; ++i) a[i] = add_carry(a[i], b[i], carry);
}

// a -= b modulo 2^256; all ones where it wrapped, else zero.
[[nodiscard]] constexpr std::uint64_t sub_in_place(Limbs& a, const Limbs& b) noexcept {
#if defined(__x86_64__) && !defined(STRIKEFOLD_PORTABLE)
    if (!std::is_constant_evaluated()) {
        std::uint64_t mask = 0;
        asm("subq %5, %0\n\tsbbq %6, %1\n\tsbbq %7, %2\n\tsbbq %8, %3\n\tsbbq %4, %4"
            : "+&r"(a[0]), "+&r"(a[1]), "+&r"(a[2]), "+&r"(a[3]), "+&r"(mask)
            : "rm"(b[0]), "rm"(b[1]), "rm"(b[2]), "rm"(b[3])
            : "cc");
        return mask;
    }
#endif
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < 4; ++i) a[i] = sub_borrow(a[i], b[i], borrow);
    return 0 - borrow;
}

[[nodiscard]] constexpr bool less(const Limbs& a, const Limbs& b) noexcept {
    Limbs difference = a;
    return sub_in_place(difference, b) != 0;
}

// The word that 32 big-endian bytes spell.
[[nodiscard]] constexpr Limbs load_be(std::span<const std::uint8_t, 32> bytes) noexcept {
    Limbs word{};
    for (std::size_t i = 0; i < 32; ++i)
        word[3 - i / 8] |= static_cast<std::uint64_t>(bytes[i]) << (56 - 8 * (i % 8));
    return word;
}

constexpr void store_be(const Limbs& word, std::span<std::uint8_t, 32> bytes) noexcept {
    for (std::size_t i = 0; i < 32; ++i)
        bytes[i] = static_cast<std::uint8_t>(word[3 - i / 8] >> (56 - 8 * (i % 8)));
}

}  // namespace strikefold::evm
