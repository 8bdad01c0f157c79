// Rows of the chips that access memory or say where to go on.
#include <prover/field.hpp>
#include <riscv/fillers.hpp>

namespace strikefold::riscv
{
namespace
{
/// load.Address.
void address(const Step& s, Row& row) noexcept
{
    row.word(s.a);
    row.word(s.instruction.imm);
    row.pointer(s.a + s.instruction.imm);
}

void three_accesses(const Step& s, Row& row) noexcept
{
    row.word(s.before);
    row.access(s.time, s.last1);
    row.access(s.time + 1, s.last2);
    row.access(s.time + 2, s.last3);
}

/// load.Reading.
void reading(const Step& s, Row& row) noexcept
{
    row.put(s.time, s.pc, s.instruction.rd, s.instruction.rs1);
    address(s, row);
    three_accesses(s, row);
}

/// store.Writing.
void writing(const Step& s, Row& row) noexcept
{
    row.put(s.time, s.pc, s.instruction.rs1, s.instruction.rs2);
    address(s, row);
    three_accesses(s, row);
}

/// branch.Branching.
void branching(const Step& s, Row& row) noexcept
{
    const Instruction& i = s.instruction;
    row.put(s.time, s.pc, i.rs1, i.rs2, i.target);
    row.word(s.a);
    row.word(s.b);
    row.access(s.time, s.last1);
    row.access(s.time + 1, s.last2);
}

/// The inverses of 1 to 2^16 - 1 modulo p; 0 for 0.
[[nodiscard]] std::array<uint32_t, 1 << 16> small_inverses()
{
    std::array<uint32_t, 1 << 16> out{0, 1};
    for (uint32_t x = 2; x < out.size(); ++x)
        out[x] = static_cast<uint32_t>(
            (Fp::P - Fp::P / x) * uint64_t{out[Fp::P % x]} % Fp::P);  // p = (p / x) x + p % x
    return out;
}
}  // namespace

uint32_t inverse_difference(uint32_t a, uint32_t b) noexcept
{
    static const auto INVERSES = small_inverses();
    return a >= b ? INVERSES[a - b] : Fp::P - INVERSES[b - a];
}

void fill_load(const Step& s, Row& row) noexcept
{
    reading(s, row);
    row.word(s.b);
    row.put(1);
}

void fill_loadsub(const Step& s, Row& row) noexcept
{
    reading(s, row);
    const uint32_t at = s.a + s.instruction.imm;
    const uint32_t half = s.b >> (at & 2) * 8 & 0xffff;
    const bool is_byte = s.is(Op::LB) || s.is(Op::LBU);
    const bool is_signed = s.is(Op::LB) || s.is(Op::LH);
    const uint32_t top = is_byte && at % 2 == 0 ? half & 255 : half >> 8;
    row.word(s.b);
    row.put(at & 1, at >> 1 & 1, half & 255, half >> 8, is_signed ? top >> 7 : 0);
    row.put(s.is(Op::LB), s.is(Op::LH), s.is(Op::LBU), s.is(Op::LHU));
}

void fill_store(const Step& s, Row& row) noexcept
{
    writing(s, row);
    row.word(s.b);
    row.put(1);
}

void fill_storesub(const Step& s, Row& row) noexcept
{
    writing(s, row);
    const uint32_t at = s.a + s.instruction.imm;
    const uint32_t old = s.before >> (at & 2) * 8 & 0xffff;
    const bool is_byte = s.is(Op::SB);
    const uint32_t shift = 8 * (at & 1);
    const uint32_t changed = (old & ~(255U << shift)) | (s.b & 255) << shift;
    row.put(at & 1, at >> 1 & 1, old & 255, old >> 8, s.b & 255, s.b >> 8 & 255, s.b >> 16);
    row.put(is_byte ? changed : s.b & 0xffff, is_byte, !is_byte);
}

void fill_brancheq(const Step& s, Row& row) noexcept
{
    branching(s, row);
    const uint32_t low = inverse_difference(s.a & 0xffff, s.b & 0xffff);
    row.put(s.a == s.b, low, low == 0 ? inverse_difference(s.a >> 16, s.b >> 16) : 0);
    row.put(s.is(Op::BEQ), s.is(Op::BNE));
}

void fill_branchless(const Step& s, Row& row) noexcept
{
    branching(s, row);
    row.comparison(s.a, s.b, s.is(Op::BLT) || s.is(Op::BGE));
    row.put(s.is(Op::BLT), s.is(Op::BGE), s.is(Op::BLTU), s.is(Op::BGEU));
}

void fill_set(const Step& s, Row& row) noexcept
{
    row.put(s.time, s.pc, s.instruction.rd, s.instruction.target);
    row.word(s.instruction.imm);
    row.word(s.before);
    row.access(s.time + 2, s.last3);
    row.put(1);
}

void fill_jalr(const Step& s, Row& row) noexcept
{
    const uint32_t target = s.a + s.instruction.imm;
    row.put(s.time, s.pc, s.instruction.rd, s.instruction.rs1);
    row.word(s.a);
    row.word(s.instruction.imm);
    row.pointer(target);
    row.put(target & 1);
    row.word(s.pc + 4);
    row.word(s.before);
    row.access(s.time, s.last1);
    row.access(s.time + 2, s.last3);
    row.put(1);
}
}  // namespace strikefold::riscv
