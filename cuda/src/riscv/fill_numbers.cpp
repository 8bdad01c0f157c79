// Rows of calls on numbers of 256 bits.
#include <prover/field.hpp>
#include <riscv/accelerators.hpp>
#include <riscv/coordinate.hpp>
#include <riscv/fillers.hpp>

namespace strikefold::riscv
{
namespace
{
constexpr size_t NUMBER_WORDS = 8;  ///< Of a number.

/// An integer modulo 2^320: itself, with its sign, if it is below 2^319.
class Wrapped
{
    static constexpr size_t LIMBS = 5;

    std::array<uint64_t, LIMBS> limbs_{};

public:
    constexpr explicit Wrapped(const Uint256& x) noexcept : limbs_{x[0], x[1], x[2], x[3], 0} {}
    explicit Wrapped(const Coordinate& x) noexcept : Wrapped{x.limbs()} {}

    friend constexpr Wrapped operator+(Wrapped a, const Wrapped& b) noexcept
    {
        uint128 sum = 0;
        for (size_t i = 0; i < LIMBS; ++i)
        {
            sum = (sum >> 64) + a.limbs_[i] + b.limbs_[i];
            a.limbs_[i] = static_cast<uint64_t>(sum);
        }
        return a;
    }
    friend constexpr Wrapped operator-(const Wrapped& a, const Wrapped& b) noexcept
    {
        Wrapped negated = b;
        for (uint64_t& limb : negated.limbs_)
            limb = ~limb;
        return a + negated + Wrapped{Uint256{1, 0, 0, 0}};
    }
    friend constexpr Wrapped operator*(const Wrapped& a, const Wrapped& b) noexcept
    {
        Wrapped out{Uint256{}};
        for (size_t i = 0; i < LIMBS; ++i)
        {
            uint64_t carry = 0;
            for (size_t j = 0; i + j < LIMBS; ++j)
            {
                const uint128 sum = uint128{a.limbs_[i]} * b.limbs_[j] + out.limbs_[i + j] + carry;
                out.limbs_[i + j] = static_cast<uint64_t>(sum);
                carry = static_cast<uint64_t>(sum >> 64);
            }
        }
        return out;
    }

    /// 1 / x for an odd x: Newton's step doubles the bits that are right, of which x has three.
    [[nodiscard]] constexpr Wrapped inverse() const noexcept
    {
        Wrapped out = *this;
        for (int bits = 3; bits < 320; bits *= 2)
            out = out + out - *this * out * out;
        return out;
    }

