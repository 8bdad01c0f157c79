#include "evm/keccak.hpp"

#include <bit>
#include <cstddef>
#include <utility>

namespace strikefold::evm {

namespace {

using State = std::array<std::uint64_t, 25>;

constexpr std::size_t rate = 136;

constexpr std::array<std::uint64_t, 24> round_constants{
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

// The walk that pi takes from lane 1, and rho's rotation at each of its steps.
constexpr std::array<std::size_t, 24> pi{10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                                         15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};
constexpr std::array<int, 24> rho{1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
                                  27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};

inline void theta(State& s) noexcept {
    std::array<std::uint64_t, 5> parity{};
#pragma GCC unroll 5
    for (std::size_t x = 0; x < 5; ++x)
        parity[x] = s[x] ^ s[x + 5] ^ s[x + 10] ^ s[x + 15] ^ s[x + 20];
#pragma GCC unroll 5
    for (std::size_t x = 0; x < 5; ++x) {
        const std::uint64_t d = parity[(x + 4) % 5] ^ std::rotl(parity[(x + 1) % 5], 1);
#pragma GCC unroll 5
        for (std::size_t y = 0; y < 25; y += 5) s[x + y] ^= d;
    }
}

inline void rho_pi(State& s) noexcept {
    std::uint64_t lane = s[1];
#pragma GCC unroll 24
    for (std::size_t i = 0; i < 24; ++i) lane = std::exchange(s[pi[i]], std::rotl(lane, rho[i]));
}

inline void chi(State& s) noexcept {
#pragma GCC unroll 5
    for (std::size_t y = 0; y < 25; y += 5) {
        const std::array<std::uint64_t, 5> row{s[y], s[y + 1], s[y + 2], s[y + 3], s[y + 4]};
#pragma GCC unroll 5
        for (std::size_t x = 0; x < 5; ++x)
            s[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
}

void permute(State& s) noexcept {
    for (const std::uint64_t constant : round_constants) {
        theta(s);
        rho_pi(s);
        chi(s);
        s[0] ^= constant;
    }
}

[[nodiscard]] std::uint64_t load_le(const std::uint8_t* bytes) noexcept {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 8; ++i) word |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
    return word;
}

void absorb(State& state, const std::uint8_t* block) noexcept {
    for (std::size_t i = 0; i < rate / 8; ++i) state[i] ^= load_le(block + 8 * i);
    permute(state);
}

}  // namespace

std::array<std::uint8_t, 32> keccak256(std::span<const std::uint8_t> data) noexcept {
    State state{};
    for (; data.size() >= rate; data = data.subspan(rate)) absorb(state, data.data());
    std::array<std::uint8_t, rate> last{};
    for (std::size_t i = 0; i < data.size(); ++i) last[i] = data[i];
    last[data.size()] ^= 0x01;
    last[rate - 1] ^= 0x80;
    absorb(state, last.data());
    std::array<std::uint8_t, 32> digest{};
    for (std::size_t i = 0; i < 32; ++i)
        digest[i] = static_cast<std::uint8_t>(state[i / 8] >> (8 * (i % 8)));
    return digest;
}

}  // namespace strikefold::evm
