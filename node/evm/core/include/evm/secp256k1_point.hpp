// Points of secp256k1 in the form in which the machine adds them fastest; the guest is built with a
// header of this name of its own.
#pragma once

#include "evm/secp256k1.hpp"

namespace strikefold::evm::secp256k1 {

using Point = Jacobian<Coordinate>;

}  // namespace strikefold::evm::secp256k1
