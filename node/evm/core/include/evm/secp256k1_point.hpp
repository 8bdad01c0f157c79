// Points of secp256k1 in the form in which the machine adds them fastest; the guest is built with a
// header of this name of its own.
#pragma once

#include "evm/secp256k1.hpp"

namespace strikefold::evm::secp256k1 {

using Point = Jacobian<Coordinate>;

// p += p
inline void twice_in_place(Point& p) noexcept {
    p = p.twice();
}

// p += q; q is not infinity.
template <typename Q>
void add_in_place(Point& p, const Q& q) noexcept {
    p = p + q;
}

}  // namespace strikefold::evm::secp256k1
