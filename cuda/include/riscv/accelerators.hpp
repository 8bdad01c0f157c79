// What the calls compute, on words as memory holds them. 256-bit numbers: least significant word
// first.
#pragma once

#include <array>
#include <cstdint>
#include <riscv/stop.hpp>
#include <span>

namespace strikefold::riscv
{
/// Keccak-f[1600], lanes little-endian. Source: FIPS 202, section 3.
void keccakf(std::span<uint32_t, 50> state) noexcept;

/// SHA-256's compression of one block into the state. Source: FIPS 180-4, section 6.2.
void sha256_compress(std::span<uint32_t, 8> state, std::span<const uint32_t, 16> block) noexcept;

/// The permutation, unless a word is not canonical.
[[nodiscard]] Stop poseidon2_words(std::span<uint32_t, 16> state) noexcept;

/// As words, least significant first.
struct Division
{
    std::array<uint32_t, 16> quotient{};
    std::array<uint32_t, 8> remainder{};
};

/// in: a, b, c, m, where m = 0 stands for 2^256; q and r such that a b + c = q m + r, r < m.
[[nodiscard]] Division muladdmod(std::span<const uint32_t, 32> in) noexcept;

/// p := p + q on points (x, y); not on infinity, nor on points of one x.
[[nodiscard]] Stop secp256k1_add(
    std::span<uint32_t, 16> p, std::span<const uint32_t, 16> q) noexcept;

/// p := 2 p.
[[nodiscard]] Stop secp256k1_double(std::span<uint32_t, 16> p) noexcept;

/// What word_alu's third argument says.
enum class WordOp : uint32_t
{
    ADD = 1, SUB, LT, GT, SLT, SGT, EQ, COPY,
};

/// p := q op p; a comparison's result is 0 or 1.
[[nodiscard]] Stop word_alu(
    std::span<uint32_t, 8> p, std::span<const uint32_t, 8> q, uint32_t operation) noexcept;
}  // namespace strikefold::riscv
