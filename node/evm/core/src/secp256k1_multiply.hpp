// k G + l P on secp256k1, G being the generator: what recovering a signer takes.
#pragma once

#include "evm/secp256k1.hpp"

namespace strikefold::evm::secp256k1 {

[[nodiscard]] Affine<Coordinate> multiply_generator_and(const Scalar& k, const Scalar& l,
                                                        const Affine<Coordinate>& p) noexcept;

}  // namespace strikefold::evm::secp256k1
