// What SHA-256 and RIPEMD-160 share.
#pragma once

#include "evm/types.hpp"

namespace strikefold::evm {

inline constexpr std::size_t block_size = 64;

// Runs a Merkle-Damgard compression function over padded data; the length goes at the end, in bits.
template <typename State, typename Compress>
void run(View data, State& state, bool big_endian_length, Compress compress) noexcept {
    const std::uint64_t bits = static_cast<std::uint64_t>(data.size()) * 8;
    for (; data.size() >= block_size; data = data.subspan(block_size)) compress(state, data.data());
    std::array<std::uint8_t, 2 * block_size> last{};
    copy(last.data(), data);
    last[data.size()] = 0x80;
    const std::size_t size = data.size() < block_size - 8 ? block_size : 2 * block_size;
    for (std::size_t i = 0; i < 8; ++i) {
        const std::size_t shift = 8 * (big_endian_length ? 7 - i : i);
        last[size - 8 + i] = static_cast<std::uint8_t>(bits >> shift);
    }
    for (std::size_t at = 0; at < size; at += block_size) compress(state, last.data() + at);
}

}  // namespace strikefold::evm
