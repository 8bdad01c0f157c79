// The optimal ate pairing on BN254.
#pragma once

#include "evm/bn254/tower.hpp"
#include "evm/curve.hpp"

namespace strikefold::evm::bn254 {

using G1 = Affine<Fp>;
using G2 = Affine<Fp2>;

// Whether a point of the twist has the prime order of the group (or is infinity).
[[nodiscard]] bool is_in_subgroup(const G2& q) noexcept;

// The pairing's Miller loop; one for infinity. q must be in the subgroup.
[[nodiscard]] Fp12 miller_loop(const G1& p, const G2& q) noexcept;

// f^((p^12 - 1)/r): pairings multiply to one exactly where their loops' product maps to one.
[[nodiscard]] Fp12 final_exponentiation(const Fp12& f) noexcept;

}  // namespace strikefold::evm::bn254
