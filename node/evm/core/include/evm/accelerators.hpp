// What the machine that runs the core has a faster way for than its instructions. The host has
// none; the guest is built with a header of this name of its own.
#pragma once

#include "evm/multiply_add.hpp"
#include "evm/word_operation.hpp"

namespace strikefold::evm {

// Whether there are the two functions that follow.
inline constexpr bool has_multiply_add = false;

void multiply_add(const MultiplyAdd& in, MultiplyAddResult& out) noexcept;

// The remainder to a, the quotient to b.
void multiply_add_in_place(MultiplyAdd& in) noexcept;

// Whether there are the two functions that follow.
inline constexpr bool has_word_operations = false;

// p := q operation p.
void operate(WordOperation operation, Limbs& p, const Limbs& q) noexcept;

void exchange(Limbs& a, Limbs& b) noexcept;

}  // namespace strikefold::evm
