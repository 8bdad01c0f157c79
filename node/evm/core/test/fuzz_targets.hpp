// What fuzzers feed. Each takes any bytes, and ends the process where the core breaks a promise.
#pragma once

#include <cstdlib>

#include "evm/status.hpp"
#include "evm/types.hpp"

namespace strikefold::evm::fuzz {

void rlp(View data);
void transaction(View data);
void block(View data);
void precompile(View data);
void trie(View data);
void proving(View data);

// What proving does, and the status that it ends in.
[[nodiscard]] Status prove_linked(View data);

inline void require(bool holds) noexcept {
    if (!holds) std::abort();
}

// A place for a hash that only the fuzzer's own input decides: 28 bytes of padding, what is hashed
// and its index (big-endian). Mutations leave a hash that fits, so they are not refused at once.
struct Reference {
    static constexpr std::uint8_t padding = 0x5a;
    static constexpr std::size_t padding_size = 28;

    std::uint8_t kind = 0;
    std::size_t index = 0;
};

// Fills the places in bytes[start..start + size]. of: the hash for a reference, nothing to leave
// it.
template <typename Function>
void fill_references(Bytes& bytes, std::size_t start, std::size_t size, const Function& of) {
    const auto is_padding = [](std::uint8_t byte) { return byte == Reference::padding; };
    for (std::size_t at = start; at + 32 <= start + size; ++at) {
        const View place = View(bytes).subspan(at, 32);
        if (!std::ranges::all_of(place.first(Reference::padding_size), is_padding)) continue;
        const auto index = static_cast<std::size_t>(place[30] << 8 | place[31]);
        if (const auto hash = of(Reference{place[28], index})) copy(bytes.data() + at, *hash);
        at += 31;
    }
}

}  // namespace strikefold::evm::fuzz
