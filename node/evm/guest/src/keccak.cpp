// Keccak-256 on the machine's call.
#include "evm/keccak.hpp"

#include <bit>

#include "zkvm_hash.hpp"

namespace strikefold::evm {

std::array<std::uint8_t, 32> keccak256(std::span<const std::uint8_t> data) noexcept {
    return std::bit_cast<std::array<std::uint8_t, 32>>(Keccak256::digest(data));
}

}  // namespace strikefold::evm
