// How precompiled contracts read their input: bytes beyond its end are zero.
#pragma once

#include "evm/types.hpp"
#include "evm/word.hpp"

namespace strikefold::evm {

// `size` bytes from `offset` on.
[[nodiscard]] inline Bytes padded(View data, std::size_t offset, std::size_t size) {
    Bytes out(size, 0);
    if (offset < data.size())
        copy(out.data(), data.subspan(offset, std::min(size, data.size() - offset)));
    return out;
}

[[nodiscard]] inline Word padded_word(View data, std::size_t offset,
                                      std::size_t size = 32) noexcept {
    Hash bytes{};
    if (offset < data.size())
        copy(bytes.data() + (32 - size),
             data.subspan(offset, std::min(size, data.size() - offset)));
    return Word(bytes);
}

// MODEXP's: three lengths, then base, exponent and modulus (EIP-198). The lengths may be anything.
class ModexpInput {
public:
    explicit ModexpInput(View data) noexcept : data_(data) {}

    [[nodiscard]] std::uint64_t base_length() const noexcept { return length(0); }
    [[nodiscard]] std::uint64_t exponent_length() const noexcept { return length(32); }
    [[nodiscard]] std::uint64_t modulus_length() const noexcept { return length(64); }

    // The exponent's first 32 bytes, or all of it, as a number.
    [[nodiscard]] Word exponent_head() const noexcept {
        const std::uint64_t start = base_length();
        if (start >= data_.size()) return {};
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(exponent_length(), 32));
        return padded_word(data_, header + static_cast<std::size_t>(start), size);
    }

    static constexpr std::size_t header = 96;

private:
    [[nodiscard]] std::uint64_t length(std::size_t offset) const noexcept {
        return padded_word(data_, offset).saturated64();
    }

    View data_;
};

}  // namespace strikefold::evm
