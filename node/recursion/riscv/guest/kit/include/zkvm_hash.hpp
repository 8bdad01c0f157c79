// Hashes of data that comes in parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "zkvm_accelerators.h"
#include "zkvm_calls.hpp"

namespace strikefold {

/// 32 bytes, aligned.
using Digest = zkvm_bytes_32;

/// Keccak-256 as Ethereum has it (FIPS 202's sponge, rate 136, the padding of the submission).
class Keccak256 {
public:
    constexpr Keccak256();
    /// Of data in one part.
    [[nodiscard]] static Digest digest(std::span<const std::uint8_t> data);
    void update(std::span<const std::uint8_t> data);
    /// The digest of all that was given; the object is done after it.
    [[nodiscard]] Digest finish();

private:
    static constexpr std::size_t rate = 136;
    struct Unset {};

    /// The caller sets the state.
    explicit Keccak256(Unset) {}
    void absorb_byte(std::uint8_t byte);
    void permute();

    KeccakState state_;
    std::size_t at_ = 0;  // bytes absorbed since the last permutation
};

/// Stores in a row cost fewer instructions than memset and its loop.
[[clang::no_builtin("memset")]] constexpr Keccak256::Keccak256() {
#pragma clang loop unroll(full)
    for (std::uint32_t& word : state_) word = 0;
}

/// SHA-256 (FIPS 180-4).
class Sha256 {
public:
    void update(std::span<const std::uint8_t> data);
    /// The digest of all that was given; the object is done after it.
    [[nodiscard]] Digest finish();

private:
    static constexpr std::size_t block = 64;

    void absorb(const std::uint8_t* data);

    Sha256State state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    alignas(4) std::uint8_t buffer_[block];
    std::size_t buffered_ = 0;
    std::uint64_t length_ = 0;
};

}  // namespace strikefold
