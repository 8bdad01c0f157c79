// 256-bit words as limbs.
#pragma once

#include "evm/limbs.hpp"

namespace strikefold::evm {

inline constexpr std::size_t limb_count = 256 / limb_bits;

using Limbs = LimbArray<limb_count>;

// The limbs of four 64-bit words, least significant first.
[[nodiscard]] constexpr Limbs limbs_of(std::uint64_t w0, std::uint64_t w1 = 0, std::uint64_t w2 = 0,
                                       std::uint64_t w3 = 0) noexcept {
    return limbs_from(std::array{w0, w1, w2, w3});
}

// The i-th 64-bit word, from the least significant.
[[nodiscard]] constexpr std::uint64_t word64(const Limbs& x, std::size_t i) noexcept {
    std::uint64_t word = 0;
    for (std::size_t j = 0; j < limbs_per_u64; ++j)
        word |= static_cast<std::uint64_t>(x[i * limbs_per_u64 + j])
                << (static_cast<int>(j) * limb_bits);
    return word;
}

// Long division (Knuth, volume 2, 4.3.1, algorithm D). numerator: at least as many limbs as
// divisor, overwritten with the remainder; divisor: its top limb is not zero; quotient:
// numerator.size() - divisor.size() + 1 limbs. `scratch`: numerator.size() + divisor.size() + 1
// limbs.
void divide(std::span<Limb> numerator, std::span<const Limb> divisor, std::span<Limb> quotient,
            std::span<Limb> scratch) noexcept;

}  // namespace strikefold::evm
