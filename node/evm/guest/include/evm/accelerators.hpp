// What the machine has a call for; in place of the core's header of this name, which says what is
// meant.
#pragma once

#include "evm/multiply_add.hpp"
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

}  // namespace strikefold::evm
