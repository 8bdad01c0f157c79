// BLS12-381: its fields, groups and the points that bytes spell.
#pragma once

#include "evm/pairing.hpp"
#include "evm/types.hpp"
#include "evm/uint256.hpp"

namespace strikefold::evm::bls12_381 {

// Minus the curve's parameter x: p and r are polynomials in it (Barreto, Lynn, Scott).
inline constexpr std::uint64_t minus_x = 0xd201000000010000;

struct FpParameters {
    static constexpr auto modulus =
        limbs_from<6>({0xb9feffffffffaaab, 0x1eabfffeb153ffff, 0x6730d2a0f6b0f624,
                       0x64774b84f38512bf, 0x4b1ba7b6434bacd7, 0x1a0111ea397fe69a});
};
struct FrParameters {
    static constexpr Limbs modulus =
        limbs_of(0xffffffff00000001, 0x53bda402fffe5bfe, 0x3339d80809a1d805, 0x73eda753299d7d48);
};

struct Curve {
    using Fp = Field<FpParameters>;
    static constexpr std::uint64_t b = 4;
    static constexpr unsigned xi_real = 1;
    static constexpr bool is_m_twist = true;
    static constexpr std::array frobenius_factor{
        limbs_from<6>({0x8d0775ed92235fb8, 0xf67ea53d63e7813d, 0x7b2443d784bab9c4,
                       0x0fd603fd3cbd5f4f, 0xc231beb4202c0d1f, 0x1904d3bf02bb0667}),
        limbs_from<6>({0x2cf78a126ddc4af3, 0x282d5ac14d6c7ec2, 0xec0c8ec971f63c5f,
                       0x54a14787b6c7b36f, 0x88e9e902231f9fb8, 0x00fc3e2b36c4e032})};
};

using Fp = Curve::Fp;
using Fr = Field<FrParameters>;
using Fp2 = evm::Fp2<Curve>;
using Fp12 = evm::Fp12<Curve>;
using G1 = Affine<Fp>;
using G2 = Affine<Fp2>;

// The element that 96 hexadecimal digits, below p, spell.
[[nodiscard]] constexpr Fp fp(const char* digits) noexcept {
    return *Fp::from_word(load_be<Fp::limb_count>(from_hex<48>(digits)));
}

// Points of the curve and its twist have the prime order of the groups (or are infinity).
[[nodiscard]] bool is_in_subgroup(const G1& p) noexcept;
[[nodiscard]] bool is_in_subgroup(const G2& q) noexcept;

// Whether the pairings of a new loop's pairs, points of the groups, multiply to one.
[[nodiscard]] bool pairings_are_one(MillerLoop<Curve>& loop) noexcept;

// RFC 9380's map_to_curve and clear_cofactor, for suites BLS12381G1_XMD:SHA-256_SSWU_RO_ and G2.
[[nodiscard]] G1 map_to_g1(const Fp& u) noexcept;
[[nodiscard]] G2 map_to_g2(const Fp2& u) noexcept;

}  // namespace strikefold::evm::bls12_381
