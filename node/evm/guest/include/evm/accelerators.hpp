// What the machine has a call for; in place of the core's header of this name, which says what is
// meant.
#pragma once

#include "evm/multiply_add.hpp"
#include "evm/word_operation.hpp"
#include "zkvm_calls.hpp"

namespace strikefold::evm {

static_assert(sizeof(MultiplyAdd) == sizeof(call::MulAddModIn) &&
              sizeof(MultiplyAddResult) == sizeof(call::MulAddModOut));

inline constexpr bool has_multiply_add = true;

inline void multiply_add(const MultiplyAdd& in, MultiplyAddResult& out) noexcept {
    call::muladdmod(reinterpret_cast<call::MulAddModOut&>(out),
                    reinterpret_cast<const call::MulAddModIn&>(in));
}

inline void multiply_add_in_place(MultiplyAdd& in) noexcept {
    call::muladdmod(reinterpret_cast<call::MulAddModOut&>(in),
                    reinterpret_cast<const call::MulAddModIn&>(in));
}

static_assert(sizeof(Limbs) == sizeof(Word256));
static_assert(static_cast<std::uint32_t>(WordOperation::copy) ==
              static_cast<std::uint32_t>(call::WordOp::copy));

inline constexpr bool has_word_operations = true;

inline void operate(WordOperation operation, Limbs& p, const Limbs& q) noexcept {
    call::word_alu(reinterpret_cast<Word256&>(p), reinterpret_cast<const Word256&>(q),
                   static_cast<call::WordOp>(operation));
}

inline void exchange(Limbs& a, Limbs& b) noexcept {
    Word256 spare;
    call::word_swap(reinterpret_cast<Word256&>(a), reinterpret_cast<Word256&>(b), spare);
}

}  // namespace strikefold::evm
