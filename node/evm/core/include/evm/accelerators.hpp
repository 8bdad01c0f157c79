// What the machine that runs the core has a faster way for than its instructions. The host has
// none; the guest is built with a header of this name of its own.
#pragma once

#include "evm/uint256.hpp"

namespace strikefold::evm {

// a b + c = quotient modulus + remainder, of any words. A modulus of zero stands for 2^256; of the
// quotient there is the low half.
struct MultiplyAdd {
    Limbs a, b, c, modulus;
};
struct MultiplyAddResult {
    Limbs remainder, quotient;
};

// Whether there are the two functions that follow.
inline constexpr bool has_multiply_add = false;

void multiply_add(const MultiplyAdd& in, MultiplyAddResult& out) noexcept;

// The remainder to a, the quotient to b.
void multiply_add_in_place(MultiplyAdd& in) noexcept;

}  // namespace strikefold::evm
