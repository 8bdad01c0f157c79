// The precompiled contracts on BN254: addition and product (EIP-196), pairing check (EIP-197).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace strikefold::evm::bn254 {

inline constexpr std::size_t add_input_size = 128;
inline constexpr std::size_t multiply_input_size = 96;
inline constexpr std::size_t pair_size = 192;
inline constexpr std::size_t point_size = 64;

// Two points; their sum. False where a coordinate is not below p or a point not on the curve.
[[nodiscard]] bool add(std::span<const std::uint8_t, add_input_size> input,
                       std::span<std::uint8_t, point_size> output) noexcept;

// A point and a scalar of any size; their product. False as for add.
[[nodiscard]] bool multiply(std::span<const std::uint8_t, multiply_input_size> input,
                            std::span<std::uint8_t, point_size> output) noexcept;

// Pairs of a G1 and a G2 point: whether their pairings multiply to one (they do for no pairs).
// Nothing where the size is no multiple of a pair's or a point is not in its group.
[[nodiscard]] std::optional<bool> pairing_check(std::span<const std::uint8_t> input) noexcept;

}  // namespace strikefold::evm::bn254
