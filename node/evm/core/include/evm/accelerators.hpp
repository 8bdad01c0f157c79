// What the machine that runs the core has a faster way for than its instructions. The host has
// none; the guest is built with a header of this name of its own.
#pragma once

#include "evm/multiply_add.hpp"

namespace strikefold::evm {

// Whether there are the two functions that follow.
inline constexpr bool has_multiply_add = false;

void multiply_add(const MultiplyAdd& in, MultiplyAddResult& out) noexcept;

// The remainder to a, the quotient to b.
void multiply_add_in_place(MultiplyAdd& in) noexcept;

}  // namespace strikefold::evm
