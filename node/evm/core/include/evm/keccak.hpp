// Keccak-256 with the padding from before FIPS 202, as Ethereum uses it.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace strikefold::evm {

[[nodiscard]] std::array<std::uint8_t, 32> keccak256(std::span<const std::uint8_t> data) noexcept;

}  // namespace strikefold::evm
