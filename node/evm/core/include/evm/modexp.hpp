// Modular powers (EIP-198).
#pragma once

#include "evm/types.hpp"

namespace strikefold::evm {

// base^exponent modulo modulus, big-endian numbers of any length; output: as long as modulus.
void modexp(View base, View exponent, View modulus, std::span<std::uint8_t> output);

}  // namespace strikefold::evm
