// ECDSA (SEC 1) on secp256k1, with recovery of the signer, and on secp256r1.
#pragma once

#include <optional>

#include "evm/types.hpp"
#include "evm/word.hpp"

namespace strikefold::evm {

namespace secp256k1 {

inline constexpr Word order{
    limbs_of(0xbfd25e8cd0364141, 0xbaaedce6af48a03b, 0xfffffffffffffffe, 0xffffffffffffffff)};
inline constexpr Word half_order = order >> 1;

// The address whose key signed; nothing where no key could have (SEC 1, section 4.1.6). Any s is
// taken: that it is low is for transactions only (EIP-2).
[[nodiscard]] std::optional<Address> recover(const Hash& message, bool y_is_odd, const Word& r,
                                             const Word& s) noexcept;

}  // namespace secp256k1

namespace secp256r1 {

// Whether (r, s) signs the hash under the key (x, y).
[[nodiscard]] bool verify(const Hash& message, const Word& r, const Word& s, const Word& x,
                          const Word& y) noexcept;

}  // namespace secp256r1

}  // namespace strikefold::evm
