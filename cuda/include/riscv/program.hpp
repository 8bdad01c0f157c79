// A program as the executor runs it: decoded instructions and the memory it starts with.
#pragma once

#include <array>
#include <cstdint>
#include <riscv/tree.hpp>
#include <span>
#include <vector>

namespace strikefold::riscv
{
inline constexpr uint32_t CODE_START = 0x0001'0000;
inline constexpr uint32_t DATA_START = 0x0100'0000;
inline constexpr uint32_t MEMORY_END = 0x2000'0000;
inline constexpr uint32_t WORDS = MEMORY_END / 4;
inline constexpr uint32_t LEAVES = WORDS / LEAF_WORDS;
/// Leaves of the registers: 33 words from address 0.
inline constexpr uint32_t REGISTER_LEAVES = 5;
inline constexpr uint32_t SINK = 32;

/// What an instruction does, numbered as in node/recursion/riscv/isa.py.
enum class Op : uint8_t
{
    ILLEGAL,
    ADD, SUB, XOR, OR, AND, SLT, SLTU, SLL, SRL, SRA,
    MUL, MULH, MULHSU, MULHU, DIV, DIVU, REM, REMU,
    LW, LB, LH, LBU, LHU, SW, SB, SH,
    BEQ, BNE, BLT, BGE, BLTU, BGEU,
    SET, JALR, ECALL,
    OUTSIDE,  ///< Stands where the code ends.
};
inline constexpr size_t OPS = 37;
/// Added to the opcode of an operation whose second operand is imm.
inline constexpr uint32_t IMMEDIATE = 64;

struct Instruction
{
    Op op = Op::OUTSIDE;
    uint8_t rd = 0, rs1 = 0, rs2 = 0;
    bool immediate = false;
    uint32_t imm = 0;  ///< Zero in operations on two registers, so that b is always rs2 + imm.
    uint32_t target = 0;
};

/// Bytes that memory holds from an address on.
struct Piece
{
    uint32_t address;
    std::vector<uint8_t> bytes;
};

class Program
{
    uint32_t entry_, base_;
    std::vector<Instruction> code_;
    std::vector<uint32_t> indices_;
    std::vector<Leaf> leaves_;

public:
    /// Throws std::invalid_argument for what isa.py never yields, and for places outside the map.
    Program(uint32_t entry, uint32_t base, std::span<const std::array<uint32_t, 6>> decoded,
        std::span<const Piece> image);

    [[nodiscard]] uint32_t entry() const noexcept { return entry_; }
    [[nodiscard]] uint32_t base() const noexcept { return base_; }
    /// Bytes of code.
    [[nodiscard]] uint32_t size() const noexcept
    {
        return static_cast<uint32_t>(4 * (code_.size() - 1));
    }
    /// The instructions, and one more that is OUTSIDE.
    [[nodiscard]] const Instruction* code() const noexcept { return code_.data(); }
    /// Whether an instruction stands there.
    [[nodiscard]] bool contains(uint32_t pc) const noexcept
    {
        return pc % 4 == 0 && pc - base_ < size();
    }
    /// The leaves of the initial memory that the image reaches: indices ascending, and contents.
    [[nodiscard]] const std::vector<uint32_t>& indices() const noexcept { return indices_; }
    [[nodiscard]] std::span<const Leaf> leaves() const noexcept { return leaves_; }
};
}  // namespace strikefold::riscv
