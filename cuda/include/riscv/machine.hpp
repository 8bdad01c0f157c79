// What a program sees besides instructions: memory, its input, and where its results go.
#pragma once

#include <algorithm>
#include <riscv/mapped.hpp>
#include <riscv/program.hpp>
#include <span>
#include <stdexcept>

namespace strikefold::riscv
{
/// The input's length, the input, and zeros, in blocks of 32 bytes.
class InputStream
{
    std::span<const uint8_t> input_;

public:
    explicit InputStream(std::span<const uint8_t> input) : input_{input}
    {
        if (input.size() > UINT32_MAX)
            throw std::invalid_argument{"the input is longer than 2^32 - 1 bytes"};
    }
    [[nodiscard]] uint64_t blocks() const noexcept { return (input_.size() + 4 + 31) / 32; }

    [[nodiscard]] Leaf block(uint64_t number) const noexcept
    {
        Leaf out{};
        for (size_t i = 0; i < 32; ++i)
        {
            const uint64_t at = 32 * number + i;
            const uint64_t byte = at < 4                   ? input_.size() >> (8 * at) & 0xff :
                                  at - 4 < input_.size() ? input_[at - 4] :
                                                           0;
            out[i / 4] |= static_cast<uint32_t>(byte << (i % 4 * 8));
        }
        return out;
    }
};

struct Machine
{
    const Program& program;
    InputStream input;
    uint64_t hints = 0;  ///< Blocks of the input that were read.
    uint32_t exit_code = 0;
    Leaf output{};
    Mapped<uint32_t> words{WORDS};

    [[nodiscard]] Leaf leaf(uint32_t index) noexcept
    {
        Leaf out;
        std::copy_n(words.data() + size_t{index} * LEAF_WORDS, LEAF_WORDS, out.begin());
        return out;
    }
    void put_leaf(uint32_t index, const Leaf& leaf) noexcept
    {
        std::ranges::copy(leaf, words.data() + size_t{index} * LEAF_WORDS);
    }
};
}  // namespace strikefold::riscv
