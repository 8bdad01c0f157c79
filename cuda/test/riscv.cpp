// The executor without Python, for sanitizers: runs the program that standard input holds, records
// its segments, and tries other checkpoints. Words are little-endian u32; a list is its length and
// its elements, bytes take a word each.
//
//     program: entry, base, list of instructions' fields, pieces, for each address and list bytes
//     rest:    list input, area limit with a cell an instruction, checkpoints, for each list bytes
//
// Answers with the run's end, then a line for each segment and each checkpoint.
#include <cstdio>
#include <cstring>
#include <iostream>
#include <iterator>
#include <numeric>
#include <riscv/execute.hpp>
#include <riscv/fill.hpp>
#include <riscv/record.hpp>
#include <string>

using namespace strikefold::riscv;

namespace
{
class Words
{
    std::vector<uint32_t> words_;
    size_t next_ = 0;

public:
    explicit Words(const std::string& bytes) : words_(bytes.size() / 4)
    {
        std::memcpy(words_.data(), bytes.data(), words_.size() * 4);
    }
    [[nodiscard]] uint32_t next() { return words_.at(next_++); }
    [[nodiscard]] std::vector<uint8_t> bytes()
    {
        std::vector<uint8_t> out(next());
        for (uint8_t& byte : out)
            byte = static_cast<uint8_t>(next());
        return out;
    }
};

[[nodiscard]] Program read_program(Words& words)
{
    const uint32_t entry = words.next();
    const uint32_t base = words.next();
    std::vector<std::array<uint32_t, 6>> decoded(words.next() / 6);
    for (auto& fields : decoded)
    {
        for (uint32_t& field : fields)
            field = words.next();
    }
    std::vector<Piece> image(words.next());
    for (Piece& piece : image)
    {
        piece.address = words.next();
        piece.bytes = words.bytes();
    }
    return {entry, base, decoded, image};
}

/// The sum of all cells of a segment's tables.
[[nodiscard]] uint64_t sum_of_tables(const Source& source)
{
    uint64_t sum = 0;
    for (const char* chip : {"Add", "Bitwise", "Compare", "Shift", "Mul", "MulHigh", "DivRem",
             "Load", "LoadPart", "Store", "StorePart", "BranchEqual", "BranchLess", "Set",
             "JumpRegister", "Ecall", "Halt", "Hint", "KeccakCall", "Sha256Call", "Poseidon2Call",
             "MulAddMod", "Secp256k1Add", "Secp256k1Double", "WordAlu", "KeccakRound", "Sha256Step",
             "End", "Leaf", "Node", "Poseidon2"})
    {
        const Filler& filler = *filler_of(chip);
        const size_t rows = filler.rows(source);
        uint32_t log_height = 0;
        while (size_t{1} << log_height < rows)
            ++log_height;
        std::vector<uint32_t> cells(filler.width << log_height);
        fill_columns(filler, source, 0, rows, log_height, cells.data());
        sum = std::accumulate(cells.begin(), cells.end(), sum);
    }
    return sum;
}

void try_checkpoint(
    const Program& program, std::span<const uint8_t> input, std::span<const uint8_t> bytes)
{
    try
    {
        const Recorded recorded = record(program, input, Checkpoint::decode(bytes));
        std::printf("%u %u %llu\n", recorded.last_pc, recorded.end_time,
            static_cast<unsigned long long>(sum_of_tables({program, recorded})));
    }
    catch (const std::invalid_argument& error)
    {
        std::printf("invalid: %s\n", error.what());
    }
}
}  // namespace

int main()
{
    Words words{{std::istreambuf_iterator<char>{std::cin}, {}}};
    const Program program = read_program(words);
    const std::vector<uint8_t> input = words.bytes();
    Areas areas{words.next(), 0, {{1, 1, {}}}};
    for (size_t row = 0; row < FAMILIES; ++row)
        areas.chips[0].rows.emplace_back(row, 1);
    const Execution execution = execute(program, input, {1U << 20, UINT32_MAX}, areas);
    std::printf("%s %u %llu\n", name(execution.stop), execution.pc,
        static_cast<unsigned long long>(execution.cycles));
    for (const auto& checkpoint : execution.checkpoints)
        try_checkpoint(program, input, checkpoint);
    for (uint32_t left = words.next(); left != 0; --left)
        try_checkpoint(program, input, words.bytes());
}
