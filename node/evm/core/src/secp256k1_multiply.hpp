// k G + l P on secp256k1, G being the generator: what recovering a signer takes.
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

[[nodiscard]] Jacobian<Coordinate> multiply_generator_and(const Scalar& k, const Scalar& l,
                                                          const Affine<Coordinate>& p) noexcept;

}  // namespace strikefold::evm::secp256k1
