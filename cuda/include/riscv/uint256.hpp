// 256-bit numbers and their products, as 64-bit limbs, least significant first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace strikefold::riscv
{
__extension__ typedef unsigned __int128 uint128;

using Uint256 = std::array<uint64_t, 4>;
using Uint512 = std::array<uint64_t, 8>;

[[nodiscard]] constexpr Uint256 load256(std::span<const uint32_t, 8> words) noexcept
{
    Uint256 out{};
    for (size_t i = 0; i < 4; ++i)
        out[i] = uint64_t{words[2 * i + 1]} << 32 | words[2 * i];
    return out;
}

constexpr void store256(const Uint256& x, std::span<uint32_t, 8> words) noexcept
{
    for (size_t i = 0; i < 8; ++i)
        words[i] = static_cast<uint32_t>(x[i / 2] >> (i % 2 * 32));
}

/// a += b; the carry out of it.
[[nodiscard]] constexpr uint64_t add_to(Uint256& a, const Uint256& b) noexcept
{
    uint128 sum = 0;
    for (size_t i = 0; i < 4; ++i)
    {
        sum = (sum >> 64) + a[i] + b[i];
        a[i] = static_cast<uint64_t>(sum);
    }
    return static_cast<uint64_t>(sum >> 64);
}

/// a -= b; 1 where it wrapped.
[[nodiscard]] constexpr uint64_t subtract_from(Uint256& a, const Uint256& b) noexcept
{
    uint64_t borrow = 0;
    for (size_t i = 0; i < 4; ++i)
    {
        const uint128 difference = uint128{a[i]} - b[i] - borrow;
        a[i] = static_cast<uint64_t>(difference);
        borrow = static_cast<uint64_t>(difference >> 64) & 1;
    }
    return borrow;
}

[[nodiscard]] constexpr bool less(const Uint256& a, const Uint256& b) noexcept
{
    Uint256 difference = a;
    return subtract_from(difference, b) != 0;
}

/// a b + c.
[[nodiscard]] constexpr Uint512 multiply_add(
    const Uint256& a, const Uint256& b, const Uint256& c) noexcept
{
    Uint512 out{c[0], c[1], c[2], c[3]};
    for (size_t i = 0; i < 4; ++i)
    {
        uint64_t carry = 0;
        for (size_t j = 0; j < 4; ++j)
        {
            const uint128 sum = uint128{a[i]} * b[j] + out[i + j] + carry;
            out[i + j] = static_cast<uint64_t>(sum);
            carry = static_cast<uint64_t>(sum >> 64);
        }
        out[i + 4] = carry;
    }
    return out;
}
}  // namespace strikefold::riscv
