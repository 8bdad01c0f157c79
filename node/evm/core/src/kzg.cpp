#include "evm/kzg.hpp"

#include <optional>

#include "evm/bls12_381/curve.hpp"
#include "evm/multi_scalar.hpp"

namespace strikefold::evm::kzg {

namespace {

using namespace bls12_381;

constexpr G1 g1_generator{fp("17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905"
                             "a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"),
                          fp("08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af6"
                             "00db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1")};
constexpr G2 g2_generator{{fp("024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02"
                              "b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"),
                           fp("13e02b6052719f607dacd3a088274f65596bd0d09920b61a"
                              "b5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e")},
                          {fp("0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a7"
                              "6d429a695160d12c923ac9cc3baca289e193548608b82801"),
                           fp("0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af"
                              "267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be")}};
// [tau]G2, the second G2 point of the ceremony's transcript.
constexpr G2 g2_tau{{fp("185cbfee53492714734429b7b38608e23926c911cceceac9"
                        "a36851477ba4c60b087041de621000edc98edada20c1def2"),
                     fp("15bfd7dd8cdeb128843bc287230af38926187075cbfbefa8"
                        "1009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72")},
                    {fp("014353bdb96b626dd7d5ee8599d1fca2131569490e28de18"
                        "e82451a496a9c9794ce26d105941f383ee689bfbbb832a99"),
                     fp("1666c54b0a32529503432fcae0181b4bef79de09fc63671f"
                        "da5ed1ba9bfa07899495346f3d7ac9cd23048ef30d0a154f")}};

constexpr std::uint8_t is_compressed = 0x80, is_infinity = 0x40, y_is_larger = 0x20;

// Whether y > -y, as integers.
[[nodiscard]] bool is_larger(const Fp& y) noexcept {
    return less((-y).to_word(), y.to_word());
}

// A point of G1 in the compressed encoding of ZCash: flags in the top three bits, then x.
[[nodiscard]] std::optional<G1> read_g1(PointBytes bytes) noexcept {
    std::array<std::uint8_t, point_size> encoded;
    std::ranges::copy(bytes, encoded.begin());
    const unsigned flags = encoded[0] & 0xe0U;
    encoded[0] &= 0x1f;
    const auto x = Fp::from_word(load_be<Fp::limb_count>(encoded));
    if (!x || !(flags & is_compressed)) return std::nullopt;
    if (flags & is_infinity)
        return x->is_zero() && !(flags & y_is_larger) ? std::optional(G1{}) : std::nullopt;
    const auto y = (x->square() * *x + Fp(Curve::b)).root();
    if (!y) return std::nullopt;
    const G1 point{*x, is_larger(*y) == ((flags & y_is_larger) != 0) ? *y : -*y};
    return is_in_subgroup(point) ? std::optional(point) : std::nullopt;
}

}  // namespace

// With the quotient q(t) = (p(t) - y)/(t - z) behind the proof, p(tau) - y + z q(tau) = tau q(tau):
// e(commitment - [y]G1 + [z]proof, G2) e(-proof, [tau]G2) = 1.
bool verify_proof(PointBytes commitment, ScalarBytes z, ScalarBytes y, PointBytes proof) {
    const auto p = read_g1(commitment), q = read_g1(proof);
    const Limbs at = load_be(z), value = load_be(y);
    if (!p || !q || !less(at, Fr::modulus) || !less(value, Fr::modulus)) return false;
    MultiScalar<Fp> products;
    products.include(-g1_generator, value);
    products.include(*q, at);
    MillerLoop<Curve> loop;
    loop.include((products.sum() + *p).to_affine(), g2_generator);
    loop.include(-*q, g2_tau);
    return pairings_are_one(loop);
}

}  // namespace strikefold::evm::kzg