    [[nodiscard]] std::array<uint32_t, NUMBER_WORDS> low() const noexcept
    {
        std::array<uint32_t, NUMBER_WORDS> out;
        store256({limbs_[0], limbs_[1], limbs_[2], limbs_[3]}, out);
        return out;
    }
    /// What is above 2^256, modulo p. Requires that its absolute value is below p.
    [[nodiscard]] uint32_t top() const noexcept
    {
        const auto top = static_cast<int64_t>(limbs_[4]);
        return static_cast<uint32_t>(top < 0 ? top + int64_t{Fp::P} : top);
    }
};

constexpr Wrapped INVERSE_PRIME = Wrapped{Coordinate::PRIME}.inverse();

[[nodiscard]] std::array<uint32_t, NUMBER_WORDS> words_of(const Coordinate& x) noexcept
{
    std::array<uint32_t, NUMBER_WORDS> out;
    x.store(out);
    return out;
}

void octets(const uint32_t* number, Row& row) noexcept
{
    for (size_t i = 0; i < NUMBER_WORDS; ++i)
        row.bytes(number[i]);
}

/// bignum.Below.
void below(const uint32_t* number, const uint32_t* bound, Row& row) noexcept
{
    const auto limb = [](const uint32_t* x, size_t i) { return x[i / 2] >> (i % 2 * 16) & 0xffff; };
    size_t top = 2 * NUMBER_WORDS - 1;
    while (top != 0 && limb(number, top) == limb(bound, top))
        --top;
    const bool less = limb(number, top) < limb(bound, top);
    for (size_t line = 0; line < 3; ++line)
        row.put(less && top / 4 == line);
    for (size_t place = 0; place < 3; ++place)
        row.put(less && top % 4 == place);
}

void below_prime(const uint32_t* number, Row& row) noexcept
{
    static const std::array<uint32_t, NUMBER_WORDS> PRIME = Wrapped{Coordinate::PRIME}.low();
    below(number, PRIME.data(), row);
}

/// bignum.Factor, below the prime.
void factor(const uint32_t* number, Row& row) noexcept
{
    octets(number, row);
    below_prime(number, row);
}

/// bignum.Term, below the prime.
void term(const uint32_t* number, Row& row) noexcept
{
    row.words(number, NUMBER_WORDS);
    below_prime(number, row);
}

/// secp256k1.PrimeMultiple.
void multiple(const Wrapped& zero, Row& row) noexcept
{
    const Wrapped quotient = zero * INVERSE_PRIME;
    row.words(quotient.low().data(), NUMBER_WORDS);
    row.put(quotient.top());
}

/// secp256k1.PrimeMultipleOfBytes.
void multiple_of_bytes(const Wrapped& zero, Row& row) noexcept
{
    const Wrapped quotient = zero * INVERSE_PRIME;
    octets(quotient.low().data(), row);
    row.put(quotient.top());
}

/// secp256k1.Sum, of points at x1 and x2.
void sum_of_points(const PointSum& sum, const Coordinate& x1, const Coordinate& y1,
    const Coordinate& x2, Row& row) noexcept
{
    octets(words_of(sum.slope).data(), row);
    factor(words_of(sum.x).data(), row);
    term(words_of(sum.y).data(), row);
    const Wrapped s{sum.slope};
    const Wrapped x3{sum.x};
    multiple(s * s - Wrapped{x1} - Wrapped{x2} - x3, row);
    multiple(s * (Wrapped{x1} - x3) - Wrapped{y1} - Wrapped{sum.y}, row);
}

[[nodiscard]] Coordinate coordinate(const uint32_t* words) noexcept
{
    return Coordinate::load(std::span<const uint32_t, NUMBER_WORDS>{words, NUMBER_WORDS});
}

[[nodiscard]] uint32_t inverse(uint32_t x) noexcept
{
    return Fp::from_canonical(x).inverse().canonical();
}

/// Secp256k1Add.distinct.
[[nodiscard]] uint32_t inverse_distance(const uint32_t* x1, const uint32_t* x2) noexcept
{
    int32_t sum = 0;
    for (size_t i = 0; i < 4 * NUMBER_WORDS; ++i)
    {
        const auto byte = [i](const uint32_t* x) {
            return static_cast<int32_t>(x[i / 4] >> (i % 4 * 8) & 0xff);
        };
        sum += (byte(x1) - byte(x2)) * (byte(x1) - byte(x2));
    }
    return inverse(static_cast<uint32_t>(sum));
}

/// Secp256k1Double.not_zero.
[[nodiscard]] uint32_t inverse_of_bytes(const uint32_t* y) noexcept
{
    uint32_t sum = 0;
    for (size_t i = 0; i < 4 * NUMBER_WORDS; ++i)
        sum += y[i / 4] >> (i % 4 * 8) & 0xff;
    return inverse(sum);
}

/// WordAlu.inverse, of x's limbs.
[[nodiscard]] uint32_t inverse_of_limbs(std::span<const uint32_t, NUMBER_WORDS> x) noexcept
{
    uint32_t sum = 0;
    for (const uint32_t word : x)
        sum += (word & 0xffff) + (word >> 16);
    return inverse(sum);
}
}  // namespace

void fill_muladdmod(const uint32_t* event, Row& row) noexcept
{
    constexpr size_t IN = 4 * NUMBER_WORDS;
    constexpr size_t OUT = 2 * NUMBER_WORDS;
    const uint32_t* const in = event + 4;
    const uint32_t* const m = in + 3 * NUMBER_WORDS;
    const Division division = muladdmod(std::span<const uint32_t, IN>{in, IN});
    row.put(1, std::all_of(m, m + NUMBER_WORDS, [](uint32_t word) { return word == 0; }));
    row.put(event[0]);
    row.pointer(event[1]);
    row.pointer(event[2]);
    row.word(event[3]);
    octets(in, row);
    octets(in + NUMBER_WORDS, row);
    octets(m, row);
    row.words(in + 2 * NUMBER_WORDS, NUMBER_WORDS);
    row.words(division.remainder.data(), NUMBER_WORDS);
    octets(division.quotient.data(), row);
    octets(division.quotient.data() + NUMBER_WORDS, row);
    below(division.remainder.data(), m, row);
    row.words(in + 2 * IN, OUT);
    row.accesses(event[0] + 1, in + IN, IN);
    row.accesses(event[0] + 2, in + 2 * IN + OUT, OUT);
}

void fill_secp256k1_add(const uint32_t* event, Row& row) noexcept
{
    constexpr size_t POINT = 2 * NUMBER_WORDS;
    const uint32_t* const p = event + 4;
    const uint32_t* const q = p + 2 * POINT;
    const Coordinate x1 = coordinate(p);
    const Coordinate y1 = coordinate(p + NUMBER_WORDS);
    const Coordinate x2 = coordinate(q);
    const Coordinate y2 = coordinate(q + NUMBER_WORDS);
    const PointSum sum = chord(x1, y1, x2, y2);
    row.put(1, event[0]);
    row.pointer(event[1]);
    row.pointer(event[2]);
    row.word(event[3]);
    factor(p, row);
    term(p + NUMBER_WORDS, row);
    factor(q, row);
    term(q + NUMBER_WORDS, row);
    row.put(inverse_distance(p, q));
    multiple(Wrapped{sum.slope} * (Wrapped{x2} - Wrapped{x1}) - Wrapped{y2} + Wrapped{y1}, row);
    sum_of_points(sum, x1, y1, x2, row);
    row.accesses(event[0] + 2, p + POINT, POINT);
    row.accesses(event[0] + 1, q + POINT, POINT);
}

void fill_secp256k1_double(const uint32_t* event, Row& row) noexcept
{
    constexpr size_t POINT = 2 * NUMBER_WORDS;
    const uint32_t* const p = event + 4;
    const Coordinate x = coordinate(p);
    const Coordinate y = coordinate(p + NUMBER_WORDS);
    const PointSum sum = tangent(x, y);
    row.put(1, event[0]);
    row.pointer(event[1]);
    row.words(event + 2, 2);
    factor(p, row);
    factor(p + NUMBER_WORDS, row);
    row.put(inverse_of_bytes(p + NUMBER_WORDS));
    const Wrapped run = Wrapped{sum.slope} * Wrapped{y};
    const Wrapped square = Wrapped{x} * Wrapped{x};
    multiple_of_bytes(run + run - square - square - square, row);
    sum_of_points(sum, x, y, x, row);
    row.accesses(event[0] + 2, p + POINT, POINT);
}

void fill_word_alu(const uint32_t* event, Row& row) noexcept
{
    using Number = std::span<const uint32_t, NUMBER_WORDS>;
    const auto op = static_cast<WordOp>(event[3]);
    const bool adds = op == WordOp::ADD;
    const bool is_signed = op == WordOp::SLT || op == WordOp::SGT;
    const bool swapped = op == WordOp::GT || op == WordOp::SGT;
    const Number p{event + 4, NUMBER_WORDS};
    const Number q{event + 4 + 2 * NUMBER_WORDS, NUMBER_WORDS};
    const Number y = swapped ? q : p;
    const Number other = swapped ? p : q;
    std::array<uint32_t, NUMBER_WORDS> result;
    std::ranges::copy(y, result.begin());
    static_cast<void>(
        word_alu(result, other, static_cast<uint32_t>(adds ? WordOp::ADD : WordOp::SUB)));
    const Number x = adds ? other : Number{result};
    const Number z = adds ? Number{result} : other;
    const bool equal = std::ranges::equal(p, q);
    row.one_hot(static_cast<size_t>(op) - 1, static_cast<size_t>(WordOp::COPY));
    row.put(event[0]);
    row.pointer(event[1]);
    row.pointer(event[2]);
    for (const Number number : {x, y, z})
        row.words(number.data(), NUMBER_WORDS);
    row.put(is_signed ? y.back() >> 31 : 0, is_signed ? z.back() >> 31 : 0);
    row.put(op == WordOp::EQ && equal, op == WordOp::EQ && !equal ? inverse_of_limbs(x) : 0);
    row.accesses(event[0] + 2, event + 4 + NUMBER_WORDS, NUMBER_WORDS);
    row.accesses(event[0] + 1, event + 4 + 3 * NUMBER_WORDS, NUMBER_WORDS);
}
}  // namespace strikefold::riscv
