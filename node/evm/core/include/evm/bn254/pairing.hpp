// BN254 (EIP-196, EIP-197): its groups and the optimal ate pairing.
#pragma once

#include "evm/pairing.hpp"
#include "evm/uint256.hpp"

namespace strikefold::evm::bn254 {

struct FpParameters {
    static constexpr Limbs modulus =
        limbs_of(0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d, 0x30644e72e131a029);
};

struct Curve {
    using Fp = Field<FpParameters>;
    static constexpr std::uint64_t b = 3;
    static constexpr unsigned xi_real = 9;
    static constexpr bool is_m_twist = false;
    static constexpr std::array frobenius_factor{
        limbs_of(0xd60b35dadcc9e470, 0x5c521e08292f2176, 0xe8b99fdd76e68b60, 0x1284b71c2865a7df),
        limbs_of(0xca5cf05f80f362ac, 0x747992778eeec7e5, 0xa6327cfe12150b8e, 0x246996f3b4fae7e6)};
};

using Fp = Curve::Fp;
using Fp2 = evm::Fp2<Curve>;
using Fp12 = evm::Fp12<Curve>;
using G1 = Affine<Fp>;
using G2 = Affine<Fp2>;

// Whether a point of the twist has the prime order of the group (or is infinity).
[[nodiscard]] bool is_in_subgroup(const G2& q) noexcept;

// Runs a new loop through its pairs, whose G2 points must be in the subgroup.
void run(MillerLoop<Curve>& loop) noexcept;

// f^((p^12 - 1)/r): pairings multiply to one exactly where their loops' product maps to one.
[[nodiscard]] Fp12 final_exponentiation(const Fp12& f) noexcept;

}  // namespace strikefold::evm::bn254
