// p := q operation p, of any words; a comparison's result is 0 or 1.
#pragma once

#include "evm/uint256.hpp"

namespace strikefold::evm {

enum class WordOperation : std::uint32_t { add = 1, sub, lt, gt, slt, sgt, eq, copy };

}  // namespace strikefold::evm
