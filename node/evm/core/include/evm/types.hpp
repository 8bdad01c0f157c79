// The words every part shares: bytes, addresses, hashes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

namespace strikefold::evm {

// Leaves new elements as the memory was, for what is written before it is read.
template <typename T>
struct Unset : std::allocator<T> {
    template <typename U>
    struct rebind {
        using other = Unset<U>;
    };

    Unset() noexcept = default;
    template <typename U>
    Unset(const Unset<U>&) noexcept {}

    template <typename U>
    void construct(U*) noexcept {}
};

// Growing it, or making one of a size, sets no byte unless to a value that is told.
using Bytes = std::vector<std::uint8_t, Unset<std::uint8_t>>;
using View = std::span<const std::uint8_t>;
using Address = std::array<std::uint8_t, 20>;
using Hash = std::array<std::uint8_t, 32>;

[[nodiscard]] constexpr int hex_digit(char c) noexcept {
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

// The bytes that lower-case hexadecimal digits spell.
template <std::size_t size>
[[nodiscard]] constexpr std::array<std::uint8_t, size> from_hex(const char* digits) noexcept {
    std::array<std::uint8_t, size> bytes{};
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] =
            static_cast<std::uint8_t>(hex_digit(digits[2 * i]) << 4 | hex_digit(digits[2 * i + 1]));
    return bytes;
}

inline constexpr Hash empty_code_hash =
    from_hex<32>("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
inline constexpr Hash empty_trie_root =
    from_hex<32>("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
inline constexpr Hash empty_ommers_hash =
    from_hex<32>("1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347");

[[nodiscard]] inline bool equal(View a, View b) noexcept {
    return std::ranges::equal(a, b);
}

// memcpy, which must not be called with null pointers even for no bytes.
inline void copy(std::uint8_t* to, View from) noexcept {
    if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

// Not inline: GCC 12 sees overflows that are none where it knows the vector's size.
void append(Bytes& to, View from);

// N bytes at an offset.
template <std::size_t N>
[[nodiscard]] std::array<std::uint8_t, N> array_at(View bytes, std::size_t offset) noexcept {
    std::array<std::uint8_t, N> out;
    std::memcpy(out.data(), bytes.data() + offset, N);
    return out;
}

}  // namespace strikefold::evm
