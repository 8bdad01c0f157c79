// Kate, Zaverucha and Goldberg's polynomial commitments with the setup of Ethereum's ceremony
// (EIP-4844).
#pragma once

#include "evm/types.hpp"

namespace strikefold::evm::kzg {

inline constexpr std::size_t point_size = 48;
inline constexpr std::size_t scalar_size = 32;

using PointBytes = std::span<const std::uint8_t, point_size>;
using ScalarBytes = std::span<const std::uint8_t, scalar_size>;

// Whether the committed polynomial takes the value y at z, by the proof. False, too, where a
// point's encoding is not canonical or it is not in G1, or a scalar is not below the group's order.
[[nodiscard]] bool verify_proof(PointBytes commitment, ScalarBytes z, ScalarBytes y,
                                PointBytes proof);

}  // namespace strikefold::evm::kzg
