// The fillers of single chips: each reads like the columns of the chip in Python, in their order.
#pragma once

#include <riscv/fill.hpp>

namespace strikefold::riscv
{
/// An instruction as it ran.
struct Step
{
    uint32_t time, pc, a, b, before, last1, last2, last3;
    const Instruction& instruction;

    Step(const Program& program, const Event& event) noexcept
      : time{event[0]},
        pc{event[1]},
        a{event[2]},
        b{event[3]},
        before{event[4]},
        last1{event[5]},
        last2{event[6]},
        last3{event[7]},
        instruction{program.code()[(pc - program.base()) / 4]}
    {}
    [[nodiscard]] bool is(Op op) const noexcept { return instruction.op == op; }
};

void fill_add(const Step& s, Row& row) noexcept;
void fill_bitwise(const Step& s, Row& row) noexcept;
void fill_compare(const Step& s, Row& row) noexcept;
void fill_shift(const Step& s, Row& row) noexcept;
void fill_mul(const Step& s, Row& row) noexcept;
void fill_mulhigh(const Step& s, Row& row) noexcept;
void fill_divrem(const Step& s, Row& row) noexcept;
void fill_load(const Step& s, Row& row) noexcept;
void fill_loadsub(const Step& s, Row& row) noexcept;
void fill_store(const Step& s, Row& row) noexcept;
void fill_storesub(const Step& s, Row& row) noexcept;
void fill_brancheq(const Step& s, Row& row) noexcept;
void fill_branchless(const Step& s, Row& row) noexcept;
void fill_set(const Step& s, Row& row) noexcept;
void fill_jalr(const Step& s, Row& row) noexcept;

/// event: words as CALL_WORDS tells.
void fill_ecall(const uint32_t* event, Row& row) noexcept;
void fill_halt(const uint32_t* event, Row& row) noexcept;
void fill_hint(const uint32_t* event, Row& row) noexcept;
void fill_keccak_call(const uint32_t* event, Row& row) noexcept;
void fill_sha256_call(const uint32_t* event, Row& row) noexcept;
void fill_poseidon2_call(const uint32_t* event, Row& row) noexcept;
void fill_muladdmod(const uint32_t* event, Row& row) noexcept;
void fill_secp256k1_add(const uint32_t* event, Row& row) noexcept;
void fill_secp256k1_double(const uint32_t* event, Row& row) noexcept;
void fill_word_alu(const uint32_t* event, Row& row) noexcept;

/// Of step `number` of a call; event: the call's.
void fill_sha256_step(const uint32_t* event, size_t number, Row& row) noexcept;
/// calls: the words of all of them; 24 rows each.
void fill_keccak_rounds(const uint32_t* calls, const Block& block) noexcept;

void fill_leaf(const LeafRow& event, Row& row) noexcept;
void fill_node(const NodeRow& event, Row& row) noexcept;
void fill_end(const Recorded& recorded, Row& row) noexcept;
/// A compression; state: both digests.
void fill_poseidon2(const std::array<uint32_t, 16>& state, Row& row) noexcept;

/// gadgets.Call, of time, a0, a1, a2.
inline void call(const uint32_t* event, Row& row) noexcept
{
    row.put(event[0]);
    row.words(event + 1, 3);
}

/// 1 / (a - b) modulo p for limbs, 0 for 0.
[[nodiscard]] uint32_t inverse_difference(uint32_t a, uint32_t b) noexcept;
}  // namespace strikefold::riscv
