#include "evm/ecdsa.hpp"

#include "evm/curve.hpp"
#include "evm/field.hpp"
#include "evm/keccak.hpp"
#include "secp256k1_multiply.hpp"

namespace strikefold::evm {

namespace {

struct R1Prime {
    static constexpr Limbs modulus =
        limbs_of(0xffffffffffffffff, 0x00000000ffffffff, 0, 0xffffffff00000001);
};
struct R1Order {
    static constexpr Limbs modulus =
        limbs_of(0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000);
};

using K1Field = secp256k1::Coordinate;
using K1Scalar = secp256k1::Scalar;
using R1Field = Field<R1Prime>;
using R1Scalar = Field<R1Order>;

[[nodiscard]] R1Field r1(std::uint64_t w0, std::uint64_t w1, std::uint64_t w2,
                         std::uint64_t w3) noexcept {
    return R1Field::from_word_reduced(limbs_of(w0, w1, w2, w3));
}

// A scalar of [1, n).
template <typename Scalar>
[[nodiscard]] std::optional<Scalar> read_scalar(const Word& word) noexcept {
    const auto scalar = Scalar::from_word(word.limbs);
    if (!scalar || scalar->is_zero()) return std::nullopt;
    return scalar;
}

template <typename Scalar>
[[nodiscard]] Hash bytes_of(const Scalar& scalar) noexcept {
    return Word(scalar.to_word()).to_bytes();
}

// The point with this x and the parity of y; nothing where there is none.
[[nodiscard]] std::optional<Affine<K1Field>> lift(const Word& word, bool y_is_odd) noexcept {
    const auto x = K1Field::from_word(word.limbs);
    if (!x) return std::nullopt;
    const auto y = (x->square() * *x + K1Field(7)).root();
    if (!y) return std::nullopt;
    return Affine<K1Field>{*x, y->sgn0() == y_is_odd ? *y : -*y};
}

}  // namespace

template <>
inline constexpr bool a_is_minus_three<R1Field> = true;

std::optional<Address> secp256k1::recover(const Hash& message, bool y_is_odd, const Word& r,
                                          const Word& s) noexcept {
    const auto scalar_r = read_scalar<K1Scalar>(r), scalar_s = read_scalar<K1Scalar>(s);
    if (!scalar_r || !scalar_s) return std::nullopt;
    const auto point = lift(r, y_is_odd);
    if (!point) return std::nullopt;
    const K1Scalar inverse = scalar_r->inverse();
    const K1Scalar z = K1Scalar::from_word_reduced(Word(message).limbs);
    const Affine<K1Field> key =
        secp256k1::multiply_generator_and(-(z * inverse), *scalar_s * inverse, *point);
    if (key.is_infinity()) return std::nullopt;
    std::array<std::uint8_t, 64> encoded;
    store_be(key.x.to_word(), std::span(encoded).first<32>());
    store_be(key.y.to_word(), std::span(encoded).last<32>());
    return array_at<20>(keccak256(encoded), 12);
}

bool secp256r1::verify(const Hash& message, const Word& r, const Word& s, const Word& x,
                       const Word& y) noexcept {
    static const Affine<R1Field> generator{
        r1(0xf4a13945d898c296, 0x77037d812deb33a0, 0xf8bce6e563a440f2, 0x6b17d1f2e12c4247),
        r1(0xcbb6406837bf51f5, 0x2bce33576b315ece, 0x8ee7eb4a7c0f9e16, 0x4fe342e2fe1a7f9b)};
    static const R1Field b =
        r1(0x3bce3c3e27d2604b, 0x651d06b0cc53b0f6, 0xb3ebbd55769886bc, 0x5ac635d8aa3a93e7);
    const auto scalar_r = read_scalar<R1Scalar>(r), scalar_s = read_scalar<R1Scalar>(s);
    const auto key_x = R1Field::from_word(x.limbs), key_y = R1Field::from_word(y.limbs);
    if (!scalar_r || !scalar_s || !key_x || !key_y) return false;
    const R1Field cube = key_x->square() * *key_x;
    if (key_y->square() != cube - key_x->twice() - *key_x + b) return false;
    const R1Scalar inverse = scalar_s->inverse();
    const R1Scalar z = R1Scalar::from_word_reduced(Word(message).limbs);
    const Jacobian<R1Field> sum =
        multiply_two(Jacobian<R1Field>::from(generator), bytes_of(z * inverse),
                     Jacobian<R1Field>::from({*key_x, *key_y}), bytes_of(*scalar_r * inverse));
    if (sum.is_infinity()) return false;
    return R1Scalar::from_word_reduced(sum.to_affine().x.to_word()) == *scalar_r;
}

}  // namespace strikefold::evm
