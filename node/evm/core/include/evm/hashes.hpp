// SHA-256 (FIPS 180-4) and RIPEMD-160 (Dobbertin, Bosselaers, Preneel, 1996).
#pragma once

#include "evm/types.hpp"

namespace strikefold::evm {

[[nodiscard]] Hash sha256(View data) noexcept;
[[nodiscard]] std::array<std::uint8_t, 20> ripemd160(View data) noexcept;

}  // namespace strikefold::evm
