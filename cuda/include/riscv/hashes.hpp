// The parts of hash functions: what the executor runs and the tables hold.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <utility>

namespace strikefold::riscv
{
namespace keccak
{
/// Lanes are numbered x + 5 y.
using Lanes = std::array<uint64_t, 25>;

/// The bits of the round constants: an LFSR over x^8 + x^6 + x^5 + x^4 + 1 (FIPS 202, 3.2.5).
[[nodiscard]] constexpr std::array<uint64_t, 24> round_constants() noexcept
{
    std::array<uint64_t, 24> out{};
    uint32_t lfsr = 1;
    for (uint64_t& constant : out)
    {
        for (uint32_t j = 0; j < 7; ++j)
        {
            constant |= uint64_t{lfsr & 1} << ((1U << j) - 1);
            lfsr = (lfsr << 1) ^ ((lfsr >> 7) * 0x171);
        }
    }
    return out;
}
inline constexpr std::array<uint64_t, 24> CONSTANTS = round_constants();
static_assert(CONSTANTS[0] == 1 && CONSTANTS[23] == 0x8000000080008008);

[[nodiscard]] inline Lanes load(std::span<const uint32_t, 50> words) noexcept
{
    Lanes out;
    for (size_t i = 0; i < out.size(); ++i)
        out[i] = uint64_t{words[2 * i + 1]} << 32 | words[2 * i];
    return out;
}

inline void theta(Lanes& s) noexcept
{
    std::array<uint64_t, 5> parity;
    for (size_t x = 0; x < 5; ++x)
        parity[x] = s[x] ^ s[x + 5] ^ s[x + 10] ^ s[x + 15] ^ s[x + 20];
    for (size_t i = 0; i < 25; ++i)
        s[i] ^= parity[(i + 4) % 5] ^ std::rotl(parity[(i + 1) % 5], 1);
}

/// Lane by lane along pi's cycle from (1, 0); step t rotates by (t + 1)(t + 2) / 2.
inline void rho_pi(Lanes& s) noexcept
{
    size_t x = 1;
    size_t y = 0;
    uint64_t lane = s[1];
#pragma GCC unroll 24
    for (int t = 0; t < 24; ++t)
    {
        const size_t next = (2 * x + 3 * y) % 5;
        x = y;
        y = next;
        lane = std::exchange(s[x + 5 * y], std::rotl(lane, (t + 1) * (t + 2) / 2 % 64));
    }
}

inline void chi(Lanes& s) noexcept
{
    for (size_t y = 0; y < 25; y += 5)
    {
        const std::array<uint64_t, 5> row{s[y], s[y + 1], s[y + 2], s[y + 3], s[y + 4]};
        for (size_t x = 0; x < 5; ++x)
            s[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
}

/// A round, but for theta.
inline void after_theta(Lanes& s, size_t number) noexcept
{
    rho_pi(s);
    chi(s);
    s[0] ^= CONSTANTS[number];
}
}  // namespace keccak

namespace sha256
{
inline constexpr std::array<uint32_t, 64> CONSTANTS{0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
    0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
    0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

[[nodiscard]] constexpr uint32_t large_0(uint32_t x) noexcept
{
    return std::rotr(x, 2) ^ std::rotr(x, 13) ^ std::rotr(x, 22);
}
[[nodiscard]] constexpr uint32_t large_1(uint32_t x) noexcept
{
    return std::rotr(x, 6) ^ std::rotr(x, 11) ^ std::rotr(x, 25);
}
[[nodiscard]] constexpr uint32_t small_0(uint32_t x) noexcept
{
    return std::rotr(x, 7) ^ std::rotr(x, 18) ^ x >> 3;
}
[[nodiscard]] constexpr uint32_t small_1(uint32_t x) noexcept
{
    return std::rotr(x, 17) ^ std::rotr(x, 19) ^ x >> 10;
}
[[nodiscard]] constexpr uint32_t choice(uint32_t x, uint32_t y, uint32_t z) noexcept
{
    return (x & y) ^ (~x & z);
}
[[nodiscard]] constexpr uint32_t majority(uint32_t x, uint32_t y, uint32_t z) noexcept
{
    return (x & y) ^ (x & z) ^ (y & z);
}

/// All rounds of a compression. Before round t, a[t + 3] to a[t] are the standard's a to d, and e[t
/// + 3] to e[t] its e to h.
struct Rounds
{
    std::array<uint32_t, 64> w;
    std::array<uint32_t, 68> a, e;

    Rounds(std::span<const uint32_t, 8> state, std::span<const uint32_t, 16> block) noexcept
    {
        for (size_t i = 0; i < 4; ++i)
        {
            a[i] = state[3 - i];
            e[i] = state[7 - i];
        }
        for (size_t t = 0; t < 64; ++t)
        {
            w[t] =
                t < 16 ? block[t] : w[t - 16] + small_0(w[t - 15]) + w[t - 7] + small_1(w[t - 2]);
            const uint32_t first = e[t] + large_1(e[t + 3]) + choice(e[t + 3], e[t + 2], e[t + 1]) +
                                   CONSTANTS[t] + w[t];
            e[t + 4] = a[t] + first;
            a[t + 4] = first + large_0(a[t + 3]) + majority(a[t + 3], a[t + 2], a[t + 1]);
        }
    }
    /// What they make of the state, before that is added.
    [[nodiscard]] std::array<uint32_t, 8> last() const noexcept
    {
        return {a[67], a[66], a[65], a[64], e[67], e[66], e[65], e[64]};
    }
};
}  // namespace sha256
}  // namespace strikefold::riscv
