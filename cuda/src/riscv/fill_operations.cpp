// Rows of the chips that compute from two operands.
#include <riscv/fillers.hpp>

namespace strikefold::riscv
{
namespace
{
/// gadgets.Operation.
void operation(const Step& s, Row& row) noexcept
{
    const Instruction& i = s.instruction;
    row.put(s.time, s.pc, i.rd, i.rs1, i.rs2, i.immediate);
    row.word(s.before);
    row.access(s.time, s.last1);
    row.access(s.time + 1, s.last2);
    row.access(s.time + 2, s.last3);
}

/// The limbs of a product, and the carries out of columns of products of bytes.
struct Product
{
    uint32_t limbs[4];
    uint32_t carries[4];

    Product(uint32_t a, uint32_t b) noexcept
    {
        uint32_t carry = 0;
        for (uint32_t place = 0; place < 4; ++place)
        {
            uint32_t total = carry;
            for (uint32_t i = 0; i < 4; ++i)
            {
                for (uint32_t j = 0; j < 4; ++j)
                {
                    if ((i + j) / 2 == place)
                        total += (a >> 8 * i & 255) * (b >> 8 * j & 255) << (i + j) % 2 * 8;
                }
            }
            limbs[place] = total & 0xffff;
            carry = carries[place] = total >> 16;
        }
    }
};

/// divrem.Negation.
void negation(uint32_t negates, uint32_t x, Row& row) noexcept
{
    row.put((x & 0xffff) != 0 ? negates : 0, x != 0 ? negates : 0);
}

/// A division by absolute values.
struct Division
{
    uint32_t sign_a, sign_b, a, b, quotient, remainder;

    explicit Division(const Step& s) noexcept
    {
        const bool is_signed = s.is(Op::DIV) || s.is(Op::REM);
        sign_a = is_signed ? s.a >> 31 : 0;
        sign_b = is_signed ? s.b >> 31 : 0;
        a = sign_a != 0 ? 0 - s.a : s.a;
        b = sign_b != 0 ? 0 - s.b : s.b;
        quotient = b == 0 ? ~0U : a / b;
        remainder = b == 0 ? a : a % b;
    }
};
}  // namespace

void fill_add(const Step& s, Row& row) noexcept
{
    operation(s, row);
    const bool subtracts = s.is(Op::SUB);
    row.word(subtracts ? s.a - s.b : s.a);
    row.word(s.b);
    row.word(subtracts ? s.a : s.a + s.b);
    row.put(!subtracts, subtracts);
}

void fill_bitwise(const Step& s, Row& row) noexcept
{
    operation(s, row);
    row.bytes(s.a);
    row.bytes(s.b);
    row.bytes(s.a ^ s.b);
    row.put(s.is(Op::XOR), s.is(Op::OR), s.is(Op::AND));
}

void fill_compare(const Step& s, Row& row) noexcept
{
    operation(s, row);
    const bool is_signed = s.is(Op::SLT);
    row.word(s.a);
    row.word(s.b);
    row.comparison(s.a, s.b, is_signed);
    row.put(is_signed, !is_signed);
}

void fill_shift(const Step& s, Row& row) noexcept
{
    operation(s, row);
    const uint32_t within = s.b & 7;
    const uint32_t whole = s.b >> 3 & 3;
    const bool left = s.is(Op::SLL);
    const uint32_t factor = left ? 1U << within : 1U << (8 - within);
    const uint32_t sign = s.is(Op::SRA) ? s.a >> 31 : 0;
    row.bytes(s.a);
    row.word(s.b);
    row.put(within & 1, within >> 1 & 1, within >> 2);
    row.put(whole == 0, whole == 1, whole == 2, whole == 3);
    row.put((s.b & 0xffff) >> 5, 1U << within, factor);
    for (const uint32_t shift : {0U, 8U, 16U, 24U})
        row.put((s.a >> shift & 255) * factor & 255);
    for (const uint32_t shift : {0U, 8U, 16U, 24U})
        row.put((s.a >> shift & 255) * factor >> 8);
    row.put(sign, sign * (256 - factor), left, s.is(Op::SRL), s.is(Op::SRA));
}

void fill_mul(const Step& s, Row& row) noexcept
{
    operation(s, row);
    const Product product{s.a, s.b};
    row.bytes(s.a);
    row.bytes(s.b);
    row.copy(product.limbs, 2);
    row.copy(product.carries, 2);
    row.put(1);
}

void fill_mulhigh(const Step& s, Row& row) noexcept
{
    operation(s, row);
    const Product product{s.a, s.b};
    const bool both = s.is(Op::MULH);
    const bool first = s.is(Op::MULHSU);
    const uint32_t sign_a = both || first ? s.a >> 31 : 0;
    const uint32_t sign_b = both ? s.b >> 31 : 0;
    row.bytes(s.a);
    row.bytes(s.b);
    row.copy(product.limbs, 4);
    row.copy(product.carries, 3);
    row.put(sign_a, sign_b);
    const auto limb = [&](uint32_t shift) {
        const uint32_t taken = sign_a * (s.b >> shift & 0xffff) + sign_b * (s.a >> shift & 0xffff);
        return static_cast<int32_t>(product.limbs[2 + shift / 16]) - static_cast<int32_t>(taken);
    };
    const int32_t low = limb(0);
    const int32_t high = limb(16) + (low >> 16);
    row.put(low & 0xffff, high & 0xffff, -(low >> 16), -(high >> 16));
    row.put(both, first, s.is(Op::MULHU));
}

void fill_divrem(const Step& s, Row& row) noexcept
{
    operation(s, row);
    const Division d{s};
    const bool wants_quotient = s.is(Op::DIV) || s.is(Op::DIVU);
    const uint32_t differ = d.sign_a ^ d.sign_b;
    const uint32_t flips = wants_quotient ? (d.b == 0 ? 0 : differ) : d.sign_a;
    const uint32_t positive = wants_quotient ? d.quotient : d.remainder;
    const Product product{d.quotient, d.b};
    row.word(s.a);
    row.word(s.b);
    row.word(flips != 0 ? 0 - positive : positive);
    row.put(d.sign_a, d.sign_b, differ);
    row.word(d.a);
    row.bytes(d.quotient);
    row.bytes(d.b);
    row.word(d.remainder);
    row.put(product.carries[0] + ((product.limbs[0] + (d.remainder & 0xffff)) >> 16));
    row.put(d.b != 0 && (d.b & 0xffff) < (d.remainder & 0xffff) + 1, d.b == 0, flips);
    negation(d.sign_a, s.a, row);
    negation(d.sign_b, s.b, row);
    negation(flips, positive, row);
    row.put(s.is(Op::DIV), s.is(Op::DIVU), s.is(Op::REM), s.is(Op::REMU));
}
}  // namespace strikefold::riscv
