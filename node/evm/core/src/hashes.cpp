#include "evm/hashes.hpp"

#include <bit>

namespace strikefold::evm {

namespace {

constexpr std::size_t block_size = 64;

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

constexpr std::array<std::uint32_t, 64> sha256_constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

using Sha256State = std::array<std::uint32_t, 8>;

[[nodiscard]] std::array<std::uint32_t, 64> schedule(const std::uint8_t* block) noexcept {
    std::array<std::uint32_t, 64> w;
    for (std::size_t i = 0; i < 16; ++i)
        w[i] = static_cast<std::uint32_t>(block[4 * i]) << 24 |
               static_cast<std::uint32_t>(block[4 * i + 1]) << 16 |
               static_cast<std::uint32_t>(block[4 * i + 2]) << 8 | block[4 * i + 3];
    for (std::size_t i = 16; i < 64; ++i) {
        const std::uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + w[i - 7] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) +
               (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
    }
    return w;
}

void compress_sha256(Sha256State& state, const std::uint8_t* block) noexcept {
    const auto w = schedule(block);
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t i = 0; i < 64; ++i) {
        const std::uint32_t t1 = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                                 ((e & f) ^ (~e & g)) + sha256_constants[i] + w[i];
        const std::uint32_t t2 =
            (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    const Sha256State sums{a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) state[i] += sums[i];
}

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

Hash sha256(View data) noexcept {
    Sha256State state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    run(data, state, true, compress_sha256);
    Hash digest;
    for (std::size_t i = 0; i < 32; ++i)
        digest[i] = static_cast<std::uint8_t>(state[i / 4] >> (24 - 8 * (i % 4)));
    return digest;
}

std::array<std::uint8_t, 20> ripemd160(View data) noexcept {
    RipemdState state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    run(data, state, false, compress_ripemd);
    std::array<std::uint8_t, 20> digest;
    for (std::size_t i = 0; i < 20; ++i)
        digest[i] = static_cast<std::uint8_t>(state[i / 4] >> (8 * (i % 4)));
    return digest;
}

}  // namespace strikefold::evm
