// The curve of transactions' signatures (SEC 2).
#pragma once

#include "evm/curve.hpp"
#include "evm/ecdsa.hpp"
#include "evm/field.hpp"
#include "evm/uint256.hpp"

namespace strikefold::evm::secp256k1 {

struct PrimeParameters {
    static constexpr Limbs modulus =
        limbs_of(0xfffffffefffffc2f, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff);
};
struct OrderParameters {
    static constexpr Limbs modulus = order.limbs;
};

using Coordinate = Field<PrimeParameters>;
using Scalar = Field<OrderParameters>;

}  // namespace strikefold::evm::secp256k1
