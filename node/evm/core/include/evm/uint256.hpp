// 256-bit words as four 64-bit limbs, least significant first, and the carries between them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

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

[[nodiscard]] constexpr bool less(const Limbs& a, const Limbs& b) noexcept {
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < 4; ++i) (void)sub_borrow(a[i], b[i], borrow);
    return borrow != 0;
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
