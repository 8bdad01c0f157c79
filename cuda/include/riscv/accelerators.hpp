// What the calls compute, on words as memory holds them. 256-bit numbers: least significant word
// first.
#pragma once

#include <cstdint>
#include <riscv/stop.hpp>
#include <span>

namespace strikefold::riscv
{
/// Keccak-f[1600], lanes little-endian. Source: FIPS 202, section 3.
void keccakf(std::span<uint32_t, 50> state) noexcept;

/// SHA-256's compression of one block into the state. Source: FIPS 180-4, section 6.2.
void sha256(std::span<uint32_t, 8> state, std::span<const uint32_t, 16> block) noexcept;

/// The permutation, unless a word is not canonical.
[[nodiscard]] Stop poseidon2_words(std::span<uint32_t, 16> state) noexcept;

/// in: a, b, c, m; out: r, then the low 256 bits of q, where a b + c = q m + r, r < m; m = 0:
/// 2^256.
void muladdmod(std::span<const uint32_t, 32> in, std::span<uint32_t, 16> out) noexcept;

/// p := p + q on points (x, y); not on infinity, nor on points of one x.
[[nodiscard]] Stop secp256k1_add(
    std::span<uint32_t, 16> p, std::span<const uint32_t, 16> q) noexcept;

/// p := 2 p.
[[nodiscard]] Stop secp256k1_double(std::span<uint32_t, 16> p) noexcept;
}  // namespace strikefold::riscv
