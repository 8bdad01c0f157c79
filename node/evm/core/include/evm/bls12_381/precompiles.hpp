// The precompiled contracts on BLS12-381 (EIP-2537): from whole inputs to whole outputs. False
// where the size is wrong, a field element not below p, a point not on its curve or, but for
// additions, not in its group.
#pragma once

#include "evm/types.hpp"

namespace strikefold::evm::bls12_381 {

[[nodiscard]] bool g1_add(View input, Bytes& output);
[[nodiscard]] bool g1_multi_scalar(View input, Bytes& output);
[[nodiscard]] bool g2_add(View input, Bytes& output);
[[nodiscard]] bool g2_multi_scalar(View input, Bytes& output);
[[nodiscard]] bool pairing_check(View input, Bytes& output);
[[nodiscard]] bool map_fp_to_g1(View input, Bytes& output);
[[nodiscard]] bool map_fp2_to_g2(View input, Bytes& output);

}  // namespace strikefold::evm::bls12_381
