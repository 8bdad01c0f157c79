#include <algorithm>
#include <array>
#include <bit>
#include <prover/poseidon2.hpp>
#include <riscv/accelerators.hpp>
#include <utility>

namespace strikefold::riscv
{
namespace
{
using Lanes = std::array<uint64_t, 25>;

/// The bits of the round constants: an LFSR over x^8 + x^6 + x^5 + x^4 + 1 (FIPS 202, 3.2.5).
[[nodiscard]] constexpr std::array<uint64_t, 24> keccak_constants() noexcept
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
constexpr std::array<uint64_t, 24> KECCAK = keccak_constants();
static_assert(KECCAK[0] == 1 && KECCAK[23] == 0x8000000080008008);

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

constexpr std::array<uint32_t, 64> SHA256{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

[[nodiscard]] std::array<uint32_t, 64> sha256_schedule(std::span<const uint32_t, 16> block) noexcept
{
    std::array<uint32_t, 64> w;
    std::ranges::copy(block, w.begin());
    for (size_t t = 16; t < 64; ++t)
    {
        const uint32_t x = w[t - 15];
        const uint32_t y = w[t - 2];
        w[t] = w[t - 16] + (std::rotr(x, 7) ^ std::rotr(x, 18) ^ x >> 3) + w[t - 7] +
               (std::rotr(y, 17) ^ std::rotr(y, 19) ^ y >> 10);
    }
    return w;
}
}  // namespace

void keccakf(std::span<uint32_t, 50> state) noexcept
{
    Lanes s;
    for (size_t i = 0; i < 25; ++i)
        s[i] = uint64_t{state[2 * i + 1]} << 32 | state[2 * i];
    for (const uint64_t constant : KECCAK)
    {
        theta(s);
        rho_pi(s);
        chi(s);
        s[0] ^= constant;
    }
    for (size_t i = 0; i < 25; ++i)
    {
        state[2 * i] = static_cast<uint32_t>(s[i]);
        state[2 * i + 1] = static_cast<uint32_t>(s[i] >> 32);
    }
}

void sha256(std::span<uint32_t, 8> state, std::span<const uint32_t, 16> block) noexcept
{
    const std::array<uint32_t, 64> w = sha256_schedule(block);
    auto [a, b, c, d, e, f, g, h] = std::array{
        state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]};
    for (size_t t = 0; t < 64; ++t)
    {
        const uint32_t first = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                               ((e & f) ^ (~e & g)) + SHA256[t] + w[t];
        const uint32_t second = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) +
                                ((a & b) ^ (a & c) ^ (b & c));
        h = std::exchange(g, std::exchange(f, std::exchange(e, d + first)));
        d = std::exchange(c, std::exchange(b, std::exchange(a, first + second)));
    }
    const std::array worked{a, b, c, d, e, f, g, h};
    for (size_t i = 0; i < 8; ++i)
        state[i] += worked[i];
}

Stop poseidon2_words(std::span<uint32_t, 16> state) noexcept
{
    if (std::ranges::any_of(state, [](uint32_t word) { return word >= Fp::P; }))
        return Stop::NOT_A_FIELD_ELEMENT;
    Fp elements[poseidon2::WIDTH];
    for (size_t i = 0; i < state.size(); ++i)
        elements[i] = Fp::from_canonical(state[i]);
    poseidon2::permute(elements);
    for (size_t i = 0; i < state.size(); ++i)
        state[i] = elements[i].canonical();
    return Stop::NONE;
}
}  // namespace strikefold::riscv
