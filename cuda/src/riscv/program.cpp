#include <map>
#include <riscv/program.hpp>
#include <stdexcept>

namespace strikefold::riscv
{
namespace
{
void require(bool condition, const char* message)
{
    if (!condition)
        throw std::invalid_argument{message};
}

[[nodiscard]] constexpr bool writes_register(Op op) noexcept
{
    return (op >= Op::ADD && op <= Op::LHU) || op == Op::SET || op == Op::JALR;
}

[[nodiscard]] Instruction instruction_of(const std::array<uint32_t, 6>& fields)
{
    const auto [opcode, rd, rs1, rs2, imm, target] = fields;
    const bool immediate = opcode >= IMMEDIATE;
    const uint32_t number = immediate ? opcode - IMMEDIATE : opcode;
    require(number <= static_cast<uint32_t>(Op::ECALL), "an opcode is unknown");
    const auto op = static_cast<Op>(number);
    require(rd <= SINK && rs1 < SINK && rs2 < SINK, "a register is unknown");
    require(!writes_register(op) || rd != 0, "an instruction writes x0");
    if (op >= Op::ADD && op <= Op::REMU)
        require(immediate ? rs2 == 0 : imm == 0, "an operation has two second operands");
    else
        require(!immediate, "only operations have immediate forms");
    return {op, static_cast<uint8_t>(rd), static_cast<uint8_t>(rs1), static_cast<uint8_t>(rs2),
        immediate, imm, target};
}

[[nodiscard]] std::map<uint32_t, Leaf> leaves_of(std::span<const Piece> image)
{
    std::map<uint32_t, Leaf> leaves;
    for (const auto& [address, bytes] : image)
    {
        require(
            address >= CODE_START && address <= MEMORY_END && bytes.size() <= MEMORY_END - address,
            "the image lies outside memory");
        for (uint32_t i = 0; i < bytes.size(); ++i)
        {
            const uint32_t at = address + i;
            uint32_t& word = leaves[at / 32][at / 4 % LEAF_WORDS];
            const uint32_t shift = at % 4 * 8;
            word = (word & ~(0xffU << shift)) | uint32_t{bytes[i]} << shift;
        }
    }
    return leaves;
}
}  // namespace

Program::Program(uint32_t entry, uint32_t base, std::span<const std::array<uint32_t, 6>> decoded,
    std::span<const Piece> image)
  : entry_{entry}, base_{base}
{
    require(base % 4 == 0 && base >= CODE_START && base <= DATA_START &&
                decoded.size() <= (DATA_START - base) / 4,
        "the code lies outside its place");
    for (const auto& fields : decoded)
        code_.push_back(instruction_of(fields));
    code_.emplace_back();
    require(contains(entry), "the entry point lies outside the code");
    for (const auto& [index, leaf] : leaves_of(image))
    {
        indices_.push_back(index);
        leaves_.push_back(leaf);
    }
}
}  // namespace strikefold::riscv
