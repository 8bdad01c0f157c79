// Scalars in width-w non-adjacent form: digits that are zero or odd and below 2^(w - 1) in
// magnitude, one of w adjacent ones not zero; and the odd multiples of a point that they select.
#pragma once

#include <array>
#include <cstdint>

#include "evm/curve.hpp"
#include "evm/uint256.hpp"

namespace strikefold::evm::wnaf {

inline constexpr std::size_t width = 5;
inline constexpr std::size_t multiples = std::size_t{1} << (width - 2);

// A point's odd multiples 1, 3, 5, ...
template <typename Point>
using Table = std::array<Point, multiples>;

template <std::size_t bits>
using Digits = std::array<std::int8_t, bits + 1>;

// The digits of a number below 2^bits, least significant first.
template <std::size_t bits>
[[nodiscard]] constexpr Digits<bits> digits_of(const Limbs& number) noexcept {
    Digits<bits> digits{};
    const auto bit_at = [&](std::size_t i) { return static_cast<int>(i < bits && bit(number, i)); };
    int carry = 0;
    for (std::size_t i = 0; i <= bits;) {
        if (bit_at(i) == carry) {
            ++i;
            continue;
        }
        int digit = carry;
        for (std::size_t j = 0; j < width; ++j) digit += bit_at(i + j) << j;
        carry = digit >> (width - 1) & 1;
        digits[i] = static_cast<std::int8_t>(digit - (carry << width));
        i += width;
    }
    return digits;
}

// p: not infinity, of an order above 16.
template <typename Point>
[[nodiscard]] constexpr Table<Point> table_of(const Point& p) noexcept {
    Table<Point> table{p};
    Point twice = p;
    twice_in_place(twice);
    for (std::size_t i = 1; i < multiples; ++i) {
        table[i] = table[i - 1];
        add_in_place(table[i], twice);
    }
    return table;
}

// sum += digit times the table's point
template <typename F, typename Point>
constexpr void add_digit(Jacobian<F>& sum, const Table<Point>& table, int digit) noexcept {
    if (digit == 0) return;
    const Point& point = table[static_cast<std::size_t>((digit < 0 ? -digit : digit) / 2)];
    sum = sum + (digit < 0 ? -point : point);
}

}  // namespace strikefold::evm::wnaf
