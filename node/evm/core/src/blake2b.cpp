#include "evm/blake2b.hpp"

#include <array>
#include <bit>
#include <cstddef>

namespace strikefold::evm {

namespace {

using Words = std::array<std::uint64_t, 16>;

constexpr std::array<std::uint64_t, 8> iv{
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

// RFC 7693, section 2.7: the order in which each of ten rounds takes the message's words.
constexpr std::array<std::array<std::uint8_t, 16>, 10> sigma{{
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
}};

[[nodiscard]] std::uint64_t load_le(const std::uint8_t* bytes) noexcept {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 8; ++i) word |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
    return word;
}

void store_le(std::uint64_t word, std::uint8_t* bytes) noexcept {
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(word >> (8 * i));
}

// RFC 7693's G: mixes two message words into four words of the work vector.
template <std::size_t a, std::size_t b, std::size_t c, std::size_t d>
inline void mix(Words& v, std::uint64_t x, std::uint64_t y) noexcept {
    v[a] += v[b] + x;
    v[d] = std::rotr(v[d] ^ v[a], 32);
    v[c] += v[d];
    v[b] = std::rotr(v[b] ^ v[c], 24);
    v[a] += v[b] + y;
    v[d] = std::rotr(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = std::rotr(v[b] ^ v[c], 63);
}

// One round; r is its number modulo ten, known when compiling so that words stay in registers.
template <std::size_t r>
inline void round(Words& v, const Words& m) noexcept {
    constexpr auto s = sigma[r];
    mix<0, 4, 8, 12>(v, m[s[0]], m[s[1]]);
    mix<1, 5, 9, 13>(v, m[s[2]], m[s[3]]);
    mix<2, 6, 10, 14>(v, m[s[4]], m[s[5]]);
    mix<3, 7, 11, 15>(v, m[s[6]], m[s[7]]);
    mix<0, 5, 10, 15>(v, m[s[8]], m[s[9]]);
    mix<1, 6, 11, 12>(v, m[s[10]], m[s[11]]);
    mix<2, 7, 8, 13>(v, m[s[12]], m[s[13]]);
    mix<3, 4, 9, 14>(v, m[s[14]], m[s[15]]);
}

template <std::size_t... r>
void run_rounds(Words& v, const Words& m, std::uint32_t rounds,
                std::integer_sequence<std::size_t, r...>) noexcept {
    for (; rounds >= sizeof...(r); rounds -= static_cast<std::uint32_t>(sizeof...(r)))
        (round<r>(v, m), ...);
    ((r < rounds ? round<r>(v, m) : void()), ...);
}

}  // namespace

bool blake2f(std::span<const std::uint8_t, blake2f_input_size> input,
             std::span<std::uint8_t, blake2f_output_size> output) noexcept {
    const std::uint8_t final_flag = input[212];
    if (final_flag > 1) return false;
    const std::uint32_t rounds = static_cast<std::uint32_t>(input[0]) << 24 |
                                 static_cast<std::uint32_t>(input[1]) << 16 |
                                 static_cast<std::uint32_t>(input[2]) << 8 | input[3];
    Words message{}, v{};
    for (std::size_t i = 0; i < 16; ++i) message[i] = load_le(&input[68 + 8 * i]);
    for (std::size_t i = 0; i < 8; ++i) {
        v[i] = load_le(&input[4 + 8 * i]);
        v[i + 8] = iv[i];
    }
    v[12] ^= load_le(&input[196]);
    v[13] ^= load_le(&input[204]);
    if (final_flag == 1) v[14] = ~v[14];
    run_rounds(v, message, rounds, std::make_index_sequence<sigma.size()>{});
    for (std::size_t i = 0; i < 8; ++i)
        store_le(load_le(&input[4 + 8 * i]) ^ v[i] ^ v[i + 8], &output[8 * i]);
    return true;
}

}  // namespace strikefold::evm
