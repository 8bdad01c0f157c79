// a b + c = quotient modulus + remainder, of any words. A modulus of zero stands for 2^256; of the
// quotient there is the low half.
#pragma once

#include "evm/uint256.hpp"

namespace strikefold::evm {

struct MultiplyAdd {
    Limbs a, b, c, modulus;
};
struct MultiplyAddResult {
    Limbs remainder, quotient;
};

}  // namespace strikefold::evm
