// The compression function F of BLAKE2b (RFC 7693, section 3.2), as EIP-152 exposes it.
#pragma once

#include <cstdint>
#include <span>

namespace strikefold::evm {

inline constexpr std::size_t blake2f_input_size = 213;
inline constexpr std::size_t blake2f_output_size = 64;

// Input: rounds (4 bytes, big-endian), state (8 words), message (16 words), offset (2 words), all
// words little-endian, final flag (1 byte). False where the flag is neither 0 nor 1.
[[nodiscard]] bool blake2f(std::span<const std::uint8_t, blake2f_input_size> input,
                           std::span<std::uint8_t, blake2f_output_size> output) noexcept;

}  // namespace strikefold::evm
