// By the curve's endomorphism (Gallant, Lambert, Vanstone 2001): (x, y) -> (beta x, y) multiplies
// by lambda, so a scalar splits in two of half its length, and half the doublings go. Digits are in
// width-w non-adjacent form.
#include "secp256k1_multiply.hpp"

#include "evm/secp256k1_point.hpp"
#include "evm/wnaf.hpp"

namespace strikefold::evm::secp256k1 {

namespace {

using AffinePoint = Affine<Coordinate>;

constexpr std::size_t half_bits = 128;  // at most
using Digits = wnaf::Digits<half_bits>;
using wnaf::Table;

// The multiples of digits above and below zero.
template <typename P>
struct SignedTable {
    Table<P> positive, negative;
};

template <typename F>
[[nodiscard]] F element(std::uint64_t w0, std::uint64_t w1, std::uint64_t w2,
                        std::uint64_t w3) noexcept {
    return F::from_word_reduced(limbs_of(w0, w1, w2, w3));
}

// round(a b / 2^384)
[[nodiscard]] Word multiply_shift_384(const Limbs& a, const Limbs& b) noexcept {
    std::array<Limb, 2 * limb_count> product{};
    for (std::size_t i = 0; i < limb_count; ++i) {
        Limb carry = 0;
        for (std::size_t j = 0; j < limb_count; ++j) {
            const WideLimb sum = static_cast<WideLimb>(a[i]) * b[j] + product[i + j] + carry;
            product[i + j] = low(sum);
            carry = high(sum);
        }
        product[i + limb_count] = carry;
    }
    constexpr std::size_t first = 384 / limb_bits;
    Word out;
    for (std::size_t i = first; i < 2 * limb_count; ++i) out.limbs[i - first] = product[i];
    const Limb half = product[first - 1] >> (limb_bits - 1);
    return out + Word(half);
}

// A scalar of at most 128 bits and a sign.
struct Half {
    Word magnitude;
    bool is_negative;
};

[[nodiscard]] Half half_of(const Scalar& scalar) noexcept {
    const Word word(scalar.to_word());
    const bool is_negative = word > half_order;
    return {is_negative ? order - word : word, is_negative};
}

// k = first + second lambda. The lattice's short vectors, and g1 and g2 (2^384 times their
// coordinates over the order), follow from lambda and the order by Euclid's algorithm.
struct Split {
    Half first, second;
};

[[nodiscard]] Split split(const Scalar& scalar) noexcept {
    static const Scalar lambda = element<Scalar>(0xdf02967c1b23bd72, 0x122e22ea20816678,
                                                 0xa5261c028812645a, 0x5363ad4cc05c30e0);
    static const Scalar minus_b1 = element<Scalar>(0x6f547fa90abfe4c3, 0xe4437ed6010e8828, 0, 0);
    static const Scalar minus_b2 = element<Scalar>(0xd765cda83db1562c, 0x8a280ac50774346d,
                                                   0xfffffffffffffffe, 0xffffffffffffffff);
    constexpr Limbs g1 =
        limbs_of(0xe893209a45dbb031, 0x3daa8a1471e8ca7f, 0xe86c90e49284eb15, 0x3086d221a7d46bcd);
    constexpr Limbs g2 =
        limbs_of(0x1571b4ae8ac47f71, 0x221208ac9df506c6, 0x6f547fa90abfe4c4, 0xe4437ed6010e8828);
    const Limbs k = scalar.to_word();
    const Scalar c1 = Scalar::from_word_reduced(multiply_shift_384(k, g1).limbs);
    const Scalar c2 = Scalar::from_word_reduced(multiply_shift_384(k, g2).limbs);
    const Scalar second = c1 * minus_b1 + c2 * minus_b2;
    return {half_of(scalar - second * lambda), half_of(second)};
}

// Negated for a negative scalar.
[[nodiscard]] Digits digits_of(const Half& half) noexcept {
    Digits digits = wnaf::digits_of<half_bits>(half.magnitude.limbs);
    if (half.is_negative)
        for (std::int8_t& digit : digits) digit = static_cast<std::int8_t>(-digit);
    return digits;
}

[[nodiscard]] const Coordinate& beta() noexcept {
    static const Coordinate value = element<Coordinate>(0xc1396c28719501ee, 0x9cf0497512f58995,
                                                        0x6e64479eac3434e9, 0x7ae96a2b657c0710);
    return value;
}

// lambda times each
template <typename P>
[[nodiscard]] Table<P> times_lambda(Table<P> table) noexcept {
    for (P& point : table) point.x = point.x * beta();
    return table;
}

template <typename P>
[[nodiscard]] SignedTable<P> with_negatives(const Table<P>& table) noexcept {
    SignedTable<P> out{table, table};
    for (P& point : out.negative) point = -point;
    return out;
}

struct GeneratorTables {
    SignedTable<AffinePoint> plain, turned;
};

[[nodiscard]] const GeneratorTables& generator_tables() noexcept {
    static const GeneratorTables tables = [] {
        const AffinePoint generator{element<Coordinate>(0x59f2815b16f81798, 0x029bfcdb2dce28d9,
                                                        0x55a06295ce870b07, 0x79be667ef9dcbbac),
                                    element<Coordinate>(0x9c47d08ffb10d4b8, 0xfd17b448a6855419,
                                                        0x5da4fbfc0e1108a8, 0x483ada7726a3c465)};
        const Table<Point> points = wnaf::table_of(Point::from(generator));
        Table<AffinePoint> plain;
        for (std::size_t i = 0; i < wnaf::multiples; ++i) plain[i] = points[i].to_affine();
        return GeneratorTables{with_negatives(plain), with_negatives(times_lambda(plain))};
    }();
    return tables;
}

// sum += digit times the table's point
template <typename P>
void add_digit(Point& sum, const SignedTable<P>& table, int digit) noexcept {
    if (digit > 0) add_in_place(sum, table.positive[static_cast<std::size_t>(digit / 2)]);
    if (digit < 0) add_in_place(sum, table.negative[static_cast<std::size_t>(-digit / 2)]);
}

}  // namespace

Affine<Coordinate> multiply_generator_and(const Scalar& k, const Scalar& l,
                                          const AffinePoint& p) noexcept {
    const GeneratorTables& generator = generator_tables();
    const Table<Point> points = wnaf::table_of(Point::from(p));
    const SignedTable<Point> plain = with_negatives(points),
                             turned = with_negatives(times_lambda(points));
    const Split ks = split(k), ls = split(l);
    const Digits k1 = digits_of(ks.first), k2 = digits_of(ks.second);
    const Digits l1 = digits_of(ls.first), l2 = digits_of(ls.second);
    Point sum{};
    for (std::size_t i = half_bits + 1; i-- > 0;) {
        twice_in_place(sum);
        add_digit(sum, generator.plain, k1[i]);
        add_digit(sum, generator.turned, k2[i]);
        add_digit(sum, plain, l1[i]);
        add_digit(sum, turned, l2[i]);
    }
    return sum.to_affine();
}

}  // namespace strikefold::evm::secp256k1
