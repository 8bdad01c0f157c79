#include <bit>

#include "evm/hashes.hpp"
#include "merkle_damgard.hpp"

namespace strikefold::evm {

namespace {

using RipemdState = std::array<std::uint32_t, 5>;

// One of the two lines of RIPEMD-160: message order, rotations, constants and functions by round.
struct Line {
    std::array<std::uint8_t, 80> order, rotations;
    std::array<std::uint32_t, 5> constants;
    bool reversed;
};

constexpr Line left_line{
    {0,  1, 2,  3, 4,  5,  6, 7,  8, 9,  10, 11, 12, 13, 14, 15, 7,  4,  13, 1,
     10, 6, 15, 3, 12, 0,  9, 5,  2, 14, 11, 8,  3,  10, 14, 4,  9,  15, 8,  1,
     2,  7, 0,  6, 13, 11, 5, 12, 1, 9,  11, 10, 0,  8,  12, 4,  13, 3,  7,  15,
     14, 5, 6,  2, 4,  0,  5, 9,  7, 12, 2,  10, 14, 1,  3,  8,  11, 6,  15, 13},
    {11, 14, 15, 12, 5, 8,  7,  9,  11, 13, 14, 15, 6,  7,  9,  8,  7,  6,  8,  13,
     11, 9,  7,  15, 7, 12, 15, 9,  11, 7,  13, 12, 11, 13, 6,  7,  14, 9,  13, 15,
     14, 8,  13, 6,  5, 12, 7,  5,  11, 12, 14, 15, 14, 15, 9,  8,  9,  14, 5,  6,
     8,  6,  5,  12, 9, 15, 5,  11, 6,  8,  13, 12, 5,  12, 13, 14, 11, 8,  5,  6},
    {0, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e},
    false};
constexpr Line right_line{
    {5,  14, 7,  0,  9,  2,  11, 4,  13, 6, 15, 8, 1,  10, 3,  12, 6, 11, 3, 7,
     0,  13, 5,  10, 14, 15, 8,  12, 4,  9, 1,  2, 15, 5,  1,  3,  7, 14, 6, 9,
     11, 8,  12, 2,  10, 0,  4,  13, 8,  6, 4,  1, 3,  11, 15, 0,  5, 12, 2, 13,
     9,  7,  10, 14, 12, 15, 10, 4,  1,  5, 8,  7, 6,  2,  13, 14, 0, 3,  9, 11},
    {8,  9,  9,  11, 13, 15, 15, 5, 7,  7,  8,  11, 14, 14, 12, 6,  9,  13, 15, 7,
     12, 8,  9,  11, 7,  7,  12, 7, 6,  15, 13, 11, 9,  7,  15, 11, 8,  6,  6,  14,
     12, 13, 5,  14, 13, 13, 7,  5, 15, 5,  8,  11, 14, 14, 6,  14, 6,  9,  12, 9,
     12, 5,  15, 8,  8,  5,  12, 9, 12, 5,  14, 6,  8,  13, 6,  5,  15, 13, 11, 11},
    {0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0},
    true};

[[nodiscard]] std::uint32_t mix(std::size_t round, std::uint32_t x, std::uint32_t y,
                                std::uint32_t z) noexcept {
    switch (round) {
        case 0:
            return x ^ y ^ z;
        case 1:
            return (x & y) | (~x & z);
        case 2:
            return (x | ~y) ^ z;
        case 3:
            return (x & z) | (y & ~z);
        default:
            return x ^ (y | ~z);
    }
}

[[nodiscard]] RipemdState run_line(const Line& line, RipemdState s,
                                   const std::array<std::uint32_t, 16>& message) noexcept {
    for (std::size_t i = 0; i < 80; ++i) {
        const std::size_t round = i / 16;
        const std::uint32_t sum = s[0] + mix(line.reversed ? 4 - round : round, s[1], s[2], s[3]) +
                                  message[line.order[i]] + line.constants[round];
        const std::uint32_t t = std::rotl(sum, line.rotations[i]) + s[4];
        s = {s[4], t, s[1], std::rotl(s[2], 10), s[3]};
    }
    return s;
}

void compress_ripemd(RipemdState& state, const std::uint8_t* block) noexcept {
    std::array<std::uint32_t, 16> message;
    for (std::size_t i = 0; i < 16; ++i)
        message[i] = static_cast<std::uint32_t>(block[4 * i + 3]) << 24 |
                     static_cast<std::uint32_t>(block[4 * i + 2]) << 16 |
                     static_cast<std::uint32_t>(block[4 * i + 1]) << 8 | block[4 * i];
    const RipemdState l = run_line(left_line, state, message);
    const RipemdState r = run_line(right_line, state, message);
    state = {state[1] + l[2] + r[3], state[2] + l[3] + r[4], state[3] + l[4] + r[0],
             state[4] + l[0] + r[1], state[0] + l[1] + r[2]};
}

}  // namespace

std::array<std::uint8_t, 20> ripemd160(View data) noexcept {
    RipemdState state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    run(data, state, false, compress_ripemd);
    std::array<std::uint8_t, 20> digest;
    for (std::size_t i = 0; i < 20; ++i)
        digest[i] = static_cast<std::uint8_t>(state[i / 4] >> (8 * (i % 4)));
    return digest;
}

}  // namespace strikefold::evm
